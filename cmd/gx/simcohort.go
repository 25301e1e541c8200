package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

func simulateCohortCommand() *cli.Command {
	plan := stage.CohortPlan{Options: simulate.Defaults()}
	o := &plan.Options
	scenario, format := string(simulate.Smooth), "bed"
	heritability := -1.0
	return &cli.Command{
		Name:      "cohort",
		Usage:     "draw genotypes, covariates and traits of a cohort",
		UsageText: "gx simulate cohort --samples 10000 --variants 1000 --scenario A --out cohort",
		Description: "Writes OUT.bed (.bim, .fam) or OUT.pgen, OUT.tsv with the traits y (quantitative) and b (binary) and eight covariates,\n" +
			"and OUT.causal.tsv. Scenarios of the covariates' effect: LIN, A (smooth), B (thresholds), WEAK, NULL (no genetics).",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &plan.Prefix},
			&cli.StringFlag{Name: "format", Usage: "bed or pgen", Value: format, Destination: &format},
			&cli.IntFlag{Name: "samples", Value: o.Samples, Destination: &o.Samples},
			&cli.IntFlag{Name: "variants", Value: o.Variants, Destination: &o.Variants},
			&cli.IntFlag{Name: "causal", Usage: "variants behind each trait", Value: o.Causal, Destination: &o.Causal},
			&cli.StringFlag{Name: "scenario", Value: scenario, Destination: &scenario},
			&cli.Float64Flag{Name: "heritability", Usage: "below 0: that of the scenario", Value: heritability, Destination: &heritability},
			&cli.IntFlag{Name: "ld-block", Usage: "variants of a block of linkage; 1 for none", Value: o.Block, Destination: &o.Block},
			&cli.IntFlag{Name: "populations", Value: o.Populations, Destination: &o.Populations},
			&cli.Float64Flag{Name: "fst", Usage: "of each population", Value: o.FST, Destination: &o.FST},
			&cli.Float64Flag{Name: "families", Usage: "share of samples in families", Value: o.Families, Destination: &o.Families},
			&cli.Float64Flag{Name: "missing", Usage: "share of genotypes that are missing", Value: o.Missing, Destination: &o.Missing},
			&cli.Uint64Flag{Name: "seed", Value: o.Seed, Destination: &o.Seed},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			for i := range o.Traits {
				o.Traits[i].Scenario, o.Traits[i].Heritability = simulate.Scenario(strings.ToUpper(scenario)), heritability
			}
			errs := append(missingFlags("out", plan.Prefix), o.Validate())
			if format != "bed" && format != "pgen" {
				errs = append(errs, fmt.Errorf("format %q: want bed or pgen", format))
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Out = plan.Prefix + "." + format
			env, end := newEnv(c)
			defer end()
			return stage.SimulateCohort(c.Context, env, plan)
		},
	}
}
