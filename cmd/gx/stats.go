package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// checkStats: statistics are counted of a file that can be read again.
func checkStats(out, stats string) error {
	if stats != "" && out == object.Standard {
		return fmt.Errorf("--stats %s: the VCF goes to standard output, want a file to count", stats)
	}
	return nil
}

// writeStats writes the statistics of a VCF where they are wanted.
func writeStats(c *cli.Context, env *stage.Env, out, stats string) error {
	if stats == "" {
		return nil
	}
	return stage.WriteStats(c.Context, env, out, stats)
}
