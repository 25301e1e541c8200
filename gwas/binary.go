package gwas

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// binaryNull is the null logistic model of a binary trait. Its slices hold the
// samples of the trait only, in the order of the study.
type binaryNull struct {
	*members
	y      []float64
	offset []float64   // nil without predictions
	p, w   []float64   // fitted probabilities, p(1-p)
	factor *glm.Factor // makes the basis orthonormal under w
	beta   []float64   // of the model without the genotype
	firth  []float64   // the probabilities by Firth's method, nil unless needed

	cols *exact.Columns // y-p, then w times the basis
	sq   *exact.Columns // w
	e    []float64      // y-p
	low  []uint64       // cases in the order of genotypes, as a mask
	// those of them who are males; nil where sex does not matter
	lowMales []uint64

	whole *wholeNull // nil unless whole models are fitted
}

// newBinaryNull fits the model. The offset is in the order of the study.
func newBinaryNull(s *pheno.Study, g *group, t *pheno.Trait, offset []float64, second Second) (*binaryNull, error) {
	n := &binaryNull{members: g.members}
	cases := make([]bool, len(s.Samples))
	for _, i := range n.rows {
		n.y = append(n.y, t.Values[i])
		cases[s.Column[i]] = t.Values[i] == 1
		if offset != nil {
			n.offset = append(n.offset, offset[i])
		}
	}
	n.low = dosage.MaskWords(nil, cases)
	n.lowMales = g.malesOf(n.low)
	d := glm.NewDesign(n.x, n.y, n.offset)
	var fit glm.Solver
	if err := fit.Logistic(d, nil); err != nil {
		return nil, fmt.Errorf("%d cases, %d controls: %w", t.Cases, t.N-t.Cases, err)
	}
	n.beta = append(n.beta, fit.Beta...)
	n.p, n.w = fit.P, fit.W
	n.factor = fit.Factor()
	n.e = make([]float64, len(n.y))
	for i, y := range n.y {
		n.e[i] = y - n.p[i]
	}
	weighted := make([]float64, len(n.y))
	n.cols = exact.Build(1+len(n.x), func(k int) []float64 {
		if k == 0 {
			return n.e
		}
		for i, v := range n.x[k-1] {
			weighted[i] = float64(v * n.w[i])
		}
		return weighted
	}, n.file, len(s.Samples))
	n.sq = exact.NewColumns([][]float64{n.w}, n.file, len(s.Samples))
	switch second {
	case FirthApprox, FirthSPA:
		return n, n.fitFirth(d)
	case Logistic, FirthWald:
		n.whole = newWholeNull(n)
	}
	return n, nil
}

// fitFirth sets the probabilities that the approximation stands on.
func (n *binaryNull) fitFirth(d *glm.Design) error {
	var fit glm.Solver
	if err := fit.Firth(d, d.K, n.beta); err != nil {
		return fmt.Errorf("by Firth's method: %w", err)
	}
	n.firth = append(n.firth, fit.P...)
	return nil
}

// linear is the linear predictor of coefficients.
func (n *binaryNull) linear(beta []float64) []float64 {
	eta := make([]float64, len(n.y))
	for i := range eta {
		if n.offset != nil {
			eta[i] = n.offset[i]
		}
		for j, x := range n.x {
			eta[i] += float64(x[i] * beta[j])
		}
	}
	return eta
}

// testBinary fills the row of a binary trait. dot are the sums of the genotype
// with the null's columns, sq that of its square with w.
func (w *worker) testBinary(n *binaryNull, s *sums, dot []float64, sq float64, r *dosage.Row, row *result.Row) {
	if row.Flags != 0 {
		return
	}
	if s.n <= len(n.x) {
		row.Flags = result.TooFew
		return
	}
	mean := s.g / float64(s.n)
	missing := w.places(n)
	score := dot[0] + float64(mean*at(n.e, missing))
	variance := sq + float64(float64(mean*mean)*at(n.w, missing))
	whole := variance
	c := dot[1:]
	for j, x := range n.x {
		sum := 0.0
		for _, i := range missing {
			sum += float64(x[i] * n.w[i])
		}
		c[j] += float64(mean * sum)
	}
	n.factor.Forward(c)
	variance -= squares(c)
	// The intercept alone takes most of the square out; what is left of the rest
	// is compared with it by the bound on the inflation.
	if !(variance > 0) || variance*w.o.MaxVIF < whole*spreadShare(s) {
		row.Flags |= result.Collinear
		return
	}
	f := glm.ScoreTest(score, variance)
	row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta, f.SE, f.Stat, f.NegLog10P
	row.Method = result.Score
	if w.o.Second == ScoreOnly || f.NegLog10P <= w.threshold {
		return
	}
	w.gather(n, r, mean)
	var err error
	switch w.o.Second {
	case FirthApprox:
		f, err = w.approximate(n, s, c, f.Beta)
		row.Method = result.FirthApprox
	case FirthLRT:
		f, err = w.ratio(n)
		row.Method = result.FirthLRT
	case SPA:
		w.residual(n, c)
		f, err = w.scratch.Saddlepoint(w.g, n.p, score, variance)
		row.Method = result.SPA
	case FirthSPA:
		var estimate glm.Fit
		estimate, err = w.approximate(n, s, c, f.Beta) // which leaves the genotype without the covariates
		row.Method = result.FirthApprox
		if tail, tailErr := w.scratch.Saddlepoint(w.g, n.p, score, variance); tailErr == nil {
			row.Method = result.SPA
			if f = tail; err == nil {
				row.Method = result.FirthSPA
				f.Beta, f.SE = estimate.Beta, estimate.SE
			}
			err = nil
		} else {
			f = estimate
		}
	}
	if err != nil {
		row.Flags |= result.TestFailed
		row.Stat, row.NegLog10P = math.NaN(), math.NaN()
		row.Method = result.Score
		return
	}
	row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta, f.SE, f.Stat, f.NegLog10P
}

