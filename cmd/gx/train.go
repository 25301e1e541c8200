package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/variant/train"
	"github.com/gx-genomics/gx/workflows/stage"
)

func trainCommand() *cli.Command {
	plan := stage.DefaultTrainPlan()
	t := &plan.Train
	one := stage.DefaultTrainSet()
	var reads cli.StringSlice
	sets, cache, coordinator := "", "", ""
	var team stage.TrainTeam
	var wait time.Duration
	return &cli.Command{
		Name:  "train",
		Usage: "train a model for gx call on reads whose truth is known",
		UsageText: "gx train --ref ref.fa --reads sample.bam --truth truth.vcf.gz --confident truth.bed --out model.safetensors\n" +
			"gx train --sets sets.tsv --init wgs --out model.safetensors --workers 4\n" +
			"GX_TRAIN_TOKEN=secret gx train --sets sets.tsv --out model.safetensors --listen :7000\n" +
			"GX_TRAIN_TOKEN=secret gx train --coordinator http://host:7000",
		Description: "Examples are drawn of the candidates of all sets and kept in a cache, packed, for realignment costs more than training. Of every\n" +
			"500,000 bases 50,000 are held out: they tell how well training goes, and decide when it ends, on temperatures and thresholds.\n" +
			"Beside the output lies a checkpoint; a run that was killed goes on there when it is started again, and makes the same bytes. They\n" +
			"do not depend on threads.\n\n" +
			"--sets is a table, tab-separated, with a header: name, ref, reads, truth, confident, or in their place dir, a folder with ref.fa,\n" +
			"reads.bam, truth.vcf.gz and confident.bed; weight, the set's share of the draws; norealign, the share of runs of 10,000 bases whose\n" +
			"reads stay as they were aligned; density, how many times denser than in life its variants are, for which candidates that are none\n" +
			"count so much more. The model is used by gx call --model model.safetensors.\n\n" +
			"With --workers, and --listen where others may join, the gradient of a batch is computed in slices by whoever is there. Workers come, go\n" +
			"and are killed at any moment; a training without any worker waits for one. The bytes are those of a training in one process.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`", Destination: &one.Ref},
			&cli.StringSliceFlag{Name: "reads", Usage: "aligned, sorted, indexed reads of one sample (`BAM`); several files by comma", Destination: &reads},
			&cli.StringFlag{Name: "truth", Usage: "what is true of the sample: `VCF`, bgzip, indexed", Destination: &one.Truth},
			&cli.StringFlag{Name: "confident", Usage: "`BED` of where the truth is known; default: everywhere", Destination: &one.Confident},
			&cli.StringFlag{Name: "sets", Aliases: []string{"set"}, Usage: "`TABLE` of several sets in place of these", Destination: &sets},
			&cli.StringFlag{Name: "examples", Usage: "in place of reads: labelled `TFRECORD` of gx examples or DeepVariant; NAME@N is a set of N files. A network of pictures alone is trained, for gx classify --scale share", Destination: &plan.Examples},
			&cli.StringFlag{Name: "init", Usage: "`MODEL` whose weights training begins with; default: random ones", Destination: &plan.Init},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`MODEL` to write (safetensors)", Destination: &plan.Out},
			&cli.BoolFlag{Name: "frozen", Usage: "write a quarter of the file, without the weights in floats that --init begins with", Destination: &plan.Frozen},
			&cli.StringFlag{Name: "name", Usage: "of the model, for FORMAT/MID", Value: plan.Name, Destination: &plan.Name},
			&cli.StringFlag{Name: "cache", Usage: "`FOLDER` for examples; default: OUT.cache", Destination: &cache},
			&cli.IntFlag{Name: "cache-mb", Usage: "the most that examples may take", Value: plan.CacheMB, Destination: &plan.CacheMB},
			&cli.IntFlag{Name: "steps", Usage: "steps of training", Value: t.Steps, Destination: &t.Steps},
			&cli.IntFlag{Name: "light-steps", Usage: "steps of the small network for each of these", Value: t.Light, Destination: &t.Light},
			&cli.IntFlag{Name: "byte-steps", Usage: "steps at the end that learn to live with bytes", Value: t.Bytes, Destination: &t.Bytes},
			&cli.IntFlag{Name: "batch", Usage: "examples of a step", Value: t.Batch, Destination: &t.Batch},
			&cli.Float64Flag{Name: "rate", Usage: "highest learning rate; it falls to 0 by half a cosine", Value: t.Rate, Destination: &t.Rate},
			&cli.IntFlag{Name: "warm-up", Usage: "steps in which it rises", Value: t.Warm, Destination: &t.Warm},
			&cli.Float64Flag{Name: "decay", Usage: "of weights, per step and rate", Value: t.Decay, Destination: &t.Decay},
			&cli.Float64Flag{Name: "average", Usage: "decay of the average of weights", Value: t.Average, Destination: &t.Average},
			&cli.Float64Flag{Name: "dropout", Usage: "share of pictures that lose some of their reads", Value: t.Dropout, Destination: &t.Dropout},
			&cli.IntFlag{Name: "epoch", Usage: "steps between looks at held-out loci", Value: t.Epoch, Destination: &t.Epoch},
			&cli.IntFlag{Name: "patience", Usage: "epochs without a better loss that end training; 0: never", Value: t.Patience, Destination: &t.Patience},
			&cli.IntFlag{Name: "indels", Usage: "times that an insertion or deletion is drawn for each time that a SNP is", Value: t.Indels, Destination: &t.Indels},
			&cli.IntFlag{Name: "held", Usage: "the most held-out examples of such a look", Value: t.Held, Destination: &t.Held},
			&cli.Uint64Flag{Name: "seed", Value: t.Seed, Destination: &t.Seed},
			&cli.DurationFlag{Name: "checkpoint", Usage: "time between checkpoints", Value: plan.Every, Destination: &plan.Every},
		}, teamFlags(&team, &t.Slices, &coordinator, &wait), commonFlags()),
		Action: func(c *cli.Context) error {
			if coordinator != "" {
				return workFor(c, coordinator, cache, wait)
			}
			if team.Local != 0 || team.Listen != "" {
				if err := startable(&team, c.Int("threads")); err != nil {
					return err
				}
				plan.Team = &team
			}
			one.Reads = split(reads.Value())
			if err := trainInputs(&plan, one, sets); err != nil {
				return err
			}
			if cache == "" {
				cache = plan.Out + ".cache"
			}
			if err := os.MkdirAll(cache, 0o777); err != nil {
				return err
			}
			plan.Cache = strings.TrimSuffix(cache, "/") + "/"
			env, end := newEnvOf(c, "steps", 1)
			defer end()
			result, err := stage.Train(c.Context, env, plan)
			if err != nil {
				return err
			}
			return tellTrained(env, plan.Out, result)
		},
	}
}

