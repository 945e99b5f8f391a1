package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// unfetched is why a pack can't be had here: one of the words that the client knows, and a reason without anything of an address.
type unfetched struct {
	word   string
	reason string
}

func (u *unfetched) Error() string { return u.word + " " + u.reason }

const (
	missing     = "missing"
	corrupt     = "corrupt"
	unreachable = "unreachable"
	refused     = "refused"
)

// What a body may break at most: in a row without a byte between, and in all.
const (
	maxIdleBreaks = 3
	maxBreaks     = 10
)

// body is a pack as it comes from its address, exactly its size of bytes. Where the connection breaks it asks for the rest.
type body struct {
	ctx     context.Context
	client  *http.Client
	pack    *packPlan
	timeout time.Duration
	// received gets the number of bytes that came, those that came again included.
	received func(int64)

	answer     *http.Response
	offset     int64
	skip       int64
	idleBreaks int
	breaks     int
	// isSilent: given up since nothing came in time.
	isSilent bool
	// failure is what ended it: decoders may return it as something else.
	failure *unfetched
}

func (b *body) Read(bytes []byte) (int, error) {
	for {
		if b.failure != nil {
			return 0, b.failure
		}
		left := b.pack.SizeBytes - b.offset
		if left == 0 && (b.answer == nil || b.answer.ContentLength >= 0) {
			return 0, io.EOF
		}
		if b.answer == nil {
			if err := b.open(); err != nil {
				b.interrupt(err)
				continue
			}
		}
		count, err := b.answer.Body.Read(bytes[:min(int64(len(bytes)), b.skip+left+1)])
		b.received(int64(count))
		skipped := min(b.skip, int64(count))
		b.skip -= skipped
		fresh := copy(bytes, bytes[skipped:count])
		if int64(fresh) > left {
			return 0, b.fail(corrupt, "more than %d bytes come", b.pack.SizeBytes)
		}
		b.offset += int64(fresh)
		if err == io.EOF && b.offset < b.pack.SizeBytes {
			return 0, b.fail(corrupt, "%d bytes come instead of %d", b.offset, b.pack.SizeBytes)
		}
		if fresh > 0 {
			b.idleBreaks = 0
		}
		if err != nil {
			b.close()
			if err != io.EOF && b.offset < b.pack.SizeBytes {
				b.interrupt(err)
			}
		}
		if fresh > 0 {
			return fresh, nil
		}
	}
}

func (b *body) close() {
	if b.answer != nil {
		b.answer.Body.Close()
		b.answer = nil
	}
}

func (b *body) fail(word, reason string, values ...any) error {
	b.close()
	b.failure = &unfetched{word, fmt.Sprintf(reason, values...)}
	return b.failure
}

// interrupt counts a break. An address that has never answered in its time isn't asked again: the client waits for us.
func (b *body) interrupt(err error) {
	if b.failure != nil {
		return
	}
	b.breaks++
	b.idleBreaks++
	isDeaf := b.offset == 0 && b.breaks == 1 && isTimeout(err)
	if isDeaf || isFinal(err) || b.idleBreaks > maxIdleBreaks || b.breaks > maxBreaks || b.ctx.Err() != nil {
		b.isSilent = isTimeout(err) && b.ctx.Err() == nil
		b.fail(unreachable, "%s", networkReason(err))
		return
	}
	select {
	case <-time.After(time.Duration(b.idleBreaks) * 100 * time.Millisecond):
	case <-b.ctx.Done():
	}
}

// open asks for what is still wanted. Its failures are those of the network; what the answer itself rules out goes into `failure`.
func (b *body) open() error {
	span := ""
	if b.offset > 0 {
		span = fmt.Sprintf("%d-", b.offset)
	}
	answer, err := ask(b.ctx, b.client, b.pack, span, b.timeout)
	if err != nil {
		return err
	}
	b.answer = answer
	wanted := b.pack.SizeBytes
	switch {
	case answer.StatusCode == http.StatusOK:
		b.skip = b.offset
	case answer.StatusCode == http.StatusPartialContent && span != "":
		b.skip = 0
		wanted -= b.offset
		if !isRange(answer.Header.Get("Content-Range"), b.offset, b.pack.SizeBytes) {
			return b.fail(unreachable, "it sends another range than asked for")
		}
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusGone:
		return b.fail(missing, "%s", statusReason(answer))
	default:
		return b.fail(unreachable, "%s", statusReason(answer))
	}
	if answer.ContentLength >= 0 && answer.ContentLength != wanted {
		return b.fail(corrupt, "it has %d bytes instead of %d", b.pack.SizeBytes-wanted+answer.ContentLength, b.pack.SizeBytes)
	}
	return nil
}

// isRange: `bytes <from>-<last>/<size>`, where the size may be `*`.
func isRange(header string, from, size int64) bool {
	span, total, _ := strings.Cut(header, "/")
	return span == fmt.Sprintf("bytes %d-%d", from, size-1) && (total == "*" || total == strconv.FormatInt(size, 10))
}
