// Package gcsblob keeps objects in a Google Cloud Storage bucket.
package gcsblob

import (
	"context"
	"errors"
	"io"
	"strings"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Bucket is one bucket below a prefix.
type Bucket struct {
	client *storage.Client
	handle *storage.BucketHandle
	prefix string
}

// Open uses application default credentials, or none at an `endpoint` of the location.
func Open(ctx context.Context, at blob.Location) (*Bucket, error) {
	options := []option.ClientOption{option.WithUserAgent(mark.UserAgent("gcs"))}
	if endpoint := at.Query.Get("endpoint"); endpoint != "" {
		options = append(options, option.WithEndpoint(endpoint), option.WithoutAuthentication())
	}
	make := storage.NewClient
	if at.Query.Get("transport") == "grpc" {
		make = storage.NewGRPCClient
	}
	client, err := make(ctx, options...)
	if err != nil {
		return nil, fault.New(fault.Invalid, "open gcs", err)
	}
	return &Bucket{client: client, handle: client.Bucket(at.Host), prefix: at.Path}, nil
}

// List pages through the bucket.
func (b *Bucket) List(ctx context.Context, prefix string) ([]blob.Object, error) {
	objects := b.handle.Objects(ctx, &storage.Query{Prefix: blob.Join(b.prefix, prefix)})
	var out []blob.Object
	for {
		o, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, fault.New(fault.Broken, "list gcs bucket", err)
		}
		key := strings.TrimPrefix(strings.TrimPrefix(o.Name, b.prefix), "/")
		out = append(out, blob.Object{Key: key, Size: o.Size, Tag: o.Etag, Modified: o.Updated})
	}
}

// Open streams one object.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := b.handle.Object(blob.Join(b.prefix, key)).NewReader(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, fault.New(fault.NotFound, "get "+key, err)
	}
	if err != nil {
		return nil, fault.New(fault.Broken, "get "+key, err)
	}
	return r, nil
}

// Put uploads one object; it becomes visible when the writer is closed without an error.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, _ int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := b.handle.Object(blob.Join(b.prefix, key)).NewWriter(ctx)
	w.Metadata = blob.Metadata()
	if _, err := io.Copy(w, body); err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	if err := w.Close(); err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	return nil
}

// Delete removes one object; a missing one is no failure.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	err := b.handle.Object(blob.Join(b.prefix, key)).Delete(ctx)
	if err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
		return fault.New(fault.Broken, "delete "+key, err)
	}
	return nil
}

// Close closes the connections.
func (b *Bucket) Close() error { return b.client.Close() }
