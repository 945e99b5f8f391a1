package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/harbour/internal/event/logbus"
	"example.com/harbour/internal/gate"
	"example.com/harbour/internal/kube/watch"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/release"
)

func TestReleaseOverHTTP(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"chart/Chart.yaml":        "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
		"chart/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n",
		"cargo/a.txt":             "cargo",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	book, err := ledger.Open(filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	gates, err := gate.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	api := API{Ledger: book, Board: watch.NewBoard(), Crew: release.Crew{Gates: gates, Ledger: book, Bus: logbus.Bus{}}, Stores: map[string]string{"out": filepath.Join(dir, "out")}}
	server := httptest.NewServer(api.Handler())
	defer server.Close()

	body := "apiVersion: harbour.example/v1\nname: shop\nversion: 1.0.0\nchart: " + dir + "/chart\ncargo: [{from: " + dir + "/cargo, to: " + dir + "/out}]\n"
	for _, want := range []int{http.StatusCreated, http.StatusConflict} {
		got, err := http.Post(server.URL+"/releases", "application/yaml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != want {
			t.Fatalf("status %d, want %d", got.StatusCode, want)
		}
	}
	got, err := http.Get(server.URL + "/objects/out")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var list []struct{ Key string }
	if err := json.NewDecoder(got.Body).Decode(&list); err != nil || len(list) != 1 || list[0].Key != "a.txt" {
		t.Fatalf("objects: %v, %v", list, err)
	}
}
