package gwas

import (
	"math"
	"slices"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/internal/kern"
)

// worker tests blocks. It owns all scratch memory of one goroutine.
type worker struct {
	o         *Options
	study     *pheno.Study
	views     *views
	view      *view // of the last batch
	place     place // of it
	groups    []*group
	imputed   bool
	coding    exact.Coding
	threshold float64 // -log10 of the options' threshold
	rank      []int   // of each column of the genotypes: its sample

	null           *null // of the last batch, whose designs are kept
	batch          *exact.Batch
	recoded        []dosage.Row // a batch as its place has it
	counts         [][]copies   // by group and row of the batch
	missing        [][]int      // by row: samples without a genotype, ascending
	gq, gy         []float64
	dot, sq        []float64
	absent         absent
	at             []int
	carriers       []int
	cx, cy, cp     []float64
	g              []float64
	start          []float64
	solver         glm.Solver
	scratch        glm.Scratch
	joint          *joint // nil for one row per variant
	ja, jb, jc, jd []float64
	gone           []float64                      // see sandwich
	z              []float64                      // a sample in a basis
	whole          map[*binaryNull]*[kinds]wholes // what waits; of the key nil, of all traits in turn
	one            []float64
	designs        map[*binaryNull]*glm.Design
	rows           []*result.Row
}

func newWorker(s *pheno.Study, v *views, j *joint, o *Options) *worker {
	w := &worker{o: o, joint: j, study: s, views: v,
		coding:    [...]exact.Coding{exact.Additive, exact.Dominant, exact.Recessive}[o.Model],
		threshold: -math.Log10(o.threshold()),
		rank:      make([]int, len(s.Samples)),
		batch:     exact.NewBatch(kern.Active(), len(s.Samples)),
		missing:   make([][]int, exact.BatchRows),
		designs:   map[*binaryNull]*glm.Design{},
		whole:     map[*binaryNull]*[kinds]wholes{},
	}
	for i, c := range s.Column {
		w.rank[c] = i
	}
	return w
}

// rowsPer is how many rows a variant has.
func (w *worker) rowsPer() int {
	if w.joint != nil {
		return jointRows
	}
	return 1
}

// test writes the rows of a block: out[t] has rowsPer for each variant. variants
// are copies of the block's.
func (w *worker) test(b *dosage.Block, variants []dosage.Variant, out [][]result.Row) error {
	for from := 0; from < len(b.Rows); {
		first := &b.Rows[from]
		place := w.o.PAR.placeOf(first.Chrom, first.Start)
		to := from + 1
		for to < len(b.Rows) && to-from < exact.BatchRows && b.Rows[to].Chrom == first.Chrom && w.o.PAR.placeOf(first.Chrom, b.Rows[to].Start) == place {
			to++
		}
		if place != w.place {
			w.fitAll()
		}
		if err := w.enter(place); err != nil {
			return err
		}
		null, err := w.view.models.of(first.Chrom)
		if err != nil {
			return err
		}
		if null != w.null {
			w.fitAll()
			clear(w.designs)
			clear(w.whole)
			w.null = null
		}
		w.testBatch(w.rowsOf(b.Rows[from:to]), null, variants[from:to], out, from)
		from = to
	}
	w.fitAll()
	return nil
}

// enter takes the view of a place.
func (w *worker) enter(p place) error {
	v, err := w.views.at(p)
	if err != nil {
		return err
	}
	w.view, w.place, w.groups = v, p, v.groups
	for len(w.counts) < len(v.groups) {
		w.counts = append(w.counts, make([]copies, exact.BatchRows))
	}
	return nil
}

// rowsOf gives the rows as the place has them.
func (w *worker) rowsOf(rows []dosage.Row) []dosage.Row {
	if w.place == diploid {
		return rows
	}
	w.recoded = w.recoded[:0]
	for i := range rows {
		w.recoded = append(w.recoded, w.view.recode(&rows[i], w.place, w.o.X, len(w.study.Samples)))
	}
	return w.recoded
}

