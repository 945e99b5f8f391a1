package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// plan says which packs to fetch and from where. It is a secret: addresses may be signed, headers may hold a token, so that no error
// repeats a piece of it.
type plan struct {
	SchemaVersion   int
	CA              string
	TimeoutSeconds  float64
	ModifiedSeconds int64
	Packs           []packPlan
}

type packPlan struct {
	Digest    string
	SizeBytes int64
	URL       string
	Headers   map[string]string
	hex       string
	address   *url.URL
}

func readPlan(file string) (*plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	read := plan{}
	if json.Unmarshal(text, &read) != nil {
		return nil, errors.New("the plan is not the JSON that it has to be")
	}
	if read.SchemaVersion != 1 {
		return nil, fmt.Errorf("the plan has version %d instead of 1", read.SchemaVersion)
	}
	if read.TimeoutSeconds <= 0 {
		return nil, errors.New("the plan has no timeoutSeconds")
	}
	for index := range read.Packs {
		pack := &read.Packs[index]
		hex, isSha256 := strings.CutPrefix(pack.Digest, "sha256:")
		address, err := url.Parse(pack.URL)
		if !isSha256 || !isHex(hex, 64) || err != nil || address.Host == "" || !isWeb(address) || pack.SizeBytes <= 0 {
			return nil, fmt.Errorf("pack %d of the plan has a bad digest, size or address", index+1)
		}
		pack.hex, pack.address = hex, address
	}
	return &read, nil
}

func (p *plan) timeout() time.Duration {
	return time.Duration(p.TimeoutSeconds * float64(time.Second))
}

func isWeb(address *url.URL) bool { return address.Scheme == "https" || address.Scheme == "http" }

func isHex(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}
