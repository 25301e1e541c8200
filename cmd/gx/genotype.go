package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

func genotypeCommand() *cli.Command {
	o := stage.DefaultGenotypeOptions()
	plan := stage.GenotypePlan{}
	var calls, small, blocks, haploid cli.StringSlice
	group, stats := true, ""
	return &cli.Command{
		Name:      "genotype",
		Usage:     "make VCF and gVCF of classified examples",
		UsageText: "gx genotype --ref ref.fa --calls calls@4.tfrecord.gz --out sample.vcf.gz [--blocks blocks@4.tfrecord.gz --gvcf sample.g.vcf.gz]",
		Description: "Takes what DeepVariant's call_variants wrote, in any order: merges alternate alleles, decides on genotypes,\n" +
			"sets filters, settles overlapping calls and puts reference blocks between them. A name without .gz is plain text.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`, plain or bgzip", Destination: &plan.Ref},
			&cli.StringSliceFlag{Name: "calls", Usage: "`TFRECORD` of CallVariantsOutput; NAME@N is a set of N files, several names by comma", Destination: &calls},
			&cli.StringSliceFlag{Name: "small-model-calls", Usage: "`TFRECORD` of those that a small first model settled", Destination: &small},
			&cli.StringSliceFlag{Name: "blocks", Usage: "`TFRECORD` of reference blocks, for the gVCF", Destination: &blocks},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`VCF` to write; .gz and .bcf have an index beside them, - is standard output", Destination: &plan.Out},
			&cli.StringFlag{Name: "gvcf", Usage: "gVCF to write as well", Destination: &plan.GVCF},
			&cli.StringFlag{Name: "stats", Usage: "statistics of the VCF, in the layout of bcftools stats", Destination: &stats},
			&cli.StringFlag{Name: "sample", Aliases: []string{"sample-name"}, Usage: "the sample's name; default: that of the calls", Destination: &o.Sample},
			&cli.StringFlag{Name: "compat", Usage: "keep every quirk of DeepVariant: 1.5 or 1.9", Destination: &o.Compat},
			&cli.StringFlag{Name: "gvcf-style", Usage: "symbolic allele of blocks: deepvariant (<*>) or gatk (<NON_REF>)", Value: o.GVCFStyle, Destination: &o.GVCFStyle},
			&cli.BoolFlag{Name: "only-keep-pass", Aliases: []string{"only-pass"}, Usage: "write only records that pass to the VCF", Destination: &o.OnlyPass},
			&cli.Float64Flag{Name: "qual-filter", Usage: "LowQual below this QUAL", Value: o.QualFilter, Destination: &o.QualFilter},
			&cli.IntFlag{Name: "cnn-homref-call-min-gq", Usage: "a reference call below this GQ loses its genotype", Value: o.HomRefMinGQ, Destination: &o.HomRefMinGQ},
			&cli.Float64Flag{Name: "multi-allelic-qual-filter", Usage: "one of several alternate alleles goes below this quality", Value: o.AltQual, Destination: &o.AltQual},
			&cli.StringFlag{Name: "debug-output-all-candidates", Usage: "alternate alleles that were left out: INFO lists them, ALT keeps them as alleles", Destination: &o.Candidates},
			&cli.StringFlag{Name: "multiallelic-mode", Usage: "min or product", Value: o.Mode, Destination: &o.Mode},
			&cli.BoolFlag{Name: "disable-haplotype-resolution", Usage: "leave overlapping calls as they are", Destination: &o.NoResolution},
			&cli.BoolFlag{Name: "group-variants", Usage: "examples of one place are one site; =false where each is a variant of a given list", Value: true, Destination: &group},
			&cli.StringFlag{Name: "sex", Usage: "male: X and Y have one copy outside of their pseudoautosomal regions (GRCh37, GRCh38); female: all have two", Destination: &o.Sex},
			&cli.StringSliceFlag{Name: "haploid-contigs", Usage: "contigs of which the sample has one copy, such as chrX,chrY", Destination: &haploid},
			&cli.StringFlag{Name: "par-regions-bed", Aliases: []string{"par-bed"}, Usage: "regions of these that are diploid all the same", Destination: &o.PARBed},
		}, commonFlags()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("%w: unexpected argument %q", app.ErrUsage, c.Args().First())
			}
			plan.Calls, plan.Small, plan.Blocks = split(calls.Value()), split(small.Value()), split(blocks.Value())
			o.Haploid, o.Alone = splitBlank(haploid.Value()), !group
			plan.Options = o
			return runGenotype(c, plan, stats)
		},
	}
}

// splitBlank takes lists apart at commas and white space.
func splitBlank(list []string) []string {
	var out []string
	for _, s := range split(list) {
		out = append(out, strings.Fields(s)...)
	}
	return out
}

func runGenotype(c *cli.Context, plan stage.GenotypePlan, stats string) error {
	errs := missingFlags("ref", plan.Ref, "calls", strings.Join(append(plan.Calls, plan.Small...), ","), "out", plan.Out)
	if (plan.GVCF == "") != (len(plan.Blocks) == 0) {
		errs = append(errs, errors.New("--gvcf and --blocks: want both or none"))
	}
	errs = append(errs, checkStats(plan.Out, stats), plan.Options.Validate())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	env, end := newEnv(c)
	defer end()
	summary, err := stage.Genotype(c.Context, env, plan)
	if err != nil {
		return err
	}
	if plan.Out != object.Standard {
		env.Note("%s: %s", plan.Out, summary)
	}
	return writeStats(c, env, plan.Out, stats)
}
