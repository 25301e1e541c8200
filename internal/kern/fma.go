package kern

import "math"

// fma32 is a*b+c, rounded once to float32. The product is exact in float64, so
// the sum is rounded there and then again. The second rounding goes wrong only
// where the first one ends on a tie of float32 (of its 29 bits below, the
// highest alone is set), or in numbers too small for float32's own precision,
// zero apart: fma32Hard takes these.
func fma32(a, b, c float32) float32 {
	s := float64(a)*float64(b) + float64(c)
	if bits := math.Float64bits(s); bits&(1<<29-1) == 1<<28 || bits<<1-1 < (1023-125)<<53 {
		return fma32Hard(a, b, c, s)
	}
	return float32(s)
}

// fma32Hard rounds to odd first: where the sum in float64 is not exact, its last
// bit is set to 1, so that no tie is left that the exact sum does not have
// (Boldo and Melquiond 2008).
func fma32Hard(a, b, c float32, s float64) float32 {
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return float32(s)
	}
	p, q := float64(a)*float64(b), float64(c)
	v := s - p // the error of the sum, by Knuth
	rest := (p - (s - v)) + (q - v)
	bits := math.Float64bits(s)
	if rest != 0 && bits&1 == 0 {
		if (rest > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
	}
	return float32(math.Float64frombits(bits))
}
