// Package schedule does work again and again.
package schedule

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"example.com/harbour/internal/mark"
)

// Every calls work at once and then each interval, shifted by up to a tenth, until the context ends.
func Every(ctx context.Context, name string, interval time.Duration, work func(context.Context) error) error {
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, mark.Name+" job failed", "job", name, "error", err)
		}
		pause := interval + rand.N(interval/10+1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
