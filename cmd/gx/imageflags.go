package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/workflows/stage"
)

// imageFlags are the flags of pictures.
type imageFlags struct {
	o image.Options

	channels, alt, altTypes, alleles, sequencing, coverage string
	uneven                                                 bool
	perAllele                                              int
	frequency                                              bool
}

// The words of some flags, in the order of the numbers that they stand for.
var (
	sequencings = []string{"unspecified", "wgs", "wes", "trio"}
	alleleModes = []string{"add_het_alt_images", "exclude_het_alt_images"}
)

func newImageFlags() *imageFlags { return &imageFlags{o: image.Defaults(image.V19)} }

func (f *imageFlags) flags() []cli.Flag {
	o := &f.o
	return []cli.Flag{
		&cli.StringFlag{Name: "channels", Aliases: []string{"channel-list"}, Usage: "channels by comma; BASE_CHANNELS stands for the first six; default: those and insert_size, without it for 1.5", Destination: &f.channels},
		&cli.IntFlag{Name: "pileup-image-width", Usage: "columns, an odd number", Value: o.Width, Destination: &o.Width},
		&cli.IntFlag{Name: "pileup-image-height", Usage: "rows, five of them the reference", Value: o.Height, Destination: &o.Height},
		&cli.IntFlag{Name: "read-overlap-buffer-bp", Usage: "reads that come so near to a candidate are drawn", Value: o.Buffer, Destination: &o.Buffer},
		&cli.StringFlag{Name: "multi-allelic-mode", Usage: strings.Join(alleleModes, " or ") + ": whether two alternate alleles have a picture together", Value: alleleModes[0], Destination: &f.alleles},
		&cli.StringFlag{Name: "alt-aligned-pileup", Usage: "none, rows, base_channels or diff_channels: reads aligned to the alternate alleles, too", Value: "none", Destination: &f.alt},
		&cli.StringFlag{Name: "types-to-alt-align", Usage: "indels or all", Value: "indels", Destination: &f.altTypes},
		&cli.BoolFlag{Name: "sort-by-haplotypes", Usage: "sort rows by the HP tag", Destination: &o.SortByHaplotypes},
		&cli.IntFlag{Name: "hp-tag-for-assembly-polishing", Usage: "the haplotype that is polished comes first; 0 for none", Destination: &o.PolishHaplotype},
		&cli.BoolFlag{Name: "add-supporting-other-alt-color", Usage: "reads of an alternate allele that the picture is not about stand out", Destination: &o.OtherAltColor},
		&cli.BoolFlag{Name: "trim-reads-for-pileup", Usage: "draw of long reads only what lies in the window", Destination: &o.TrimReads},
		&cli.BoolFlag{Name: "keep-only-window-spanning-reads", Usage: "draw only reads that cover the whole window", Destination: &o.Spanning},
		&cli.BoolFlag{Name: "use-non-uniform-downsampling", Usage: "where there are more reads than rows, some reads of every allele stay", Destination: &f.uneven},
		&cli.IntFlag{Name: "non-uniform-downsampling-threshold", Usage: "so many", Value: 3, Destination: &f.perAllele},
		&cli.StringFlag{Name: "mean-coverage-per-sample", Usage: "depth that the channel mean_coverage shows; of a trio by comma that of parent 1, the sample, parent 2", Destination: &f.coverage},
		&cli.BoolFlag{Name: "use-allele-frequency", Usage: "the channel allele_frequency as well, from --population-vcfs", Destination: &f.frequency},
		&cli.StringFlag{Name: "sequencing-type", Usage: "what examples tell of the sequencing: " + strings.Join(sequencings, ", "), Value: sequencings[0], Destination: &f.sequencing},
	}
}

// apply completes what the flags set.
func (f *imageFlags) apply(compat string, minMapQ, minBaseQ int) (o image.Options, sequencing int, err error) {
	o = f.o
	o.MinMapQ, o.MinBaseQ = minMapQ, minBaseQ
	var errs []error
	o, err = stage.ImageOptions(o, compat, f.channels, strings.ToLower(f.alt), strings.ToLower(f.altTypes))
	errs = append(errs, err)
	if f.frequency && !slices.Contains(o.Channels, image.AlleleFrequency) {
		o.Channels = append(slices.Clone(o.Channels), image.AlleleFrequency)
	}
	if f.coverage != "" {
		o.Coverages = nil
		for text := range strings.SplitSeq(f.coverage, ",") {
			x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				errs = append(errs, fmt.Errorf("mean-coverage-per-sample %q: want numbers by comma", f.coverage))
				break
			}
			o.Coverages = append(o.Coverages, x)
		}
		if len(o.Coverages) == 1 {
			o.MeanCoverage, o.Coverages = o.Coverages[0], nil
		}
	}
	choose := func(name, value string, of []string) int {
		k := slices.Index(of, strings.ToLower(value))
		if k < 0 {
			errs = append(errs, fmt.Errorf("%s %q: want %s", name, value, strings.Join(of, ", ")))
		}
		return max(k, 0)
	}
	o.SingleAltsOnly = choose("multi-allelic-mode", f.alleles, alleleModes) == 1
	sequencing = choose("sequencing-type", f.sequencing, sequencings)
	if f.uneven {
		o.MinPerAllele = f.perAllele
	}
	return o, sequencing, errors.Join(errs...)
}
