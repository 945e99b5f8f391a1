package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// newClient trusts the system's certificates, which the image may lack, and those of the plan. It speaks HTTP/1.1: one connection per
// pack moves large bodies fastest.
func newClient(plan *plan) (*http.Client, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if plan.CA != "" && !roots.AppendCertsFromPEM([]byte(plan.CA)) {
		return nil, errors.New("the plan's ca holds no certificate")
	}
	dialer := net.Dialer{Timeout: plan.timeout()}
	return &http.Client{CheckRedirect: checkRedirect, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &impatientConn{conn, plan.timeout()}, nil
		},
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
		DisableCompression:  true,
		MaxIdleConnsPerHost: maxWorkers,
	}}, nil
}

// impatientConn breaks where nothing comes for too long. Time that passes between two reads doesn't count: then it is we who are slow.
type impatientConn struct {
	net.Conn
	timeout time.Duration
}

func (c *impatientConn) Read(bytes []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(bytes)
}

// A connection that lay idle has a read waiting, whose time starts anew with the next request.
func (c *impatientConn) Write(bytes []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(bytes)
}

var (
	errUnsafeRedirect  = errors.New("it redirects from https to http")
	errEndlessRedirect = errors.New("it redirects too often")
)

type headersKey struct{}

// checkRedirect keeps the plan's headers to the host they are for (Go would send them to its subdomains and other ports as well), and a
// signed address out of the Referer.
func checkRedirect(next *http.Request, before []*http.Request) error {
	if next.URL.Scheme != "https" && before[len(before)-1].URL.Scheme == "https" {
		return errUnsafeRedirect
	}
	if len(before) > 5 {
		return errEndlessRedirect
	}
	next.Header.Del("Referer")
	if next.URL.Host != before[0].URL.Host {
		for name := range next.Context().Value(headersKey{}).(map[string]string) {
			next.Header.Del(name)
		}
	}
	return nil
}

// ask sends a request, and waits no longer than the timeout for its answer. Closing the answer's body frees all of it.
func ask(ctx context.Context, client *http.Client, pack *packPlan, span string, timeout time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, headersKey{}, pack.Headers))
	timer := time.AfterFunc(timeout, cancel)
	request := (&http.Request{Method: http.MethodGet, URL: pack.address, Header: http.Header{}}).WithContext(ctx)
	for name, value := range pack.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("User-Agent", "slipway")
	if span != "" {
		request.Header.Set("Range", "bytes="+span)
	}
	answer, err := client.Do(request)
	timer.Stop()
	if err != nil {
		cancel()
		return nil, err
	}
	answer.Body = &cancelingBody{answer.Body, cancel}
	return answer, nil
}

type cancelingBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *cancelingBody) Close() error {
	b.cancel()
	return b.ReadCloser.Close()
}

// networkReason puts an error into words that hold nothing of an address: Go's own have the whole of it.
func networkReason(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var errno syscall.Errno
	switch {
	case errors.Is(err, errUnsafeRedirect):
		return errUnsafeRedirect.Error()
	case errors.Is(err, errEndlessRedirect):
		return errEndlessRedirect.Error()
	case errors.As(err, &certificate):
		return "its certificate is not trusted here"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS"
	case isTimeout(err):
		return "nothing came in time"
	case errors.As(err, &dns):
		return "its name is not known here"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke"
	}
	return "the request failed"
}

// isFinal: asked again, it would end in the same way.
func isFinal(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(err, errUnsafeRedirect) || errors.Is(err, errEndlessRedirect) || errors.As(err, &certificate) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout()
}

func statusReason(answer *http.Response) string {
	return fmt.Sprintf("it answered %d", answer.StatusCode)
}
