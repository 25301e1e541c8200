package glm

import "math"

// A cumulant is K(s) = sum log(1 - p + p exp(s x)) over samples: the cumulant
// generating function of a sum of x over cases that come with probabilities p,
// and what a log likelihood loses by s x in the linear predictor. Samples with
// |x| at most seriesBound/reach are summed as a power series in s, whose
// coefficients are made once; it is good for |s| <= reach. The few beyond are
// summed as they are.
type cumulant struct {
	series [seriesOrder + 1]float64 // sums of the cumulants of a sample with x^k/k!
	x, p   []float64                // the samples beyond
	reach  float64
}

// The series ends where its next term is below 1e-8 of the first for p x of the
// samples at the bound; it converges for |s x| < pi.
const (
	seriesOrder = 8
	seriesBound = 0.5
)

// set takes the samples. reach may be infinite: then none is in the series.
func (k *cumulant) set(x, p []float64, reach float64) {
	k.reach = reach
	k.x, k.p = k.x[:0], k.p[:0]
	bound := seriesBound / reach
	var c1, c2, c3, c4, c5, c6, c7, c8 float64
	for i, x := range x {
		p := p[i]
		if !(math.Abs(x) <= bound) {
			k.x, k.p = append(k.x, x), append(k.p, p)
			continue
		}
		q := 1 - p
		v, d := float64(p*q), q-p
		c1 += float64(x * p)
		// The cumulants of a sample are polynomials in v = p(1-p), those of odd order times d = 1-2p.
		s := float64(x * x)
		t := float64(v * s)
		u := float64(float64(t*x) * d)
		c2 += t
		c3 += u
		t, u = float64(t*s), float64(u*s)
		c4 += float64(t * (1 - float64(6*v)))
		c5 += float64(u * (1 - float64(12*v)))
		t, u = float64(t*s), float64(u*s)
		c6 += float64(t * (1 - float64(v*(30-float64(120*v)))))
		c7 += float64(u * (1 - float64(v*(60-float64(360*v)))))
		c8 += float64(float64(t*s) * (1 - float64(v*(126-float64(v*(1680-float64(5040*v)))))))
	}
	k.series = [...]float64{0, c1, c2 / 2, c3 / 6, c4 / 24, c5 / 120, c6 / 720, c7 / 5040, c8 / 40320}
}

// at gives K and its first three derivatives at s.
func (k *cumulant) at(s float64) (k0, k1, k2, k3 float64) {
	// Horner's rule for a polynomial and its derivatives at once.
	for j := seriesOrder; j >= 0; j-- {
		k3 = float64(k3*s) + float64(3*k2)
		k2 = float64(k2*s) + float64(2*k1)
		k1 = float64(k1*s) + k0
		k0 = float64(k0*s) + k.series[j]
	}
	product := 1.0
	for i, x := range k.x {
		p := k.p[i]
		e := math.Exp(min(float64(s*x), 700))
		m := float64(p * e)
		f := 1 - p + m
		q := m / f // probability under the tilt
		if f > 1e100 {
			k0 += math.Log(f)
		} else if product = float64(product * f); product > 1e100 || product < 1e-100 {
			k0 += math.Log(product)
			product = 1
		}
		v := float64(q * (1 - q))
		k1 += float64(x * q)
		v = float64(v * float64(x*x))
		k2 += v
		k3 += float64(float64(v*x) * (1 - float64(2*q)))
	}
	return k0 + math.Log(product), k1, k2, k3
}
