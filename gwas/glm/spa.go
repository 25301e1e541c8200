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
func (s *Scratch) Saddlepoint(x, p []float64, score, variance float64) (Fit, error) {
	most, least, mean := 0.0, 0.0, 0.0
	for i, v := range x {
		low := -float64(v * p[i])
		top := v + low
		mean -= low
		most += max(top, low)
		least += min(top, low)
	}
	// The score can lie in (least, most) only.
	size := math.Abs(score)
	if size >= most || -size <= least {
		return NoFit(), ErrNoConvergence
	}
	a := spa{k: &s.k, x: x, p: p, mean: mean}
	a.k.set(x, p, reachOf(score/variance))
	up, err := a.tail(size, variance)
	if err != nil {
		return NoFit(), err
	}
	down, err := a.tail(-size, variance)
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
	se := 1 / math.Sqrt(variance)
	return Fit{z * se, se, z, -logP / math.Ln10}, nil
}

// Scratch is the memory of tests on a null model. It belongs to one goroutine.
type Scratch struct{ k cumulant }

// reachOf is how far a search goes that begins at an estimate, mostly.
func reachOf(beta float64) float64 { return 2*math.Abs(beta) + 1e-12 }

type spa struct {
	k    *cumulant
	x, p []float64
	mean float64 // of the sum of x over cases
}

// at is the cumulant generating function of the score and two derivatives.
func (a *spa) at(t float64) (k0, k1, k2 float64) {
	if math.Abs(t) > a.k.reach {
		a.k.set(a.x, a.p, 2*math.Abs(t))
	}
	k0, k1, k2, _ = a.k.at(t)
	return k0 - float64(t*a.mean), k1 - a.mean, k2
}

// tail is the logarithm of the probability beyond q, on its own side of 0.
func (a *spa) tail(q, variance float64) (float64, error) {
	if q == 0 {
		return math.Log(0.5), nil
	}
	sign, size := math.Copysign(1, q), math.Abs(q)
	lo, hi := 0.0, math.Inf(1) // brackets of |root|
	t := size / variance
	for range 200 {
		k0, k1, k2 := a.at(sign * t)
		miss := float64(sign*k1) - size
		if math.Abs(miss) < 1e-9*(size+math.Sqrt(variance)) || hi-lo < 1e-14*hi {
			w2 := 2 * (float64(t*size) - k0)
			if w2 <= 0 || k2 <= 0 {
				return math.Log(0.5), nil
			}
			w := math.Sqrt(w2)
			v := t * math.Sqrt(k2)
			return logNormalUpper(w + math.Log(v/w)/w), nil
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
