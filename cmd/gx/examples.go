package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/workflows/stage"
)

func examplesCommand() *cli.Command {
	o := stage.DefaultCallOptions()
	in := inputFlags{o: &o}
	plan := stage.ExamplesPlan{}
	img := image.Defaults(image.V19)
	channels, alt, altTypes := "", "none", "indels"
	training := trainingFlags{plan: &plan}
	preset := presetFlag{}
	return &cli.Command{
		Name:  "examples",
		Usage: "make pileup images of candidates, as DeepVariant's networks take them",
		UsageText: "gx examples --ref ref.fa --reads sample.bam --out examples@4.tfrecord.gz [--blocks blocks@4.tfrecord.gz]\n" +
			"gx examples --ref ref.fa --reads sample.bam --truth truth.vcf.gz --confident truth.bed --out examples@4.tfrecord.gz",
		Description: "A name with @N stands for N files, into which the cells go in turn; beside each examples file its .example_info.json.\n" +
			"Under --compat the records are DeepVariant's own. --mode candidate-sweep writes only the positions of candidates.\n" +
			"With --truth the examples are labelled, and only those are written that start where the truth is known.",
		Flags: slices.Concat(in.first(), []cli.Flag{
			preset.flag(),
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`TFRECORD` of tf.Examples, or of positions in the mode candidate-sweep", Destination: &plan.Out},
			&cli.StringFlag{Name: "candidates", Usage: "`TFRECORD` of the candidates with their reads", Destination: &plan.Candidates},
			&cli.StringFlag{Name: "blocks", Usage: "`TFRECORD` of reference blocks, for the gVCF", Destination: &plan.Blocks},
			&cli.StringFlag{Name: "channels", Usage: "channels by comma; BASE_CHANNELS stands for the first six; default: those and insert_size, without it for 1.5", Destination: &channels},
			&cli.IntFlag{Name: "pileup-image-width", Value: img.Width, Destination: &img.Width},
			&cli.IntFlag{Name: "pileup-image-height", Value: img.Height, Destination: &img.Height},
			&cli.IntFlag{Name: "read-overlap-buffer-bp", Usage: "reads that come so near to a candidate are drawn", Value: img.Buffer, Destination: &img.Buffer},
			&cli.StringFlag{Name: "alt-aligned-pileup", Usage: "none, rows, base_channels or diff_channels", Value: alt, Destination: &alt},
			&cli.StringFlag{Name: "types-to-alt-align", Usage: "indels or all", Value: altTypes, Destination: &altTypes},
			&cli.BoolFlag{Name: "sort-by-haplotypes", Usage: "sort rows by the HP tag", Destination: &img.SortByHaplotypes},
			&cli.BoolFlag{Name: "add-supporting-other-alt-color", Destination: &img.OtherAltColor},
			&cli.BoolFlag{Name: "normalize-reads", Usage: "shift indels left before counting", Destination: &plan.Normalize},
			&cli.BoolFlag{Name: "track-ref-reads", Usage: "tell the reads of the reference allele", Destination: &plan.TrackRef},
			&cli.BoolFlag{Name: "phase-reads", Usage: "sort long reads into haplotypes first", Destination: &plan.Phase},
			&cli.BoolFlag{Name: "output-phase-info", Usage: "examples tell the haplotypes of alleles", Destination: &plan.TellPhase},
			&cli.BoolFlag{Name: "trim-reads-for-pileup", Usage: "draw of long reads only what lies in the window", Destination: &img.TrimReads},
			&cli.IntFlag{Name: "max-reads-for-dynamic-bases-per-region", Usage: "mean depth of a cell at most; 0 is no bound", Destination: &plan.MaxDepth},
			&cli.BoolFlag{Name: "keep-legacy-allele-counter-behavior", Destination: &plan.Legacy},
			&cli.IntFlag{Name: "gvcf-gq-binsize", Usage: "width of the GQ bins of blocks", Value: o.GQBin, Destination: &o.GQBin},
			&cli.BoolFlag{Name: "include-med-dp", Usage: "tell the median depth of blocks", Destination: &o.MedDP},
		}, training.flags(), in.rest(), commonFlags()),
		Action: func(c *cli.Context) error {
			if err := preset.apply(c); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			in.apply()
			img.MinMapQ, img.MinBaseQ = o.MinMapQ, o.MinBaseQ
			plan.Ref, plan.Reads, plan.Options = in.ref, in.paths, o
			errs := missingFlags("ref", plan.Ref, "reads", strings.Join(plan.Reads, ","), "out", plan.Out)
			var err error
			plan.Image, err = stage.ImageOptions(img, o.Compat, channels, alt, altTypes)
			errs = append(errs, err, training.apply(), plan.Validate())
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			summary, err := stage.Examples(c.Context, env, plan)
			if err != nil {
				return err
			}
			env.Note("%s", summary)
			return nil
		},
	}
}
