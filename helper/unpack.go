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
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// unpackAll unpacks as many packs at once as there are processors, and says so of each. The first failure ends it.
func unpackAll(directory string, packs []string) error {
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
				if err := unpackFile(root, pack); err != nil {
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

func unpackFile(root *os.Root, name string) error {
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
	return unpack(root, tar.NewReader(body))
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
	reader, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return reader.IOReadCloser(), nil
}

func unpack(root *os.Root, members *tar.Reader) error {
	buffer := make([]byte, 1<<20)
	made := map[string]bool{"": true}
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
		directory := name[:max(strings.LastIndexByte(name, '/'), 0)]
		if !made[directory] {
			if err := root.MkdirAll(directory, 0o777); err != nil {
				return err
			}
			made[directory] = true
		}
		if err := write(root, name, members, buffer); err != nil {
			return err
		}
	}
}

// write replaces a file that is there as a whole. Two packs may hold the same entry, and so write it at once: both hold the same, so
// either one's file will do.
func write(root *os.Root, name string, content io.Reader, buffer []byte) error {
	for attempt := 0; ; attempt++ {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if errors.Is(err, fs.ErrExist) && attempt < 100 {
			continue
		}
		if err != nil {
			return err
		}
		// Without the methods that would read and write by pieces of their own.
		if _, err := io.CopyBuffer(struct{ io.Writer }{file}, struct{ io.Reader }{content}, buffer); err != nil {
			file.Close()
			return err
		}
		return file.Close()
	}
}