// trainInputs checks the flags that name sets, and reads their table.
func trainInputs(plan *stage.TrainPlan, one stage.TrainSet, table string) (err error) {
	errs := missingFlags("out", plan.Out)
	if plan.Examples != "" {
		if table != "" || one.Ref != "" || len(one.Reads) > 0 || one.Truth != "" || one.Confident != "" {
			errs = append(errs, errors.New("want either --examples or reads"))
		}
	} else if table == "" {
		errs = append(errs, missingFlags("ref", one.Ref, "reads", strings.Join(one.Reads, ","), "truth", one.Truth)...)
		plan.Sets = []stage.TrainSet{one}
	} else if one.Ref != "" || len(one.Reads) > 0 || one.Truth != "" || one.Confident != "" {
		errs = append(errs, errors.New("want either --sets or --ref, --reads, --truth and --confident"))
	}
	if len(errs) == 0 && table != "" {
		if plan.Sets, err = stage.ReadTrainSets(table); err != nil {
			return err
		}
	}
	if len(errs) == 0 {
		errs = append(errs, plan.Validate())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	return nil
}

// tellTrained sums a training up.
func tellTrained(env *stage.Env, out string, r *train.Result) error {
	var text strings.Builder
	if r.Model == nil {
		t := r.Floats.Total()
		env.Note("held-out loci, %d examples: %d wrong, loss %.4f", t.N, t.Wrong, t.Mean())
		env.Note("%s: written", out)
		return nil
	}
	if err := r.Then.Write(&text); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		env.Note("  %s", strings.TrimRight(line, "\n"))
	}
	f, t, q, k, b := r.First.Total(), r.Floats.Total(), r.Then.Total(), r.Counts.Total(), r.Blend.Total()
	env.Note("held-out loci, %d examples: the counts model %d wrong, loss %.4f; features alone %d wrong, loss %.4f; with pictures %d, %.4f; in bytes %d, %.4f; all blended %d, %.4f", q.N, k.Wrong, k.Mean(), f.Wrong, f.Mean(), t.Wrong, t.Mean(), q.Wrong, q.Mean(), b.Wrong, b.Mean())
	for i, kind := range []string{"SNPs", "indels"} {
		s := r.Settled[i]
		env.Note("%s: %d of %d are settled by features from quality %v on, %d of them wrong, of which pictures have %d right",
			kind, s.Settled, s.N, []float64{r.Model.SNP, r.Model.Indel}[i], s.Wrong, s.Lost)
	}
	env.Note("temperatures: features %v, with pictures %v", r.Model.Calibration.First, r.Model.Calibration.Then)
	env.Note("%s: written", out)
	return nil
}
