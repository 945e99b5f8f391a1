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
	"syscall"

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
		if err := write(int(current.Fd()), base, members, buffer); err != nil {
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

// write replaces a file that is there as a whole. Two packs may hold the same entry, and so write it at once: both hold the same, so
// either one's file will do. For thousands of small files the plain system calls are half of what *os.File makes.
func write(directory int, name string, content io.Reader, buffer []byte) error {
	const flags = syscall.O_CREAT | syscall.O_EXCL | syscall.O_WRONLY | syscall.O_NOFOLLOW | syscall.O_CLOEXEC
	if name == "." || name == ".." {
		return fs.ErrInvalid
	}
	for attempt := 0; ; attempt++ {
		file, err := syscall.Openat(directory, name, flags, 0o666)
		if err == syscall.EEXIST && attempt < 100 {
			if err := syscall.Unlinkat(directory, name); err != nil && err != syscall.ENOENT {
				return err
			}
			continue
		}
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		_, err = io.CopyBuffer(descriptor(file), struct{ io.Reader }{content}, buffer)
		return errors.Join(err, syscall.Close(file))
	}
}

type descriptor int

func (file descriptor) Write(bytes []byte) (int, error) {
	for done := 0; done < len(bytes); {
		count, err := syscall.Write(int(file), bytes[done:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += count
	}
	return len(bytes), nil
}
