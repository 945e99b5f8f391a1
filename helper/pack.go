package main

import (
	"io"

	"github.com/klauspost/compress/zstd"
)

// What readers of packs accept at most: docs/formats/pack.md.
const maxWindow = 8 << 20

func pack(tar io.Reader, out io.Writer, level int) error {
	writer, err := zstd.NewWriter(out,
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(maxWindow/2),
	)
	if err != nil {
		return err
	}
	if _, err := io.Copy(writer, tar); err != nil {
		return err
	}
	return writer.Close()
}
