package candidate

import "github.com/gx-genomics/gx/pileup/count"

// Context appends to dst how many per cent of the reads show something else
// than the reference at the positions around start, from position first on:
// width/2 positions on both sides and start itself, as far as the counts hold
// them (allele_frequency_at_position of DeepVariant 1.9, width 51). Reads of
// low quality are in it, as DeepVariant has them.
func Context(dst []int, c *count.Counts, start, width int) (around []int, first int) {
	i := start - c.Region.Start
	from, to := max(i-width/2, 0), min(i+width/2+1, c.Len())
	for k := from; k < to; k++ {
		n, percent := len(c.At(k)), 0
		if depth := int(c.RefSupport[k]) + n; depth > 0 {
			percent = 100 * n / depth
		}
		dst = append(dst, percent)
	}
	return dst, c.Region.Start + from
}
