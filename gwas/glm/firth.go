package glm

import "math"

const (
	firthIterations = 250
	firthMaxStep    = 5.0
	firthTolerance  = 1e-7
)

// Firth maximises the likelihood times the root of the determinant of the
// information (Firth 1993; Heinze and Schemper 2002). The first free
// coefficients are fitted and the others stay at 0, though their columns count
// in the penalty: that is the null of a likelihood ratio. start may be nil.
// Afterwards LogLik is the penalised one, and SE that of the unpenalised
// information.
func (s *Solver) Firth(d *Design, free int, start []float64) error {
	s.size(d)
	clear(s.Beta)
	copy(s.Beta[:free], start)
	s.h = resize(s.h, d.N)
	ll, err := s.penalised(d, s.Beta)
	if err != nil {
		return err
	}
	s.LogLik = ll
	for range firthIterations {
		s.hat(d)
		clear(s.score)
		for i := range d.N {
			e := d.Y[i] - s.P[i] + float64(s.h[i]*(0.5-s.P[i]))
			for j, x := range d.X[i*d.K : (i+1)*d.K] {
				s.score[j] += float64(e * x)
			}
		}
		// The leading part of a factor is the factor of the leading part.
		step, score := s.step[:free], s.score[:free]
		copy(step, score)
		solve(s.factor, d.K, step)
		gain, most := 0.0, 0.0
		for j, v := range step {
			gain += float64(v * score[j])
			most = max(most, math.Abs(v))
		}
		if math.IsNaN(gain) {
			return ErrNoConvergence
		}
		if gain < firthTolerance*firthTolerance {
			return nil
		}
		t := min(1, s.limit(d, step))
		if !s.searchFirth(d, free, t) {
			if gain < 1e-10*(1+math.Abs(s.LogLik)) {
				_, err := s.penalised(d, s.Beta)
				return err
			}
			return ErrNoConvergence
		}
	}
	return ErrNoConvergence
}

// limit is the share of a step that changes no linear predictor by more than
// firthMaxStep: a bound that does not depend on the scale of columns.
func (s *Solver) limit(d *Design, step []float64) float64 {
	most := 0.0
	for i := range d.N {
		eta := 0.0
		for j, v := range step {
			eta += float64(d.X[i*d.K+j] * v)
		}
		most = max(most, math.Abs(eta))
	}
	if most <= firthMaxStep {
		return 1
	}
	return firthMaxStep / most
}

func (s *Solver) searchFirth(d *Design, free int, t float64) bool {
	for range halvings {
		copy(s.trial, s.Beta)
		for j := range free {
			s.trial[j] += float64(t * s.step[j])
		}
		ll, err := s.penalised(d, s.trial)
		if err == nil && ll >= s.LogLik-1e-13*math.Abs(s.LogLik) {
			s.LogLik = ll
			copy(s.Beta, s.trial)
			return true
		}
		t /= 2
	}
	return false
}

// penalised is the penalised log likelihood at beta; P, W and the factor are
// those of beta afterwards.
func (s *Solver) penalised(d *Design, beta []float64) (float64, error) {
	ll := s.evaluate(d, beta)
	logDet, err := s.inform(d)
	return ll + logDet/2, err
}

// hat sets h to the diagonal of W^1/2 X (X'WX)^-1 X' W^1/2.
func (s *Solver) hat(d *Design) {
	for i := range d.N {
		copy(s.row, d.X[i*d.K:(i+1)*d.K])
		forward(s.factor, d.K, s.row)
		sum := 0.0
		for _, v := range s.row {
			sum += float64(v * v)
		}
		s.h[i] = s.W[i] * sum
	}
}

// FirthRatio is the penalised likelihood ratio test of the last coefficient.
// start are coefficients to begin with, nil for zero. The statistic is the root
// of the ratio with the sign of the estimate.
func (s *Solver) FirthRatio(d *Design, start []float64) (Fit, error) {
	if err := s.Firth(d, d.K-1, start); err != nil {
		return NoFit(), err
	}
	null := s.LogLik
	begin := append([]float64(nil), s.Beta...)
	if err := s.Firth(d, d.K, begin); err != nil {
		return NoFit(), err
	}
	ratio := 2 * (s.LogLik - null)
	if ratio < 0 {
		return NoFit(), ErrNoConvergence
	}
	beta := s.Beta[d.K-1]
	stat := math.Copysign(math.Sqrt(ratio), beta)
	return Fit{beta, s.SE(), stat, NormalTail(stat)}, nil
}

// Approximate is Firth's method for one predictor x beside a fixed model that
// gives probabilities p, which comes from a fit without it: regenie's
// approximation (Mbatchou and others 2021). x is the genotype with the
// covariates taken out under the weights of the null model. Of a rare allele the
// caller gives the carriers alone, as what the others have is next to nothing.
// start is an estimate by other means; it decides how fast the fit is. The
// result is a likelihood ratio test.
//
// The log likelihood at b is b times the sum of x y less the cumulant function
// K(b), the information its second derivative, and the penalised score has half
// of the third over the second more.
func (s *Scratch) Approximate(x, y, p []float64, start float64) (Fit, error) {
	xy := 0.0
	for i, v := range x {
		xy += float64(v * y[i])
	}
	k := &s.k
	k.set(x, p, reachOf(start))
	at := func(b float64) point {
		if math.Abs(b) > k.reach {
			k.set(x, p, 2*math.Abs(b))
		}
		k0, k1, k2, k3 := k.at(b)
		return point{2*(k0-float64(b*xy)) - math.Log(k2), xy - k1 + k3/(2*k2), k2}
	}
	beta := 0.0
	d := at(beta)
	null := d.deviance
	for range firthIterations {
		if !(d.info > 0) {
			return NoFit(), ErrSingular
		}
		if math.Abs(d.score) < 1e-9*(1+math.Sqrt(d.info)) {
			ratio := null - d.deviance
			if ratio < 0 {
				if ratio < -1e-9 {
					return NoFit(), ErrNoConvergence
				}
				ratio = 0
			}
			stat := math.Copysign(math.Sqrt(ratio), beta)
			return Fit{beta, 1 / math.Sqrt(d.info), stat, NormalTail(stat)}, nil
		}
		step := max(-firthMaxStep, min(firthMaxStep, d.score/d.info))
		ok := false
		for range halvings {
			next := at(beta + step)
			if next.deviance <= d.deviance+1e-12*(1+math.Abs(d.deviance)) {
				beta, d, ok = beta+step, next, true
				break
			}
			step /= 2
		}
		if !ok {
			return NoFit(), ErrNoConvergence
		}
	}
	return NoFit(), ErrNoConvergence
}

// point is the penalised deviance at a coefficient, less that of b = 0 without
// its penalty, the penalised score and the information.
type point struct{ deviance, score, info float64 }
