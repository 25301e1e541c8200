package gwas

import (
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/internal/kern"
)

// wholeNull is what fits of whole models begin with.
type wholeNull struct {
	common *glm.Common
	e, w   float64   // sums of y-p and of p(1-p)
	one    []float64 // of p(1-p) with each column of the basis that is orthonormal under it
}

func newWholeNull(n *binaryNull) *wholeNull {
	m := &wholeNull{common: glm.NewCommon(n.x, n.factor, n.linear(n.beta), n.p, n.w), one: make([]float64, len(n.x))}
	for i, w := range n.w {
		m.e += n.e[i]
		m.w += w
		for j, x := range n.x {
			m.one[j] += float64(w * x[i])
		}
	}
	n.factor.Forward(m.one)
	return m
}

// How whole models are fitted.
const (
	byLikelihood = iota
	byFirth
	kinds
)

// mostWaiting bounds the bytes of genotypes that wait in queues of their own for
// each binary trait. Beyond it all traits share one, emptied after every batch.
const mostWaiting = 1 << 27

// wholes is the models that wait to be fitted side by side.
type wholes struct {
	panel *glm.Panel
	lanes [glm.Lanes]glm.Lane
	rows  [glm.Lanes]*result.Row
	from  [glm.Lanes]*dosage.Row
	away  [glm.Lanes][]int // samples of the trait without the genotype
	n     int
}

// testWhole fills the row of a binary trait from the whole model: by maximum
// likelihood, or Firth's method where cases or controls have none of an allele
// or there is no maximum. The test is Wald's. dot and sq are the sums that
// testBinary takes; cases counts the genotypes of cases. Some rows are filled by
// fitWaiting only.
func (w *worker) testWhole(n *binaryNull, s *sums, cases *dosage.Counts, dot []float64, sq float64, r *dosage.Row, row *result.Row) {
	if row.Flags != 0 {
		return
	}
	if s.n <= len(n.x) {
		row.Flags = result.TooFew
		return
	}
	missing := w.places(n)
	kind := byLikelihood
	if w.o.Second == FirthWald || w.separates(s, cases) {
		kind = byFirth
	}
	q := &w.waitingOf(n)[kind]
	if q.panel == nil {
		q.panel = glm.NewPanel(kern.Active())
	}
	l := &q.lanes[q.n]
	q.away[q.n] = append(q.away[q.n][:0], missing...)
	l.Missing = q.away[q.n]
	shift := w.fillLane(n, s, dot, sq, l)
	q.panel.Resize(len(n.rows))
	w.gatherLane(n, r, q.panel.G[q.n:], shift)
	q.rows[q.n], q.from[q.n] = row, r
	if q.n++; q.n == glm.Lanes {
		w.fitWaiting(n, kind)
	}
}

// top is the largest value of a coded genotype.
func (w *worker) top() float64 {
	if w.o.Model == Additive {
		return 2
	}
	return 1
}

// separates says that cases or controls have none of one of the alleles.
func (w *worker) separates(s *sums, cases *dosage.Counts) bool {
	c := w.sums(cases)
	none := func(g float64, n int) bool { return g == 0 || g == w.top()*float64(n) }
	return none(c.g, c.n) || none(s.g-c.g, s.n-c.n)
}

// fillLane sets the sums of a fit. The genotype is counted from the value that
// most samples have, 0 or the largest, which it gives: this changes no
// coefficient but the intercept's.
func (w *worker) fillLane(n *binaryNull, s *sums, dot []float64, sq float64, l *glm.Lane) (shift float64) {
	m := n.whole
	c := len(n.x)
	l.Cross, l.Base, l.Gram = resize(l.Cross, c), resize(l.Base, c), resize(l.Gram, c*(c+1)/2)
	clear(l.Base)
	at := 0
	for a := range c {
		for b := range a + 1 {
			l.Gram[at] = 0
			if a == b {
				l.Gram[at] = 1
			}
			at++
		}
	}
	w.one = append(w.one[:0], m.one...)
	e, sumW := m.e, m.w
	for _, i := range l.Missing {
		e -= n.e[i]
		sumW -= n.w[i]
		w.z = resize(w.z, c)
		for j, x := range n.x {
			w.z[j] = x[i]
		}
		n.factor.Forward(w.z)
		at := 0
		for a, z := range w.z {
			v := float64(z * n.w[i])
			w.one[a] -= v
			l.Base[a] -= float64(z * n.e[i])
			for _, other := range w.z[:a+1] {
				l.Gram[at] -= float64(v * other)
				at++
			}
		}
	}
	copy(l.Cross, dot[1:])
	n.factor.Forward(l.Cross)
	l.Score, l.Info = dot[0], sq
	if 2*s.g <= w.top()*float64(s.n) {
		return 0
	}
	shift = w.top()
	wg := 0.0 // the sum of w and the genotype, as 1 is a combination of the basis
	for a, v := range l.Cross {
		wg += float64(m.one[a] * v)
		l.Cross[a] -= float64(shift * w.one[a])
	}
	l.Score -= float64(shift * e)
	l.Info += float64(shift * (float64(shift*sumW) - float64(2*wg)))
	return shift
}

