package manifest

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	good := "apiVersion: harbour.example/v1\nname: shop\nversion: 1.2.3\nvalues: {replicas: 2}\n"
	release, err := Read(strings.NewReader(good))
	if err != nil || release.Name != "shop" || release.Values["replicas"] != float64(2) {
		t.Fatalf("%+v, %v", release, err)
	}
	for _, bad := range []string{
		strings.Replace(good, "v1", "v9", 1),
		strings.Replace(good, "1.2.3", "1.2", 1),
		good + "surprise: 1\n",
	} {
		if _, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

func TestIsUpgrade(t *testing.T) {
	for _, c := range []struct {
		current, next string
		want          bool
	}{{"", "1.0.0", true}, {"1.9.0", "1.10.0", true}, {"2.0.0", "2.0.0", false}, {"2.0.0", "2.0.0-rc.1", false}} {
		if got, err := IsUpgrade(c.current, c.next); err != nil || got != c.want {
			t.Errorf("IsUpgrade(%q, %q) = %v, %v", c.current, c.next, got, err)
		}
	}
}
