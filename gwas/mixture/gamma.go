package mixture

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// LogChiSquareTail is the natural logarithm of the upper tail of chi-square with
// df degrees of freedom, any positive number.
func LogChiSquareTail(x, df float64) float64 {
	if x <= 0 {
		return 0
	}
	a, y := df/2, x/2
	if y < a+1 {
		return math.Log(mathext.GammaIncRegComp(a, y))
	}
	// The continued fraction of the incomplete gamma function, by Lentz's method:
	// Q = y^a e^-y / Gamma(a) / (y+1-a - 1(1-a)/(y+3-a - 2(2-a)/(y+5-a - ...
	b := y + 1 - a
	c, d := math.Inf(1), 1/b
	f := d
	for n := 1.0; n < 10_000; n++ {
		num := n * (a - n)
		b += 2
		d = 1 / (b + float64(num*d))
		c = b + num/c
		f *= c * d
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	lg, _ := math.Lgamma(a)
	return float64(a*math.Log(y)) - y - lg + math.Log(f)
}

// ChiSquareQuantile is where the upper tail has the natural logarithm logP, which
// is at most 0.
func ChiSquareQuantile(logP, df float64) float64 {
	lo, hi := 0.0, df+1
	for LogChiSquareTail(hi, df) > logP {
		lo, hi = hi, 2*hi
	}
	for range 200 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if LogChiSquareTail(mid, df) > logP {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}
