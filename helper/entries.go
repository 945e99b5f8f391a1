package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Outputs up to this size are kept in memory until they are known to be right.
const maxInMemory = 4 << 20

// entryWriter writes what comes in one pack after the other.
type entryWriter struct {
	mount   *mount
	buffer  []byte
	decoder *zstd.Decoder
	// Entries of a directory mostly follow each other.
	directory int
	at        string
}

func newEntryWriter(mount *mount) *entryWriter {
	return &entryWriter{mount: mount, buffer: make([]byte, maxInMemory)}
}

// pendingAction is a record that waits for the whole pack to be right: it would make Go look at an output.
type pendingAction struct {
	path   string
	record [actionBytes]byte
}

// read takes a pack to its end. Outputs are in the mount then; the action records it returns may be written once the digest is right.
func (w *entryWriter) read(packed *bufio.Reader, list entryList) ([]pendingAction, error) {
	members, err := w.expand(packed)
	if err != nil {
		return nil, err
	}
	check := packCheck{wanted: list, directories: map[string]bool{}}
	var actions []pendingAction
	for {
		member, err := members.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		path, err := check.admit(member)
		if err != nil {
			return nil, err
		}
		switch {
		case path == "":
		case isAction(path):
			action := pendingAction{path: path}
			if _, err := io.ReadFull(members, action.record[:]); err != nil {
				return nil, err
			}
			if err := checkAction(path, action.record[:]); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			actions = append(actions, action)
		default:
			if err := w.output(path, members); err != nil {
				return nil, err
			}
		}
	}
	for path := range list {
		return nil, fmt.Errorf("%d entries of the list are missing, as %s", len(list), path)
	}
	return actions, nil
}

func (w *entryWriter) expand(packed *bufio.Reader) (*tarReader, error) {
	magic, err := packed.Peek(len(zstdMagic))
	if err != nil {
		return nil, err
	}
	if [4]byte(magic) != [4]byte(zstdMagic) {
		member, err := gzip.NewReader(packed)
		if err != nil {
			return nil, err
		}
		member.Multistream(false)
		return &tarReader{in: &onlyMember{member, packed}}, nil
	}
	if w.decoder == nil {
		w.decoder, err = newDecoder(packed)
	} else {
		err = w.decoder.Reset(packed)
	}
	return &tarReader{in: w.decoder}, err
}

// onlyMember is a gzip file of one member: with another one behind it, tools differ in what they make of it.
type onlyMember struct {
	member *gzip.Reader
	packed *bufio.Reader
}

func (o *onlyMember) Read(bytes []byte) (int, error) {
	count, err := o.member.Read(bytes)
	if err != io.EOF {
		return count, err
	}
	if _, err := o.packed.ReadByte(); err == nil {
		return count, errors.New("data after the end of the gzip member")
	} else {
		return count, err
	}
}

// output writes a `-d` file when its content has the digest that is its name.
func (w *entryWriter) output(path string, members *tarReader) error {
	if members.left > maxInMemory {
		return w.largeOutput(path, members)
	}
	content := w.buffer[:members.left]
	if _, err := io.ReadFull(members, content); err != nil {
		return err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != path[3:67] {
		return errWrongOutput(path)
	}
	return w.put(path, content)
}

// largeOutput goes by a temporary file.
func (w *entryWriter) largeOutput(path string, members *tarReader) error {
	if err := w.enter(path[:2]); err != nil {
		return err
	}
	file, temporary, err := w.mount.begin()
	if err != nil {
		return err
	}
	sum, err := copyHashed(file, members, w.buffer)
	if closeErr := file.finish(&w.mount.modified); closeErr != nil {
		err = errors.Join(diskError{fmt.Errorf("%s: %w", path, closeErr)}, err)
	}
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != path[3:67] {
		err = errWrongOutput(path)
	}
	if err == nil {
		err = w.mount.settle(temporary, w.directory, path[3:])
	}
	if err != nil {
		if dropErr := w.mount.drop(temporary); dropErr != nil {
			err = errors.Join(err, diskError{fmt.Errorf(".slipway: %w", dropErr)})
		}
	}
	return err
}

func copyHashed(file descriptor, content io.Reader, buffer []byte) (hash.Hash, error) {
	sum := sha256.New()
	for {
		count, err := content.Read(buffer)
		sum.Write(buffer[:count])
		if _, writeErr := file.Write(buffer[:count]); writeErr != nil {
			return sum, diskError{writeErr}
		}
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
	}
}

func errWrongOutput(path string) error {
	return fmt.Errorf("%s has another content than its name says", path)
}

func (w *entryWriter) put(path string, content []byte) error {
	if err := w.enter(path[:2]); err != nil {
		return err
	}
	return w.mount.put(w.directory, path[3:], content)
}

func (w *entryWriter) enter(name string) error {
	if name == w.at {
		return nil
	}
	w.leave()
	opened, err := w.mount.enter(name, 0o777)
	if err == nil {
		w.directory, w.at = opened, name
	}
	return err
}

func (w *entryWriter) leave() {
	if w.at != "" {
		syscall.Close(w.directory)
		w.at = ""
	}
}
