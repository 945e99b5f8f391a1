// Package watch follows deployments.
package watch

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	apps "k8s.io/api/apps/v1"
	informers "k8s.io/client-go/informers/apps/v1"
	"k8s.io/client-go/tools/cache"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/kube/client"
	"example.com/harbour/internal/kube/rollout"
	"example.com/harbour/internal/mark"
)

// Board holds the newest status of each deployment.
type Board struct {
	mu    sync.RWMutex
	known map[string]rollout.Status
}

// NewBoard makes an empty board.
func NewBoard() *Board { return &Board{known: map[string]rollout.Status{}} }

// All gives every status, sorted by namespace and name.
func (b *Board) All() []rollout.Status {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]rollout.Status, 0, len(b.known))
	for _, s := range b.known {
		out = append(out, s)
	}
	slices.SortFunc(out, func(x, y rollout.Status) int {
		return strings.Compare(x.Namespace+"/"+x.Name, y.Namespace+"/"+y.Name)
	})
	return out
}

// Follow keeps the board up to date until the context ends; onChange is called for each status that differs.
func (b *Board) Follow(ctx context.Context, cluster *client.Cluster, namespace string, onChange func(rollout.Status)) error {
	informer := informers.NewDeploymentInformer(cluster.Typed, namespace, 10*time.Minute, cache.Indexers{})
	if err := informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
		slog.WarnContext(ctx, mark.Name+" lost its watch", "error", err)
	}); err != nil {
		return fault.New(fault.Broken, "watch deployments", err)
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { b.set(o, onChange) },
		UpdateFunc: func(_, o any) { b.set(o, onChange) },
		DeleteFunc: b.drop,
	})
	if err != nil {
		return fault.New(fault.Broken, "watch deployments", err)
	}
	informer.Run(ctx.Done())
	return ctx.Err()
}

func (b *Board) set(o any, onChange func(rollout.Status)) {
	d, ok := o.(*apps.Deployment)
	if !ok {
		return
	}
	next, key := rollout.Of(d), d.Namespace+"/"+d.Name
	b.mu.Lock()
	isNew := b.known[key] != next
	b.known[key] = next
	b.mu.Unlock()
	if isNew && onChange != nil {
		onChange(next)
	}
}

func (b *Board) drop(o any) {
	key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(o)
	if err != nil {
		slog.Warn("deleted object without a name", "error", err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, key)
}
