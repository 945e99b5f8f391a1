// Package httpclient makes the HTTP clients that harbour's parts use.
package httpclient

import (
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"example.com/harbour/internal/mark"
)

// New makes a traced client that tells which part of harbour calls.
func New(part string) *http.Client {
	return &http.Client{
		Transport: agent{part: part, next: otelhttp.NewTransport(http.DefaultTransport)},
		Timeout:   10 * time.Minute,
	}
}

type agent struct {
	part string
	next http.RoundTripper
}

func (a agent) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("User-Agent") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", mark.UserAgent(a.part))
	}
	return a.next.RoundTrip(r)
}
