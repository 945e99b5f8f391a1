// Package notify posts events to a webhook.
package notify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/httpclient"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/retry"
)

// Webhook is a bus that posts JSON.
type Webhook struct {
	url    string
	client *http.Client
}

// New makes a webhook.
func New(url string) *Webhook { return &Webhook{url: url, client: httpclient.New("webhook")} }

// Publish posts the event, up to three times.
func (w *Webhook) Publish(ctx context.Context, e event.Event) error {
	body, err := e.JSON()
	if err != nil {
		return fault.New(fault.Invalid, "encode event", err)
	}
	return retry.Do(ctx, 3, func() error { return w.post(ctx, body) })
}

// Close closes idle connections.
func (w *Webhook) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

func (w *Webhook) post(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fault.New(fault.Invalid, "post event", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Courier", mark.Word(mark.Edition))
	response, err := w.client.Do(request)
	if err != nil {
		return fault.New(fault.Broken, "post event", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)); err != nil {
		return fault.New(fault.Broken, "post event", err)
	}
	if response.StatusCode >= 300 {
		return fault.New(fault.Broken, "post event", fmt.Errorf("status %s", response.Status))
	}
	return nil
}
