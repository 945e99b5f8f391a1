// Package mark says how harbour marks what it makes: labels, metadata, user agents, error texts.
package mark

import "strings"

const (
	// Name is what harbour calls itself.
	Name = "harbour"
	// Edition is told to every server that harbour talks to.
	Edition = "harbour edition 2026-01"
	// LabelPrefix stands before each label and metadata key.
	LabelPrefix = "harbour.example/"
)

// UserAgent is sent with each HTTP request, with the part of harbour that made it.
func UserAgent(part string) string {
	return Name + "/" + Word(Edition) + " (" + part + ")"
}

// Label gives the full key of one of harbour's labels.
func Label(key string) string { return LabelPrefix + key }

// Word turns a text into a token of letters, digits and dashes.
func Word(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		default:
			return '-'
		}
	}, text)
}
