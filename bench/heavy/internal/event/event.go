// Package event is how harbour tells others what happened.
package event

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"example.com/harbour/internal/mark"
)

// Event is one thing that happened.
type Event struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Source  string    `json:"source"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Data    any       `json:"data,omitempty"`
}

// New makes an event that carries harbour's edition as its source.
func New(kind, subject string, data any) Event {
	return Event{ID: uuid.NewString(), Type: mark.Name + "." + kind, Source: mark.Edition, Subject: subject, At: time.Now().UTC(), Data: data}
}

// JSON is the event as it is sent.
func (e Event) JSON() ([]byte, error) { return json.Marshal(e) }

// Bus takes events.
type Bus interface {
	Publish(ctx context.Context, e Event) error
	Close() error
}

// Several makes one bus of many; all of them get each event.
func Several(buses ...Bus) Bus { return several(buses) }

type several []Bus

func (s several) Publish(ctx context.Context, e Event) error {
	var all error
	for _, b := range s {
		all = errors.Join(all, b.Publish(ctx, e))
	}
	return all
}

func (s several) Close() error {
	var all error
	for _, b := range s {
		all = errors.Join(all, b.Close())
	}
	return all
}
