package glm

import "math"

const (
	logisticIterations = 50
	halvings           = 25
	// scoreTolerance ends the iterations, for columns of length about 1.
	scoreTolerance = 1e-9
	// largestEta is a linear predictor that no likelihood with a maximum has.
	largestEta = 60
)

// Logistic fits a logistic model by Newton's method with step halving, from the
// coefficients given (nil for zero). On an error the estimates mean nothing.
func (s *Solver) Logistic(d *Design, start []float64) error {
	s.size(d)
	if start == nil {
		clear(s.Beta)
	} else {
		copy(s.Beta, start)
	}
	s.LogLik = s.evaluate(d, s.Beta)
	for range logisticIterations {
		if _, err := s.inform(d); err != nil {
			return err
		}
		clear(s.score)
		for i := range d.N {
			e := d.Y[i] - s.P[i]
			for j, x := range d.X[i*d.K : (i+1)*d.K] {
				s.score[j] += float64(e * x)
			}
		}
		copy(s.step, s.score)
		solve(s.factor, d.K, s.step)
		// Newton's decrement is the gain to be had, whatever the scale of columns.
		gain := 0.0
		for j, v := range s.step {
			gain += float64(v * s.score[j])
		}
		if gain < scoreTolerance*scoreTolerance*float64(d.N) {
			return nil
		}
		if math.IsNaN(gain) {
			return ErrNoConvergence
		}
		if !s.search(d, gain) {
			if gain < 1e-12*(1+math.Abs(s.LogLik)) { // rounding ends the ascent
				s.evaluate(d, s.Beta)
				return nil
			}
			return ErrNoConvergence
		}
		if s.separated(d) {
			return ErrSingular
		}
	}
	return ErrNoConvergence
}

// search takes the step, halved until the likelihood rises.
func (s *Solver) search(d *Design, gain float64) bool {
	t := 1.0
	for range halvings {
		for j, v := range s.Beta {
			s.trial[j] = v + float64(t*s.step[j])
		}
		ll := s.evaluate(d, s.trial)
		if ll >= s.LogLik-1e-13*math.Abs(s.LogLik) && !math.IsNaN(ll) {
			s.LogLik = ll
			copy(s.Beta, s.trial)
			return true
		}
		t /= 2
	}
	return false
}

// separated says that the fit runs away: some sample is certain beyond reason.
func (s *Solver) separated(d *Design) bool {
	if s.LogLik > -1e-6 {
		return true
	}
	least := math.Exp(-largestEta)
	for _, w := range s.W {
		if w < least {
			return true
		}
	}
	return false
}

// Wald is the test of the last coefficient after a fit.
func (s *Solver) Wald() Fit { return Wald(s.Beta[len(s.Beta)-1], s.SE()) }

// Wald is the normal test of an estimate over its standard error.
func Wald(beta, se float64) Fit {
	z := beta / se
	return Fit{beta, se, z, NormalTail(z)}
}

// WaldPair is the tests of the last two coefficients after a fit, and the
// chi-square with two degrees of freedom of both. The trailing block of the
// factor is that of the inverse of their covariance.
func (s *Solver) WaldPair() (first, second Fit, both float64) {
	k := len(s.Beta)
	a, b := s.Beta[k-2], s.Beta[k-1]
	l11, l21, l22 := s.factor[(k-2)*k+k-2], s.factor[(k-1)*k+k-2], s.factor[(k-1)*k+k-1]
	u, v := float64(l11*a)+float64(l21*b), float64(l22*b)
	return Wald(a, math.Hypot(1, l21/l22)/l11), Wald(b, 1/l22), float64(u*u) + float64(v*v)
}