// spreadShare is the share of a genotype's squares that is its spread.
func spreadShare(s *sums) float64 {
	return (s.gg - float64(s.g*s.g)/float64(s.n)) / s.gg
}

// places gives the trait's samples without a genotype.
func (w *worker) places(n *binaryNull) []int {
	w.at = w.at[:0]
	for _, i := range w.absent.samples {
		w.at = append(w.at, n.where[i])
	}
	return w.at
}

// gather takes the genotypes of the trait's samples in the order of the study,
// the mean where missing.
func (w *worker) gather(n *binaryNull, r *dosage.Row, mean float64) {
	w.g = resize(w.g, len(n.rows))
	coding := w.coding
	if r.Hard() {
		values := [4]float64{float64(coding[0]), float64(coding[1]), float64(coding[2]), mean}
		for k, i := range n.file {
			w.g[k] = values[r.Call(i)]
		}
		return
	}
	scale := 1 / float64(r.Scale)
	for k, i := range n.file {
		switch u := r.Units[i]; {
		case u == dosage.Missing:
			w.g[k] = mean
		case w.o.Model != Additive:
			w.g[k] = float64(coding[exact.Nearest(u, r.Scale)])
		default:
			w.g[k] = float64(float64(u) * scale)
		}
	}
}

func resize(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}

// residual takes the covariates out of the genotype gathered, c being its
// products with the basis that is orthonormal under w. It changes c.
func (w *worker) residual(n *binaryNull, c []float64) {
	n.factor.Backward(c)
	for j, x := range n.x {
		f := c[j]
		for i, v := range x {
			w.g[i] -= float64(f * v)
		}
	}
}

// sparseMAC is the count of the rarer allele below which only carriers count in
// the approximation.
const sparseMAC = 50

// approximate is Firth's method for the genotype alone; start is the estimate of
// the score test. It takes the covariates out of the genotype gathered.
func (w *worker) approximate(n *binaryNull, s *sums, c []float64, start float64) (glm.Fit, error) {
	if min(s.g, 2*float64(s.n)-s.g) >= sparseMAC {
		w.residual(n, c)
		return w.scratch.Approximate(w.g, n.y, n.firth, start)
	}
	none := 0.0 // the genotype of those without the rarer allele
	if s.g > float64(s.n) {
		none = 2
	}
	w.carriers = w.carriers[:0]
	for i, g := range w.g {
		if g != none {
			w.carriers = append(w.carriers, i)
		}
	}
	w.residual(n, c)
	k := len(w.carriers)
	w.cx, w.cy, w.cp = resize(w.cx, k), resize(w.cy, k), resize(w.cp, k)
	for at, i := range w.carriers {
		w.cx[at], w.cy[at], w.cp[at] = w.g[i], n.y[i], n.firth[i]
	}
	return w.scratch.Approximate(w.cx, w.cy, w.cp, start)
}

// ratio is the likelihood ratio test of the whole model by Firth's method.
func (w *worker) ratio(n *binaryNull) (glm.Fit, error) {
	d := w.design(n)
	return w.solver.FirthRatio(d, n.beta)
}

// design is the null's model with the genotype gathered as its last column.
func (w *worker) design(n *binaryNull) *glm.Design {
	d := w.designs[n]
	if d == nil {
		d = glm.NewDesign(append(n.x[:len(n.x):len(n.x)], w.g), n.y, n.offset)
		w.designs[n] = d
	} else {
		d.SetColumn(len(n.x), w.g)
	}
	return d
}
