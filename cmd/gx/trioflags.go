package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/workflows/stage"
)

// trioFlags are the flags of `gx examples` about the parents of the sample and
// about what other samples have to say of its candidates.
type trioFlags struct {
	plan *stage.ExamplesPlan

	reads                              [2]cli.StringSlice
	multiplier, otherSNPs, otherIndels float64
}

const multiplierFlag = "vsc-min-fraction-multiplier"

func (f *trioFlags) flags() []cli.Flag {
	t := &f.plan.Trio
	flags := []cli.Flag{}
	for i := range t.Parents {
		p, name := &t.Parents[i], fmt.Sprintf("parent%d", i+1)
		flags = append(flags,
			&cli.StringSliceFlag{Name: "reads-" + name, Usage: "reads of a parent of the sample (`BAM`), drawn beside its own; outputs are then three, e_child, e_parent1, e_parent2; several files by comma", Destination: &f.reads[i]},
			&cli.StringFlag{Name: "sample-name-" + name, Usage: "the parent's name; default: that of the @RG lines", Destination: &p.Sample},
			&cli.StringFlag{Name: "proposed-variants-" + name, Usage: "as --proposed-variants: `VCF` of the parent's candidates", Destination: &p.Proposed})
	}
	return append(flags,
		&cli.IntFlag{Name: "pileup-image-height-child", Usage: "of a trio: rows of the sample, five of them the reference; 0 is 100", Destination: &t.ChildHeight},
		&cli.IntFlag{Name: "pileup-image-height-parent", Usage: "of a trio: rows of each parent; 0 is 100", Destination: &t.ParentHeight},
		&cli.Float64Flag{Name: "downsample-fraction-child", Usage: "of a trio: share of the sample's fragments to use; 0 is all", Destination: &t.DownsampleChild},
		&cli.Float64Flag{Name: "downsample-fraction-parents", Usage: "of a trio: share of each parent's fragments to use; 0 is all", Destination: &t.DownsampleParents},
		&cli.BoolFlag{Name: "skip-parent-calling", Usage: "of a trio: only examples of the sample itself, in files of the names given", Destination: &t.SkipParents},
		&cli.StringFlag{Name: "sample-name-to-train", Usage: "of a trio: the sample that the truth is of; default: the child", Destination: &t.Train},
		&cli.BoolFlag{Name: "enable-joint-realignment", Usage: "of a trio: set the reads of all samples anew together", Destination: &t.Joint},
		&cli.Float64Flag{Name: multiplierFlag, Usage: "of a trio: an allele too rare in the sample is a candidate where it has this share of vsc-min-fraction-* in all samples together; inf is never", DefaultText: "0.67", Destination: &f.multiplier},
		&cli.Float64Flag{Name: "vsc-max-fraction-snps-for-non-target-sample", Usage: "of a trio: no candidate where more of the other samples' reads show it; 0 is no bound", Destination: &f.otherSNPs},
		&cli.Float64Flag{Name: "vsc-max-fraction-indels-for-non-target-sample", Usage: "the same for insertions and deletions", Destination: &f.otherIndels},
	)
}

// apply moves the flags into the plan.
func (f *trioFlags) apply(c *cli.Context) error {
	p := f.plan
	for i := range f.reads {
		p.Trio.Parents[i].Reads = split(f.reads[i].Value())
	}
	p.OtherSNPs, p.OtherIndels = float32(f.otherSNPs), float32(f.otherIndels)
	if c.IsSet(multiplierFlag) {
		if p.Multiplier = float32(f.multiplier); !(p.Multiplier > 0) {
			return fmt.Errorf("%s %v: want above 0", multiplierFlag, f.multiplier)
		}
	}
	return nil
}
