// Package release carries one release out: gates, cargo, chart, ledger, news.
package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.com/harbour/internal/blob/opener"
	"example.com/harbour/internal/chart"
	"example.com/harbour/internal/courier"
	"example.com/harbour/internal/digest"
	"example.com/harbour/internal/event"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/gate"
	"example.com/harbour/internal/kube/apply"
	"example.com/harbour/internal/kube/client"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/metrics"
	"example.com/harbour/internal/tracing"
)

// Crew is all that a release needs. Without a cluster the chart is rendered and not applied.
type Crew struct {
	Gates    *gate.Keeper
	Ledger   *ledger.Ledger
	Bus      event.Bus
	Cluster  *client.Cluster
	IsDryRun bool
	Lanes    int
}

// Carry does all of it and writes the outcome down, whatever it is.
func (c Crew) Carry(ctx context.Context, m manifest.Release) (ledger.Entry, error) {
	ctx, span := tracing.Start(ctx, mark.Name+".release")
	defer span.End()
	failure := c.carry(ctx, m)
	outcome := "done"
	if failure != nil {
		outcome = failure.Error()
	}
	metrics.Released(map[bool]string{true: "done", false: "failed"}[failure == nil])
	content, err := json.Marshal(m)
	if err != nil {
		return ledger.Entry{}, errors.Join(failure, fault.New(fault.Invalid, "encode release", err))
	}
	entry, err := c.Ledger.Add(ledger.Entry{
		Name: m.Name, Version: m.Version, Digest: digest.OfString(string(content)), Outcome: outcome, At: time.Now().UTC(),
	})
	if err != nil {
		return ledger.Entry{}, errors.Join(failure, err)
	}
	return entry, errors.Join(failure, c.Bus.Publish(ctx, event.New("release", m.Name, entry)))
}

func (c Crew) carry(ctx context.Context, m manifest.Release) error {
	current, err := c.current(m.Name)
	if err != nil {
		return err
	}
	if isUpgrade, err := manifest.IsUpgrade(current, m.Version); err != nil {
		return err
	} else if !isUpgrade {
		return fault.New(fault.Refused, "release "+m.Name, fmt.Errorf("%s is not after %s", m.Version, current))
	}
	if err := c.Gates.Check(m, current); err != nil {
		return err
	}
	objects, err := chart.Render(m)
	if err != nil {
		return err
	}
	for _, cargo := range m.Cargo {
		if err := c.bring(ctx, cargo); err != nil {
			return err
		}
	}
	if c.Cluster == nil {
		return nil
	}
	return apply.All(ctx, c.Cluster, objects, c.IsDryRun)
}

func (c Crew) current(name string) (string, error) {
	entries, err := c.Ledger.Last(name, 50)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.Outcome == "done" {
			return e.Version, nil
		}
	}
	return "", nil
}

func (c Crew) bring(ctx context.Context, cargo manifest.Cargo) error {
	_, err := Sync(ctx, cargo, c.Lanes, c.IsDryRun)
	return err
}

// Sync brings one cargo from store to store, and gives the plan it followed.
func Sync(ctx context.Context, cargo manifest.Cargo, lanes int, isDryRun bool) (courier.Plan, error) {
	from, err := opener.Open(ctx, cargo.From)
	if err != nil {
		return courier.Plan{}, err
	}
	defer from.Close()
	to, err := opener.Open(ctx, cargo.To)
	if err != nil {
		return courier.Plan{}, err
	}
	defer to.Close()
	source, err := from.List(ctx, cargo.Prefix)
	if err != nil {
		return courier.Plan{}, err
	}
	target, err := to.List(ctx, cargo.Prefix)
	if err != nil {
		return courier.Plan{}, err
	}
	plan := courier.Make(source, target, cargo.Mirror)
	if isDryRun {
		return plan, nil
	}
	_, err = courier.Run(ctx, plan, from, to, lanes)
	return plan, err
}