func (w *worker) testBatch(rows []dosage.Row, null *null, variants []dosage.Variant, out [][]result.Row, from int) {
	w.batch.Load(rows)
	for r := range rows {
		w.missing[r] = w.missing[r][:0]
		if rows[r].Missing > 0 {
			m := exact.AppendMissing(w.missing[r], &rows[r])
			for k, c := range m {
				m[k] = w.rank[c]
			}
			slices.Sort(m)
			w.missing[r] = m
		}
	}
	for _, t := range w.view.empty {
		for r := range rows {
			for j := range w.rowsPer() {
				w.begin(&out[t][(from+r)*w.rowsPer()+j], &variants[r], &copies{}, &rows[r])
			}
		}
	}
	for k, g := range w.groups {
		for r := range rows {
			w.counts[k][r] = w.copies(&rows[r], g.words, g.males)
		}
		if w.joint != nil {
			w.jointBatch(g, null, k, rows, variants, out, from)
			continue
		}
		if len(g.quant) > 0 {
			w.gq = resize(w.gq, len(rows)*g.q.Len())
			w.batch.Dot(w.gq, g.q, w.coding)
			q := &null.quant[k]
			w.gy = resize(w.gy, len(rows)*len(g.quant))
			w.batch.Dot(w.gy, q.cols, w.coding)
			for r := range rows {
				c := &w.counts[k][r]
				s := w.sums(&c.Counts)
				s.gq, s.gy = w.gq[r*g.q.Len():][:g.q.Len()], w.gy[r*len(g.quant):][:len(g.quant)]
				w.findAbsent(g, &c.Counts, r)
				w.rows = w.rows[:0]
				for _, t := range g.quant {
					row := &out[t][from+r]
					w.begin(row, &variants[r], c, &rows[r])
					w.checkHWE(row, c, &rows[r])
					w.rows = append(w.rows, row)
				}
				w.testQuant(g, q, &s, &rows[r], w.rows)
			}
		}
		for b, t := range g.binary {
			n := null.binary[k][b]
			if n == nil {
				for r := range rows {
					row := &out[t][from+r]
					w.begin(row, &variants[r], &w.counts[k][r], &rows[r])
					if row.Flags == 0 {
						row.Flags = result.NoNull
					}
				}
				continue
			}
			w.dot = resize(w.dot, len(rows)*n.cols.Len())
			w.sq = resize(w.sq, len(rows))
			w.batch.Dot(w.dot, n.cols, w.coding)
			w.squares(rows, n)
			for r := range rows {
				c := &w.counts[k][r]
				s := w.sums(&c.Counts)
				w.findAbsent(g, &c.Counts, r)
				row := &out[t][from+r]
				w.begin(row, &variants[r], c, &rows[r])
				cases := w.countCases(row, c, &rows[r], n)
				dot := w.dot[r*n.cols.Len():][:n.cols.Len()]
				if w.o.Second >= Logistic {
					w.testWhole(n, &s, &cases, dot, w.sq[r], &rows[r], row)
				} else {
					w.testBinary(n, &s, dot, w.sq[r], &rows[r], row)
				}
			}
			if w.hasty() {
				for kind := range kinds {
					w.fitWaiting(n, kind)
				}
			}
		}
	}
}

// jointBatch makes the rows of joint tests of group number k.
func (w *worker) jointBatch(g *group, null *null, k int, rows []dosage.Row, variants []dosage.Variant, out [][]result.Row, from int) {
	for r := range rows {
		c := &w.counts[k][r]
		w.findAbsent(g, &c.Counts, r)
		rowsOf := func(t int) []result.Row { return out[t][(from+r)*jointRows:][:jointRows] }
		begin := func(t int, n *binaryNull) {
			three := rowsOf(t)
			for j := range three {
				w.begin(&three[j], &variants[r], c, &rows[r])
				three[j].Test = w.joint.names[j]
				if n != nil {
					w.countCases(&three[j], c, &rows[r], n)
				} else {
					w.checkHWE(&three[j], c, &rows[r])
				}
			}
			three[2].DF = 2
		}
		for _, t := range g.quant {
			begin(t, nil)
		}
		for b, t := range g.binary {
			begin(t, null.binary[k][b])
		}
		w.testJoint(g, &null.quant[k], null.binary[k], c, &rows[r], rowsOf)
	}
}

// copies counts a row in the samples of a mask, of whom some are males.
func (w *worker) copies(r *dosage.Row, mask, males []uint64) copies {
	c := copies{Counts: w.count(r, mask), place: w.place, x: w.o.X}
	if w.place == chrX && males != nil {
		c.males = w.count(r, males)
	} else if w.place != mitochondria && males == nil {
		c.place = diploid // nobody's sex is known
	}
	return c
}

