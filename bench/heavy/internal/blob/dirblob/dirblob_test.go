package dirblob

import (
	"io"
	"strings"
	"testing"

	"example.com/harbour/internal/fault"
)

func TestRoundTrip(t *testing.T) {
	b, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Put(t.Context(), "a/b.txt", strings.NewReader("cargo"), 5); err != nil {
		t.Fatal(err)
	}
	list, err := b.List(t.Context(), "a/")
	if err != nil || len(list) != 1 || list[0].Key != "a/b.txt" || list[0].Size != 5 {
		t.Fatalf("list: %v, %v", list, err)
	}
	r, err := b.Open(t.Context(), "a/b.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, _ := io.ReadAll(r); string(text) != "cargo" {
		t.Fatalf("read %q", text)
	}
}

func TestMissingAndOutside(t *testing.T) {
	b, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Open(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("missing: %v", err)
	}
	if err := b.Put(t.Context(), "../out", strings.NewReader("x"), 1); err == nil {
		t.Fatal("wrote outside of the directory")
	}
}
