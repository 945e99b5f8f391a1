package main

import (
	"encoding/binary"
	"errors"
)

var errFrames = errors.New("more than one zstd frame")

// frameWalker follows the blocks of a zstd file written to it and refuses what comes behind the first frame: the decoder joins frames and
// skips some, and a pack must mean the same to all. The first bytes of anything else turn it off.
type frameWalker struct {
	head        []byte
	state       int
	skip        int
	hasChecksum bool
}

const (
	frameHeader = iota
	frameBlock
	frameLast
	frameOver
	noFrame
)

func (w *frameWalker) Write(bytes []byte) (int, error) {
	length := len(bytes)
	for len(bytes) > 0 && w.state != noFrame {
		if w.skip > 0 {
			step := min(w.skip, len(bytes))
			w.skip -= step
			bytes = bytes[step:]
			continue
		}
		if w.state == frameLast || w.state == frameOver {
			return 0, errFrames
		}
		w.head = append(w.head, bytes[0])
		bytes = bytes[1:]
		if err := w.readHead(); err != nil {
			return 0, err
		}
	}
	return length, nil
}

func (w *frameWalker) readHead() error {
	if w.state == frameHeader {
		if len(w.head) <= len(zstdMagic) {
			if len(w.head) == len(zstdMagic) && [4]byte(w.head) != [4]byte(zstdMagic) {
				w.state = noFrame
			}
			return nil
		}
		if len(w.head) < frameHeaderBytes(w.head[4]) {
			return nil
		}
		w.state = frameBlock
		if w.head[4]&0x03 != 0 {
			return errors.New("a zstd frame with a dictionary")
		}
		w.hasChecksum = w.head[4]&0x04 != 0
		w.head = w.head[:0]
		return nil
	}
	if len(w.head) < 3 {
		return nil
	}
	block := int(binary.LittleEndian.Uint16(w.head)) | int(w.head[2])<<16
	w.head = w.head[:0]
	w.skip = block >> 3
	if block>>1&3 == 1 {
		w.skip = 1
	}
	if block&1 == 1 {
		w.state = frameLast
		if w.hasChecksum {
			w.skip += 4
		}
	}
	return nil
}

// Magic, descriptor, window, content size: RFC 8878, section 3.1.1.1
func frameHeaderBytes(descriptor byte) int {
	isSingle := descriptor&0x20 != 0
	size := []int{0, 2, 4, 8}[descriptor>>6]
	if isSingle && size == 0 {
		size = 1
	}
	if isSingle {
		return 5 + size
	}
	return 6 + size
}
