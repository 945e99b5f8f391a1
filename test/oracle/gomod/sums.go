package main

import (
	"bytes"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func hashed(sum string, err error) object {
	if err != nil {
		return object{"error": err.Error()}
	}
	return object{"sum": sum}
}

func withFile(data []byte, use func(name string) object) object {
	f, err := os.CreateTemp("", "slipway-oracle-*.zip")
	if err != nil {
		panic(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		panic(err)
	}
	return use(f.Name())
}

// readSums splits lines as cmd/go does, with its own idea of white space.
func readSums(text string) object {
	lines, malformed := [][]string{}, []int{}
	for i, line := range strings.Split(text, "\n") {
		switch f := strings.Fields(line); len(f) {
		case 0:
		case 3:
			lines = append(lines, f)
		default:
			malformed = append(malformed, i+1)
		}
	}
	return object{"lines": lines, "malformed": malformed}
}

// createZip makes a module zip as the go command does.
func createZip(r request) object {
	var out bytes.Buffer
	files := []zip.File{}
	for name, text := range r.Files {
		files = append(files, zipFile{name, text})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Path() < files[j].Path() })
	if err := zip.Create(&out, module.Version{Path: r.Module, Version: r.At}, files); err != nil {
		return object{"error": err.Error()}
	}
	return object{"bytes": out.Bytes()}
}

type zipFile struct{ name, text string }

func (f zipFile) Path() string                 { return f.name }
func (f zipFile) Lstat() (os.FileInfo, error)  { return zipInfo{f}, nil }
func (f zipFile) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.text)), nil }

type zipInfo struct{ f zipFile }

func (i zipInfo) Name() string       { return i.f.name }
func (i zipInfo) Size() int64        { return int64(len(i.f.text)) }
func (i zipInfo) Mode() os.FileMode  { return 0o644 }
func (i zipInfo) ModTime() time.Time { return time.Time{} }
func (i zipInfo) IsDir() bool        { return false }
func (i zipInfo) Sys() any           { return nil }
