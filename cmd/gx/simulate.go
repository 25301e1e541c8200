package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

func simulateCommand() *cli.Command {
	return &cli.Command{
		Name:        "simulate",
		Usage:       "make data whose truth is known",
		Subcommands: []*cli.Command{simulateGenomeCommand(), simulateReadsCommand(), simulateCohortCommand()},
		Action: func(c *cli.Context) error {
			return fmt.Errorf("%w: simulate what? genome, reads or cohort", app.ErrUsage)
		},
	}
}

func simulateGenomeCommand() *cli.Command {
	plan := stage.GenomePlan{Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	t, r := &plan.Truth, &plan.Reference
	var regions cli.StringSlice
	lengths, sex := "", "female"
	return &cli.Command{
		Name:      "genome",
		Usage:     "draw the variants of a sample over a reference, given or made",
		UsageText: "gx simulate genome --length 300000 --out sim\ngx simulate genome --ref ref.fa --seed 7 --out sim",
		Description: "Writes OUT.vcf.gz, the phased truth, and OUT.bed, where it holds; with --length also OUT.fa, the reference.\n" +
			"The same options give the same bytes.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`", Destination: &plan.Ref},
			&cli.StringFlag{Name: "length", Usage: "instead of --ref: make contigs of so many `BASES`, such as 1000000 or chr1:500000,chr2:200000", Destination: &lengths},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &plan.Prefix},
			&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "variants only here, as in gx call", Destination: &regions},
			&cli.StringFlag{Name: "sample", Usage: "name of the sample", Value: "simulated", Destination: &plan.Sample},
			&cli.StringFlag{Name: "sex", Usage: "female or male: copies of X and Y", Value: sex, Destination: &sex},
			&cli.Uint64Flag{Name: "seed", Value: t.Seed, Destination: &t.Seed},
			&cli.Float64Flag{Name: "snp-rate", Usage: "SNPs per base", Value: t.SNP, Destination: &t.SNP},
			&cli.Float64Flag{Name: "indel-rate", Usage: "indels per base, runs and repeats apart", Value: t.Indel, Destination: &t.Indel},
			&cli.IntFlag{Name: "max-indel", Usage: "longest indel, bases", Value: t.MaxIndel, Destination: &t.MaxIndel},
			&cli.Float64Flag{Name: "ti-tv", Usage: "transitions per transversion outside CpG", Value: t.TiTv, Destination: &t.TiTv},
			&cli.Float64Flag{Name: "runs", Usage: "factor on changes of homopolymers", Value: t.Runs, Destination: &t.Runs},
			&cli.Float64Flag{Name: "repeats", Usage: "factor on changes of short tandem repeats", Value: t.Repeats, Destination: &t.Repeats},
			&cli.Float64Flag{Name: "homozygous", Usage: "share of variants on both haplotypes", Value: t.Homozygous, Destination: &t.Homozygous},
			&cli.Float64Flag{Name: "gc", Usage: "share of G and C of a made reference", Value: r.GC, Destination: &r.GC},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			var errs []error
			errs = append(errs, missingFlags("out", plan.Prefix)...)
			if (plan.Ref == "") == (lengths == "") {
				errs = append(errs, errors.New("want either --ref or --length"))
			}
			male, err := isMale(sex)
			errs = append(errs, err, t.Validate())
			if lengths != "" {
				r.Seed = t.Seed
				r.Contigs, err = parseLengths(lengths)
				errs = append(errs, err)
				if err == nil {
					errs = append(errs, r.Validate())
				}
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Male, plan.Regions = male, splitRegions(regions.Value())
			env, end := newEnv(c)
			defer end()
			return stage.SimulateGenome(c.Context, env, plan)
		},
	}
}

func isMale(sex string) (bool, error) {
	if sex != "male" && sex != "female" {
		return false, fmt.Errorf("sex %q: want male or female", sex)
	}
	return sex == "male", nil
}

// parseDepths reads LOW-HIGH.
func parseDepths(text string) (simulate.Depths, error) {
	low, high, _ := strings.Cut(text, "-")
	a, err1 := strconv.ParseFloat(low, 64)
	b, err2 := strconv.ParseFloat(high, 64)
	if err1 != nil || err2 != nil {
		return simulate.Depths{}, fmt.Errorf("depths %q: want two numbers such as 6-100", text)
	}
	return simulate.Depths{Low: a, High: b, Block: 20_000}, nil
}

// parseLengths reads NAME:BASES,... or one number, whose contig is called sim1.
func parseLengths(text string) ([]locus.Contig, error) {
	var list []locus.Contig
	for i, part := range strings.Split(text, ",") {
		name, number, named := strings.Cut(part, ":")
		if !named {
			name, number = fmt.Sprintf("sim%d", i+1), part
		}
		n, err := strconv.Atoi(number)
		if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) || name == "" {
			return nil, fmt.Errorf("contig %q: want a name of letters without blanks", name)
		}
		if err != nil || n < 1000 {
			return nil, fmt.Errorf("length %q: want a number of bases from 1000", part)
		}
		list = append(list, locus.Contig{Name: name, Length: n})
	}
	return list, nil
}

