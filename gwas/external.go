package gwas

import (
	"sync"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// Tests are the null models of a study, for genotypes that do not come from a
// source one by one: masks of sets of variants, and the scores of a set together.
// It may be used from many goroutines at once.
type Tests struct {
	o     Options
	study *pheno.Study
	views *views

	mu   sync.Mutex
	seen []nullsOf // the last few, the oldest first
}

type nullsOf struct {
	null  *null
	views []Null
}

// NewTests prepares the tests of a study.
func NewTests(study *pheno.Study, o Options) (*Tests, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	t := &Tests{o: o, study: study, views: newViews(study, &o)}
	_, err := t.views.at(diploid)
	return t, err
}

// Faults says why a trait, by its place in the study, has no null model on some
// chromosome.
func (t *Tests) Faults() map[int]error { return t.views.faults() }

// PThreshold is the p of a score test below which the second test is made.
func (o *Options) PThreshold() float64 { return o.threshold() }

// A Place is a chromosome, or a part of one, on which sexes differ or not.
type Place struct {
	t     *Tests
	view  *view
	place place
	chrom string
}

// At gives the place of a position, 0-based.
func (t *Tests) At(chrom string, start int) (*Place, error) {
	p := t.o.PAR.placeOf(chrom, start)
	v, err := t.views.at(p)
	return &Place{t, v, p, chrom}, err
}

// Skipped says that nothing is tested there.
func (p *Place) Skipped() bool { return p.place == chrX && p.t.o.X == XSkip && p.view.males != nil }

// Row gives a row as it counts there: a heterozygous call of one copy is none. With
// coded males on chromosome X count what the options say; without it they count two
// copies, which is what Tester takes. It may be r itself, and shares its memory.
func (p *Place) Row(r *dosage.Row, coded bool) dosage.Row {
	x := XDouble
	if coded {
		x = p.t.o.X
	}
	return p.view.recode(r, p.place, x, len(p.t.study.Samples))
}

// Alleles is how many copies of the chromosome the samples of a row have, as Row
// gives it without coded, and how many of them carry the allele.
func (p *Place) Alleles(r *dosage.Row) (carry, all float64) {
	c := copies{Counts: r.Counts, place: p.place}
	if p.place == chrX && p.view.males != nil {
		if r.Hard() {
			c.males = dosage.CountCalls(r.Calls, p.view.words, len(p.t.study.Samples))
		} else {
			c.males = dosage.CountUnits(r.Units, p.view.words, r.Scale)
		}
	} else if p.place != mitochondria && p.view.males == nil {
		c.place = diploid
	}
	return c.alleles()
}

// A Tester tests genotypes on all traits of a study. It is of one goroutine.
type Tester struct{ w *worker }

// Tester makes one.
func (t *Tests) Tester() *Tester {
	return &Tester{newWorker(t.study, t.views, nil, &t.o)}
}

// Test gives the rows by trait, one for each row of the block, whose samples are
// those of Study.Genotyped in order. The caller may keep them.
func (x *Tester) Test(b *dosage.Block) ([][]result.Row, error) {
	out, err := x.w.block(b)
	if err != nil {
		return nil, err
	}
	return out.Rows, nil
}

// Null is what the scores of one trait on one chromosome are made of: for a
// genotype g over the trait's samples the score is E'g, and its covariance with
// that of another, h, is g'Wh - (B'Wg)'(B'Wh) with B orthonormal, both to be
// divided by Var.
// It is read only.
type Null struct {
	Trait int
	// Family is the same for traits of which W and B, and so all covariances, are
	// the same.
	Family int
	N      int   // samples with the trait
	Where  []int // of each of the study's samples its place in the slices below, -1 without the trait; nil if all have it

	E   []float64   // residuals
	Var float64     // variance of a residual; 1 for a binary trait, where W has it
	W   []float64   // p(1-p); nil for 1
	B   [][]float64 // basis of the covariates
	// Factor makes B orthonormal under W: Forward the products with it, Backward the
	// other way. It is nil where B is.
	Factor *glm.Factor
	// Of a binary trait: cases 1, the fitted probability, and that by Firth's
	// method, which is nil where it cannot be fitted or is not wanted.
	Y, P, Firth []float64
	// Fault is why there is no null model; then nothing else is set but Trait.
	Fault error
}

// Nulls gives the null models of all traits there.
func (p *Place) Nulls() ([]Null, error) {
	n, err := p.view.models.of(p.chrom)
	if err != nil {
		return nil, err
	}
	t := p.t
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.seen {
		if s.null == n {
			return s.views, nil
		}
	}
	out := make([]Null, len(t.study.Traits))
	for k, g := range p.view.groups {
		p.viewQuant(out, n, k, g)
		for b, trait := range g.binary {
			out[trait] = p.viewBinary(n.binary[k][b], trait)
		}
	}
	for _, f := range n.faults {
		out[f.trait] = Null{Trait: f.trait, Fault: f.err}
	}
	if t.seen = append(t.seen, nullsOf{n, out}); len(t.seen) > keptModels {
		t.seen = t.seen[1:]
	}
	return out, nil
}

// viewQuant fills the views of a group's quantitative traits, which share basis
// and samples.
func (p *Place) viewQuant(views []Null, n *null, k int, g *group) {
	if len(g.quant) == 0 {
		return
	}
	var where []int
	basis := g.basis.Q
	if g.mask != nil {
		m := g.members
		if m == nil {
			m = g.newMembers(p.t.study)
		}
		where, basis = m.where, m.x
	}
	df := float64(g.n - g.basis.Rank())
	for j, trait := range g.quant {
		e := n.quant[k].y[j]
		if where != nil {
			e = picked(e, where, g.n)
		}
		views[trait] = Null{Trait: trait, Family: k, N: g.n, Where: where, E: e, Var: n.quant[k].yy[j] / df, B: basis}
	}
}

// picked takes the values of the samples that have a place.
func picked(v []float64, where []int, n int) []float64 {
	out := make([]float64, n)
	for i, k := range where {
		if k >= 0 {
			out[k] = v[i]
		}
	}
	return out
}

func (p *Place) viewBinary(n *binaryNull, trait int) Null {
	if n == nil {
		return Null{Trait: trait}
	}
	t := p.t
	v := Null{Trait: trait, Family: len(p.view.groups) + trait, N: len(n.y), E: n.e, Var: 1, W: n.w, B: n.x, Factor: n.factor, Y: n.y, P: n.p, Firth: n.firth}
	if len(n.rows) < len(t.study.Samples) {
		v.Where = n.where
	}
	if v.Firth == nil && t.o.Second != ScoreOnly && t.o.Second != SPA {
		// The null of the exact tests has no need of it; scores of sets have.
		own := &binaryNull{members: n.members, y: n.y, offset: n.offset, beta: n.beta}
		if own.fitFirth(glm.NewDesign(n.x, n.y, n.offset)) == nil {
			v.Firth = own.firth
		}
	}
	return v
}

// Usable says whether scores can be made: there is a null model, and the residuals
// vary.
func (n *Null) Usable() bool { return n.Fault == nil && n.E != nil && n.Var > 0 }
