package nullmodel

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// linear is least squares, or logistic regression for a binary trait, on the
// columns of a design with an intercept. A ridge of a millionth of the rows
// keeps collinear columns harmless.
type linear struct {
	binary bool
	beta   []float64 // intercept first
}

// fitLinear fits by Newton's method; for a quantitative trait its first step
// is exact. x is feature-major.
func fitLinear(x [][]float64, y []float64, binary bool) *linear {
	p := len(x) + 1
	l := &linear{binary: binary, beta: make([]float64, p)}
	const most = 30
	for range most {
		eta := l.eta(x, len(y))
		hess := mat.NewSymDense(p, nil)
		grad := mat.NewVecDense(p, nil)
		l.normal(x, y, eta, hess, grad)
		var chol mat.Cholesky
		if !chol.Factorize(hess) {
			return l
		}
		var step mat.VecDense
		if chol.SolveVecTo(&step, grad) != nil {
			return l
		}
		largest := 0.0
		for k := range p {
			l.beta[k] += step.AtVec(k)
			largest = math.Max(largest, math.Abs(step.AtVec(k)))
		}
		if !binary || largest < 1e-9 {
			return l
		}
	}
	return l
}

// normal fills in the second and first derivatives of the penalised log
// likelihood at the scores eta.
func (l *linear) normal(x [][]float64, y, eta []float64, hess *mat.SymDense, grad *mat.VecDense) {
	n, p := len(y), len(x)+1
	w, r := make([]float64, n), make([]float64, n)
	for i := range n {
		w[i], r[i] = 1, y[i]-eta[i]
		if l.binary {
			mu := sigmoid(eta[i])
			w[i], r[i] = math.Max(mu*(1-mu), 1e-10), y[i]-mu
		}
	}
	at := func(k, i int) float64 {
		if k == 0 {
			return 1
		}
		return x[k-1][i]
	}
	ridge := 1e-6 * float64(n)
	for a := range p {
		g := 0.0
		for i := range n {
			g += float64(at(a, i) * r[i])
		}
		if a > 0 {
			g -= float64(ridge * l.beta[a])
		}
		grad.SetVec(a, g)
		for b := a; b < p; b++ {
			h := 0.0
			for i := range n {
				h += float64(at(a, i) * float64(at(b, i)*w[i]))
			}
			if a == b && a > 0 {
				h += ridge
			}
			hess.SetSym(a, b, h)
		}
	}
}

func (l *linear) scores(x [][]float64, n int) ([]float64, error) { return l.eta(x, n), nil }

// eta is the linear predictor: the mean, or the logit for a binary trait.
func (l *linear) eta(x [][]float64, n int) []float64 {
	eta := make([]float64, n)
	for i := range eta {
		eta[i] = l.beta[0]
	}
	for k := range x {
		b := l.beta[k+1]
		for i, v := range x[k] {
			eta[i] += float64(b * v)
		}
	}
	return eta
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}
