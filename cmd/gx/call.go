package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

func callCommand() *cli.Command {
	o := stage.DefaultCallOptions()
	plan := stage.CallPlan{}
	var reads, regions, exclude, haploid cli.StringSlice
	var fractionSNPs, fractionIndels, errorRate float64
	realign := true
	parts := ""
	fractionSNPs, fractionIndels, errorRate = float64(o.MinFractionSNPs), float64(o.MinFractionIndels), float64(o.ErrorRate)
	flags := []cli.Flag{
		&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`, plain or bgzip; its index is made where absent", Destination: &plan.Ref},
		&cli.StringSliceFlag{Name: "reads", Usage: "aligned, sorted, indexed reads of one sample (`BAM`); several files by comma", Destination: &reads},
		&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`VCF` to write; .gz is bgzip with an index beside it, - is standard output", Destination: &plan.Out},
		&cli.StringFlag{Name: "gvcf", Usage: "gVCF to write as well", Destination: &plan.GVCF},
		&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "call only here: chr20, chr20:1,000-2,000 (1-based) or a BED file; several by comma", Destination: &regions},
		&cli.StringSliceFlag{Name: "exclude-regions", Usage: "do not call here; as --regions", Destination: &exclude},
		&cli.StringFlag{Name: "sample", Usage: "the sample's name; default: that of the @RG lines", Destination: &o.Sample},
		&cli.StringFlag{Name: "model", Usage: "what decides on genotypes: counts", Value: o.Model, Destination: &o.Model},
		&cli.StringFlag{Name: "compat", Usage: "keep every quirk of DeepVariant: 1.5 or 1.9", Destination: &o.Compat},
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
		&cli.StringFlag{Name: "multiallelic-mode", Usage: "min or product", Value: o.Mode, Destination: &o.Mode},
		&cli.BoolFlag{Name: "disable-haplotype-resolution", Usage: "leave overlapping calls as they are", Destination: &o.NoResolution},
		&cli.StringSliceFlag{Name: "haploid-contigs", Usage: "contigs of which the sample has one copy, such as chrX,chrY", Destination: &haploid},
		&cli.StringFlag{Name: "par-regions-bed", Usage: "regions of these that are diploid all the same", Destination: &o.PARBed},

		&cli.BoolFlag{Name: "realign-reads", Usage: "set reads anew where several disagree with the reference", Value: true, Destination: &realign},
		&cli.IntFlag{Name: "partition-size", Usage: "bases of a cell", Value: o.CellSize, Destination: &o.CellSize},
		&cli.IntFlag{Name: "max-reads-per-partition", Usage: "most reads of a cell; 0 is no bound", Value: o.MaxReads, Destination: &o.MaxReads},
		&cli.IntFlag{Name: "min-mapping-quality", Usage: "reads below are left out", Value: o.MinMapQ, Destination: &o.MinMapQ},
		&cli.IntFlag{Name: "min-base-quality", Usage: "bases below count nowhere", Value: o.MinBaseQ, Destination: &o.MinBaseQ},
		&cli.IntFlag{Name: "vsc-min-count-snps", Usage: "reads that make a candidate", Value: o.MinCountSNPs, Destination: &o.MinCountSNPs},
		&cli.IntFlag{Name: "vsc-min-count-indels", Usage: "the same for insertions and deletions", Value: o.MinCountIndels, Destination: &o.MinCountIndels},
		&cli.Float64Flag{Name: "vsc-min-fraction-snps", Usage: "share of the reads that makes a candidate", Value: fractionSNPs, Destination: &fractionSNPs},
		&cli.Float64Flag{Name: "vsc-min-fraction-indels", Usage: "the same for insertions and deletions", Value: fractionIndels, Destination: &fractionIndels},
		&cli.BoolFlag{Name: "keep-duplicates", Usage: "use reads marked as duplicates", Destination: &o.KeepDuplicates},
		&cli.BoolFlag{Name: "keep-secondary-alignments", Usage: "use secondary alignments", Destination: &o.KeepSecondary},
		&cli.BoolFlag{Name: "keep-supplementary-alignments", Usage: "use supplementary alignments", Destination: &o.KeepSupplementary},
		&cli.BoolFlag{Name: "keep-improperly-placed", Usage: "use reads whose mate lies on another contig", Destination: &o.KeepMisplaced},
	}
	return &cli.Command{
		Name:      "call",
		Usage:     "call variants: aligned reads to VCF and gVCF",
		UsageText: "gx call --ref ref.fa --reads sample.bam --out sample.vcf.gz [--gvcf sample.g.vcf.gz] [--regions chr20:1-2000000]",
		Description: "Reads are realigned where they disagree with the reference, counted, and every candidate site is given a genotype.\n" +
			"The same input and options give the same bytes for any number of threads and shards.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: append(flags, commonFlags()...),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("%w: unexpected argument %q", app.ErrUsage, c.Args().First())
			}
			plan.Reads = split(reads.Value())
			o.Regions, o.Exclude, o.Haploid = splitRegions(regions.Value()), splitRegions(exclude.Value()), split(haploid.Value())
			o.MinFractionSNPs, o.MinFractionIndels, o.ErrorRate = float32(fractionSNPs), float32(fractionIndels), float32(errorRate)
			o.NoRealign = !realign
			plan.Options = o
			if parts != "" {
				if err := os.MkdirAll(parts, 0o777); err != nil {
					return err
				}
				plan.Parts = strings.TrimSuffix(parts, "/") + "/"
			}
			return runCall(c, plan)
		},
	}
}

func runCall(c *cli.Context, plan stage.CallPlan) error {
	var errs []error
	for _, x := range []struct {
		flag  string
		given bool
	}{{"ref", plan.Ref != ""}, {"reads", len(plan.Reads) > 0}, {"out", plan.Out != ""}} {
		if !x.given {
			errs = append(errs, fmt.Errorf("--%s is missing", x.flag))
		}
	}
	if plan.Shards < 1 {
		errs = append(errs, fmt.Errorf("--shards %d: want 1 or more", plan.Shards))
	}
	errs = append(errs, plan.Options.Validate())
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
	return nil
}
