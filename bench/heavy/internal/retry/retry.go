// Package retry makes a call again when it may help.
package retry

import (
	"context"

	"github.com/cenkalti/backoff/v5"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Do calls work up to `tries` times. Only what is broken is tried again: a missing object stays missing.
func Do(ctx context.Context, tries uint, work func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := work()
		if err != nil && !fault.Is(err, fault.Broken) {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(backoff.NewExponentialBackOff()), backoff.WithMaxTries(tries))
	if err != nil && ctx.Err() != nil {
		return fault.New(fault.Refused, mark.Name+" was stopped", err)
	}
	return err
}
