// Package digest names bytes by their SHA-256.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Of reads all of r and gives the hex digest and the number of bytes.
func Of(r io.Reader) (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// OfString gives the hex digest of a text.
func OfString(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
