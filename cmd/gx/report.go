package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func reportCommand() *cli.Command {
	p := stage.DefaultReportPlan()
	var traits cli.StringSlice
	return &cli.Command{
		Name:      "report",
		Usage:     "one page of HTML of calls, associations or a run",
		ArgsUsage: "X.vcf.gz|RESULTS ...",
		UsageText: "gx report sample.vcf.gz --out sample.html\ngx report result --out result.html --json result.report.json\ngx report work/manifest.json --out run.html",
		Description: "Calls: VCF, gVCF or BCF. RESULTS: the prefix of gx gwas, a folder that has one, or tables of regenie's, plink2's or GWAS-SSF's\n" +
			"columns. A .json is the manifest of gx run. The page needs no network and has no script.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "the page, `FILE`.html; - for standard output", Destination: &p.Out},
			&cli.StringFlag{Name: "json", Usage: "the same numbers for machines", Destination: &p.JSON},
			&cli.StringFlag{Name: "multiqc", Usage: "`FOLDER` for MultiQC's custom content", Destination: &p.MultiQC},
			&cli.StringFlag{Name: "title", Usage: "above the page", Destination: &p.Title},
			&cli.StringSliceFlag{Name: "traits", Usage: "these traits only", Destination: &traits},
			&cli.Float64Flag{Name: "hit", Usage: "p below which a variant is a hit", Value: p.Summary.Hit, Destination: &p.Summary.Hit},
			&cli.Float64Flag{Name: "set-hit", Usage: "p below which a set of variants is a hit", Value: p.SetHit, Destination: &p.SetHit},
			&cli.Float64Flag{Name: "suggestive", Usage: "p below which a variant is named where hits are few", Value: p.Summary.Suggestive, Destination: &p.Summary.Suggestive},
			&cli.IntFlag{Name: "window", Usage: "hits no further apart are one locus, in bases", Value: p.Summary.Window, Destination: &p.Summary.Window},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			files, err := interspersed(c)
			if err != nil {
				return err
			}
			p.Results, p.Traits = files, split(traits.Value())
			if p.Out == "" {
				return fmt.Errorf("%w: --out is missing: want the name of the page, FILE.html", app.ErrUsage)
			}
			if err := p.Validate(); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			return stage.MakeReport(c.Context, env, p)
		},
	}
}