// gatherLane puts the genotypes of the trait's samples into a lane, which begins
// at g, in the order of the study.
func (w *worker) gatherLane(n *binaryNull, r *dosage.Row, g []float32, shift float64) {
	if r.Hard() {
		var values [4]float32
		for k, v := range w.coding {
			values[k] = float32(v) - float32(shift)
		}
		for k, i := range n.file {
			g[k*glm.Lanes] = values[r.Call(i)]
		}
		return
	}
	scale := 1 / float64(r.Scale)
	for k, i := range n.file {
		v := 0.0
		switch u := r.Units[i]; {
		case u == dosage.Missing:
		case w.o.Model != Additive:
			v = float64(w.coding[exact.Nearest(u, r.Scale)]) - shift
		default:
			v = float64(float64(u)*scale) - shift
		}
		g[k*glm.Lanes] = float32(v)
	}
}

// waitingOf is the queues of a trait.
func (w *worker) waitingOf(n *binaryNull) *[kinds]wholes {
	key := n
	if w.hasty() {
		key = nil
	}
	q := w.whole[key]
	if q == nil {
		q = &[kinds]wholes{}
		w.whole[key] = q
	}
	return q
}

// hasty says that models do not wait for those of the next batch: where rows are
// kept for one batch only, or queues would take too much memory.
func (w *worker) hasty() bool {
	return w.place != diploid || w.view.binary*len(w.study.Samples)*kinds*glm.Lanes*4 > mostWaiting
}

// fitAll fits what waits of all traits.
func (w *worker) fitAll() {
	if w.null == nil {
		return
	}
	for _, nulls := range w.null.binary {
		for _, n := range nulls {
			if q := w.whole[n]; n != nil && q != nil {
				for kind := range q {
					w.fitWaiting(n, kind)
				}
			}
		}
	}
}

// fitWaiting fits the models of a trait that wait.
func (w *worker) fitWaiting(n *binaryNull, kind int) {
	q := &w.waitingOf(n)[kind]
	if q.n == 0 {
		return
	}
	method := result.Logistic
	if kind == byFirth {
		method = result.FirthWald
		q.panel.FitFirth(n.whole.common, q.lanes[:q.n])
	} else {
		q.panel.Fit(n.whole.common, q.lanes[:q.n])
	}
	for v := range q.n {
		l, row := &q.lanes[v], q.rows[v]
		if !l.Converged {
			w.fitWhole(n, q.away[v], q.from[v], row, kind == byFirth)
			continue
		}
		row.Method = method
		f := glm.Wald(l.Beta, l.SE)
		row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta, f.SE, f.Stat, f.NegLog10P
	}
	q.n = 0
}

// fitWhole fits one whole model over the samples that have the genotype, step
// by step in float64: Firth's method at once, or where there is no maximum.
func (w *worker) fitWhole(n *binaryNull, missing []int, r *dosage.Row, row *result.Row, firth bool) {
	w.gather(n, r, 0)
	d := w.design(n)
	if len(missing) > 0 {
		drop := make([]bool, d.N)
		for _, i := range missing {
			drop[i] = true
		}
		d = d.Without(drop)
	}
	start := append(append(w.start[:0], n.beta...), 0)
	w.start = start
	row.Method = result.Logistic
	if !firth && w.solver.Logistic(d, start) != nil {
		firth = true
	}
	if firth {
		row.Method = result.FirthWald
		if err := w.solver.Firth(d, d.K, start); err != nil {
			row.Flags |= result.NotConverged
			row.Method = result.None
			return
		}
	}
	f := w.solver.Wald()
	row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta, f.SE, f.Stat, f.NegLog10P
}
