// Package ledger writes down every release in a local database.
package ledger

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Entry is one release that was tried.
type Entry struct {
	Number  uint64    `json:"number"`
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Digest  string    `json:"digest"`
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
}

// Ledger is an open database.
type Ledger struct{ db *bbolt.DB }

var bucketName = []byte(mark.Name + "-releases")

// Open opens the file, and waits at most five seconds for another harbour to let go of it.
func Open(path string) (*Ledger, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	if err != nil {
		return nil, fault.New(fault.Broken, "open ledger "+path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketName)
		return err
	})
	if err != nil {
		return nil, fault.New(fault.Broken, "open ledger "+path, err)
	}
	return &Ledger{db: db}, nil
}

// Add writes an entry and gives it its number.
func (l *Ledger) Add(entry Entry) (Entry, error) {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(bucketName)
		number, err := bucket.NextSequence()
		if err != nil {
			return err
		}
		entry.Number = number
		value, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		return bucket.Put(binary.BigEndian.AppendUint64(nil, number), value)
	})
	if err != nil {
		return Entry{}, fault.New(fault.Broken, "write ledger", err)
	}
	return entry, nil
}

// Last gives at most `limit` entries, newest first; an empty name means all releases.
func (l *Ledger) Last(name string, limit int) ([]Entry, error) {
	var out []Entry
	err := l.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketName).Cursor()
		for key, value := cursor.Last(); key != nil && len(out) < limit; key, value = cursor.Prev() {
			var entry Entry
			if err := json.Unmarshal(value, &entry); err != nil {
				return err
			}
			if name == "" || entry.Name == name {
				out = append(out, entry)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fault.New(fault.Broken, "read ledger", err)
	}
	return out, nil
}

// Close closes the file.
func (l *Ledger) Close() error { return l.db.Close() }
