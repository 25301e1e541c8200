package sets

import "math"

// CombineCauchy is -log10 of the p that the Cauchy combination gives tests of
// -log10 p and weights (ACAT: Liu and others 2019): with T the weighted mean of
// cot(pi p), p = 1/2 - atan(T)/pi. NaN among the tests, and weights of 0, are left
// out; without any left it is NaN.
//
// Small p are combined by their logarithms, so nothing underflows; a p of 1, whose
// cotangent is infinite, counts as the float64 below 1.
func CombineCauchy(negLog10P, weights []float64) float64 {
	most, total := 0.0, 0.0
	for i, l := range negLog10P {
		if w := weight(weights, i); w > 0 && !math.IsNaN(l) {
			most = max(most, l)
			total += w
		}
	}
	if total == 0 {
		return math.NaN()
	}
	// T is kept over 10^shift, where that is a float64 to be reckoned with.
	shift := 0.0
	if most > 200 {
		shift = most
	}
	sum := 0.0
	for i, l := range negLog10P {
		if w := weight(weights, i); w > 0 && !math.IsNaN(l) {
			sum += float64(w * cotangent(l, shift))
		}
	}
	t := sum / total
	if shift > 0 { // T is so large that atan is pi/2 - 1/T
		return shift + math.Log10(math.Pi*t)
	}
	return -math.Log10(math.Atan2(1, t) / math.Pi)
}

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// cotangent is cot(pi p) over 10^shift for p = 10^-l.
func cotangent(l, shift float64) float64 {
	if l > 8 { // cot(x) = 1/x - x/3 - ...: the next term is 1e-16 of the first
		return math.Pow(10, l-shift) / math.Pi
	}
	rest := -math.Expm1(-l * math.Ln10) // 1-p, with all its digits
	rest = max(rest, 0x1p-53)
	var c float64
	if rest < 0.5 {
		c = -1 / math.Tan(math.Pi*rest)
	} else {
		c = 1 / math.Tan(math.Pi*math.Pow(10, -l))
	}
	return c * math.Pow(10, -shift)
}
