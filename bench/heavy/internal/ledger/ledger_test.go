package ledger

import (
	"path/filepath"
	"testing"
)

func TestAddAndLast(t *testing.T) {
	l, err := Open(filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, name := range []string{"shop", "mail", "shop"} {
		if _, err := l.Add(Entry{Name: name, Version: "1.0.0"}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Last("shop", 10)
	if err != nil || len(got) != 2 || got[0].Number != 3 || got[1].Number != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if all, err := l.Last("", 1); err != nil || len(all) != 1 || all[0].Number != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
}
