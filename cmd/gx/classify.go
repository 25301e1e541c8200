package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func classifyCommand() *cli.Command {
	plan := stage.ClassifyPlan{}
	return &cli.Command{
		Name:      "classify",
		Usage:     "run a network of your own on pileup images",
		UsageText: "gx classify --examples examples@4.tfrecord.gz --model network.onnx --out calls@4.tfrecord.gz",
		Description: "Takes tf.Examples of gx examples or of DeepVariant and writes CallVariantsOutputs, which gx genotype makes into a VCF.\n" +
			"The network is ONNX, or safetensors, of one picture to three probabilities. Shape and channels are held against the files\n" +
			"FILE.example_info.json beside the examples and beside the model (or model.example_info.json there), where they lie.\n" +
			"The models of gx call look at more than pictures: they are used by gx call --model alone.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "examples", Usage: "`TFRECORD` of tf.Examples; NAME@N is a set of N files", Destination: &plan.Examples},
			&cli.StringFlag{Name: "model", Usage: "`NETWORK` of pictures, ONNX or safetensors", Destination: &plan.Model},
			&cli.StringFlag{Name: "scale", Usage: "how bytes of pictures become numbers: centred, (x-128)/128, keras, x/127.5-1, or share, x/255", Value: stage.DefaultScale, Destination: &plan.Scale},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`TFRECORD` to write, in as many files", Destination: &plan.Out},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			errs := missingFlags("examples", plan.Examples, "model", plan.Model, "out", plan.Out)
			if len(errs) == 0 {
				errs = append(errs, plan.Validate())
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			summary, err := stage.Classify(c.Context, env, plan)
			if err != nil {
				return err
			}
			env.Note("%s", summary)
			return nil
		},
	}
}
