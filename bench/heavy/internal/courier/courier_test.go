package courier

import (
	"strings"
	"testing"
	"time"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/blob/dirblob"
)

func TestMake(t *testing.T) {
	old, young := time.Unix(100, 0), time.Unix(200, 0)
	source := []blob.Object{{Key: "same", Size: 1, Modified: old}, {Key: "newer", Size: 1, Modified: young}, {Key: "absent", Size: 7}}
	target := []blob.Object{{Key: "same", Size: 1, Modified: young}, {Key: "newer", Size: 1, Modified: old}, {Key: "extra", Size: 3}}
	plan := Make(source, target, true)
	if len(plan.Copy) != 2 || plan.Copy[0].Key != "newer" || plan.Copy[1].Key != "absent" {
		t.Fatalf("copy: %v", plan.Copy)
	}
	if len(plan.Delete) != 1 || plan.Delete[0].Key != "extra" || plan.Keep != 1 || plan.Bytes() != 8 {
		t.Fatalf("plan: %+v", plan)
	}
	if plan := Make(source, target, false); len(plan.Delete) != 0 {
		t.Fatalf("deletes without mirror: %v", plan.Delete)
	}
}

func TestRun(t *testing.T) {
	from, err := dirblob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	to, err := dirblob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b/c", "b/d"} {
		if err := from.Put(t.Context(), key, strings.NewReader(key), int64(len(key))); err != nil {
			t.Fatal(err)
		}
	}
	source, err := from.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	result, err := Run(t.Context(), Make(source, nil, false), from, to, 2)
	if err != nil || result.Copied != 3 {
		t.Fatalf("run: %+v, %v", result, err)
	}
	target, err := to.List(t.Context(), "")
	if err != nil || len(Make(source, target, true).Copy) != 0 {
		t.Fatalf("second run would copy again: %v, %v", target, err)
	}
}
