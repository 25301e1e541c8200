package ridge

import (
	"context"
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// level1 weighs the predictors of one trait.
type level1 struct {
	ctx   context.Context
	p     *problem
	t     int // of the problem
	store *Store
	spans []Span // of the blocks; each has Shrinkages columns
	cols  int
	tau   [Shrinkages]float64
	rows  int       // samples of a chunk
	w     []float64 // columns x samples
	gemm  *kern.Gemm[float64]
	chol  *kern.Cholesky
	fits  [Shrinkages]Fit
	loo   bool
}

// Fit is how well predictions at one shrinkage do on samples that their models have
// not seen.
type Fit struct {
	Share  float64 // of the variance, that the shrinkage stands for
	R2     float64 // squared correlation with the trait
	MSE    float64 // mean squared error
	LogLik float64 // mean log likelihood of a binary trait
}

func newLevel1(ctx context.Context, p *problem, t int, s *Store, spans []Span) *level1 {
	l := &level1{ctx: ctx, p: p, t: t, store: s, spans: spans, cols: s.cols, loo: p.o.LOO}
	factor := 1.0
	if p.study.Traits[p.traits[t]].Binary {
		factor = 3 / (math.Pi * math.Pi) // one over the variance of the logistic distribution
	}
	for i, share := range shares {
		l.tau[i] = shrinkage(s.cols, share) * factor
		l.fits[i].Share = share
	}
	l.rows = min(max(1<<21/s.cols, 256), 4096)
	k := kern.Active()
	l.gemm, l.chol = k.NewGemm64(p.o.Threads), k.NewCholesky(p.o.Threads)
	return l
}

// each goes through the samples in chunks that lie in one fold: w has the
// predictors in rows.
func (l *level1) each(do func(f, from, to int, w kern.Matrix[float64])) error {
	l.w = fit(l.w, l.cols*l.rows)
	for f, fold := range l.p.folds {
		for from := fold.from; from < fold.to; from += l.rows {
			if err := l.ctx.Err(); err != nil {
				return err
			}
			to := min(from+l.rows, fold.to)
			w := l.w[:l.cols*(to-from)]
			if err := l.store.read(l.p.traits[l.t], from, to, w); err != nil {
				return err
			}
			do(f, from, to, kern.Dense(w, l.cols, to-from))
		}
	}
	return nil
}

// weights are the coefficients that predict the samples of each fold; of
// leave-one-out those of all samples, and what one's own trait adds to them.
type weights struct {
	beta [][]float64 // by fold
	// inverse, of leave-one-out, is that of the penalised information: the
	// coefficients without sample i are beta - inverse w_i own_i.
	inverse []float64
	own     []float64
}

// quantitative fits the trait at all shrinkages and gives the weights of the best.
func (l *level1) quantitative() (*weights, int, error) {
	y, folds, c := l.p.y[l.t], len(l.p.folds), l.cols
	ww, wy := make([][]float64, folds), make([][]float64, folds)
	for f := range folds {
		ww[f], wy[f] = make([]float64, c*c), make([]float64, c)
	}
	if err := l.each(func(f, from, to int, w kern.Matrix[float64]) {
		l.gemm.Syrk(1, w, kern.Dense(ww[f], c, c))
		l.gemm.Add(1, w, kern.Dense(y[from:to], to-from, 1), kern.Dense(wy[f], c, 1))
	}); err != nil {
		return nil, 0, err
	}
	all, ally := make([]float64, c*c), make([]float64, c)
	for f := range folds {
		add(all, ww[f])
		add(ally, wy[f])
	}
	var tried [Shrinkages]*weights
	for s, tau := range l.tau {
		w := &weights{}
		for f := range folds {
			a, b := append([]float64(nil), all...), append([]float64(nil), ally...)
			if !l.loo {
				subtract(a, ww[f])
				subtract(b, wy[f])
			}
			if err := l.solve(a, tau, b); err != nil {
				return nil, 0, err
			}
			w.beta = append(w.beta, b)
			if l.loo {
				w.inverse = l.invert(a)
			}
		}
		if l.loo {
			w.own = make([]float64, l.p.n)
		}
		tried[s] = w
	}
	for s, w := range tried {
		sum := &sums{}
		if err := l.eachPrediction(w, func(from int, fits, hats []float64) {
			for i, fit := range fits {
				if l.loo {
					w.own[from+i] = (y[from+i] - fit) / (1 - hats[i])
					fit -= float64(hats[i] * w.own[from+i])
				}
				if l.p.seen[l.t][from+i] {
					sum.add(fit, y[from+i])
				}
			}
		}); err != nil {
			return nil, 0, err
		}
		l.fits[s].MSE, l.fits[s].R2 = sum.mse(), sum.r2()
	}
	best := 0
	for s := range l.fits {
		if l.fits[s].MSE < l.fits[best].MSE {
			best = s
		}
	}
	return tried[best], best, nil
}

// solve replaces b by the solution of (A + tau) x = b, and A by its factor.
func (l *level1) solve(a []float64, tau float64, b []float64) error {
	for i := range l.cols {
		a[i*l.cols+i] += tau
	}
	m := kern.Dense(a, l.cols, l.cols)
	if err := l.chol.Factor(m); err != nil {
		return err
	}
	l.chol.Solve(m, kern.Dense(b, l.cols, 1))
	return nil
}

// invert gives the inverse of what solve has factored.
func (l *level1) invert(factor []float64) []float64 {
	c := l.cols
	inv := make([]float64, c*c)
	for i := range c {
		inv[i*c+i] = 1
	}
	l.chol.Solve(kern.Dense(factor, c, c), kern.Dense(inv, c, c))
	return inv
}

// eachPrediction gives, for runs of samples, predictions by the weights of their
// folds, and with leave-one-out w' inverse w of each sample.
func (l *level1) eachPrediction(w *weights, do func(from int, fits, hats []float64)) error {
	fits, hats := make([]float64, l.rows), make([]float64, l.rows)
	var u []float64
	return l.each(func(f, from, to int, x kern.Matrix[float64]) {
		m := to - from
		fits, hats := fits[:m], hats[:m]
		clear(fits)
		l.gemm.Add(1, kern.Dense(w.beta[f], 1, l.cols), x, kern.Dense(fits, 1, m))
		if w.inverse != nil {
			u = zeroed(u, l.cols*m)
			l.gemm.Add(1, kern.Dense(w.inverse, l.cols, l.cols), x, kern.Dense(u, l.cols, m))
			clear(hats)
			for j := range l.cols {
				for i, v := range x.Data[j*m : (j+1)*m] {
					hats[i] += float64(v * u[j*m+i])
				}
			}
		}
		do(from, fits, hats)
	})
}

// without gives the predictions of everyone from all chromosomes but each of
// those named, and from all.
func (l *level1) without(w *weights, chroms []string) (out [][]float64, all []float64, err error) {
	all = make([]float64, l.p.n)
	out = make([][]float64, len(chroms))
	for k := range out {
		out[k] = make([]float64, l.p.n)
	}
	at := map[string][]float64{}
	for k, name := range chroms {
		at[name] = out[k]
	}
	var u []float64
	err = l.each(func(f, from, to int, x kern.Matrix[float64]) {
		m := to - from
		if w.inverse != nil {
			u = zeroed(u, l.cols*m)
			l.gemm.Add(1, kern.Dense(w.inverse, l.cols, l.cols), x, kern.Dense(u, l.cols, m))
		}
		for j := range l.cols {
			part := at[l.spans[j/Shrinkages].Chrom]
			beta := w.beta[f][j]
			for i, v := range x.Data[j*m : (j+1)*m] {
				b := beta
				if w.inverse != nil {
					b -= float64(u[j*m+i] * w.own[from+i])
				}
				b *= v
				all[from+i] += b
				part[from+i] += b // of the chromosome alone, until it is taken from all
			}
		}
	})
	for _, part := range out {
		for i, v := range part {
			part[i] = all[i] - v
		}
	}
	return out, all, err
}

func subtract(dst, v []float64) {
	for i, x := range v {
		dst[i] -= x
	}
}

// sums compares predictions with values.
type sums struct{ n, x, y, xx, yy, xy, sq float64 }

func (s *sums) add(x, y float64) {
	s.n++
	s.x += x
	s.y += y
	s.xx += float64(x * x)
	s.yy += float64(y * y)
	s.xy += float64(x * y)
	s.sq += float64((x - y) * (x - y))
}

func (s *sums) mse() float64 { return s.sq / s.n }

func (s *sums) r2() float64 {
	c, a, b := s.xy-float64(s.x*s.y)/s.n, s.xx-float64(s.x*s.x)/s.n, s.yy-float64(s.y*s.y)/s.n
	if a <= 0 || b <= 0 {
		return 0
	}
	return c * c / (a * b)
}
