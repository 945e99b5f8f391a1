package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"example.com/harbour/internal/blob/opener"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/release"
	"example.com/harbour/internal/table"
)

func listCommand(s *settings) *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use:   "ls STORE",
		Short: "List the objects of a store",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bucket, err := opener.Open(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer bucket.Close()
			objects, err := bucket.List(cmd.Context(), prefix)
			if err != nil {
				return err
			}
			if s.asJSON {
				return printJSON(cmd.OutOrStdout(), objects)
			}
			return table.Objects(cmd.OutOrStdout(), objects)
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "only keys that start so")
	return cmd
}

func copyCommand(s *settings) *cobra.Command {
	var cargo manifest.Cargo
	cmd := &cobra.Command{
		Use:   "cp FROM TO",
		Short: "Bring objects from one store to another",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			cargo.From, cargo.To = args[0], args[1]
			plan, err := release.Sync(cmd.Context(), cargo, s.lanes, s.isDryRun)
			if err != nil {
				return err
			}
			if s.asJSON {
				return printJSON(cmd.OutOrStdout(), plan)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d copied (%d bytes), %d deleted, %d as they were\n", len(plan.Copy), plan.Bytes(), len(plan.Delete), plan.Keep)
			return err
		},
	}
	cmd.Flags().StringVar(&cargo.Prefix, "prefix", "", "only keys that start so")
	cmd.Flags().BoolVar(&cargo.Mirror, "mirror", false, "delete what the source lacks")
	return cmd
}
