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
	return &cli.Command{
		Name:      "show",
		Usage:     "draw pileup images as PNG files, channels side by side",
		UsageText: "gx show --examples examples@4.tfrecord.gz --out pictures",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "examples", Usage: "`TFRECORD` of tf.Examples", Destination: &plan.Examples},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`FOLDER` of the pictures", Destination: &plan.Folder},
			&cli.IntFlag{Name: "most", Usage: "so many pictures at the most; 0 is no bound", Value: 1000, Destination: &plan.Most},
			&cli.IntFlag{Name: "scale", Usage: "pixels per pixel", Value: plan.Options.Scale, Destination: &plan.Options.Scale},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			if err := errors.Join(missingFlags("examples", plan.Examples, "out", strings.TrimSuffix(plan.Folder, "/"))...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
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
