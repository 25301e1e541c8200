package image

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// Version is the release of DeepVariant whose rules apply where they differ.
type Version int

// The versions. Own is 1.9 but for one thing: where a picture has too many
// reads, those with the smallest hashes of their keys are kept, so that what is
// seen does not depend on the order of the reads.
const (
	Own Version = 0
	V15 Version = 15
	V19 Version = 19
)

// AltAligned is how pictures of reads aligned to the alternate alleles are
// added (alt_aligned_pileup).
type AltAligned int

// The ways: not at all, as more rows, or as two more channels: their ReadBase
// or their BaseDiffersFromRef.
const (
	NoAlt AltAligned = iota
	AltRows
	AltBase
	AltDiff
)

// RefRows is the number of rows of the reference on top of a picture.
const RefRows = 5

// Options are the rules of drawing, named after the flags of make_examples
// where they have one.
type Options struct {
	Version  Version
	Width    int // pileup_image_width, odd
	Height   int // pileup_image_height, RefRows included
	Channels []Channel

	MinMapQ  int // reads below have no row (min_mapping_quality)
	MinBaseQ int // nor have reads with a base below at the candidate's first position (min_base_quality)
	Buffer   int // reads that come this near to the candidate take part (read_overlap_buffer_bp)

	SingleAltsOnly   bool // multi_allelic_mode exclude_het_alt_images
	OtherAltColor    bool // add_supporting_other_alt_color: reads of an alt outside the set stand out
	SortByHaplotypes bool // sort_by_haplotypes
	PolishHaplotype  int  // hp_tag_for_assembly_polishing; 0 for none

	AltAligned  AltAligned
	AltAlignAll bool // types_to_alt_align all: SNPs too
	TrimReads   bool // trim_reads_for_pileup: draw only what lies in the window of alt alignment
	Spanning    bool // keep_only_window_spanning_reads

	// MinPerAllele is the reads of each allele that stay where there are more
	// reads than rows (non_uniform_downsampling_threshold; 0 where
	// use_non_uniform_downsampling is not set). The choice is made by the hashes
	// of the reads' keys in every version: in DeepVariant it depends on the
	// order of a hash table, which is another in every run.
	MinPerAllele int

	MeanCoverage float64 // of the sample, for the channel of that name

	// Heights, where there are any, are those of the pictures of several samples
	// that stand below each other in one (see Stack), by sample; Height is their
	// sum. Coverages are then what MeanCoverage is to each.
	Heights   []int
	Coverages []float64
	part      bool // it is one of these
}

// Defaults is DeepVariant's for short reads: 100 x 221, and in 1.9 the channel
// of insert sizes that its models of whole genomes want.
func Defaults(v Version) Options {
	o := Options{Version: v, Width: 221, Height: 100, Channels: WGS(), MinMapQ: 5, MinBaseQ: 10, Buffer: 5}
	if v == V15 {
		o.Channels = Base()
	}
	return o
}

// Limits of a picture. The heights are DeepVariant's; gx's own pictures may be
// lower.
const (
	minHeight, maxHeight = 75, 362
	minOwnHeight         = 16
	maxWidth             = 1001
)

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Version != Own && o.Version != V15 && o.Version != V19 {
		fault("version %d of the pictures: want %d or %d", o.Version, V15, V19)
	}
	if o.Width < 3 || o.Width > maxWidth || o.Width%2 == 0 {
		fault("pileup-image-width %d: want an odd number of 3 to %d", o.Width, maxWidth)
	}
	least := minHeight
	switch {
	case o.part:
		least = RefRows + 1
	case o.Version == Own:
		least = minOwnHeight
	}
	sum := 0
	for _, h := range o.Heights {
		if sum += h; h <= RefRows || h > maxHeight {
			fault("height %d of the picture of a sample: want %d to %d", h, RefRows+1, maxHeight)
		}
	}
	if len(o.Heights) > 0 && sum != o.Height {
		fault("heights %v of the samples: they are not %d together", o.Heights, o.Height)
	}
	if len(o.Heights) > 0 && o.AltAligned == AltRows {
		fault("alt-aligned-pileup rows: pictures of several samples have no place for more rows")
	}
	if o.Height < least || o.Height > maxHeight {
		fault("pileup-image-height %d: want %d to %d", o.Height, least, maxHeight)
	}
	if len(o.Channels) == 0 {
		fault("no channels: want at least one")
	}
	for i, c := range o.Channels {
		if !c.known() || c.ofAlt() {
			fault("channel %s: it cannot be drawn by itself", c)
		}
		if slices.Contains(o.Channels[:i], c) {
			fault("channel %s: it stands there twice", c)
		}
	}
	if o.MinMapQ < 0 || o.MinMapQ > 255 {
		fault("min-mapping-quality %d: want 0 to 255", o.MinMapQ)
	}
	if o.MinBaseQ < 0 || o.MinBaseQ > 255 {
		fault("min-base-quality %d: want 0 to 255", o.MinBaseQ)
	}
	if o.Buffer < 0 || o.Buffer > maxWidth {
		fault("read-overlap-buffer-bp %d: want 0 to %d", o.Buffer, maxWidth)
	}
	if o.AltAligned < NoAlt || o.AltAligned > AltDiff {
		fault("alt-aligned-pileup %d: want none, rows, base_channels or diff_channels", o.AltAligned)
	}
	if o.MinPerAllele < 0 || o.MinPerAllele > maxHeight {
		fault("non-uniform-downsampling-threshold %d: want 0 to %d", o.MinPerAllele, maxHeight)
	}
	for _, c := range append([]float64{o.MeanCoverage}, o.Coverages...) {
		if !(c >= 0) {
			fault("mean coverage %v: want 0 or more", c)
		}
	}
	for c, way := range map[Channel]AltAligned{ReadBase: AltBase, BaseDiffersFromRef: AltDiff} {
		if o.AltAligned == way && !slices.Contains(o.Channels, c) {
			fault("alt-aligned-pileup: it shows channel %s, which is not drawn", c)
		}
	}
	return errors.Join(errs...)
}

// Drawn is the channels of a picture in order, those of alt alignment included:
// what an example_info.json lists.
func (o *Options) Drawn() []Channel {
	all := slices.Clone(o.Channels)
	switch o.AltAligned {
	case AltBase:
		all = append(all, BaseAlt1, BaseAlt2)
	case AltDiff:
		all = append(all, DiffAlt1, DiffAlt2)
	}
	return all
}

// Shape is the rows, columns and channels of a picture.
func (o *Options) Shape() [3]int {
	rows, channels := o.Height, len(o.Channels)
	switch o.AltAligned {
	case AltRows:
		rows *= 3
	case AltBase, AltDiff:
		channels += 2
	}
	return [3]int{rows, o.Width, channels}
}

// Size is the bytes of a picture.
func (o *Options) Size() int {
	s := o.Shape()
	return s[0] * s[1] * s[2]
}

// AltSets lists the alt sets of a candidate with n alternate alleles, one
// picture each, in order.
func (o *Options) AltSets(n int) [][]int {
	sets := variant.AltSets(n)
	if o.SingleAltsOnly {
		return sets[:n]
	}
	return sets
}

// half is the number of columns on either side of the middle one.
func (o *Options) half() int { return (o.Width - 1) / 2 }
