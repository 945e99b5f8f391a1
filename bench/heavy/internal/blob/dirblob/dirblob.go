// Package dirblob keeps objects as files below a directory.
package dirblob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Bucket is a directory.
type Bucket struct{ root *os.Root }

// Open opens the directory, and makes it when it is missing.
func Open(path string) (*Bucket, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fault.New(fault.Broken, "open directory", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fault.New(fault.Broken, "open directory", err)
	}
	return &Bucket{root: root}, nil
}

// List walks the directory; unfinished writes are left out.
func (b *Bucket) List(ctx context.Context, prefix string) ([]blob.Object, error) {
	var out []blob.Object
	err := fs.WalkDir(b.root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if entry.IsDir() || !strings.HasPrefix(path, prefix) || strings.HasSuffix(path, partSuffix) {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		out = append(out, blob.Object{Key: path, Size: info.Size(), Modified: info.ModTime()})
		return nil
	})
	if err != nil {
		return nil, fault.New(fault.Broken, "list directory", err)
	}
	return out, nil
}

// Open reads one file.
func (b *Bucket) Open(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := b.root.Open(filepath.FromSlash(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "open "+key, err)
	}
	if err != nil {
		return nil, fault.New(fault.Broken, "open "+key, err)
	}
	return f, nil
}

// Put writes beside the target and renames, so that no reader sees half a file.
func (b *Bucket) Put(_ context.Context, key string, body io.Reader, _ int64) error {
	name := filepath.FromSlash(key)
	if err := b.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	f, err := b.root.Create(name + partSuffix)
	if err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Close()); err == nil {
		err = b.root.Rename(name+partSuffix, name)
	}
	if err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	return nil
}

// Delete removes one file; a missing one is no failure.
func (b *Bucket) Delete(_ context.Context, key string) error {
	if err := b.root.Remove(filepath.FromSlash(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Broken, "delete "+key, err)
	}
	return nil
}

// Close gives the directory back.
func (b *Bucket) Close() error { return b.root.Close() }

const partSuffix = "." + mark.Name + "-part"
