// Package pubsubbus publishes events to a Google Cloud Pub/Sub topic.
package pubsubbus

import (
	"context"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Bus is a client with one topic.
type Bus struct {
	client *pubsub.Client
	topic  *pubsub.Publisher
}

// Open connects to a topic of a project.
func Open(ctx context.Context, project, topic string) (*Bus, error) {
	client, err := pubsub.NewClient(ctx, project, option.WithUserAgent(mark.UserAgent("pubsub")))
	if err != nil {
		return nil, fault.New(fault.Invalid, "open pubsub", err)
	}
	return &Bus{client: client, topic: client.Publisher(topic)}, nil
}

// Publish waits until the topic has the event.
func (b *Bus) Publish(ctx context.Context, e event.Event) error {
	body, err := e.JSON()
	if err != nil {
		return fault.New(fault.Invalid, "encode event", err)
	}
	message := &pubsub.Message{Data: body, Attributes: map[string]string{"type": e.Type, "courier": mark.Name}}
	if _, err := b.topic.Publish(ctx, message).Get(ctx); err != nil {
		return fault.New(fault.Broken, "publish "+e.Type, err)
	}
	return nil
}

// Close sends what is buffered, then disconnects.
func (b *Bus) Close() error {
	b.topic.Stop()
	return b.client.Close()
}
