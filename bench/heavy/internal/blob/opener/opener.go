// Package opener finds the store behind a URL.
package opener

import (
	"context"
	"fmt"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/blob/dirblob"
	"example.com/harbour/internal/blob/gcsblob"
	"example.com/harbour/internal/blob/ociblob"
	"example.com/harbour/internal/blob/s3blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Open opens the store that the text names.
func Open(ctx context.Context, text string) (blob.Bucket, error) {
	at, err := blob.ParseLocation(text)
	if err != nil {
		return nil, err
	}
	switch at.Scheme {
	case "dir":
		return dirblob.Open(at.Path)
	case "s3":
		return s3blob.Open(ctx, at)
	case "gs":
		return gcsblob.Open(ctx, at)
	case "oci":
		return ociblob.Open(at)
	default:
		cause := fmt.Errorf("%s knows dir, s3, gs and oci, not %q", mark.Name, at.Scheme)
		return nil, fault.New(fault.Invalid, "open store", cause)
	}
}
