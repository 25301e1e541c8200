package realign

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Forced gives a function that sets reads on one haplotype, without regard to
// how they were aligned before (DeepVariant's force_alignment), for pictures of
// reads aligned to an alternate allele. The haplotype stands at hap.Start of
// the contig. reads[i] gets its new Start and Cigar in memory that is valid
// until the next call; it keeps both where the new alignment could be shifted
// to the left, and where there is none at all kept[i] becomes false.
//
// The two lengths are those of the haplotype's ends where DeepVariant does not
// ask for reads; none are asked for where the haplotype is the reference, so
// they change nothing. The function uses s and belongs to its goroutine.
func (s *Scratch) Forced(o Options) func(hap count.Window, _, _ int, reads []align.Read, kept []bool) {
	return func(hap count.Window, _, _ int, reads []align.Read, kept []bool) {
		s.of = s.of[:0]
		for i := range reads {
			s.of = append(s.of, int32(i))
		}
		s.cigars, s.changed = s.cigars[:0], s.changed[:0]
		a := &s.aligner
		a.force = true
		if !a.beginForced(&o, reads, s.of, hap) {
			clear(kept)
			return
		}
		a.rank()
		for i := range reads {
			mark := len(s.cigars)
			start, cigars, what := a.realign(s.cigars, i)
			s.cigars = cigars
			switch what {
			case nowhere:
				kept[i] = false
			case moved:
				s.changed = append(s.changed, change{int32(i), start, mark, len(cigars)})
			}
		}
		for _, c := range s.changed {
			r := &reads[c.read]
			r.Start, r.Cigar = c.start, s.cigars[c.from:c.to:c.to]
		}
	}
}