func simulateReadsCommand() *cli.Command {
	plan := stage.ReadsPlan{Reads: simulate.DefaultReads(), Hidden: simulate.DefaultHidden()}
	o := &plan.Reads
	var regions cli.StringSlice
	format, sex, depths := "bam", "female", ""
	return &cli.Command{
		Name:      "reads",
		Usage:     "sequence a sample whose variants are known",
		UsageText: "gx simulate reads --ref sim.fa --truth sim.vcf.gz --depth 30 --out sim",
		Description: "Writes OUT.bam with its index, aligned and sorted, with the mistakes that aligners make; or OUT_1.fq.gz and OUT_2.fq.gz.\n" +
			"The same options give the same bytes for any number of threads.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`", Destination: &plan.Ref},
			&cli.StringFlag{Name: "truth", Usage: "`VCF` of the sample's variants, phased or not", Destination: &plan.Truth},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &plan.Prefix},
			&cli.StringFlag{Name: "format", Usage: "bam, fastq or both", Value: format, Destination: &format},
			&cli.Float64Flag{Name: "depth", Usage: "mean depth, duplicates included", Value: o.Depth, Destination: &o.Depth},
			&cli.StringFlag{Name: "depths", Usage: "instead of --depth: each block of 20,000 bases has its own, `LOW-HIGH`, as often from each octave", Destination: &depths},
			&cli.IntFlag{Name: "length", Usage: "bases of each read of a pair", Value: o.Length, Destination: &o.Length},
			&cli.Uint64Flag{Name: "seed", Value: o.Seed, Destination: &o.Seed},
			&cli.StringFlag{Name: "sample", Usage: "name of the sample", Value: "simulated", Destination: &plan.Sample},
			&cli.StringFlag{Name: "sex", Usage: "female or male: copies of X and Y", Value: sex, Destination: &sex},
			&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "fragments begin only here", Destination: &regions},
			&cli.StringFlag{Name: "targets", Usage: "`BED` of what a capture keeps (exome)", Destination: &plan.Targets},
			&cli.Float64Flag{Name: "off-target", Usage: "depth away from targets, relative to that on them", Value: o.OffTarget, Destination: &o.OffTarget},
			&cli.StringFlag{Name: "profile", Usage: "`FOLDER` of measured tables, instead of the built-in profile", Destination: &plan.Profile},
			&cli.StringFlag{Name: "profile-name", Usage: "which of the folder's profiles", Destination: &plan.Name},
			&cli.Float64Flag{Name: "dispersion", Usage: "variance of the local depth over its square", Value: o.Dispersion, Destination: &o.Dispersion},
			&cli.Float64Flag{Name: "duplicates", Usage: "share of duplicates; below 0: the profile's", Value: o.Duplicates, Destination: &o.Duplicates},
			&cli.Float64Flag{Name: "slippage", Usage: "factor on slips of the polymerase (PCR)", Value: o.Slippage, Destination: &o.Slippage},
			&cli.IntFlag{Name: "templates", Usage: "molecules of each haplotype that were amplified: their fragments share slips; 0: each is one of its own", Destination: &o.Templates},
			&cli.Float64Flag{Name: "run-errors", Usage: "factor on the profile's errors in homopolymers", Value: o.RunErrors, Destination: &o.RunErrors},
			&cli.Float64Flag{Name: "slip-spread", Usage: "how much both change from place to place: standard deviation of their logarithms", Value: o.Spread, Destination: &o.Spread},
			&cli.Float64Flag{Name: "chimeras", Usage: "share of chimeric reads", Value: o.Chimeras, Destination: &o.Chimeras},
			&cli.Float64Flag{Name: "hot-spots", Usage: "share of contexts that are misread often", Value: o.HotSpots, Destination: &o.HotSpots},
			&cli.Float64Flag{Name: "hidden-copies", Usage: "FASTQ: diverged copies of 1.5-8 kb per Mb that the reference lacks", Destination: &plan.Hidden.PerMb},
			&cli.StringFlag{Name: "contaminant", Usage: "`VCF` of a second sample in the library", Destination: &plan.Contam},
			&cli.Float64Flag{Name: "contamination", Usage: "its share", Destination: &plan.ContamBy},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			male, err := isMale(sex)
			errs := []error{err}
			if depths != "" {
				o.Depths, err = parseDepths(depths)
				errs = append(errs, err)
			}
			errs = append(errs, o.Validate(), plan.Hidden.Validate())
			if depths != "" && c.IsSet("depth") {
				errs = append(errs, errors.New("want either --depth or --depths"))
			}
			if plan.Hidden.PerMb > 0 && format != "fastq" {
				errs = append(errs, errors.New("--hidden-copies: want --format fastq, copies that the reference lacks have no place in a BAM"))
			}
			plan.Hidden.Seed = o.Seed
			if plan.Ref == "" {
				errs = append(errs, errors.New("--ref is missing"))
			}
			errs = append(errs, missingFlags("out", plan.Prefix)...)
			if format != "bam" && format != "fastq" && format != "both" {
				errs = append(errs, fmt.Errorf("format %q: want bam, fastq or both", format))
			}
			if (plan.Contam == "") != (plan.ContamBy == 0) || plan.ContamBy < 0 || plan.ContamBy >= 1 {
				errs = append(errs, errors.New("contamination: want --contaminant and its --contamination together, from 0 to 1"))
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Male, plan.Regions = male, splitRegions(regions.Value())
			plan.BAM, plan.FASTQ = format != "fastq", format != "bam"
			env, end := newEnv(c)
			defer end()
			leftOut, err := stage.SimulateReads(c.Context, env, plan)
			if err == nil && leftOut > 0 {
				err = fmt.Errorf("%d records of the truth were left out: %w", leftOut, app.ErrSkipped)
			}
			return err
		},
	}
}
