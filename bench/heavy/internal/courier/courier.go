// Package courier brings objects from one store to another.
package courier

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/metrics"
	"example.com/harbour/internal/retry"
	"example.com/harbour/internal/tracing"
)

// Plan says what a run will do.
type Plan struct {
	Copy   []blob.Object `json:"copy"`
	Delete []blob.Object `json:"delete"`
	Keep   int           `json:"keep"`
}

// Bytes is the sum of all that will be copied.
func (p Plan) Bytes() int64 {
	var sum int64
	for _, o := range p.Copy {
		sum += o.Size
	}
	return sum
}

// Make compares two listings. An object travels when it is missing, of another size, or newer at the source.
func Make(source, target []blob.Object, isMirror bool) Plan {
	there := make(map[string]blob.Object, len(target))
	for _, o := range target {
		there[o.Key] = o
	}
	var plan Plan
	for _, o := range source {
		old, ok := there[o.Key]
		delete(there, o.Key)
		if ok && old.Size == o.Size && !o.Modified.After(old.Modified) {
			plan.Keep++
			continue
		}
		plan.Copy = append(plan.Copy, o)
	}
	if isMirror {
		for _, o := range there {
			plan.Delete = append(plan.Delete, o)
		}
		slices.SortFunc(plan.Delete, func(a, b blob.Object) int { return strings.Compare(a.Key, b.Key) })
	}
	return plan
}

// Result is what a run has done.
type Result struct {
	Copied  int64 `json:"copied"`
	Deleted int64 `json:"deleted"`
}

// Run carries a plan out with at most `lanes` copies at once.
func Run(ctx context.Context, plan Plan, from, to blob.Bucket, lanes int) (Result, error) {
	ctx, span := tracing.Start(ctx, mark.Name+".courier")
	defer span.End()
	var copied, deleted atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(lanes, 1))
	for _, o := range plan.Copy {
		group.Go(func() error {
			err := retry.Do(ctx, 3, func() error { return carry(ctx, o, from, to) })
			if err == nil {
				copied.Add(1)
				metrics.Copied(o.Size)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Result{Copied: copied.Load()}, err
	}
	for _, o := range plan.Delete {
		if err := to.Delete(ctx, o.Key); err != nil {
			return Result{Copied: copied.Load(), Deleted: deleted.Load()}, err
		}
		deleted.Add(1)
	}
	return Result{Copied: copied.Load(), Deleted: deleted.Load()}, nil
}

func carry(ctx context.Context, o blob.Object, from, to blob.Bucket) error {
	body, err := from.Open(ctx, o.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	slog.DebugContext(ctx, "copy", "key", o.Key, "size", o.Size)
	if err := to.Put(ctx, o.Key, body, o.Size); err != nil {
		return fault.New(fault.Broken, "carry "+o.Key, err)
	}
	return nil
}
