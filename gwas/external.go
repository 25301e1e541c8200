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
	o      Options
	study  *pheno.Study
	groups []*group
	models *models

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
	groups := newGroups(study)
	models, err := newModels(study, groups, &o)
	if err != nil {
		return nil, err
	}
	return &Tests{o: o, study: study, groups: groups, models: models}, nil
}

// Faults says why a trait, by its place in the study, has no null model on some
// chromosome.
func (t *Tests) Faults() map[int]error {
	t.models.mu.Lock()
	defer t.models.mu.Unlock()
	return t.models.faults()
}

// A Tester tests genotypes on all traits of a study. It is of one goroutine.
type Tester struct{ w *worker }

// Tester makes one.
func (t *Tests) Tester() *Tester {
	return &Tester{newWorker(t.study, t.groups, t.models, nil, &t.o)}
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
// that of another, h, is g'Wh - (B'Wg)'(B'Wh), both to be divided by Var.
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
	B   [][]float64 // basis of the covariates, orthonormal under W
	// Of a binary trait: cases 1, the fitted probability, and the linear predictor
	// by Firth's method, which is nil where it cannot be fitted.
	Y, P, Eta []float64
	// Fault is why there is no null model; then nothing else is set but Trait.
	Fault error
}

// Nulls gives the null models of all traits for the variants of a chromosome.
func (t *Tests) Nulls(chrom string) ([]Null, error) {
	n, err := t.models.of(chrom)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.seen {
		if s.null == n {
			return s.views, nil
		}
	}
	views := make([]Null, len(t.study.Traits))
	for k, g := range t.groups {
		t.viewQuant(views, n, k, g)
		for b, trait := range g.binary {
			views[trait] = t.viewBinary(n.binary[k][b], trait)
		}
	}
	for _, f := range n.faults {
		views[f.trait] = Null{Trait: f.trait, Fault: f.err}
	}
	if t.seen = append(t.seen, nullsOf{n, views}); len(t.seen) > keptModels {
		t.seen = t.seen[1:]
	}
	return views, nil
}

// viewQuant fills the views of a group's quantitative traits, which share basis
// and samples.
func (t *Tests) viewQuant(views []Null, n *null, k int, g *group) {
	if len(g.quant) == 0 {
		return
	}
	var where []int
	basis := g.basis.Q
	if g.mask != nil {
		m := g.members
		if m == nil {
			m = g.newMembers(t.study)
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

func (t *Tests) viewBinary(n *binaryNull, trait int) Null {
	if n == nil {
		return Null{Trait: trait}
	}
	v := Null{Trait: trait, Family: len(t.groups) + trait, N: len(n.y), E: n.e, Var: 1, W: n.w, B: n.b, Y: n.y, P: n.p, Eta: n.eta}
	if len(n.rows) < len(t.study.Samples) {
		v.Where = n.where
	}
	if v.Eta == nil && t.o.Second != ScoreOnly && t.o.Second != SPA {
		// The null of the exact tests has no need of it; scores of sets have.
		own := &binaryNull{members: n.members, y: n.y, offset: n.offset, beta: n.beta}
		if own.fitFirth(glm.NewDesign(n.x, n.y, n.offset)) == nil {
			v.Eta = own.eta
		}
	}
	return v
}

// Usable says whether scores can be made: there is a null model, and the residuals
// vary.
func (n *Null) Usable() bool { return n.Fault == nil && n.E != nil && n.Var > 0 }

// A Tally gathers what came of traits over the rows of a run.
type Tally struct{ t *tally }

// NewTally makes one for the traits of a study.
func NewTally(s *pheno.Study) *Tally { return &Tally{newTally(s)} }

// Add counts the rows of a batch.
func (t *Tally) Add(b *Batch) { t.t.add(b) }

// Summaries gives what came of the traits; faults are by place in the study.
func (t *Tally) Summaries(faults map[int]error) []Summary { return t.t.summaries(faults) }
