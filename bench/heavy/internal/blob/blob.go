// Package blob is the port that all of harbour's stores keep.
package blob

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Object is what a store tells of one of its objects.
type Object struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"`
	Tag      string    `json:"tag,omitempty"`
	Modified time.Time `json:"modified"`
}

// Bucket holds objects under keys.
type Bucket interface {
	List(ctx context.Context, prefix string) ([]Object, error)
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	Put(ctx context.Context, key string, body io.Reader, size int64) error
	Delete(ctx context.Context, key string) error
	Close() error
}

// Location is a parsed store URL such as s3://bucket/prefix, gs://bucket/prefix, oci://host/repo or dir:///path.
type Location struct {
	Scheme string
	Host   string
	Path   string
	Query  url.Values
}

// ParseLocation reads a store URL; a plain path is a directory.
func ParseLocation(text string) (Location, error) {
	if !strings.Contains(text, "://") {
		return Location{Scheme: "dir", Path: text, Query: url.Values{}}, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return Location{}, fault.New(fault.Invalid, "parse location", err)
	}
	path := u.Path
	if u.Scheme != "dir" {
		path = strings.Trim(path, "/")
	}
	return Location{Scheme: u.Scheme, Host: u.Host, Path: path, Query: u.Query()}, nil
}

// Metadata is attached to each object that harbour writes.
func Metadata() map[string]string {
	return map[string]string{"courier": mark.Name, "edition": mark.Word(mark.Edition)}
}

// Join puts a prefix before a key.
func Join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return strings.TrimSuffix(prefix, "/") + "/" + key
}
