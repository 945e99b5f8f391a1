// Package chart renders a chart to plain manifests without a cluster.
package chart

import (
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/mark"
)

// Render loads the release's chart from a directory or archive and gives its objects, sorted by file name, labelled.
func Render(release manifest.Release) ([]*unstructured.Unstructured, error) {
	loaded, err := loader.Load(release.Chart)
	if err != nil {
		return nil, fault.New(fault.Invalid, "load chart "+release.Chart, err)
	}
	if err := chartutil.ProcessDependenciesWithMerge(loaded, release.Values); err != nil {
		return nil, fault.New(fault.Invalid, "resolve chart "+release.Chart, err)
	}
	options := chartutil.ReleaseOptions{Name: release.Name, Namespace: release.Namespace, Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(loaded, release.Values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, fault.New(fault.Invalid, "read values", err)
	}
	files, err := engine.Render(loaded, values)
	if err != nil {
		return nil, fault.New(fault.Invalid, "render chart "+release.Chart, err)
	}
	return objects(files, release)
}

func objects(files map[string]string, release manifest.Release) ([]*unstructured.Unstructured, error) {
	names := make([]string, 0, len(files))
	for name := range files {
		if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []*unstructured.Unstructured
	for _, name := range names {
		for document := range strings.SplitSeq(files[name], "\n---") {
			var content map[string]any
			if err := yaml.Unmarshal([]byte(document), &content); err != nil {
				return nil, fault.New(fault.Invalid, "parse "+name, err)
			}
			if len(content) == 0 {
				continue
			}
			object := &unstructured.Unstructured{Object: content}
			label(object, release)
			out = append(out, object)
		}
	}
	return out, nil
}

func label(object *unstructured.Unstructured, release manifest.Release) {
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[mark.Label("release")] = release.Name
	labels[mark.Label("version")] = release.Version
	object.SetLabels(labels)
	if object.GetNamespace() == "" && release.Namespace != "" {
		object.SetNamespace(release.Namespace)
	}
}
