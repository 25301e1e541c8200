package glm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Saddlepoint is the two-sided tail of a score under a logistic null model by
// the saddlepoint approximation of Lugannani and Rice as of Dey and others
// 2017. x is the genotype with the covariates taken out, p the fitted
// probabilities, score the sum of x(y-p) and variance that of x^2 p(1-p). The
// estimate is the one whose score test has that tail.
func Saddlepoint(x, p []float64, score, variance float64) (Fit, error) {
	c := math.Sqrt(variance)
	s := spa{x: x, p: p, c: c}
	for i, v := range x {
		s.a += float64(v * p[i])
		top := v * (1 - p[i])
		low := -v * p[i]
		s.most += max(top, low)
		s.least += min(top, low)
	}
	t := math.Abs(score) / c
	// The score can lie in (least, most) only.
	if t*c >= s.most || -t*c <= s.least {
		return NoFit(), ErrNoConvergence
	}
	up, err := s.tail(t)
	if err != nil {
		return NoFit(), err
	}
	down, err := s.tail(-t)
	if err != nil {
		return NoFit(), err
	}
	// Tails are natural logarithms: add them without underflow.
	if down > up {
		up, down = down, up
	}
	logP := up + math.Log1p(math.Exp(down-up))
	if logP > 0 || math.IsNaN(logP) {
		return NoFit(), ErrNoConvergence
	}
	z := math.Copysign(normalDeviate(logP), score)
	se := 1 / c
	return Fit{z * se, se, z, -logP / math.Ln10}, nil
}

type spa struct {
	x, p        []float64
	c, a        float64
	most, least float64
}

// slopes gives the first two derivatives of the cumulant generating function of
// the standardised score.
func (s *spa) slopes(t float64) (k1, k2 float64) {
	for i, v := range s.x {
		u := v / s.c
		p := s.p[i]
		m := p * math.Exp(min(t*u, 700))
		q := m / (1 - p + m) // probability under the tilt
		k1 += float64(u * q)
		k2 += float64(float64(u*u) * float64(q*(1-q)))
	}
	return k1 - s.a/s.c, k2
}

// cumulant is the function itself.
func (s *spa) cumulant(t float64) float64 {
	k := 0.0
	for i, v := range s.x {
		e := t * v / s.c
		p := s.p[i]
		if e <= 0 {
			k += math.Log1p(float64(p * math.Expm1(e)))
		} else {
			k += e + math.Log1p(float64((1-p)*math.Expm1(-e)))
		}
	}
	return k - float64(t*s.a/s.c)
}

// tail is the logarithm of the probability beyond q, on its own side of 0.
func (s *spa) tail(q float64) (float64, error) {
	if q == 0 {
		return math.Log(0.5), nil
	}
	sign := math.Copysign(1, q)
	lo, hi := 0.0, math.Inf(1) // brackets of |root|
	t := math.Abs(q)
	for range 200 {
		k1, k2 := s.slopes(sign * t)
		miss := sign*k1 - math.Abs(q)
		if math.Abs(miss) < 1e-10*(1+math.Abs(q)) || hi-lo < 1e-14*hi {
			w2 := 2 * (float64(t*math.Abs(q)) - s.cumulant(sign*t))
			if w2 <= 0 || k2 <= 0 {
				return math.Log(0.5), nil
			}
			w := math.Sqrt(w2)
			v := t * math.Sqrt(k2)
			r := w + math.Log(v/w)/w
			return logNormalUpper(r), nil
		}
		if miss < 0 {
			lo = t
		} else {
			hi = t
		}
		next := t - miss/k2
		if !(next > lo && next < hi) {
			if math.IsInf(hi, 1) {
				next = 2 * t
			} else {
				next = (lo + hi) / 2
			}
		}
		t = next
	}
	return 0, ErrNoConvergence
}

// logNormalUpper is the logarithm of the upper tail of the standard normal.
func logNormalUpper(r float64) float64 {
	if r < 0 {
		return math.Log(math.Erfc(r/math.Sqrt2) / 2)
	}
	return -NormalTail(r)*math.Ln10 - math.Ln2
}

// normalDeviate is the z whose two-sided tail has the logarithm given.
func normalDeviate(logP float64) float64 {
	want := -logP / math.Ln10
	z := math.Sqrt(max(-2*logP, 0))
	if logP > -600 {
		z = -distuv.UnitNormal.Quantile(math.Exp(logP) / 2)
	}
	for range 50 { // the slope of -log10 p is about z/ln 10
		slope := max(z, 0.5) / math.Ln10
		step := (want - NormalTail(z)) / slope
		z = max(z+step, 0)
		if math.Abs(step) < 1e-13*(1+z) {
			break
		}
	}
	return z
}
