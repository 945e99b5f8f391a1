// Greeter answers HTTP requests with a greeting, counts them, traces them, and tells an orchestrator over gRPC that it
// is well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"slipway.example/greeter/internal/server"
	"slipway.example/greeter/internal/tracing"
)

const banner = "greeter 1"

func main() {
	httpAddress := flag.String("http", ":8080", "address of the HTTP service")
	grpcAddress := flag.String("grpc", ":8081", "address of the gRPC health service")
	traceEndpoint := flag.String("traces", "", "host:port of an OTLP collector; none when empty")
	flag.Parse()
	if err := run(*httpAddress, *grpcAddress, *traceEndpoint); err != nil {
		fmt.Fprintln(os.Stderr, "greeter:", err)
		os.Exit(1)
	}
}

func run(httpAddress, grpcAddress, traceEndpoint string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	log, err := zap.NewProduction()
	if err != nil {
		return err
	}
	tracer, stopTracing, err := tracing.Start(ctx, traceEndpoint)
	if err != nil {
		return err
	}

	listener, err := net.Listen("tcp", grpcAddress)
	if err != nil {
		return err
	}
	healthServer := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(healthServer, health.NewServer())

	httpListener, err := net.Listen("tcp", httpAddress)
	if err != nil {
		return err
	}
	httpServer := &http.Server{Handler: server.New(banner, log, tracer), ReadHeaderTimeout: 5 * time.Second}

	failed := make(chan error, 2)
	go func() { failed <- healthServer.Serve(listener) }()
	go func() { failed <- httpServer.Serve(httpListener) }()
	log.Info("listening", zap.String("http", httpListener.Addr().String()), zap.String("grpc", listener.Addr().String()))

	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	healthServer.Stop()
	return errors.Join(err, httpServer.Shutdown(ending), stopTracing(ending))
}
