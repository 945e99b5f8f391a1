package chart

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/harbour/internal/manifest"
)

func TestRender(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n")
	write(t, dir, "values.yaml", "replicas: 1\n")
	write(t, dir, "templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  replicas: {{ .Values.replicas | quote }}\n")
	got, err := Render(manifest.Release{Name: "blue", Version: "1.0.0", Namespace: "shop", Chart: dir, Values: map[string]any{"replicas": 3}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].GetName() != "blue" || got[0].GetNamespace() != "shop" {
		t.Fatalf("objects: %v", got)
	}
	if got[0].GetLabels()["harbour.example/version"] != "1.0.0" {
		t.Fatalf("labels: %v", got[0].GetLabels())
	}
	if data := got[0].Object["data"].(map[string]any); data["replicas"] != "3" {
		t.Fatalf("data: %v", data)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
