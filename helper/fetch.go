package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Packs at once: the network is waited for, so more of them than processors, but each holds some MiB.
const (
	minWorkers = 4
	maxWorkers = 8
)

const movedInterval = 500 * time.Millisecond

type fetcher struct {
	plan   *plan
	lists  string
	client *http.Client
	mount  *mount
	moved  atomic.Int64
	// silent are hosts that let a pack wait in vain: no other of theirs is asked for, or all of them would wait, one after the other.
	silent sync.Map
}

// fetchAll brings the packs of a plan into a mount and says of each whether it is there, whole. What is wrong with a pack or its way is
// no failure; what is wrong with the mount ends it.
func fetchAll(directory, planFile, lists string) error {
	plan, err := readPlan(planFile)
	if err != nil {
		return err
	}
	client, err := newClient(plan)
	if err != nil {
		return err
	}
	mount, err := openMount(directory, plan.ModifiedSeconds)
	if err != nil {
		return err
	}
	fetcher := &fetcher{plan: plan, lists: lists, client: client, mount: mount}
	if err := removeLeftovers(directory); err != nil {
		return err
	}
	sweepOnSignal(mount)
	stopTelling := fetcher.tellMoved()
	defer stopTelling()
	return fetcher.run()
}

func sweepOnSignal(mount *mount) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		number := (<-signals).(syscall.Signal)
		mount.sweep()
		os.Exit(128 + int(number))
	}()
}

func (f *fetcher) run() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	queue := make(chan *packPlan, len(f.plan.Packs))
	for index := range f.plan.Packs {
		queue <- &f.plan.Packs[index]
	}
	close(queue)
	count := min(max(minWorkers, runtime.NumCPU()), maxWorkers, len(f.plan.Packs))
	failures := make(chan error, count)
	var workers sync.WaitGroup
	for range count {
		workers.Go(func() {
			writer := newEntryWriter(f.mount)
			defer writer.leave()
			for pack := range queue {
				if ctx.Err() != nil {
					return
				}
				if err := f.fetch(ctx, writer, pack); err != nil {
					failures <- err
					cancel()
					return
				}
			}
		})
	}
	workers.Wait()
	close(failures)
	return <-failures
}

// fetch gives errors of the mount; those of the pack it tells.
func (f *fetcher) fetch(ctx context.Context, writer *entryWriter, pack *packPlan) error {
	received := int64(0)
	packed := &body{ctx: ctx, client: f.client, pack: pack, timeout: f.plan.timeout(), received: func(count int64) {
		received += count
		f.moved.Add(count)
	}}
	defer packed.close()
	err := error(&unfetched{unreachable, "its host let another pack wait in vain"})
	if _, isSilent := f.silent.Load(pack.address.Host); !isSilent {
		err = f.bring(writer, packed)
	}
	if packed.isSilent {
		f.silent.Store(pack.address.Host, true)
	}
	var disk diskError
	if errors.As(err, &disk) {
		return disk
	}
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		fmt.Printf("slipway-fetched %s %d\n", pack.hex, received)
		return nil
	}
	why := &unfetched{refused, err.Error()}
	errors.As(err, &why)
	fmt.Printf("slipway-unfetched %s %s %s\n", pack.hex, why.word, why.reason)
	return nil
}

// bring writes the pack's outputs as they come, and its action records when all of it has proven right.
func (f *fetcher) bring(writer *entryWriter, packed *body) error {
	list, err := readList(filepath.Join(f.lists, packed.pack.hex))
	if err != nil {
		return err
	}
	sum := sha256.New()
	hashed := io.TeeReader(packed, sum)
	actions, err := writer.read(bufio.NewReaderSize(io.TeeReader(hashed, &frameWalker{}), 1<<17), list)
	var disk diskError
	if errors.As(err, &disk) {
		return err
	}
	// Whose fault it is, the digest says: the rest is read for it.
	if _, restErr := io.Copy(io.Discard, hashed); restErr != nil {
		return restErr
	}
	if hex.EncodeToString(sum.Sum(nil)) != packed.pack.hex {
		return &unfetched{corrupt, "its digest is another one"}
	}
	if err != nil {
		return err
	}
	for index := range actions {
		if err := writer.put(actions[index].path, actions[index].record[:]); err != nil {
			return err
		}
	}
	return nil
}

// tellMoved prints how much has come since it was last said, until the function it returns is called.
func (f *fetcher) tellMoved() (stop func()) {
	ticker := time.NewTicker(movedInterval)
	done := make(chan struct{})
	var telling sync.WaitGroup
	tell := func() {
		if count := f.moved.Swap(0); count > 0 {
			fmt.Printf("slipway-moved %d\n", count)
		}
	}
	telling.Go(func() {
		for {
			select {
			case <-ticker.C:
				tell()
			case <-done:
				return
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
		telling.Wait()
		tell()
	}
}
