package ridge

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/internal/kern"
)

const (
	logisticIterations = 100
	logisticTolerance  = 1e-6 // largest derivative of the penalised likelihood; regenie ends at 1e-4
)

// cases are the values of a binary trait, 0 where missing, and the linear
// predictor of the covariates alone.
func (l *level1) cases() (y, offset []float64, err error) {
	t := &l.p.study.Traits[l.p.traits[l.t]]
	y = l.p.ordered(t.Values)
	var seen []int
	for i := range y {
		if l.p.seen[l.t][i] {
			seen = append(seen, i)
		} else {
			y[i] = 0
		}
	}
	columns := make([][]float64, len(l.p.q))
	cases := make([]float64, len(seen))
	for j, q := range l.p.q {
		columns[j] = make([]float64, len(seen))
		for k, i := range seen {
			columns[j][k] = q[i]
		}
	}
	for k, i := range seen {
		cases[k] = y[i]
	}
	var s glm.Solver
	if err := s.Logistic(glm.NewDesign(columns, cases, nil), nil); err != nil {
		return nil, nil, fmt.Errorf("the covariates alone: %w", err)
	}
	offset = make([]float64, l.p.n)
	for i := range offset {
		for j, q := range l.p.q {
			offset[i] += float64(q[i] * s.Beta[j])
		}
	}
	return y, offset, nil
}

// binary fits the trait at all shrinkages and gives the weights of the best by the
// likelihood.
func (l *level1) binary() (*weights, int, error) {
	y, offset, err := l.cases()
	if err != nil {
		return nil, 0, err
	}
	folds := len(l.p.folds)
	start := make([][]float64, folds) // those of the shrinkage before
	for f := range start {
		start[f] = make([]float64, l.cols)
	}
	var tried [Shrinkages]*weights
	best := 0
	for s, tau := range l.tau {
		w := &weights{}
		for f := range folds {
			left := f
			if l.loo {
				left = -1
			}
			factor, err := l.logistic(start[f], y, offset, tau, left)
			if err != nil {
				return nil, 0, fmt.Errorf("at the shrinkage of %g of the variance: %w", shares[s], err)
			}
			w.beta = append(w.beta, append([]float64(nil), start[f]...))
			if l.loo {
				w.inverse, w.own = l.invert(factor), make([]float64, l.p.n)
			}
		}
		sum, loglik := &sums{}, 0.0
		if err := l.eachPrediction(w, func(from int, fits, hats []float64) {
			for i, eta := range fits {
				k := from + i
				if !l.p.seen[l.t][k] {
					continue
				}
				if l.loo {
					p := sigmoid(offset[k] + eta)
					w.own[k] = (y[k] - p) / (1 - float64(hats[i]*p*(1-p)))
					eta -= float64(hats[i] * w.own[k])
				}
				eta += offset[k]
				sum.add(sigmoid(eta), y[k])
				loglik -= softplus(eta) - float64(y[k]*eta)
			}
		}); err != nil {
			return nil, 0, err
		}
		l.fits[s].MSE, l.fits[s].R2, l.fits[s].LogLik = sum.mse(), sum.r2(), loglik/sum.n
		if l.fits[s].LogLik > l.fits[best].LogLik {
			best = s
		}
		tried[s] = w
	}
	return tried[best], best, nil
}

// logistic fits a ridge regression by Newton's method to the samples outside of
// the fold that is left out, from beta, which it replaces. It gives the factor of
// the penalised information at the solution.
func (l *level1) logistic(beta, y, offset []float64, tau float64, left int) ([]float64, error) {
	c := l.cols
	h, rhs, score := make([]float64, c*c), make([]float64, c), make([]float64, c)
	var scaled, eta, e, z []float64
	for range logisticIterations {
		clear(h)
		clear(rhs)
		clear(score)
		if err := l.each(func(f, from, to int, w kern.Matrix[float64]) {
			if f == left {
				return
			}
			m := to - from
			eta, e, z, scaled = zeroed(eta, m), zeroed(e, m), zeroed(z, m), fit(scaled, c*m)
			l.gemm.Add(1, kern.Dense(beta, 1, c), w, kern.Dense(eta, 1, m))
			for i, x := range eta {
				k := from + i
				if !l.p.seen[l.t][k] {
					eta[i] = 0 // from here on the root of the weight
					continue
				}
				p := sigmoid(x + offset[k])
				v := p * (1 - p)
				e[i] = y[k] - p
				z[i] = float64(v*x) + e[i]
				eta[i] = math.Sqrt(v)
			}
			for j := range c {
				row := scaled[j*m : (j+1)*m]
				for i, x := range w.Data[j*m : (j+1)*m] {
					row[i] = x * eta[i]
				}
			}
			l.gemm.Syrk(1, kern.Dense(scaled[:c*m], c, m), kern.Dense(h, c, c))
			l.gemm.Add(1, w, kern.Dense(z, m, 1), kern.Dense(rhs, c, 1))
			l.gemm.Add(1, w, kern.Dense(e, m, 1), kern.Dense(score, c, 1))
		}); err != nil {
			return nil, err
		}
		most := 0.0
		for j, s := range score {
			most = max(most, math.Abs(s-float64(tau*beta[j])))
		}
		if math.IsNaN(most) {
			break
		}
		if err := l.solve(h, tau, rhs); err != nil {
			return nil, err
		}
		if most < logisticTolerance {
			return h, nil
		}
		copy(beta, rhs)
	}
	return nil, fmt.Errorf("the logistic ridge regression did not converge in %d steps", logisticIterations)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
