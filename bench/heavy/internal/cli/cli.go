// Package cli is harbour's command line.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/event/logbus"
	"example.com/harbour/internal/event/natsbus"
	"example.com/harbour/internal/event/pubsubbus"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/gate"
	"example.com/harbour/internal/hclconf"
	"example.com/harbour/internal/kube/client"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/logging"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/notify"
	"example.com/harbour/internal/release"
	"example.com/harbour/internal/tracing"
)

type settings struct {
	configPath, kubeconfig, kubeContext, logFormat, logLevel string
	lanes                                                    int
	isDryRun, asJSON                                         bool
}

// New makes the root command.
func New(version string) *cobra.Command {
	s := &settings{}
	var stopTracing func(context.Context) error
	root := &cobra.Command{
		Use:           mark.Name,
		Short:         "Brings releases from where they are built to where they run",
		Version:       version + " (" + mark.Edition + ")",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := logging.Setup(cmd.ErrOrStderr(), s.logFormat, s.logLevel); err != nil {
				return err
			}
			var err error
			stopTracing, err = tracing.Setup(cmd.Context())
			return err
		},
		PersistentPostRunE: func(cmd *cobra.Command, _ []string) error {
			return stopTracing(context.WithoutCancel(cmd.Context()))
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&s.configPath, "config", "", "configuration file (HCL)")
	flags.StringVar(&s.kubeconfig, "kubeconfig", "", "kubeconfig file")
	flags.StringVar(&s.kubeContext, "context", "", "context of the kubeconfig")
	flags.StringVar(&s.logFormat, "log-format", "text", "text or json")
	flags.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
	flags.IntVar(&s.lanes, "lanes", 4, "copies at once")
	flags.BoolVar(&s.isDryRun, "dry-run", false, "say what would be done")
	flags.BoolVar(&s.asJSON, "json", false, "print JSON")
	root.AddCommand(serveCommand(s), listCommand(s), copyCommand(s), renderCommand(s), deployCommand(s), historyCommand(s), watchCommand(s))
	return root
}

func (s *settings) config() (hclconf.Config, error) {
	if s.configPath == "" {
		return hclconf.Default(), nil
	}
	return hclconf.Load(s.configPath)
}

// crew opens all that a release needs; the caller calls `done`.
func (s *settings) crew(ctx context.Context, config hclconf.Config, withCluster bool) (crew release.Crew, done func() error, err error) {
	gates, err := gate.New(config.Gates)
	if err != nil {
		return release.Crew{}, nil, err
	}
	bus, err := openBus(ctx, config)
	if err != nil {
		return release.Crew{}, nil, err
	}
	book, err := ledger.Open(config.Ledger)
	if err != nil {
		return release.Crew{}, nil, errors.Join(err, bus.Close())
	}
	crew = release.Crew{Gates: gates, Ledger: book, Bus: bus, IsDryRun: s.isDryRun, Lanes: s.lanes}
	done = func() error { return errors.Join(book.Close(), bus.Close()) }
	if withCluster {
		if crew.Cluster, err = client.Connect(s.kubeconfig, s.kubeContext); err != nil {
			return release.Crew{}, nil, errors.Join(err, done())
		}
	}
	return crew, done, nil
}

func openBus(ctx context.Context, config hclconf.Config) (event.Bus, error) {
	buses := []event.Bus{logbus.Bus{}}
	if config.Webhook != "" {
		buses = append(buses, notify.New(config.Webhook))
	}
	if config.Nats != "" {
		bus, err := natsbus.Open(config.Nats)
		if err != nil {
			return nil, err
		}
		buses = append(buses, bus)
	}
	if config.Topic != nil {
		bus, err := pubsubbus.Open(ctx, config.Topic.Project, config.Topic.Name)
		if err != nil {
			return nil, err
		}
		buses = append(buses, bus)
	}
	return event.Several(buses...), nil
}

func readManifest(path string) (manifest.Release, error) {
	f, err := os.Open(path)
	if err != nil {
		return manifest.Release{}, fault.New(fault.NotFound, "open "+path, err)
	}
	defer f.Close()
	return manifest.Read(f)
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
