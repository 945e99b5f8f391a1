package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// An action record: `v1 <id> <output> <size> <time>\n`, both numbers in 20 characters. As in src/pack/action-record.ts.
const actionBytes = 175

func checkAction(name string, record []byte) error {
	text := string(record)
	if len(text) != actionBytes || text[:3] != "v1 " || text[67] != ' ' || text[132] != ' ' || text[153] != ' ' || text[174] != '\n' {
		return errors.New("not an action record of version 1")
	}
	if !isHex(text[3:67], 64) || !isHex(text[68:132], 64) || !isPadded(text[133:153]) || !isPadded(text[154:174]) {
		return errors.New("not an action record of version 1")
	}
	if text[3:67] != name[3:67] {
		return errors.New("the action record belongs to another id")
	}
	return nil
}

func isPadded(field string) bool {
	_, err := strconv.ParseUint(strings.TrimLeft(field, " "), 10, 63)
	return err == nil
}

// isEntry: `ab/<64 hex digits>-a` or `-d`, and the digits begin with the directory's.
func isEntry(path string) bool {
	return len(path) == 69 && path[2] == '/' && path[:2] == path[3:5] && isHex(path[3:67], 64) && (path[67:] == "-a" || path[67:] == "-d")
}

func isAction(path string) bool { return strings.HasSuffix(path, "-a") }

// entryList holds the sizes of the entries that a pack has to have and that haven't come yet.
type entryList map[string]int64

func readList(file string) (entryList, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.New("there is no list of its entries")
	}
	list := entryList{}
	for line := range strings.Lines(string(text)) {
		path, digits, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		size, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || size < 0 || !isEntry(path) {
			return nil, errors.New("the list of its entries is malformed")
		}
		list[path] = size
	}
	return list, nil
}

// packCheck decides on the members of one pack.
type packCheck struct {
	wanted      entryList
	directories map[string]bool
}

// admit gives the path of an entry, or "" for a directory above some.
func (c *packCheck) admit(member *tarMember) (string, error) {
	if member.isDirectory {
		name := strings.TrimSuffix(member.name, "/")
		parent, isBelow := strings.CutPrefix(name, "gocache/")
		if c.directories[name] || name != "gocache" && !(isBelow && isHex(parent, 2)) {
			return "", fmt.Errorf("the directory %s is there twice, or can't be in a pack", shown(member.name))
		}
		c.directories[name] = true
		return "", nil
	}
	path, isBelow := strings.CutPrefix(member.name, "gocache/")
	if !isBelow || !isEntry(path) {
		return "", fmt.Errorf("the name %s can't be in a pack", shown(member.name))
	}
	size, isWanted := c.wanted[path]
	if !isWanted {
		return "", fmt.Errorf("%s is there twice, or not in the list", path)
	}
	if size != member.sizeBytes {
		return "", fmt.Errorf("%s has %d bytes, in the list %d", path, member.sizeBytes, size)
	}
	if isAction(path) && size != actionBytes {
		return "", fmt.Errorf("%s is no action record: it has %d bytes", path, size)
	}
	delete(c.wanted, path)
	return path, nil
}
