package nn

import "math"

// exp is e^x in float64 by halving the argument to |r| <= ln2/2 and a
// polynomial, every product rounded by itself: math.Exp has assembly on some
// machines, so that its last bit is theirs; this one's is the same everywhere.
// The error is below 2 units in the last place.
func exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709:
		return math.Exp2(1024) // +Inf
	case x < -745:
		return 0
	}
	const (
		log2e = 1.44269504088896338700e+00
		ln2Hi = 6.93147180369123816490e-01 // its low bits are zero: k*ln2Hi is exact
		ln2Lo = 1.90821492927058770002e-10
	)
	k := math.Floor(float64(log2e*x) + 0.5)
	r := (x - float64(k*ln2Hi)) - float64(k*ln2Lo)
	p := 1.0
	for i := 14; i > 0; i-- { // Taylor's series by Horner's rule: r^15/15! is below 2^-60
		p = float64(p*r)/float64(i) + 1
	}
	return math.Ldexp(p, int(k))
}

// softmax replaces x by its softmax, summed in float64 in order.
func softmax(x []float32) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	sum := 0.0
	for _, v := range x {
		sum += exp(float64(v) - float64(most))
	}
	for i, v := range x {
		x[i] = float32(exp(float64(v)-float64(most)) / sum)
	}
}

// sigmoid replaces x by 1/(1+e^-x).
func sigmoid(x []float32) {
	for i, v := range x {
		if v >= 0 {
			x[i] = float32(1 / (1 + exp(-float64(v))))
		} else {
			e := exp(float64(v))
			x[i] = float32(e / (1 + e))
		}
	}
}
