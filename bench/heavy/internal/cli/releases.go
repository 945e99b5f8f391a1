package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"example.com/harbour/internal/chart"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/table"
)

func renderCommand(*settings) *cobra.Command {
	return &cobra.Command{
		Use:   "render MANIFEST",
		Short: "Print the objects of a release",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := readManifest(args[0])
			if err != nil {
				return err
			}
			objects, err := chart.Render(m)
			if err != nil {
				return err
			}
			for _, o := range objects {
				text, err := yaml.Marshal(o)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "---\n%s", text); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func deployCommand(s *settings) *cobra.Command {
	var isOffline bool
	cmd := &cobra.Command{
		Use:   "deploy MANIFEST",
		Short: "Carry a release out",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			m, err := readManifest(args[0])
			if err != nil {
				return err
			}
			config, err := s.config()
			if err != nil {
				return err
			}
			crew, done, err := s.crew(cmd.Context(), config, !isOffline)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			entry, err := crew.Carry(cmd.Context(), m)
			if err != nil {
				return err
			}
			return table.Releases(cmd.OutOrStdout(), []ledger.Entry{entry})
		},
	}
	cmd.Flags().BoolVar(&isOffline, "offline", false, "bring the cargo, leave the cluster alone")
	return cmd
}

func historyCommand(s *settings) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "history [NAME]",
		Short: "Print the ledger",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := s.config()
			if err != nil {
				return err
			}
			book, err := ledger.Open(config.Ledger)
			if err != nil {
				return err
			}
			defer book.Close()
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			entries, err := book.Last(name, limit)
			if err != nil {
				return err
			}
			if s.asJSON {
				return printJSON(cmd.OutOrStdout(), entries)
			}
			return table.Releases(cmd.OutOrStdout(), entries)
		},
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 20, "how many")
	return cmd
}
