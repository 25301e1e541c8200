package nullmodel

import "slices"

// encoder gives a network, beside the columns themselves, what lets it bend: the
// place of a value within each of a few intervals between quantiles of the
// training rows, 0 below an interval and 1 above it (Gorishniy and others,
// Advances in Neural Information Processing Systems 35, 2022). Thresholds, waves
// and columns of heavy tails are beyond a small network without it.
type encoder struct {
	cuts [][]float64 // by column: the bounds of its intervals; nil for none
}

const (
	encodeParts  = 8   // intervals of a column
	encodeFewest = 3   // with fewer, for it or for every column, there are none
	encodeMost   = 128 // intervals of all columns
	encodeScale  = 0.5 // of the place, so that a straight line is learnt first
)

// plainEncoder gives the columns alone.
func plainEncoder(x [][]float64) *encoder { return &encoder{cuts: make([][]float64, len(x))} }

func fitEncoder(x [][]float64) *encoder {
	e := plainEncoder(x)
	parts := min(encodeParts, encodeMost/max(len(x), 1))
	if parts < encodeFewest {
		return e
	}
	for k, v := range x {
		sorted := slices.Clone(v)
		slices.Sort(sorted)
		var cuts []float64
		for q := range parts + 1 {
			cuts = append(cuts, sorted[q*(len(sorted)-1)/parts])
		}
		if cuts = slices.Compact(cuts); len(cuts) > encodeFewest {
			e.cuts[k] = cuts
		}
	}
	return e
}

// inputs is how many columns apply gives.
func (e *encoder) inputs() int {
	n := len(e.cuts)
	for _, cuts := range e.cuts {
		n += max(len(cuts)-1, 0)
	}
	return n
}

// apply writes row i of x to dst, which has room for inputs numbers: the columns
// and then the places in their intervals.
func (e *encoder) apply(dst []float32, x [][]float64, i int) {
	for k, column := range x {
		dst[k] = float32(column[i])
	}
	at := len(x)
	for k, cuts := range e.cuts {
		for j := 1; j < len(cuts); j++ {
			place := min(max((x[k][i]-cuts[j-1])/(cuts[j]-cuts[j-1]), 0), 1)
			dst[at] = float32((place - 0.5) * encodeScale)
			at++
		}
	}
}

// rows encodes all rows of x.
func (e *encoder) rows(x [][]float64, n int) []float32 {
	p := e.inputs()
	out := make([]float32, n*p)
	for i := range n {
		e.apply(out[i*p:(i+1)*p], x, i)
	}
	return out
}
