package pileup

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
)

// Compat says whose rules decide: gx's own, by which results are a function of
// the reads near a site only, or those of a release of DeepVariant, quirks
// included.
type Compat int

// The modes.
const (
	Default Compat = iota
	V15
	V19
)

// ParseCompat reads "", "1.5", "1.9" or "deepvariant", which means 1.9.
func ParseCompat(s string) (Compat, error) {
	switch s {
	case "":
		return Default, nil
	case "1.5":
		return V15, nil
	case "1.9", "deepvariant":
		return V19, nil
	}
	return Default, fmt.Errorf("compat %q: want 1.5, 1.9 or deepvariant", s)
}

// String is the text that ParseCompat reads.
func (c Compat) String() string {
	switch c {
	case V15:
		return "1.5"
	case V19:
		return "1.9"
	}
	return ""
}

// Options are the rules by which reads become pileups. DefaultOptions is the
// only home of their defaults.
type Options struct {
	Compat    Compat
	CellSize  int // partition_size; reads are thinned, and sorted into haplotypes, cell by cell
	MaxReads  int // max_reads_per_partition; by default of the reads that start in a cell
	Filter    Filter
	Count     count.Options
	Candidate candidate.Options
	Realign   *realign.Options // nil: reads stay as they are (realign_reads)
	Normalize bool             // indels are shifted left in every read before it is counted (normalize_reads)
	TrackRef  bool             // candidates tell the reads of the reference allele (track_ref_reads)
	Phase     bool             // reads are sorted into haplotypes by the candidates of the cell and beside it (phase_reads)

	OriginalQuals bool            // base qualities are those of the tag OQ, where a read has it (use_original_quality_scores)
	NoTags        bool            // tags of reads are not looked at (parse_sam_aux_fields false)
	SplitSkips    bool            // reads are parted where they skip reference, as RNA does (split_skip_reads)
	Downsample    float64         // share of the fragments that take part; 0 is all (downsample_fraction)
	RefSites      float64         // share of the other positions that become candidates, too (training_random_emit_ref_sites)
	Types         candidate.Types // which candidates are wanted (select_variant_types)

	PhaseMax          int  // with more candidates in a cell its reads are not phased (phase_max_candidates)
	ReverseHaplotypes bool // haplotype 1 is called 2, and 2 is called 1 (reverse_haplotypes)

	// MaxBasesPerBase, where not 0, bounds the mean depth of a cell
	// (max_reads_for_dynamic_bases_per_region).
	MaxBasesPerBase int
}

// DefaultOptions are those of short reads of whole genomes.
func DefaultOptions(c Compat) Options {
	o := Options{Compat: c, CellSize: CellSize, MaxReads: MaxReads, Filter: DefaultFilter(), Count: count.Defaults(), Candidate: candidate.Defaults(),
		PhaseMax: realign.MaxPhaseCandidates}
	version := realign.V19
	if c == V15 {
		version = realign.V15
	}
	r := realign.Defaults(version)
	r.ByPartition = c != Default
	o.Realign = &r
	return o
}

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Compat != Default && (o.CellSize < 1 || o.CellSize > 1_000_000) {
		errs = append(errs, fmt.Errorf("partition-size %d: want 1 to 1,000,000", o.CellSize))
	}
	if o.Compat == Default && (o.CellSize < 100 || o.CellSize > SpanBases) {
		errs = append(errs, fmt.Errorf("partition-size %d: want 100 to %d", o.CellSize, SpanBases))
	}
	if o.MaxReads < 0 {
		errs = append(errs, fmt.Errorf("max-reads-per-partition %d: want 0 or more", o.MaxReads))
	}
	if o.Phase && !o.TrackRef {
		errs = append(errs, errors.New("phase-reads: want track-ref-reads as well: the reference is an allele like others"))
	}
	if !(o.Downsample >= 0 && o.Downsample <= 1) {
		errs = append(errs, fmt.Errorf("downsample-fraction %v: want 0 to 1", o.Downsample))
	}
	if !(o.RefSites >= 0 && o.RefSites <= 1) {
		errs = append(errs, fmt.Errorf("training-random-emit-ref-sites %v: want 0 to 1", o.RefSites))
	}
	if o.PhaseMax < 1 || o.PhaseMax > realign.MaxPhaseCandidates {
		errs = append(errs, fmt.Errorf("phase-max-candidates %d: want 1 to %d", o.PhaseMax, realign.MaxPhaseCandidates))
	}
	if o.MaxBasesPerBase < 0 {
		errs = append(errs, fmt.Errorf("max-reads-for-dynamic-bases-per-region %d: want 0 or more", o.MaxBasesPerBase))
	}
	errs = append(errs, o.Filter.Validate(), o.Count.Validate(), o.Candidate.Validate())
	if o.Realign != nil {
		errs = append(errs, o.Realign.Validate())
	}
	return errors.Join(errs...)
}

// InOrder says whether the result depends on the order in which cells are worked
// on, so that one goroutine must do all: draws that DeepVariant makes read by
// read and site by site. In gx's own way hashes take their place.
func (o *Options) InOrder() bool {
	return o.Compat != Default && (o.Downsample > 0 || o.RefSites > 0)
}

// reach is how far beside a span its reads matter, in whole cells.
func (o *Options) reach() int {
	far := beside
	if o.Realign != nil {
		far += o.Realign.Margin()
	}
	return (far + o.CellSize - 1) / o.CellSize * o.CellSize
}
