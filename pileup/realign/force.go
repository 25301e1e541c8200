package realign

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// forced is the memory of Forced, apart from that of Realign: the reads that
// are set on haplotypes are those which that gave.
type forced struct {
	aligner aligner
	list    []int32
	cigars  align.Cigar
	changed []change
}

// Forced gives a function that sets reads on one haplotype, without regard to
// how they were aligned before (DeepVariant's force_alignment), for pictures of
// reads aligned to an alternate allele. The haplotype stands at hap.Start of
// the contig. reads[i] gets its new Start and Cigar in memory that is valid
// until the function's next call, or that of another one of s; it keeps both
// where the new alignment could be shifted to the left, and where there is none
// at all kept[i] becomes false.
//
// The two lengths are those of the haplotype's ends where DeepVariant does not
// ask for reads; none are asked for where the haplotype is the reference, so
// they change nothing. The function belongs to the goroutine of s. It leaves
// the result of Realign alone.
func (s *Scratch) Forced(o Options) func(hap count.Window, _, _ int, reads []align.Read, kept []bool) {
	f := &s.forced
	return func(hap count.Window, _, _ int, reads []align.Read, kept []bool) {
		f.list, f.cigars, f.changed = f.list[:0], f.cigars[:0], f.changed[:0]
		for i := range reads {
			f.list = append(f.list, int32(i))
		}
		if !f.aligner.beginForced(&o, reads, f.list, hap) {
			clear(kept)
			return
		}
		for i := range reads {
			mark := len(f.cigars)
			start, cigars, what := f.aligner.realign(f.cigars, i)
			f.cigars = cigars
			switch what {
			case nowhere:
				kept[i] = false
			case moved:
				f.changed = append(f.changed, change{int32(i), start, mark, len(cigars)})
			}
		}
		for _, c := range f.changed {
			r := &reads[c.read]
			r.Start, r.Cigar = c.start, f.cigars[c.from:c.to:c.to]
		}
	}
}
