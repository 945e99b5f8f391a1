// Package reload tells when a file changes.
package reload

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Watch calls onChange half a second after the last change. It looks at the directory, since editors replace files.
func Watch(ctx context.Context, path string, onChange func()) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fault.New(fault.Broken, "watch "+path, err)
	}
	defer watcher.Close()
	if err := watcher.Add(filepath.Dir(path)); err != nil {
		return fault.New(fault.Broken, "watch "+path, err)
	}
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-watcher.Events:
			if filepath.Clean(e.Name) == filepath.Clean(path) && !e.Has(fsnotify.Chmod) {
				quiet.Reset(500 * time.Millisecond)
			}
		case err := <-watcher.Errors:
			slog.WarnContext(ctx, mark.Name+" can't watch its configuration", "error", err)
		case <-quiet.C:
			onChange()
		}
	}
}
