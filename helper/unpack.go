package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// unpackAll unpacks as many packs at once as there are processors, and says so of each. The first failure ends it.
func unpackAll(directory string, packs []string, modified *int64) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	queue := make(chan string, len(packs))
	for _, pack := range packs {
		queue <- pack
	}
	close(queue)
	failures := make(chan error, runtime.NumCPU())
	var workers sync.WaitGroup
	for range min(runtime.NumCPU(), len(packs)) {
		workers.Go(func() {
			for pack := range queue {
				if err := unpackFile(root, pack, modified); err != nil {
					failures <- fmt.Errorf("%s: %w", pack, err)
					return
				}
				fmt.Printf("slipway-unpacked %s\n", pack)
			}
		})
	}
	workers.Wait()
	close(failures)
	return <-failures
}

func unpackFile(root *os.Root, name string, modified *int64) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	body, err := decompress(bufio.NewReaderSize(file, 1<<18))
	if err != nil {
		return err
	}
	defer body.Close()
	return unpack(root, tar.NewReader(body), modified)
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

func decompress(in *bufio.Reader) (io.ReadCloser, error) {
	magic, err := in.Peek(len(zstdMagic))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(magic, zstdMagic) {
		return gzip.NewReader(in)
	}
	reader, err := newDecoder(in)
	if err != nil {
		return nil, err
	}
	return reader.IOReadCloser(), nil
}

// newDecoder: with little memory the decoder moves its whole window down for each MiB, a tenth of its work.
func newDecoder(in io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(false))
}

func unpack(root *os.Root, members *tar.Reader, modified *int64) error {
	buffer := make([]byte, 1<<20)
	// Members of a directory mostly follow each other: its path is walked once.
	var current *os.File
	at := "nowhere"
	defer func() { current.Close() }()
	for {
		member, err := members.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(member.Name, "/"), "/")
		if name == "" || member.Typeflag == tar.TypeDir {
			continue
		}
		if member.Typeflag != tar.TypeReg {
			return fmt.Errorf("%s is no plain file", member.Name)
		}
		directory, base := path.Split(name)
		if directory != at {
			next, err := enter(root, path.Clean(directory))
			if err != nil {
				return err
			}
			current.Close()
			current, at = next, directory
		}
		if err := write(int(current.Fd()), base, members, buffer, modified); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// enter opens a directory below root, and makes it where there is none.
func enter(root *os.Root, directory string) (*os.File, error) {
	opened, err := root.Open(directory)
	if !errors.Is(err, fs.ErrNotExist) {
		return opened, err
	}
	if err := root.MkdirAll(directory, 0o777); err != nil {
		return nil, err
	}
	return root.Open(directory)
}
