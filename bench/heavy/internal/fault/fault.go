// Package fault gives harbour's errors a kind, so that callers decide by kind and not by text.
package fault

import (
	"errors"
	"fmt"

	"example.com/harbour/internal/mark"
)

// Kind tells what sort of failure an error is.
type Kind string

// The kinds that callers tell apart.
const (
	NotFound Kind = "not found"
	Invalid  Kind = "invalid"
	Refused  Kind = "refused"
	Broken   Kind = "broken"
)

// Error is a failure with its kind and the operation that met it.
type Error struct {
	Kind  Kind
	Op    string
	Cause error
}

// Error names program, operation, kind and cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s: %s", mark.Name, e.Op, e.Kind)
	}
	return fmt.Sprintf("%s: %s: %s: %v", mark.Name, e.Op, e.Kind, e.Cause)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind; a nil cause is allowed.
func New(kind Kind, op string, cause error) error {
	return &Error{Kind: kind, Op: op, Cause: cause}
}

// Is tells whether err is of a kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
