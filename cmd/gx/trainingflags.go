package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/workflows/stage"
)

// trainingFlags are the flags of `gx examples` that say what the run is for:
// calling, training, or positions only.
type trainingFlags struct {
	plan *stage.ExamplesPlan

	mode, caller, classes, keep string
}

// The modes and the makers of candidates, by DeepVariant's names.
const (
	modeCalling, modeTraining, modeSweep = "calling", "training", "candidate-sweep"
	sensitiveCaller, importer            = "very_sensitive_caller", "vcf_candidate_importer"
)

func (f *trainingFlags) flags() []cli.Flag {
	t := &f.plan.Training
	return []cli.Flag{
		&cli.StringFlag{Name: "mode", Usage: "calling, training or candidate-sweep; default: training where there is a truth, else calling", Destination: &f.mode},
		&cli.StringFlag{Name: "truth", Aliases: []string{"truth-variants"}, Usage: "label the examples by this `VCF`, packed by bgzip and indexed", Destination: &t.Truth},
		&cli.StringFlag{Name: "confident", Aliases: []string{"confident-regions"}, Usage: "`BED` of where the truth is known; default: everywhere", Destination: &t.Confident},
		&cli.StringFlag{Name: "labels", Usage: "`VCF` of the labelled candidates; .gz is bgzip with an index beside it", Destination: &t.Labels},
		&cli.StringFlag{Name: "downsample-classes", Usage: "share of the candidates of label 0, 1, ... that is kept, by comma; the choice depends on the place alone", Destination: &f.keep},
		&cli.StringFlag{Name: "denovo-regions", Usage: "`BED` of de novo variants, which examples then tell", Destination: &t.Denovo},
		&cli.StringFlag{Name: "labeler-algorithm", Usage: strings.Join([]string{stage.HaplotypeLabeler, stage.PositionalLabeler, stage.ClassesLabeler}, ", ") +
			"; default: the first, for proposed variants the second", Destination: &t.Labeler},
		&cli.StringFlag{Name: "customized-classes-labeler-classes-list", Usage: "classes by comma, that of all other candidates first", Destination: &f.classes},
		&cli.StringFlag{Name: "customized-classes-labeler-info-field-name", Usage: "`INFO` field of the truth that tells the class", Destination: &t.ClassField},
		&cli.StringFlag{Name: "variant-caller", Usage: sensitiveCaller + ", or " + importer + ": the candidates are those of --proposed-variants, or in training of the truth", Value: sensitiveCaller, Destination: &f.caller},
		&cli.StringFlag{Name: "proposed-variants", Aliases: []string{"proposed-variants-child"}, Usage: "the candidates are the records of this `VCF`, packed by bgzip and indexed, whatever the reads say", Destination: &f.plan.Proposed},
	}
}

// apply moves the flags into the plan.
func (f *trainingFlags) apply() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	p := f.plan
	if f.mode == "" {
		f.mode = modeCalling
		if p.Training.Truth != "" {
			f.mode = modeTraining
		}
	}
	if f.classes != "" {
		p.Training.Classes = strings.Split(f.classes, ",")
	}
	var err error
	p.Training.Keep, err = stage.Numbers("downsample-classes", f.keep)
	errs = append(errs, err)
	imports := p.Proposed != "" || f.caller == importer
	switch f.mode {
	case modeCalling:
		if p.Training.Truth != "" {
			fault("mode calling with a truth: want training")
		}
		if imports && p.Proposed == "" {
			fault("--proposed-variants is missing")
		}
	case modeTraining:
		if p.Training.Truth == "" {
			fault("--truth is missing")
		}
		if imports && p.Proposed == "" {
			p.Proposed = p.Training.Truth
		}
		if imports && p.Training.Labeler == "" {
			p.Training.Labeler = stage.PositionalLabeler
		}
	case modeSweep:
		if imports {
			fault("mode candidate-sweep finds its own candidates: want no proposed variants")
		}
		p.Sweep, p.Out = p.Out, ""
	default:
		fault("mode %q: want %s, %s or %s", f.mode, modeCalling, modeTraining, modeSweep)
	}
	if f.caller != sensitiveCaller && f.caller != importer {
		fault("variant-caller %q: want %s or %s", f.caller, sensitiveCaller, importer)
	}
	return errors.Join(errs...)
}
