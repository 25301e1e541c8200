package candidate

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant"
)

// methylated says whether a read is methylated at position i, where there are
// reads of the reference.
func methylated(i int, c *count.Counts) bool {
	if c.RefSupport[i] == 0 {
		return false
	}
	at := c.At(i)
	for k := range at {
		if at[k].Level > 0 && c.Methylated(&at[k]) {
			return true
		}
	}
	return false
}

// methylation is how many reads of each allele are methylated, and their share
// of the reads of the allele; reads of low quality are in neither. It is nil
// where none is.
func methylation(s *Shown) *variant.Methylation {
	m := &variant.Methylation{}
	some := false
	for i := range len(s.Support) + 1 {
		reads := s.RefSupport
		if i > 0 {
			reads = s.Support[i-1]
		}
		n, all := 0, 0
		for _, r := range reads {
			if r.Low {
				continue
			}
			if all++; r.Methylated {
				n++
			}
		}
		share := 0.0
		if all > 0 {
			share = float64(n) / float64(all)
		}
		m.Depth, m.Fraction = append(m.Depth, n), append(m.Fraction, share)
		some = some || n > 0
	}
	if !some {
		return nil
	}
	return m
}
