package nullmodel

import (
	"math"
	"slices"
	"sort"
)

// maxBins is the most bins of a feature; one byte numbers them.
const maxBins = 255

// bins cuts features into a few intervals, at quantiles of the training rows,
// so that a split is looked for among bins and not among people.
type bins struct {
	upper [][]float64 // per feature: the upper bounds of all bins but the last
}

// fitBins learns the cuts from the rows of x (feature-major).
func fitBins(x [][]float64) *bins {
	b := &bins{upper: make([][]float64, len(x))}
	for k, values := range x {
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		distinct := slices.Compact(slices.Clone(sorted))
		var cuts []float64
		if len(distinct) <= maxBins {
			for i := 1; i < len(distinct); i++ {
				cuts = append(cuts, between(distinct[i-1], distinct[i]))
			}
		} else {
			for q := 1; q < maxBins; q++ {
				i := q * len(sorted) / maxBins
				cuts = append(cuts, between(sorted[i-1], sorted[i]))
			}
			cuts = slices.Compact(cuts)
		}
		b.upper[k] = cuts
	}
	return b
}

// between is a cut that a goes below and b, if larger, above.
func between(a, b float64) float64 {
	m := a + (b-a)/2
	if m >= b && b > a {
		return math.Nextafter(b, a)
	}
	return m
}

// apply numbers the bins of the rows of x, feature-major.
func (b *bins) apply(x [][]float64) [][]uint8 {
	out := make([][]uint8, len(x))
	for k, values := range x {
		out[k] = make([]uint8, len(values))
		for i, v := range values {
			out[k][i] = uint8(sort.SearchFloat64s(b.upper[k], v)) // the first cut that is not below v
		}
	}
	return out
}
