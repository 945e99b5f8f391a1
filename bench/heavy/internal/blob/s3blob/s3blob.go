// Package s3blob keeps objects in an S3 bucket.
package s3blob

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/httpclient"
	"example.com/harbour/internal/mark"
)

// Bucket is one S3 bucket below a prefix.
type Bucket struct {
	client *s3.Client
	name   string
	prefix string
}

// Open reads the usual AWS settings; `endpoint` and `region` of the location override them.
func Open(ctx context.Context, at blob.Location) (*Bucket, error) {
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpclient.New("s3")),
		config.WithAppID(mark.Name),
	}
	if region := at.Query.Get("region"); region != "" {
		options = append(options, config.WithRegion(region))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fault.New(fault.Invalid, "load AWS settings", err)
	}
	client := s3.NewFromConfig(loaded, func(o *s3.Options) {
		if endpoint := at.Query.Get("endpoint"); endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
			o.UsePathStyle = true
		}
	})
	return &Bucket{client: client, name: at.Host, prefix: at.Path}, nil
}

// List pages through the bucket.
func (b *Bucket) List(ctx context.Context, prefix string) ([]blob.Object, error) {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
		Bucket: &b.name,
		Prefix: aws.String(blob.Join(b.prefix, prefix)),
	})
	var out []blob.Object
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.New(fault.Broken, "list s3 bucket "+b.name, err)
		}
		for _, o := range page.Contents {
			out = append(out, blob.Object{
				Key:      trim(b.prefix, aws.ToString(o.Key)),
				Size:     aws.ToInt64(o.Size),
				Tag:      aws.ToString(o.ETag),
				Modified: aws.ToTime(o.LastModified),
			})
		}
	}
	return out, nil
}

// Open streams one object.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	got, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: aws.String(blob.Join(b.prefix, key))})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, fault.New(fault.NotFound, "get "+key, err)
	}
	if err != nil {
		return nil, fault.New(fault.Broken, "get "+key, err)
	}
	return got.Body, nil
}

// Put uploads one object with harbour's metadata.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, size int64) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:        &b.name,
		Key:           aws.String(blob.Join(b.prefix, key)),
		Body:          body,
		ContentLength: &size,
		Metadata:      blob.Metadata(),
	})
	if err != nil {
		return fault.New(fault.Broken, "put "+key, err)
	}
	return nil
}

// Delete removes one object.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: aws.String(blob.Join(b.prefix, key))})
	if err != nil {
		return fault.New(fault.Broken, "delete "+key, err)
	}
	return nil
}

// Close has nothing to give back.
func (b *Bucket) Close() error { return nil }

func trim(prefix, key string) string {
	if prefix == "" || len(key) <= len(prefix) {
		return key
	}
	return key[len(prefix)+1:]
}
