package ridge

import (
	"context"
	"fmt"
	"iter"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/kern"
)

// Span is rows From..To-1 of a source, all of one chromosome.
type Span struct {
	Chrom    string
	From, To int
}

// Blocks cuts the rows of a source into blocks of at most size, none over two
// chromosomes.
func Blocks(names iter.Seq2[*dosage.Variant, error], size int) ([]Span, error) {
	var out []Span
	row := 0
	for v, err := range names {
		if err != nil {
			return nil, err
		}
		if k := len(out) - 1; k >= 0 && out[k].Chrom == v.Chrom && row-out[k].From < size {
			out[k].To++
		} else {
			out = append(out, Span{string([]byte(v.Chrom)), row, row + 1})
		}
		row++
	}
	return out, nil
}

// chunk is how many samples are unpacked at once. Sums of products of copies over
// them are whole numbers below 2^24, so that float32 adds them exactly.
const chunk = 1024

// level0 makes the predictors of blocks. It owns the memory of one goroutine.
type level0 struct {
	p      *problem
	lambda [Shrinkages]float64
	gemm   *kern.Gemm[float64]
	exact  *kern.Gemm[float32]
	chol   *kern.Cholesky

	rows  int          // of the block
	means []float64    // by row, what stands for a missing genotype
	hard  bool         // all are whole copies, and none is missing
	rowsv []dosage.Row // of the block
	g     []float64    // rows x samples of a chunk
	g32   []float32    // the same
	part  []float32    // rows x rows
	gg    [][]float64  // by fold: rows x rows, the lower triangle
	gq    [][]float64  // by fold: rows x columns of the basis
	gy    [][]float64  // by fold: rows x traits
	a, z  []float64    // all folds: products of residuals, and with the basis
	b, d  []float64    // products with the traits; what scales a row
	sys   []float64    // a system to solve
	rhs   []float64    // rows x traits
	coef  []float64    // predictors x rows
	shift []float64    // predictors x columns of the basis
	pred  [][]float64  // by predictor: all samples
	out   []float64    // predictors x samples of a chunk
	eigen mat.EigenSym // of leave-one-out
	loo   *leaveOneOut // its memory
}

func (p *problem) newLevel0(variants int) *level0 {
	k := kern.Active()
	l := &level0{p: p, gemm: k.NewGemm64(1), exact: k.NewGemm32(1), chol: k.NewCholesky(1)}
	for i, share := range shares {
		l.lambda[i] = shrinkage(variants, share)
	}
	l.pred = make([][]float64, Shrinkages*len(p.traits))
	for i := range l.pred {
		l.pred[i] = make([]float64, p.n)
	}
	return l
}

// run makes the predictors of a block: predictor s*traits+t is of trait t at
// shrinkage s. They are valid until the next block.
func (l *level0) run(ctx context.Context, src gwas.Source, s Span) ([][]float64, error) {
	found := false
	for b, err := range src.Blocks(ctx, s.From, s.To, s.To-s.From) {
		if err != nil {
			return nil, err
		}
		if found || b.Samples != l.p.n || len(b.Rows) != s.To-s.From {
			return nil, fmt.Errorf("rows %d to %d: a block of %d rows of %d samples, want %d of %d", s.From, s.To, len(b.Rows), b.Samples, s.To-s.From, l.p.n)
		}
		found = true
		l.begin(b.Rows)
		l.products()
		l.residuals()
		if l.p.o.LOO {
			err = l.leaveOneOut()
		} else {
			err = l.folds()
		}
		if err != nil {
			return nil, fmt.Errorf("variants %s to %s: %w", b.Rows[0].ID, b.Rows[len(b.Rows)-1].ID, err)
		}
	}
	if !found {
		return nil, fmt.Errorf("rows %d to %d are not in the source", s.From, s.To)
	}
	for i, v := range l.pred {
		l.p.standardise(v, i%len(l.p.traits))
	}
	return l.pred, nil
}

