// Package logging sets up harbour's log.
package logging

import (
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Setup makes the default logger: `text` or `json` lines of a level and above.
func Setup(w io.Writer, format, level string) error {
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		return fault.New(fault.Invalid, "read log level", err)
	}
	options := &slog.HandlerOptions{Level: threshold}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if format == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	slog.SetDefault(slog.New(handler).With("program", mark.Name))
	return nil
}

// Trace is the log attribute that joins a line to its span.
func Trace(span trace.Span) slog.Attr {
	return slog.String("trace", span.SpanContext().TraceID().String())
}
