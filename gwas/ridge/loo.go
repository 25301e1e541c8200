package ridge

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"github.com/gx-genomics/gx/internal/kern"
)

// leaveOneOut is the memory of predictions of each sample from all others.
type leaveOneOut struct {
	v      mat.Dense
	turned []float64 // V' D: rows x rows
	shift  []float64 // of it with the basis
	p      []float64 // V' of the residuals: rows x samples of a chunk
	z      []float64 // V' b: rows x traits
	values []float64
}

// leaveOneOut predicts every sample by the coefficients of all others: with the
// eigenvectors V and eigenvalues d of the products, P = V'g of a sample and
// z = V'b, the prediction from all is sum P z / (d + lambda), its share of the
// sample's own value h = sum P^2 / (d + lambda), and that from the others is
// (fit - h y) / (1 - h).
func (l *level0) leaveOneOut() error {
	if l.loo == nil {
		l.loo = &leaveOneOut{}
	}
	m := l.loo
	n, traits, c := l.rows, len(l.p.traits), len(l.p.q)
	whole := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			whole.SetSym(i, j, l.a[i*n+j])
		}
	}
	if !l.eigen.Factorize(whole, true) {
		return errors.New("the eigenvalues of their products were not found")
	}
	m.values = l.eigen.Values(fit(m.values, n))
	m.v.Reset()
	l.eigen.VectorsTo(&m.v)
	v := m.v.RawMatrix().Data
	m.turned, m.z = fit(m.turned, n*n), zeroed(m.z, n*traits)
	for i := range n {
		for k := range n {
			m.turned[k*n+i] = v[i*n+k] * l.d[i]
		}
	}
	l.gemm.Add(1, kern.Dense(v, n, n).T(), kern.Dense(l.b, n, traits), kern.Dense(m.z, n, traits))
	m.shift = zeroed(m.shift, n*c)
	l.gemm.Add(1, kern.Dense(m.turned, n, n), kern.Dense(l.z, n, c), kern.Dense(m.shift, n, c))
	m.p = fit(m.p, n*chunk)
	for from := 0; from < l.p.n; from += chunk {
		to := min(from+chunk, l.p.n)
		p := kern.Dense(m.p[:n*(to-from)], n, to-from)
		clear(p.Data)
		l.gemm.Add(1, kern.Dense(m.turned, n, n), l.unpack(from, to), p)
		l.gemm.Add(-1, kern.Dense(m.shift, n, c), l.p.basis(from, to), p)
		l.others(from, to, traits)
	}
	return nil
}

// others makes the predictions of samples from..to-1.
func (l *level0) others(from, to, traits int) {
	m, w := l.loo, to-from
	fits, share := make([]float64, traits*w), make([]float64, w)
	for s, lambda := range l.lambda {
		clear(fits)
		clear(share)
		for k, d := range m.values {
			weight := 1 / (max(d, 0) + lambda)
			row := m.p[k*w : (k+1)*w]
			for i, x := range row {
				share[i] += float64(x*x) * weight
			}
			for t := range traits {
				a := m.z[k*traits+t] * weight
				f := fits[t*w : (t+1)*w]
				for i, x := range row {
					f[i] += float64(x * a)
				}
			}
		}
		for t := range traits {
			y, pred := l.p.y[t][from:to], l.pred[s*traits+t][from:to]
			for i := range pred {
				pred[i] = (fits[t*w+i] - float64(share[i]*y[i])) / (1 - share[i])
			}
		}
	}
}