func (l *level0) begin(rows []dosage.Row) {
	l.rowsv, l.rows = rows, len(rows)
	l.means = l.means[:0]
	l.hard = true
	for i := range rows {
		r := &rows[i]
		mean := 0.0
		if r.N > 0 {
			mean = r.Mean()
		}
		l.means = append(l.means, mean)
		l.hard = l.hard && r.Hard() && r.Missing == 0
	}
	n, folds := l.rows, len(l.p.folds)
	square := func(list [][]float64, cols int) [][]float64 {
		list = fit(list, folds)
		for f := range list {
			list[f] = zeroed(list[f], n*cols)
		}
		return list
	}
	l.gg, l.gq, l.gy = square(l.gg, n), square(l.gq, len(l.p.q)), square(l.gy, len(l.p.traits))
	l.g, l.g32, l.part = fit(l.g, n*chunk), fit(l.g32, n*chunk), fit(l.part, n*n)
}

// unpack fills g with samples from..to-1 of all rows.
func (l *level0) unpack(from, to int) kern.Matrix[float64] {
	m := to - from
	for k := range l.rowsv {
		r, dst, mean := &l.rowsv[k], l.g[k*m:(k+1)*m], l.means[k]
		if r.Hard() {
			value := [4]float64{0, 1, 2, mean}
			word := uint64(0)
			for i := range dst {
				if k := from + i; k%dosage.WordSamples == 0 || i == 0 {
					word = r.Calls[k/dosage.WordSamples] >> (2 * (k % dosage.WordSamples))
				}
				dst[i] = value[word&3]
				word >>= 2
			}
			continue
		}
		scale := 1 / float64(r.Scale)
		for i, u := range r.Units[from:to] {
			if dst[i] = mean; u != dosage.Missing {
				dst[i] = float64(u) * scale
			}
		}
	}
	return kern.Dense(l.g[:l.rows*m], l.rows, m)
}

// products sums over each fold the products of the genotypes with each other, the
// basis and the traits.
func (l *level0) products() {
	n := l.rows
	for f, fold := range l.p.folds {
		gg := kern.Dense(l.gg[f], n, n)
		for from := fold.from; from < fold.to; from += chunk {
			to := min(from+chunk, fold.to)
			g := l.unpack(from, to)
			l.gemm.Add(1, g, l.p.basis(from, to).T(), kern.Dense(l.gq[f], n, len(l.p.q)))
			l.gemm.Add(1, g, l.p.values(from, to).T(), kern.Dense(l.gy[f], n, len(l.p.traits)))
			if !l.hard {
				l.gemm.Syrk(1, g, gg)
				continue
			}
			g32 := l.g32[:len(g.Data)]
			for i, v := range g.Data {
				g32[i] = float32(v)
			}
			clear(l.part)
			l.exact.Syrk(1, kern.Dense(g32, n, to-from), kern.Dense(l.part, n, n))
			for i := range n {
				for j, v := range l.part[i*n : i*n+i+1] {
					l.gg[f][i*n+j] += float64(v)
				}
			}
		}
	}
}

