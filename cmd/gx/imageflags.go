package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/workflows/stage"
)

// imageFlags are the flags of pictures.
type imageFlags struct {
	o     image.Options
	words stage.ImageWords

	uneven    bool
	perAllele int
}

func newImageFlags() *imageFlags { return &imageFlags{o: image.Defaults(image.V19)} }

func (f *imageFlags) flags() []cli.Flag {
	o := &f.o
	return []cli.Flag{
		&cli.StringFlag{Name: "channels", Aliases: []string{"channel-list"}, Usage: "channels by comma; BASE_CHANNELS stands for the first six; default: those and insert_size, without it for 1.5", Destination: &f.words.Channels},
		&cli.IntFlag{Name: "pileup-image-width", Usage: "columns, an odd number", Value: o.Width, Destination: &o.Width},
		&cli.IntFlag{Name: "pileup-image-height", Usage: "rows, five of them the reference", Value: o.Height, Destination: &o.Height},
		&cli.IntFlag{Name: "read-overlap-buffer-bp", Usage: "reads that come so near to a candidate are drawn", Value: o.Buffer, Destination: &o.Buffer},
		&cli.StringFlag{Name: "multi-allelic-mode", Usage: strings.Join(stage.AlleleModes, " or ") + ": whether two alternate alleles have a picture together", Value: stage.AlleleModes[0], Destination: &f.words.Alleles},
		&cli.StringFlag{Name: "alt-aligned-pileup", Usage: "none, rows, base_channels or diff_channels: reads aligned to the alternate alleles, too", Value: "none", Destination: &f.words.Alt},
		&cli.StringFlag{Name: "types-to-alt-align", Usage: "indels or all", Value: "indels", Destination: &f.words.AltTypes},
		&cli.BoolFlag{Name: "sort-by-haplotypes", Usage: "sort rows by the HP tag", Destination: &o.SortByHaplotypes},
		&cli.IntFlag{Name: "hp-tag-for-assembly-polishing", Usage: "the haplotype that is polished comes first; 0 for none", Destination: &o.PolishHaplotype},
		&cli.BoolFlag{Name: "add-supporting-other-alt-color", Usage: "reads of an alternate allele that the picture is not about stand out", Destination: &o.OtherAltColor},
		&cli.BoolFlag{Name: "trim-reads-for-pileup", Usage: "draw of long reads only what lies in the window", Destination: &o.TrimReads},
		&cli.BoolFlag{Name: "keep-only-window-spanning-reads", Usage: "draw only reads that cover the whole window", Destination: &o.Spanning},
		&cli.BoolFlag{Name: "use-non-uniform-downsampling", Usage: "where there are more reads than rows, some reads of every allele stay", Destination: &f.uneven},
		&cli.IntFlag{Name: "non-uniform-downsampling-threshold", Usage: "so many", Value: stage.PerAllele, Destination: &f.perAllele},
		&cli.StringFlag{Name: "mean-coverage-per-sample", Usage: "depth that the channel mean_coverage shows; of a trio by comma that of parent 1, the sample, parent 2", Destination: &f.words.Coverage},
		&cli.BoolFlag{Name: "use-allele-frequency", Usage: "the channel allele_frequency as well, from --population-vcfs", Destination: &f.words.Frequency},
		&cli.StringFlag{Name: "sequencing-type", Usage: "what examples tell of the sequencing: " + strings.Join(stage.Sequencings, ", "), Value: stage.Sequencings[0], Destination: &f.words.Sequencing},
	}
}

// apply completes what the flags set.
func (f *imageFlags) apply(compat string, minMapQ, minBaseQ int) (o image.Options, sequencing int, err error) {
	o = f.o
	o.MinMapQ, o.MinBaseQ = minMapQ, minBaseQ
	if f.uneven {
		o.MinPerAllele = f.perAllele
	}
	return f.words.Apply(o, compat)
}
