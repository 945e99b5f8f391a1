// Package manifest reads what a release consists of.
package manifest

import (
	"bytes"
	"fmt"
	"io"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Release is one release: a chart with values, and the objects that go with it.
type Release struct {
	APIVersion string         `json:"apiVersion"`
	Name       string         `json:"name"`
	Version    string         `json:"version"`
	Namespace  string         `json:"namespace"`
	Chart      string         `json:"chart"`
	Values     map[string]any `json:"values"`
	Cargo      []Cargo        `json:"cargo"`
}

// Cargo is a set of objects and where they go.
type Cargo struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Prefix string `json:"prefix"`
	Mirror bool   `json:"mirror"`
}

// APIVersion is the only version that is read.
const APIVersion = mark.LabelPrefix + "v1"

// Read parses and checks a release.
func Read(r io.Reader) (Release, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Release{}, fault.New(fault.Broken, "read manifest", err)
	}
	var release Release
	if err := yaml.UnmarshalStrict(bytes.TrimSpace(text), &release); err != nil {
		return Release{}, fault.New(fault.Invalid, "parse manifest", err)
	}
	if release.APIVersion != APIVersion {
		return Release{}, fault.New(fault.Invalid, "check manifest", fmt.Errorf("apiVersion %q, want %q", release.APIVersion, APIVersion))
	}
	if _, err := semver.StrictNewVersion(release.Version); err != nil {
		return Release{}, fault.New(fault.Invalid, "check version "+release.Version, err)
	}
	return release, nil
}

// IsUpgrade tells whether `next` comes after `current`; with no current release everything does.
func IsUpgrade(current, next string) (bool, error) {
	if current == "" {
		return true, nil
	}
	a, err := semver.NewVersion(current)
	if err != nil {
		return false, fault.New(fault.Invalid, "compare versions", err)
	}
	b, err := semver.NewVersion(next)
	if err != nil {
		return false, fault.New(fault.Invalid, "compare versions", err)
	}
	return b.GreaterThan(a), nil
}
