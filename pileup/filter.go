// Package pileup is the way from aligned reads to candidates and their
// examples: which parts of the genome are worked on, which reads take part,
// what they show, and how a classifier gets to see it.
package pileup

import (
	"fmt"

	"github.com/gx-genomics/gx/variant/align"
)

// Filter says which reads of a file take part at all. Base qualities are no
// part of it: they are looked at where the bases are counted or drawn.
type Filter struct {
	KeepDuplicates              bool // keep_duplicates
	KeepFailedQC                bool // keep_failed_vendor_quality_checks
	KeepSecondaryAlignments     bool // keep_secondary_alignments
	KeepSupplementaryAlignments bool // keep_supplementary_alignments
	KeepUnaligned               bool // keep_unaligned
	KeepImproperlyPlaced        bool // keep_improperly_placed
	MinMappingQuality           int  // min_mapping_quality
}

// DefaultFilter is DeepVariant's: primary alignments of good reads with a
// mapping quality of 5 or more.
func DefaultFilter() Filter { return Filter{MinMappingQuality: 5} }

// Validate reports a fault of the filter.
func (f *Filter) Validate() error {
	if f.MinMappingQuality < 0 || f.MinMappingQuality > 255 {
		return fmt.Errorf("min-mapping-quality %d: want 0 to 255", f.MinMappingQuality)
	}
	return nil
}

// Keep says whether the read takes part.
func (f *Filter) Keep(r *align.Read) bool {
	drop := f.drops()
	return r.Flag&drop == 0 && int(r.MapQ) >= f.MinMappingQuality && (f.KeepImproperlyPlaced || !misplaced(r))
}

// drops is the flags of which none may be set.
func (f *Filter) drops() align.Flag {
	var drop align.Flag
	for _, x := range [...]struct {
		keep bool
		flag align.Flag
	}{
		{f.KeepDuplicates, align.Duplicate},
		{f.KeepFailedQC, align.QCFail},
		{f.KeepSecondaryAlignments, align.Secondary},
		{f.KeepSupplementaryAlignments, align.Supplementary},
		{f.KeepUnaligned, align.Unmapped},
	} {
		if !x.keep {
			drop |= x.flag
		}
	}
	return drop
}

// misplaced says whether a read and its mate lie on different contigs without
// the aligner having found that proper. Mates on one contig always pass.
func misplaced(r *align.Read) bool {
	return r.Flag&align.Paired != 0 && r.Flag&(align.ProperPair|align.MateUnmapped) == 0 &&
		r.MateContig >= 0 && r.MateContig != r.Contig
}
