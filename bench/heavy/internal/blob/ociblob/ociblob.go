// Package ociblob keeps objects as single-layer images in a registry's repository: one tag per object.
package ociblob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

const mediaType = types.MediaType("application/vnd." + mark.Name + ".object")

// Bucket is one repository.
type Bucket struct{ repository name.Repository }

// Open names the repository; credentials come from the docker configuration.
func Open(at blob.Location) (*Bucket, error) {
	repository, err := name.NewRepository(at.Host + "/" + at.Path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "open repository", err)
	}
	return &Bucket{repository: repository}, nil
}

// List reads the tags, and the image behind each.
func (b *Bucket) List(ctx context.Context, prefix string) ([]blob.Object, error) {
	tags, err := remote.List(b.repository, b.options(ctx)...)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New(fault.Broken, "list tags", err)
	}
	var out []blob.Object
	for _, tag := range tags {
		key := keyOf(tag)
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		got, err := remote.Head(b.repository.Tag(tag), b.options(ctx)...)
		if err != nil {
			return nil, fault.New(fault.Broken, "head "+tag, err)
		}
		out = append(out, blob.Object{Key: key, Size: got.Size, Tag: got.Digest.String()})
	}
	return out, nil
}

// Open streams the image's only layer.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	image, err := remote.Image(b.repository.Tag(tagOf(key)), b.options(ctx)...)
	if isMissing(err) {
		return nil, fault.New(fault.NotFound, "get "+key, err)
	}
	if err != nil {
		return nil, fault.New(fault.Broken, "get "+key, err)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		return nil, fault.New(fault.Invalid, "get "+key+": one layer expected", err)
	}
	return layers[0].Compressed()
}

// Put pushes an image with one layer.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, _ int64) error {
	content, err := io.ReadAll(body)
	if err != nil {
		return fault.New(fault.Broken, "read "+key, err)
	}
	image, err := mutate.AppendLayers(empty.Image, static.NewLayer(content, mediaType))
	if err != nil {
		return fault.New(fault.Invalid, "put "+key, err)
	}
	if err := remote.Write(b.repository.Tag(tagOf(key)), image, b.options(ctx)...); err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	return nil
}

// Delete removes the tag.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	err := remote.Delete(b.repository.Tag(tagOf(key)), b.options(ctx)...)
	if err != nil && !isMissing(err) {
		return fault.New(fault.Broken, "delete "+key, err)
	}
	return nil
}

// Close has nothing to give back.
func (b *Bucket) Close() error { return nil }

func (b *Bucket) options(ctx context.Context) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithUserAgent(mark.UserAgent("oci")),
	}
}

func isMissing(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// A tag holds no slash; two underscores stand for one.
func tagOf(key string) string { return strings.ReplaceAll(key, "/", "__") }

func keyOf(tag string) string { return strings.ReplaceAll(tag, "__", "/") }
