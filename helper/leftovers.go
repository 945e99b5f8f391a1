package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// No temporary file waits that long between two writes.
const leftoverAge = time.Hour

// removeLeftovers takes temporary files away whose program was killed. Another one may be at work on the same mount.
func removeLeftovers(directory string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	listed, err := fs.ReadDir(root.FS(), ownDirectory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, each := range listed {
		if !strings.HasPrefix(each.Name(), temporaryPrefix) {
			continue
		}
		about, err := each.Info()
		if err == nil && time.Since(about.ModTime()) > leftoverAge {
			err = root.Remove(path.Join(ownDirectory, each.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
