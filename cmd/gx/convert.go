package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func convertCommand() *cli.Command {
	var plan stage.ConvertPlan
	return &cli.Command{
		Name:      "convert",
		Usage:     "write genotypes in another format",
		UsageText: "gx convert --genotypes cohort.bgen --out cohort.pgen",
		Description: "Reads .bed, .pgen, .bgen, .vcf, .vcf.gz and .bcf; writes .bed (hard calls) and .pgen (with dosages),\n" +
			"and the tables of variants and samples beside them.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "genotypes", Usage: "`FILE` to read", Destination: &plan.In},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`FILE` to write, .bed or .pgen", Destination: &plan.Out},
			&cli.BoolFlag{Name: "ref-first", Usage: "the first allele of .bim and BGEN is the reference", Destination: &plan.Open.RefFirst},
			&cli.Float64Flag{Name: "hard-call-threshold", Usage: "a dosage so far from a whole number is a missing call", Value: 0.1, Destination: &plan.Write.HardCall},
			&cli.StringFlag{Name: "keep", Usage: "`LIST` of people to write", Destination: &plan.Keep},
			&cli.StringFlag{Name: "remove", Usage: "`LIST` of people to leave out", Destination: &plan.Remove},
		}, variantFlags(&plan.Choice), commonFlags()),
		Action: func(c *cli.Context) error {
			if err := errors.Join(missingFlags("genotypes", plan.In, "out", plan.Out)...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Choice.Regions = splitRegions(c.StringSlice("regions"))
			env, end := newEnv(c)
			defer end()
			text, err := stage.Convert(c.Context, env, plan)
			if err == nil {
				env.Note("%s", text)
			}
			return err
		},
	}
}

// variantFlags are those that choose variants of genotypes.
func variantFlags(choice *stage.VariantChoice) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "extract", Usage: "`LIST` of variants to read, one a line: IDs or CHROM:POS:REF:ALT", Destination: &choice.Extract},
		&cli.StringFlag{Name: "exclude", Usage: "`LIST` of variants to leave out", Destination: &choice.Exclude},
		&cli.StringSliceFlag{Name: "regions", Usage: "places of variants to read: CHROM or CHROM:FROM-TO"},
	}
}
