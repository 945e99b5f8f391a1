// Package table prints rows for people.
package table

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"

	"example.com/harbour/internal/blob"
	"example.com/harbour/internal/kube/rollout"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/mark"
)

// Objects prints a listing.
func Objects(w io.Writer, objects []blob.Object) error {
	return write(w, []string{"KEY", "SIZE", "AGE"}, len(objects), func(i int) []string {
		o := objects[i]
		return []string{o.Key, humanize.Bytes(uint64(o.Size)), humanize.Time(o.Modified)}
	})
}

// Releases prints the ledger.
func Releases(w io.Writer, entries []ledger.Entry) error {
	return write(w, []string{"#", "NAME", "VERSION", "OUTCOME", "AGE"}, len(entries), func(i int) []string {
		e := entries[i]
		return []string{fmt.Sprint(e.Number), e.Name, e.Version, e.Outcome, humanize.Time(e.At)}
	})
}

// Rollout prints one line for a deployment.
func Rollout(w io.Writer, s rollout.Status) error {
	_, err := fmt.Fprintf(w, "%s: %s/%s %s (%s)\n", mark.Name, s.Namespace, s.Name, s.State, s.Detail)
	return err
}

func write(w io.Writer, head []string, rows int, row func(int) []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, strings.Join(head, "\t")); err != nil {
		return err
	}
	for i := range rows {
		if _, err := fmt.Fprintln(t, strings.Join(row(i), "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
