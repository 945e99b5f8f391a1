// Package tracing sends spans to an OTLP collector, where there is one.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Start returns a tracer and what ends it. Without an endpoint spans are made and dropped.
func Start(ctx context.Context, endpoint string) (trace.Tracer, func(context.Context) error, error) {
	var options []sdk.TracerProviderOption
	if endpoint != "" {
		exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure())
		if err != nil {
			return nil, nil, err
		}
		options = append(options, sdk.WithBatcher(exporter))
	}
	provider := sdk.NewTracerProvider(options...)
	return provider.Tracer("greeter"), provider.Shutdown, nil
}
