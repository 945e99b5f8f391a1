// Package server runs harbour as a service until it is told to stop.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Job is something that runs beside the HTTP server; it ends when the context does.
type Job func(context.Context) error

// Run serves and runs the jobs; when one of them fails, all stop.
func Run(ctx context.Context, address string, handler http.Handler, jobs ...Job) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fault.New(fault.Broken, "listen on "+address, err)
	}
	slog.InfoContext(ctx, mark.Edition+" listens", "address", listener.Addr().String())
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fault.New(fault.Broken, "serve", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(stopping)
	})
	for _, job := range jobs {
		group.Go(func() error {
			if err := job(ctx); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	return group.Wait()
}
