// Command gomod answers what Go's own code makes of go.mod and go.work files, versions, and Go files in a package: one JSON request
// per line, one JSON answer per line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"go/version"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
)

type request struct {
	// Kind is mod, work, versions, goVersions, private, package, sums, goModSum, createZip or hashZip.
	Kind string `json:"kind"`
	// Bytes of a zip, or of a go.mod.
	Bytes  []byte            `json:"bytes"`
	Module string            `json:"module"`
	At     string            `json:"at"`
	Text   string            `json:"text"`
	A      string            `json:"a"`
	B      string            `json:"b"`
	Files  map[string]string `json:"files"`
	GOOS   string            `json:"goos"`
	GOARCH string            `json:"goarch"`
	Cgo    bool              `json:"cgo"`
	Tags   []string          `json:"tags"`
	Minor  int               `json:"minor"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			var r request
			if err := json.Unmarshal(line, &r); err != nil {
				panic(err)
			}
			data, err := json.Marshal(answer(r))
			if err != nil {
				panic(err)
			}
			out.Write(append(data, '\n'))
			if in.Buffered() == 0 {
				out.Flush()
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(err)
		}
	}
}

type object = map[string]any

func answer(r request) object {
	switch r.Kind {
	case "mod":
		return readMod(r.Text)
	case "work":
		return readWork(r.Text)
	case "versions":
		return object{"canonical": module.CanonicalVersion(r.A), "compare": semver.Compare(r.A, r.B), "pseudo": module.IsPseudoVersion(r.A)}
	case "goVersions":
		return object{"compare": version.Compare("go"+r.A, "go"+r.B), "valid": version.IsValid("go" + r.A), "lang": strings.TrimPrefix(version.Lang("go"+r.A), "go")}
	case "private":
		return object{"matches": module.MatchPrefixPatterns(r.A, r.B)}
	case "package":
		return readPackage(r)
	case "sums":
		return readSums(r.Text)
	case "goModSum":
		sum, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(r.Bytes)), nil
		})
		return hashed(sum, err)
	case "createZip":
		return createZip(r)
	case "hashZip":
		return withFile(r.Bytes, func(name string) object { return hashed(dirhash.HashZip(name, dirhash.Hash1)) })
	}
	panic("unknown kind " + r.Kind)
}

func readMod(text string) object {
	f, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		return object{"error": err.Error()}
	}
	o := object{"replaces": replaces(f.Replace), "go": goLine(f.Go), "toolchain": toolchain(f.Toolchain), "godebugs": godebugs(f.Godebug)}
	if f.Module != nil {
		o["module"], o["deprecated"] = f.Module.Mod.Path, f.Module.Deprecated
	}
	requires, excludes, retracts, tools, ignores := []object{}, []object{}, []object{}, []string{}, []string{}
	for _, x := range f.Require {
		requires = append(requires, object{"path": x.Mod.Path, "version": x.Mod.Version, "isIndirect": x.Indirect})
	}
	for _, x := range f.Exclude {
		excludes = append(excludes, object{"path": x.Mod.Path, "version": x.Mod.Version})
	}
	for _, x := range f.Retract {
		retracts = append(retracts, object{"low": x.Low, "high": x.High, "rationale": x.Rationale})
	}
	for _, x := range f.Tool {
		tools = append(tools, x.Path)
	}
	for _, x := range f.Ignore {
		ignores = append(ignores, x.Path)
	}
	o["requires"], o["excludes"], o["retracts"], o["tools"], o["ignores"] = requires, excludes, retracts, tools, ignores
	return o
}

func readWork(text string) object {
	f, err := modfile.ParseWork("go.work", []byte(text), nil)
	if err != nil {
		return object{"error": err.Error()}
	}
	uses := []string{}
	for _, x := range f.Use {
		uses = append(uses, x.Path)
	}
	return object{"uses": uses, "replaces": replaces(f.Replace), "go": goLine(f.Go), "toolchain": toolchain(f.Toolchain), "godebugs": godebugs(f.Godebug)}
}

func goLine(x *modfile.Go) any {
	if x == nil {
		return nil
	}
	return x.Version
}

func toolchain(x *modfile.Toolchain) any {
	if x == nil {
		return nil
	}
	return x.Name
}

func godebugs(list []*modfile.Godebug) []string {
	out := []string{}
	for _, x := range list {
		out = append(out, x.Key+"="+x.Value)
	}
	return out
}

func replaces(list []*modfile.Replace) []object {
	out := []object{}
	for _, x := range list {
		out = append(out, object{
			"old": object{"path": x.Old.Path, "version": x.Old.Version}, "new": object{"path": x.New.Path, "version": x.New.Version},
		})
	}
	return out
}

// readPackage lets go/build look at files in memory.
func readPackage(r request) object {
	context := build.Context{
		GOOS: r.GOOS, GOARCH: r.GOARCH, CgoEnabled: r.Cgo, Compiler: "gc", BuildTags: r.Tags, GOROOT: "/nowhere", GOPATH: "/nowhere",
		IsDir: func(name string) bool { return name == "/p" },
		OpenFile: func(name string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(r.Files[path.Base(name)])), nil
		},
		ReadDir: func(string) ([]fs.FileInfo, error) { return infos(r.Files), nil },
	}
	for minor := 1; minor <= r.Minor; minor++ {
		context.ReleaseTags = append(context.ReleaseTags, fmt.Sprintf("go1.%d", minor))
	}
	p, err := context.ImportDir("/p", 0)
	o := object{
		"name": p.Name, "files": sorted(p.GoFiles, p.CgoFiles), "cgoFiles": sorted(p.CgoFiles), "imports": sorted(p.Imports),
		"embeds": sorted(p.EmbedPatterns), "tests": sorted(p.TestGoFiles, p.XTestGoFiles), "invalid": sorted(p.InvalidGoFiles),
	}
	if err != nil {
		o["error"] = err.Error()
	}
	return o
}

func sorted(lists ...[]string) []string {
	all := []string{}
	for _, list := range lists {
		all = append(all, list...)
	}
	sort.Strings(all)
	return all
}

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o644 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

func infos(files map[string]string) []fs.FileInfo {
	out := []fs.FileInfo{}
	for name, text := range files {
		out = append(out, info{name, int64(len(text))})
	}
	sort.Slice(out, func(a, b int) bool { return out[a].Name() < out[b].Name() })
	return out
}
