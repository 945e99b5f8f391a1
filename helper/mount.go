package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
)

// What is slipway's own in a mount, and how its temporary files are named: the scripts take none of it for an entry.
const (
	ownDirectory    = ".slipway"
	temporaryPrefix = "fetch-"
)

const directoryFlags = syscall.O_RDONLY | syscall.O_DIRECTORY | syscall.O_NOFOLLOW | syscall.O_CLOEXEC

// diskError is one of writing, which ends the program: what it is to write to is full, or broken.
type diskError struct{ error }

// mount is a GOCACHE. All that is written to it lies one directory deep, so that no path is ever followed.
type mount struct {
	root      int
	temporary int
	modified  int64
	lock      sync.Mutex
	// unfinished are the temporary files there are now. Nothing is added to them after a sweep.
	unfinished map[string]bool
}

func openMount(directory string, modified int64) (*mount, error) {
	root, err := syscall.Open(directory, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: directory, Err: err}
	}
	return &mount{root: root, temporary: -1, modified: modified, unfinished: map[string]bool{}}, nil
}

// enter opens a directory of the mount, and makes it where there is none.
func (m *mount) enter(name string, mode uint32) (int, error) {
	for {
		opened, err := syscall.Openat(m.root, name, directoryFlags, 0)
		if err == syscall.ENOENT {
			err = syscall.Mkdirat(m.root, name, mode)
			if err == nil || err == syscall.EEXIST {
				continue
			}
		}
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return -1, diskError{fmt.Errorf("%s: %w", name, err)}
		}
		return opened, nil
	}
}

// put writes an entry at once. A file that could only be begun is taken away.
func (m *mount) put(directory int, name string, content []byte) error {
	file, err := create(directory, name)
	if err != nil {
		return diskError{fmt.Errorf("%s: %w", name, err)}
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.finish(&m.modified)); err != nil {
		return diskError{fmt.Errorf("%s: %w", name, errors.Join(err, syscall.Unlinkat(directory, name)))}
	}
	return nil
}

// begin makes a temporary file.
func (m *mount) begin() (descriptor, string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.temporary < 0 {
		opened, err := m.enter(ownDirectory, 0o700)
		if err != nil {
			return -1, "", err
		}
		m.temporary = opened
	}
	name := temporaryPrefix + rand.Text()
	file, err := create(m.temporary, name)
	if err != nil {
		return -1, "", diskError{fmt.Errorf(".slipway: %w", err)}
	}
	m.unfinished[name] = true
	return file, name, nil
}

// drop takes a temporary file away.
func (m *mount) drop(temporary string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	delete(m.unfinished, temporary)
	return syscall.Unlinkat(m.temporary, temporary)
}

// settle gives a temporary file the name of the entry whose content it has.
func (m *mount) settle(temporary string, directory int, name string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if err := syscall.Renameat(m.temporary, temporary, directory, name); err != nil {
		return diskError{fmt.Errorf("%s: %w", name, err)}
	}
	delete(m.unfinished, temporary)
	return nil
}

// sweep takes all temporary files away, as the last thing that is done to the mount: it never gives the lock back.
func (m *mount) sweep() {
	m.lock.Lock()
	for name := range m.unfinished {
		syscall.Unlinkat(m.temporary, name)
	}
}
