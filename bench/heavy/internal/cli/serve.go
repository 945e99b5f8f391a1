package cli

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"example.com/harbour/internal/event"
	"example.com/harbour/internal/gate"
	"example.com/harbour/internal/hclconf"
	"example.com/harbour/internal/httpapi"
	"example.com/harbour/internal/kube/client"
	"example.com/harbour/internal/kube/rollout"
	"example.com/harbour/internal/kube/watch"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/release"
	"example.com/harbour/internal/reload"
	"example.com/harbour/internal/schedule"
	"example.com/harbour/internal/server"
	"example.com/harbour/internal/table"
)

func serveCommand(s *settings) *cobra.Command {
	var withCluster bool
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve status and take releases over HTTP; run the configured routes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			config, err := s.config()
			if err != nil {
				return err
			}
			if listen != "" {
				config.Listen = listen
			}
			crew, done, err := s.crew(cmd.Context(), config, withCluster)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			board := watch.NewBoard()
			jobs, stores, err := s.routes(config)
			if err != nil {
				return err
			}
			if withCluster {
				jobs = append(jobs, follow(board, crew))
			}
			if s.configPath != "" {
				jobs = append(jobs, func(ctx context.Context) error { return reload.Watch(ctx, s.configPath, s.check) })
			}
			api := httpapi.API{Ledger: crew.Ledger, Board: board, Crew: crew, Stores: stores}
			return server.Run(cmd.Context(), config.Listen, api.Handler(), jobs...)
		},
	}
	cmd.Flags().BoolVar(&withCluster, "cluster", false, "watch and change the cluster")
	cmd.Flags().StringVar(&listen, "listen", "", "address, instead of the configured one")
	return cmd
}

func (s *settings) routes(config hclconf.Config) ([]server.Job, map[string]string, error) {
	stores := map[string]string{}
	var jobs []server.Job
	for _, route := range config.Routes {
		interval, err := route.Interval()
		if err != nil {
			return nil, nil, err
		}
		stores[route.Name] = route.To
		cargo := manifest.Cargo{From: route.From, To: route.To, Mirror: route.Mirror}
		jobs = append(jobs, func(ctx context.Context) error {
			return schedule.Every(ctx, route.Name, interval, func(ctx context.Context) error {
				_, err := release.Sync(ctx, cargo, s.lanes, s.isDryRun)
				return err
			})
		})
	}
	return jobs, stores, nil
}

// check tells early that a changed configuration can't be used at the next start.
func (s *settings) check() {
	config, err := hclconf.Load(s.configPath)
	if err == nil {
		_, err = gate.New(config.Gates)
	}
	slog.Info("configuration changed; restart to use it", "error", err)
}

func follow(board *watch.Board, crew release.Crew) server.Job {
	return func(ctx context.Context) error {
		return board.Follow(ctx, crew.Cluster, "", func(status rollout.Status) {
			if err := crew.Bus.Publish(ctx, event.New("rollout", status.Name, status)); err != nil {
				slog.WarnContext(ctx, "publish rollout", "error", err)
			}
		})
	}
}

func watchCommand(s *settings) *cobra.Command {
	var namespace string
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Follow the deployments of a cluster",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cluster, err := client.Connect(s.kubeconfig, s.kubeContext)
			if err != nil {
				return err
			}
			err = watch.NewBoard().Follow(cmd.Context(), cluster, namespace, func(status rollout.Status) {
				if err := table.Rollout(cmd.OutOrStdout(), status); err != nil {
					slog.Warn("print", "error", err)
				}
			})
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "", "only this namespace")
	return cmd
}