// squares sums the squared genotypes with the weights of a null model.
func (w *worker) squares(rows []dosage.Row, n *binaryNull) {
	if w.o.Model == Additive {
		w.batch.DotSquares(w.sq, n.sq)
		return
	}
	w.batch.Dot(w.sq, n.sq, w.coding) // 0 and 1 are their own squares
}

func (w *worker) count(r *dosage.Row, mask []uint64) dosage.Counts {
	if mask == nil {
		return r.Counts
	}
	if r.Hard() {
		return dosage.CountCalls(r.Calls, mask, len(w.study.Samples))
	}
	return dosage.CountUnits(r.Units, mask, r.Scale)
}

// sums gives the sums of the coded genotype.
func (w *worker) sums(c *dosage.Counts) sums {
	s := sums{n: c.N}
	switch w.o.Model {
	case Additive:
		scale := float64(c.Scale)
		s.g, s.gg = float64(c.Sum)/scale, float64(c.SumSq)/float64(scale*scale)
	case Dominant:
		s.g = float64(c.Genotypes[1] + c.Genotypes[2])
		s.gg = s.g
	case Recessive:
		s.g = float64(c.Genotypes[2])
		s.gg = s.g
	}
	return s
}

// findAbsent keeps the samples of the group without a genotype of row r.
func (w *worker) findAbsent(g *group, c *dosage.Counts, r int) {
	w.absent.samples = w.absent.samples[:0]
	if c.Missing == 0 {
		return
	}
	for _, i := range w.missing[r] {
		if g.in(i) {
			w.absent.samples = append(w.absent.samples, i)
		}
	}
}

// begin fills what does not depend on the test and sets the flags of variants
// that are not tested.
func (w *worker) begin(row *result.Row, v *dosage.Variant, c *copies, r *dosage.Row) {
	nan := math.NaN()
	*row = result.Row{Variant: v, N: c.N, Cases: -1, Controls: -1, EAF: nan, EAFCases: nan, EAFControls: nan, Info: nan,
		Test: tests[w.o.Model], Beta: nan, SE: nan, Stat: nan, DF: 1, NegLog10P: nan}
	if c.N == 0 {
		row.Flags |= result.AllMissing
		return
	}
	row.EAF = c.freq()
	switch {
	case r.Hard():
		if w.imputed {
			row.Info = 1
		}
	case r.Spread > 0:
		row.Info = r.Info()
	default:
		row.Info = c.MACH()
	}
	switch {
	case c.place == chrX && w.o.X == XSkip:
		row.Flags |= result.OnX
	case c.Monomorphic():
		row.Flags |= result.Constant
	case c.mac() < w.o.MinMAC:
		row.Flags |= result.LowMAC
	case row.Info < w.o.MinInfo:
		row.Flags |= result.LowInfo
	case float64(c.Missing) > w.o.MaxMissing*float64(c.N+c.Missing):
		row.Flags |= result.BadMissing
	case w.o.Model == Dominant && (c.Genotypes[0] == 0 || c.Genotypes[0] == c.N),
		w.o.Model == Recessive && (c.Genotypes[2] == 0 || c.Genotypes[2] == c.N):
		row.Flags |= result.Constant
	}
}

// countCases fills what a row says of cases and controls. It gives the counts of
// cases.
func (w *worker) countCases(row *result.Row, c *copies, r *dosage.Row, n *binaryNull) dosage.Counts {
	cases := w.copies(r, n.low, n.lowMales)
	row.Cases, row.Controls = cases.N, c.N-cases.N
	if cases.N > 0 {
		row.EAFCases = cases.freq()
	}
	if row.Controls > 0 {
		sum, all := c.alleles()
		caseSum, caseAll := cases.alleles()
		row.EAFControls = (sum - caseSum) / (all - caseAll)
	}
	if w.o.MinHWE > 0 {
		// A variant that acts is out of proportion in cases.
		controls := copies{Counts: without(&c.Counts, &cases.Counts), males: without(&c.males, &cases.males), place: c.place, x: c.x}
		w.checkHWE(row, &controls, r)
	}
	return cases.Counts
}

// checkHWE flags a row of hard calls that is too far from the proportions of Hardy
// and Weinberg, if nothing else is wrong with it.
func (w *worker) checkHWE(row *result.Row, c *copies, r *dosage.Row) {
	if w.o.MinHWE > 0 && row.Flags == 0 && r.Hard() && c.hwe() < w.o.MinHWE {
		row.Flags |= result.OutOfHWE
	}
}