// residuals turns the products into those of the residuals of the genotypes from
// the basis, for every fold, scales them to a variance of 1, and sums them.
func (l *level0) residuals() {
	n, c, traits := l.rows, len(l.p.q), len(l.p.traits)
	l.z = zeroed(l.z, n*c)
	for _, gq := range l.gq {
		add(l.z, gq)
	}
	z := kern.Dense(l.z, n, c)
	l.a, l.b = zeroed(l.a, n*n), zeroed(l.b, n*traits)
	tmp := make([]float64, n*c)
	for f := range l.gg {
		// G - Z Q' with itself: GG' - GQ Z' - Z GQ' + Z QQ' Z'. With H = GQ - Z QQ'/2
		// that is GG' - H Z' - Z H'.
		copy(tmp, l.gq[f])
		l.gemm.Add(-0.5, z, kern.Dense(l.p.folds[f].qq, c, c), kern.Dense(tmp, n, c))
		gg, h := kern.Dense(l.gg[f], n, n), kern.Dense(tmp, n, c)
		l.gemm.Add(-1, h, z.T(), gg)
		l.gemm.Add(-1, z, h.T(), gg)
		l.gemm.Add(-1, z, kern.Dense(l.p.folds[f].qy, c, traits), kern.Dense(l.gy[f], n, traits))
		add(l.a, l.gg[f])
		add(l.b, l.gy[f])
	}
	l.d = fit(l.d, n)
	for i := range n {
		l.d[i] = 0
		// A variant that the covariates explain, or that does not vary, predicts nothing.
		if v := l.a[i*n+i]; v > 1e-12*float64(l.p.n) {
			l.d[i] = math.Sqrt(float64(l.p.n-c) / v)
		}
	}
	l.scale(l.a, l.b)
	for f := range l.gg {
		l.scale(l.gg[f], l.gy[f])
	}
}

// scale gives the rows behind products with each other and with the traits a
// variance of 1.
func (l *level0) scale(a, b []float64) {
	n, traits := l.rows, len(l.p.traits)
	for i := range n {
		for j := range i + 1 {
			a[i*n+j] *= l.d[i] * l.d[j]
		}
		for t := range traits {
			b[i*traits+t] *= l.d[i]
		}
	}
}

// folds predicts every fold by the coefficients of all others.
func (l *level0) folds() error {
	n, traits, c := l.rows, len(l.p.traits), len(l.p.q)
	preds := Shrinkages * traits
	l.sys, l.rhs = fit(l.sys, n*n), fit(l.rhs, n*traits)
	l.coef, l.shift, l.out = fit(l.coef, preds*n), fit(l.shift, preds*c), fit(l.out, preds*chunk)
	for f, fold := range l.p.folds {
		others := l.gg[f] // from here on products over all other folds
		for i := range n {
			for j, v := range l.a[i*n : i*n+i+1] {
				others[i*n+j] = v - others[i*n+j]
			}
		}
		for s, lambda := range l.lambda {
			copy(l.sys, others)
			for i := range n {
				l.sys[i*n+i] += lambda
			}
			for i := range l.rhs {
				l.rhs[i] = l.b[i] - l.gy[f][i]
			}
			sys := kern.Dense(l.sys, n, n)
			if err := l.chol.Factor(sys); err != nil {
				return err
			}
			l.chol.Solve(sys, kern.Dense(l.rhs, n, traits))
			for t := range traits {
				for i := range n {
					l.coef[(s*traits+t)*n+i] = l.rhs[i*traits+t] * l.d[i]
				}
			}
		}
		l.predict(fold, preds)
	}
	return nil
}

// predict applies the coefficients, which are of genotypes as they are, to the
// samples of a fold.
func (l *level0) predict(f fold, preds int) {
	n, c := l.rows, len(l.p.q)
	coef, shift := kern.Dense(l.coef[:preds*n], preds, n), kern.Dense(l.shift[:preds*c], preds, c)
	clear(shift.Data)
	l.gemm.Add(1, coef, kern.Dense(l.z, n, c), shift)
	for from := f.from; from < f.to; from += chunk {
		to := min(from+chunk, f.to)
		out := kern.Dense(l.out[:preds*(to-from)], preds, to-from)
		clear(out.Data)
		l.gemm.Add(1, coef, l.unpack(from, to), out)
		l.gemm.Add(-1, shift, l.p.basis(from, to), out)
		for k := range preds {
			copy(l.pred[k][from:to], out.Data[k*(to-from):])
		}
	}
}

// fit gives a slice of n elements that may hold anything.
func fit[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}

func zeroed(v []float64, n int) []float64 {
	v = fit(v, n)
	clear(v)
	return v
}

func add(dst, v []float64) {
	for i, x := range v {
		dst[i] += x
	}
}
