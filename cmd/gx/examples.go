package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/workflows/stage"
)

const tagsFlag = "parse-sam-aux-fields"

func examplesCommand() *cli.Command {
	o := stage.DefaultCallOptions()
	in := inputFlags{o: &o}
	plan := stage.ExamplesPlan{}
	pictures := newImageFlags()
	var population, haploid cli.StringSlice
	errorRate, timings := float64(o.ErrorRate), false
	training, trio := trainingFlags{plan: &plan}, trioFlags{plan: &plan}
	preset := presetFlag{}
	return &cli.Command{
		Name:  "examples",
		Usage: "make pileup images of candidates, as DeepVariant's networks take them",
		UsageText: "gx examples --ref ref.fa --reads sample.bam --out examples@4.tfrecord.gz [--blocks blocks@4.tfrecord.gz]\n" +
			"gx examples --ref ref.fa --reads sample.bam --truth truth.vcf.gz --confident truth.bed --out examples@4.tfrecord.gz\n" +
			"gx examples --ref ref.fa --reads child.bam --reads-parent1 father.bam --reads-parent2 mother.bam --out examples@4.tfrecord.gz",
		Description: "A name with @N stands for N files, into which the cells go in turn; beside each examples file its .example_info.json.\n" +
			"Under --compat the records are DeepVariant's own. --mode candidate-sweep writes only the positions of candidates.\n" +
			"With --truth the examples are labelled, and only those are written that start where the truth is known.\n" +
			"With parents the pictures have their reads too: parent 1, the sample, parent 2 from top to bottom.",
		Flags: slices.Concat(in.first(), []cli.Flag{
			preset.flag(),
			&cli.StringFlag{Name: "out", Aliases: []string{"o", "examples"}, Usage: "`TFRECORD` of tf.Examples, or of positions in the mode candidate-sweep", Destination: &plan.Out},
			&cli.StringFlag{Name: "candidates", Usage: "`TFRECORD` of the candidates with their reads", Destination: &plan.Candidates},
			&cli.StringFlag{Name: "blocks", Aliases: []string{"gvcf"}, Usage: "`TFRECORD` of reference blocks, for the gVCF", Destination: &plan.Blocks},
			&cli.BoolFlag{Name: "normalize-reads", Usage: "shift indels left before counting", Destination: &plan.Normalize},
			&cli.BoolFlag{Name: "track-ref-reads", Usage: "tell the reads of the reference allele", Destination: &plan.TrackRef},
			&cli.BoolFlag{Name: "phase-reads", Usage: "sort long reads into haplotypes first", Destination: &plan.Phase.Reads},
			&cli.IntFlag{Name: "phase-max-candidates", Usage: "cells of more candidates are not phased", Value: realign.MaxPhaseCandidates, Destination: &plan.Phase.Max},
			&cli.BoolFlag{Name: "reverse-haplotypes", Usage: "haplotype 1 is called 2, and 2 is called 1", Destination: &plan.Phase.Reverse},
			&cli.BoolFlag{Name: "output-phase-info", Usage: "examples tell the haplotypes of alleles", Destination: &plan.Phase.Tell},
			&cli.IntFlag{Name: "max-reads-for-dynamic-bases-per-region", Usage: "mean depth of a cell at most; 0 is no bound", Destination: &plan.MaxDepth},
			&cli.BoolFlag{Name: "keep-legacy-allele-counter-behavior", Usage: "a base of low quality makes its indel count nowhere, as before DeepVariant 1.4", Destination: &plan.Legacy},
			&cli.BoolFlag{Name: "create-complex-alleles", Usage: "what a read shows under a deletion is one allele of the deletion's record; wants --track-ref-reads", Destination: &plan.Complex},
			&cli.BoolFlag{Name: "enable-methylation-calling", Usage: "tell of each allele how many reads are methylated (5mC, tags MM and ML), and make candidates of methylated positions", Destination: &plan.Methylation},
			&cli.Float64Flag{Name: "methylation-calling-threshold", Usage: "probability above which a base is methylated", DefaultText: "0.5", Destination: &plan.Threshold},
			&cli.Float64Flag{Name: "training-random-emit-ref-sites", Usage: "share of the positions without a candidate that become one, too", Destination: &plan.RefSites},
			&cli.StringFlag{Name: "candidate-positions", Usage: "`FILE` of the mode candidate-sweep, by which partitions are cut to equal work (with --compat); NAME@N for N files", Destination: &plan.Positions},
			&cli.StringSliceFlag{Name: "population-vcfs", Usage: "`VCF` of the frequencies of alleles in a population (INFO/AF), packed by bgzip and indexed; several by comma", Destination: &population},
			&cli.IntFlag{Name: "gvcf-gq-binsize", Usage: "width of the GQ bins of blocks", Value: o.GQBin, Destination: &o.GQBin},
			&cli.BoolFlag{Name: "include-med-dp", Usage: "tell the median depth of blocks", Destination: &o.MedDP},
			&cli.Float64Flag{Name: "p-error", Usage: "error rate of a base, for blocks", Value: errorRate, Destination: &errorRate},
			&cli.StringSliceFlag{Name: "haploid-contigs", Usage: "contigs of which the sample has one copy, such as chrX,chrY, for blocks", Destination: &haploid},
			&cli.StringFlag{Name: "par-regions-bed", Usage: "regions of these that are diploid all the same", Destination: &o.PARBed},
			&cli.BoolFlag{Name: tagsFlag, Usage: "read tags of reads (HP, OQ, MM, ML) where something asks for them; =false: never", DefaultText: "true"},
			&cli.BoolFlag{Name: "write-run-info", Usage: "beside each file of examples, how many there are of each kind and how candidates and truth went together", Destination: &plan.RunInfo},
			&cli.StringFlag{Name: "runtime-by-region", Usage: "`TSV` of the time that each stretch took", Destination: &plan.Runtimes},
			&cli.BoolFlag{Name: "timings", Usage: "tell at the end what took how long", Destination: &timings},
		}, pictures.flags(), training.flags(), trio.flags(), in.rest(), refused(), commonFlags()),
		Action: func(c *cli.Context) error {
			if err := preset.apply(c); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			in.apply()
			o.Haploid, o.ErrorRate = split(haploid.Value()), float32(errorRate)
			plan.Ref, plan.Reads, plan.Options, plan.Population = in.ref, in.paths, o, split(population.Value())
			plan.NoTags = c.IsSet(tagsFlag) && !c.Bool(tagsFlag)
			errs := missingFlags("ref", plan.Ref, "reads", strings.Join(plan.Reads, ","), "out", plan.Out)
			var err error
			plan.Image, plan.Sequencing, err = pictures.apply(o.Compat, o.MinMapQ, o.MinBaseQ)
			errs = append(errs, err, refusals(c), training.apply(), trio.apply(c))
			errs = append(errs, plan.Validate())
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
			if timings {
				env.Note("busy on %d threads: %s", env.Threads, &summary.Spent)
			}
			return nil
		},
	}
}
