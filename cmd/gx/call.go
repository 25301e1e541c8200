package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

func callCommand() *cli.Command {
	o := stage.DefaultCallOptions()
	plan := stage.CallPlan{}
	var haploid cli.StringSlice
	parts, stats, errorRate := "", "", float64(o.ErrorRate)
	in := inputFlags{o: &o}
	flags := []cli.Flag{
		&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`VCF` to write; .gz is bgzip with an index beside it, - is standard output", Destination: &plan.Out},
		&cli.StringFlag{Name: "gvcf", Usage: "gVCF to write as well", Destination: &plan.GVCF},
		&cli.StringFlag{Name: "stats", Usage: "statistics of the VCF, in the layout of bcftools stats", Destination: &stats},
		&cli.StringFlag{Name: "model", Usage: "what decides on genotypes: counts, wgs, wes (networks for genomes and exomes; docs/model), or a file that gx train wrote", Value: o.Model, Destination: &o.Model},
		&cli.IntFlag{Name: "shards", Usage: "store the work in so many parts, so that a killed run goes on where it was", Value: 1, Destination: &plan.Shards},
		&cli.StringFlag{Name: "resume", Usage: "`FOLDER` for the parts; default: beside the output", Destination: &parts},

		&cli.StringFlag{Name: "gvcf-style", Usage: "symbolic allele of blocks: deepvariant (<*>) or gatk (<NON_REF>)", Value: o.GVCFStyle, Destination: &o.GVCFStyle},
		&cli.IntFlag{Name: "gvcf-gq-binsize", Usage: "width of the GQ bins that blocks are made of", Value: o.GQBin, Destination: &o.GQBin},
		&cli.BoolFlag{Name: "include-med-dp", Usage: "tell the median depth of blocks", Destination: &o.MedDP},
		&cli.Float64Flag{Name: "p-error", Usage: "error rate of a base, for reference blocks", Value: errorRate, Destination: &errorRate},
		&cli.BoolFlag{Name: "only-keep-pass", Usage: "write only records that pass to the VCF", Destination: &o.OnlyPass},
		&cli.Float64Flag{Name: "qual-filter", Usage: "LowQual below this QUAL", Value: o.QualFilter, Destination: &o.QualFilter},
		&cli.IntFlag{Name: "cnn-homref-call-min-gq", Usage: "a reference call below this GQ loses its genotype", Value: o.HomRefMinGQ, Destination: &o.HomRefMinGQ},
		&cli.Float64Flag{Name: "multi-allelic-qual-filter", Usage: "one of several alternate alleles goes below this quality", Value: o.AltQual, Destination: &o.AltQual},
		&cli.StringFlag{Name: "debug-output-all-candidates", Usage: "alternate alleles that were left out: INFO lists them, ALT keeps them as alleles", Destination: &o.Candidates},
		&cli.StringFlag{Name: "multiallelic-mode", Usage: "min or product", Value: o.Mode, Destination: &o.Mode},
		&cli.BoolFlag{Name: "disable-haplotype-resolution", Usage: "leave overlapping calls as they are", Destination: &o.NoResolution},
		&cli.StringFlag{Name: "sex", Usage: "male: X and Y have one copy outside of their pseudoautosomal regions (GRCh37, GRCh38); female: all have two", Destination: &o.Sex},
		&cli.StringSliceFlag{Name: "haploid-contigs", Usage: "contigs of which the sample has one copy, such as chrX,chrY", Destination: &haploid},
		&cli.StringFlag{Name: "par-regions-bed", Usage: "regions of these that are diploid all the same", Destination: &o.PARBed},
	}
	return &cli.Command{
		Name:      "call",
		Usage:     "call variants: aligned reads to VCF and gVCF",
		UsageText: "gx call --ref ref.fa --reads sample.bam --out sample.vcf.gz [--gvcf sample.g.vcf.gz] [--regions chr20:1-2000000]",
		Description: "Reads are realigned where they disagree with the reference, counted, and every candidate site is given a genotype.\n" +
			"The same input and options give the same bytes for any number of threads and shards.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: slices.Concat(in.first(), flags, in.rest(), commonFlags()),
		Action: func(c *cli.Context) error {
			in.apply()
			plan.Ref, plan.Reads = in.ref, in.paths
			o.Haploid, o.ErrorRate = split(haploid.Value()), float32(errorRate)
			plan.Options = o
			if parts != "" {
				if err := os.MkdirAll(parts, 0o777); err != nil {
					return err
				}
				plan.Parts = strings.TrimSuffix(parts, "/") + "/"
			}
			return runCall(c, plan, stats)
		},
	}
}

func runCall(c *cli.Context, plan stage.CallPlan, stats string) error {
	errs := missingFlags("ref", plan.Ref, "reads", strings.Join(plan.Reads, ","), "out", plan.Out)
	if plan.Shards < 1 {
		errs = append(errs, fmt.Errorf("--shards %d: want 1 or more", plan.Shards))
	}
	errs = append(errs, checkStats(plan.Out, stats), plan.Options.Validate())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	env, end := newEnv(c)
	defer end()
	summary, err := stage.Call(c.Context, env, plan)
	if err != nil {
		return err
	}
	if plan.Out != object.Standard {
		env.Note("%s: %s", plan.Out, summary)
	}
	return writeStats(c, env, plan.Out, stats)
}
