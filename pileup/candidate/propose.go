package candidate

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant"
)

// Propose makes a candidate of a variant that comes from elsewhere, such as a
// VCF (DeepVariant's vcf_candidate_importer): the record stays as it is, and
// gets the counts and the reads of those of its alleles that are good enough by
// the options. It has none where the counts do not hold its position. ok is
// false where the reference has no proper base there, where DeepVariant makes
// no candidate. others are as in Append.
func (s *Selector) Propose(v variant.Variant, c *count.Counts, others ...*count.Counts) (out Candidate, ok bool) {
	out = empty(v)
	i := v.Start - c.Region.Start
	if v.Contig != c.Region.Contig || i < 0 || i >= c.Len() {
		for range others {
			out.Others = append(out.Others, Shown{Support: make([][]Support, len(v.Alts))})
		}
		return out, true
	}
	if !proper(c.RefBase(i)) {
		return out, false
	}
	s.complex.reset()
	s.acceptAll(i, c, others)
	ref := s.write(i, c)
	// Alleles are compared over the longer of the two reference strings.
	var ours, theirs string
	if len(ref) > len(v.Ref) {
		theirs = ref[len(v.Ref):]
	} else {
		ours = v.Ref[len(ref):]
	}
	for k := range s.accepted {
		a := &s.accepted[k]
		a.index = -1
		for j, alt := range v.Alts {
			if alt+theirs == a.alt+ours {
				a.index = j
			}
		}
	}
	s.fill(i, c, others, &out)
	return out, true
}
