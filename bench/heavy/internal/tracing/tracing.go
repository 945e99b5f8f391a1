// Package tracing sends spans to a collector when one is configured.
package tracing

import (
	"context"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Setup connects to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; without one, spans go nowhere.
func Setup(ctx context.Context) (stop func(context.Context) error, err error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, fault.New(fault.Invalid, "set up tracing", err)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", mark.Name),
			attribute.String("service.version", mark.Edition),
		)),
	)
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil
}

// Start begins a span.
func Start(ctx context.Context, name string) (context.Context, trace.Span) {
	return otel.Tracer(mark.Name).Start(ctx, name)
}
