// Package natsbus publishes events to NATS.
package natsbus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Bus is a connection.
type Bus struct{ conn *nats.Conn }

// Open connects; a lost connection is made again in the background.
func Open(url string) (*Bus, error) {
	conn, err := nats.Connect(url, nats.Name(mark.Edition), nats.MaxReconnects(-1), nats.Timeout(5*time.Second))
	if err != nil {
		return nil, fault.New(fault.Broken, "connect to NATS", err)
	}
	return &Bus{conn: conn}, nil
}

// Publish sends the event under its type.
func (b *Bus) Publish(_ context.Context, e event.Event) error {
	body, err := e.JSON()
	if err != nil {
		return fault.New(fault.Invalid, "encode event", err)
	}
	if err := b.conn.Publish(e.Type, body); err != nil {
		return fault.New(fault.Broken, "publish "+e.Type, err)
	}
	return nil
}

// Close sends what is buffered, then disconnects.
func (b *Bus) Close() error { return b.conn.Drain() }
