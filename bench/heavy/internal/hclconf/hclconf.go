// Package hclconf reads harbour's own configuration file.
package hclconf

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsimple"
	"github.com/zclconf/go-cty/cty"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Config is a whole file.
type Config struct {
	Listen  string   `hcl:"listen,optional"`
	Ledger  string   `hcl:"ledger,optional"`
	Webhook string   `hcl:"webhook,optional"`
	Nats    string   `hcl:"nats,optional"`
	Topic   *Topic   `hcl:"pubsub,block"`
	Gates   []Gate   `hcl:"gate,block"`
	Routes  []Route  `hcl:"route,block"`
	Extra   hcl.Body `hcl:",remain"`
}

// Topic is a Pub/Sub topic that gets the events.
type Topic struct {
	Project string `hcl:"project"`
	Name    string `hcl:"topic"`
}

// Gate is a rule that a release must pass.
type Gate struct {
	Name    string `hcl:"name,label"`
	When    string `hcl:"when"`
	Message string `hcl:"message,optional"`
}

// Route is a copy that is made again and again.
type Route struct {
	Name   string `hcl:"name,label"`
	From   string `hcl:"from"`
	To     string `hcl:"to"`
	Every  string `hcl:"every,optional"`
	Mirror bool   `hcl:"mirror,optional"`
}

// Interval parses `every`; five minutes when it is not given.
func (r Route) Interval() (time.Duration, error) {
	if r.Every == "" {
		return 5 * time.Minute, nil
	}
	d, err := time.ParseDuration(r.Every)
	if err != nil {
		return 0, fault.New(fault.Invalid, "route "+r.Name, err)
	}
	return d, nil
}

// Default is used where no file is given.
func Default() Config {
	return Config{Listen: "127.0.0.1:8080", Ledger: mark.Name + ".db"}
}

// Load reads a file over the defaults.
func Load(path string) (Config, error) {
	config := Default()
	scope := &hcl.EvalContext{Variables: map[string]cty.Value{
		"edition": cty.StringVal(mark.Edition),
		"name":    cty.StringVal(mark.Name),
	}}
	if err := hclsimple.DecodeFile(path, scope, &config); err != nil {
		return Config{}, fault.New(fault.Invalid, "load "+path, err)
	}
	return config, nil
}
