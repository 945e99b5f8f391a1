package gate

import (
	"testing"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/hclconf"
	"example.com/harbour/internal/manifest"
)

func TestCheck(t *testing.T) {
	keeper, err := New([]hclconf.Gate{
		{Name: "namespaced", When: `release.namespace != ""`, Message: "name a namespace"},
		{Name: "no-latest", When: `!release.chart.endsWith(":latest")`, Message: "pin the chart"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Check(manifest.Release{Namespace: "shop", Chart: "dir/chart"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Check(manifest.Release{Chart: "dir/chart"}, ""); !fault.Is(err, fault.Refused) {
		t.Fatalf("no namespace: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, when := range []string{`1 + `, `"text"`, `unknown == 1`} {
		if _, err := New([]hclconf.Gate{{Name: "x", When: when}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("accepted %q: %v", when, err)
		}
	}
}
