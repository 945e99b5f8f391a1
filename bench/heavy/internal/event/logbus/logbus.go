// Package logbus writes events to the log.
package logbus

import (
	"context"
	"log/slog"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/mark"
)

// Bus logs.
type Bus struct{}

// Publish logs one line.
func (Bus) Publish(ctx context.Context, e event.Event) error {
	slog.InfoContext(ctx, mark.Name+" event", "type", e.Type, "subject", e.Subject, "id", e.ID)
	return nil
}

// Close has nothing to give back.
func (Bus) Close() error { return nil }
