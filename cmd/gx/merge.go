package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

func mergeCommand() *cli.Command {
	plan := stage.MergePlan{Options: stage.DefaultMergeOptions()}
	o := &plan.Options
	stats := ""
	return &cli.Command{
		Name:      "merge",
		Usage:     "join the gVCFs of many samples into one VCF",
		UsageText: "gx merge --out cohort.vcf.gz a.g.vcf.gz b.g.vcf.gz ...",
		Description: "Alleles get common numbers, likelihoods are put in their order, and where a sample has no call its reference blocks tell\n" +
			"0/0 from what was not looked at. Columns are sorted by sample. The order of files changes nothing.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`VCF` to write; .gz and .bcf have an index beside them, - is standard output", Destination: &plan.Out},
			&cli.StringFlag{Name: "stats", Usage: "statistics of the VCF, in the layout of bcftools stats", Destination: &stats},
			&cli.IntFlag{Name: "min-allele-qual", Usage: "an alternate allele needs this Phred quality in some sample", Value: o.MinAlleleQual, Destination: &o.MinAlleleQual},
			&cli.IntFlag{Name: "max-alleles-per-site", Usage: "most alternate alleles of a site; those that more samples carry stay", Value: o.MaxAlts, Destination: &o.MaxAlts},
			&cli.BoolFlag{Name: "only-keep-pass", Usage: "write only sites that pass in some sample that carries them", Destination: &o.OnlyPass},
			&cli.BoolFlag{Name: "ids", Usage: "chrom:pos:ref:alt as ID", Destination: &o.IDs},
		}, commonFlags()),
		Action: func(c *cli.Context) error {
			var err error
			if plan.Inputs, err = interspersed(c); err != nil {
				return err
			}
			errs := append(missingFlags("out", plan.Out), checkStats(plan.Out, stats), o.Validate())
			if len(plan.Inputs) == 0 {
				errs = append(errs, errors.New("no gVCF is given"))
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			summary, err := stage.Merge(c.Context, env, plan)
			if err != nil {
				return err
			}
			if plan.Out != object.Standard {
				env.Note("%s: %s", plan.Out, summary)
			}
			return writeStats(c, env, plan.Out, stats)
		},
	}
}
