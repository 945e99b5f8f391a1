package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const block = 512

// Writers pad the end of a tar to 10 KiB, some to more.
const maxTrailing = 1 << 20

const maxExtension = 4096

// tarReader knows what docs/formats/pack.md lets a pack have, and refuses the rest; archive/tar takes much more, and a tar without an end.
type tarReader struct {
	in      io.Reader
	left    int64
	padding int
	block   [2 * block]byte
}

type tarMember struct {
	name        string
	sizeBytes   int64
	isDirectory bool
}

// next is the member behind the current one, whose content has to be read. io.EOF: the tar ended as it should, and so did what it came from.
func (t *tarReader) next() (*tarMember, error) {
	extended := false
	for {
		header, err := t.header()
		if err != nil {
			return nil, err
		}
		if isZero(header) {
			if extended {
				return nil, errors.New("an extended header without its member")
			}
			return nil, t.end()
		}
		kind, member, err := parseHeader(header)
		if err != nil {
			return nil, err
		}
		t.left, t.padding = member.sizeBytes, int(-member.sizeBytes&(block-1))
		if kind != 'x' {
			return member, nil
		}
		if extended || member.sizeBytes == 0 || member.sizeBytes > maxExtension {
			return nil, errors.New("a wrong extended header")
		}
		extended = true
		text := make([]byte, member.sizeBytes)
		if _, err := io.ReadFull(t, text); err != nil {
			return nil, err
		}
		if err := checkPax(string(text)); err != nil {
			return nil, err
		}
	}
}

// Read is the content of the current member.
func (t *tarReader) Read(into []byte) (int, error) {
	if t.left == 0 {
		return 0, io.EOF
	}
	count, err := t.in.Read(into[:min(int64(len(into)), t.left)])
	t.left -= int64(count)
	if err == io.EOF && t.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return count, err
}

func (t *tarReader) header() ([]byte, error) {
	if t.left > 0 {
		return nil, errors.New("a member that wasn't read")
	}
	read := t.block[:t.padding+block]
	if _, err := io.ReadFull(t.in, read); err != nil {
		return nil, errTarCut(err)
	}
	if !isZero(read[:t.padding]) {
		return nil, errors.New("padding that holds data")
	}
	header := read[t.padding:]
	t.padding = 0
	return header, nil
}

// end: one block of the end mark is read. There has to be another, and then nothing but zeros.
func (t *tarReader) end() error {
	if _, err := io.ReadFull(t.in, t.block[:block]); err != nil {
		return errTarCut(err)
	}
	for trailing := 0; ; {
		if !isZero(t.block[:block]) {
			return errors.New("data after the end of the tar")
		}
		count, err := io.ReadFull(t.in, t.block[:block])
		trailing += count
		switch {
		case err == io.EOF:
			return io.EOF
		case err != nil:
			return errTarCut(err)
		case trailing > maxTrailing-2*block:
			return errors.New("more than 1 MiB of padding")
		}
	}
}

func errTarCut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the tar is cut short")
	}
	return err
}

func parseHeader(header []byte) (kind byte, member *tarMember, err error) {
	sum := 8 * int(' ')
	for index, value := range header {
		if index < 148 || index >= 156 {
			sum += int(value)
		}
	}
	if stated, ok := octal(header[148:156]); !ok || stated != int64(sum) {
		return 0, nil, errors.New("a header whose checksum is wrong")
	}
	magic := string(header[257:265])
	isGnu := magic == "ustar  \x00"
	if !isGnu && magic != "ustar\x0000" {
		return 0, nil, errors.New("a header that is neither ustar nor GNU")
	}
	sizeBytes, sizeOk := octal(header[124:136])
	mode, modeOk := octal(header[100:108])
	numbersOk := isNumber(header[108:116]) && isNumber(header[116:124]) && isNumber(header[136:148])
	name, nameOk := text(header[:100])
	link, linkOk := text(header[157:257])
	rest := header[500:]
	if isGnu {
		rest = header[345:]
	} else if prefix, ok := text(header[345:500]); !ok || prefix != "" {
		// No name of a build cache is that long.
		nameOk = false
	}
	if !sizeOk || !modeOk || !numbersOk || !nameOk || !linkOk || !isZero(rest) {
		return 0, nil, errors.New("a malformed header")
	}
	member = &tarMember{name: name, sizeBytes: sizeBytes}
	needed := int64(0o400)
	switch kind = header[156]; kind {
	case 'x':
		return kind, member, nil
	case '5':
		member.isDirectory = true
		needed = 0o700
		if sizeBytes != 0 {
			return 0, nil, fmt.Errorf("the directory %s with content", shown(name))
		}
	case '0', 0:
	default:
		return 0, nil, fmt.Errorf("%s is no plain file", shown(name))
	}
	if link != "" || mode&0o7000 != 0 || mode&needed != needed {
		return 0, nil, fmt.Errorf("%s with a link name or a strange mode", shown(name))
	}
	return kind, member, nil
}

// checkPax lets times through: whatever else a pax header sets, some readers of tars skip.
func checkPax(records string) error {
	for records != "" {
		digits, _, _ := strings.Cut(records, " ")
		size, err := strconv.ParseUint(digits, 10, 16)
		length := int(size)
		if err != nil || length <= len(digits) || length > len(records) || records[length-1] != '\n' {
			return errors.New("a malformed pax header")
		}
		key, value, _ := strings.Cut(records[len(digits)+1:length-1], "=")
		if key != "mtime" && key != "atime" && key != "ctime" || value == "" || strings.Trim(value, "0123456789.") != "" {
			return fmt.Errorf("a pax header that sets %s", shown(key))
		}
		records = records[length:]
	}
	return nil
}

// octal digits, spaces before them, then only NULs and spaces.
func octal(field []byte) (int64, bool) {
	digits := strings.TrimLeft(strings.TrimRight(string(field), "\x00 "), " ")
	value, err := strconv.ParseUint(digits, 8, 62)
	return int64(value), err == nil
}

// isNumber: owners and times may be in base-256, or not there.
func isNumber(field []byte) bool {
	_, isOctal := octal(field)
	return isOctal || field[0] == 0x80 || isZero(field)
}

// text up to the first NUL; nothing may follow it.
func text(field []byte) (string, bool) {
	content, after, _ := bytes.Cut(field, []byte{0})
	return string(content), isZero(after)
}

func isZero(bytes []byte) bool {
	for _, value := range bytes {
		if value != 0 {
			return false
		}
	}
	return true
}

// shown is a name from a pack that can't break the line it is printed in.
func shown(name string) string {
	return strconv.QuoteToASCII(name[:min(len(name), 100)])
}
