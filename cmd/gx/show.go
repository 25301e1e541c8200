package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/pileup/show"
	"github.com/gx-genomics/gx/workflows/stage"
)

func showCommand() *cli.Command {
	plan := stage.ShowPlan{Options: show.Defaults()}
	var regions cli.StringSlice
	return &cli.Command{
		Name:      "show",
		Usage:     "draw pileup images as PNG files, to see why a call was made",
		UsageText: "gx show --examples examples@4.tfrecord.gz --out pictures [--regions chr20:10,001,436] [--calls calls@4.tfrecord.gz]",
		Description: "A picture has the channels side by side, each with a legend, the reference on top and a read in each row below, and an arrow at the site.\n" +
			"Its caption tells the site, the alleles and their reads, the true number of copies of labelled examples, and with --calls what was decided.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "examples", Usage: "`TFRECORD` of tf.Examples", Destination: &plan.Examples},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`FOLDER` of the pictures", Destination: &plan.Folder},
			&cli.StringFlag{Name: "calls", Usage: "`TFRECORD` of CallVariantsOutput: what was decided about the examples", Destination: &plan.Calls},
			&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "only here: chr20:10,001,436 or chr20:1,000-2,000 (1-based); several by comma", Destination: &regions},
			&cli.IntFlag{Name: "most", Usage: "so many pictures at the most; 0 is no bound", Value: 1000, Destination: &plan.Most},
			&cli.IntFlag{Name: "scale", Usage: "points per pixel", Value: plan.Options.Scale, Destination: &plan.Options.Scale},
			&cli.IntFlag{Name: "per-row", Usage: "channels side by side; 0 for all", Value: plan.Options.PerRow, Destination: &plan.Options.PerRow},
			&cli.BoolFlag{Name: "whole", Usage: "draw the empty rows below the reads, too", Destination: &plan.Options.Whole},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			if err := errors.Join(missingFlags("examples", plan.Examples, "out", strings.TrimSuffix(plan.Folder, "/"))...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Regions = splitRegions(regions.Value())
			if err := os.MkdirAll(plan.Folder, 0o777); err != nil {
				return err
			}
			env, end := newEnv(c)
			defer end()
			n, err := stage.Show(c.Context, env, plan)
			if err == nil {
				env.Note("%d pictures in %s", n, plan.Folder)
			}
			return err
		},
	}
}
