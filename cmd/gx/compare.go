package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func compareCommand() *cli.Command {
	plan := stage.ComparePlan{}
	var queries, regions cli.StringSlice
	return &cli.Command{
		Name:      "compare",
		Usage:     "judge called variants by the truth, haplotype by haplotype",
		UsageText: "gx compare --ref ref.fa --truth truth.vcf.gz --query calls.vcf.gz --confident truth.bed --out result",
		Description: "Different spellings of one haplotype match. Writes OUT.summary.csv (the columns of hap.py), OUT.strata.csv with\n" +
			"intervals, OUT.gq.csv and OUT.vcf.gz, in which every record is marked; with several queries OUT.1.summary.csv and so on.\n" +
			"Prints a table of the records that pass.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`", Destination: &plan.Ref},
			&cli.StringFlag{Name: "truth", Usage: "`VCF` of the true variants", Destination: &plan.Truth},
			&cli.StringSliceFlag{Name: "query", Usage: "`VCF` of the calls; several by comma", Destination: &queries},
			&cli.StringFlag{Name: "confident", Usage: "`BED` of where the truth is known", Destination: &plan.Confident},
			&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "compare only here, as in gx call", Destination: &regions},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &plan.Prefix},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			plan.Queries, plan.Regions = split(queries.Value()), splitRegions(regions.Value())
			errs := missingFlags("ref", plan.Ref, "truth", plan.Truth, "query", strings.Join(plan.Queries, ","), "out", plan.Prefix)
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			results, err := stage.Compare(c.Context, env, plan)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
			for _, line := range stage.CompareTable(results) {
				fmt.Fprintln(w, strings.Join(line, "\t"))
			}
			return w.Flush()
		},
	}
}
