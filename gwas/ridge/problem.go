package ridge

import (
	"math"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/kern"
)

// problem is traits that have the same covariates, in the order of the genotypes.
type problem struct {
	o      Options
	n      int
	traits []int // places in the study
	study  *pheno.Study
	q      [][]float64 // orthonormal basis of the covariates, by column
	qRows  []float64   // the same, columns one after another in one piece
	y      [][]float64 // by trait: what level 0 predicts, 0 where missing
	yRows  []float64
	seen   [][]bool // by trait: who has it
	counts []int    // by trait: how many
	folds  []fold
}

// fold is a run of samples that is predicted from all others.
type fold struct {
	from, to int
	qq       []float64 // Q'Q of the run
	qy       []float64 // Q'Y of it
}

func newProblem(s *pheno.Study, traits []int, o Options) *problem {
	n := len(s.Samples)
	o.LOO = o.leavesOneOut(s, traits[0])
	p := &problem{o: o, n: n, traits: traits, study: s}
	first := &s.Traits[traits[0]]
	basis := pheno.NewBasis(append(s.Covariates[:len(s.Covariates):len(s.Covariates)], first.Own...), nil, n)
	for _, q := range basis.Q {
		p.q = append(p.q, p.ordered(q))
	}
	for _, t := range traits {
		p.addTrait(&s.Traits[t])
	}
	for _, q := range p.q {
		p.qRows = append(p.qRows, q...)
	}
	for _, y := range p.y {
		p.yRows = append(p.yRows, y...)
	}
	folds := o.Folds
	if o.LOO {
		folds = 1
	}
	for f := range folds {
		r := fold{from: f * (n / folds), to: (f + 1) * (n / folds)}
		if f == folds-1 {
			r.to = n
		}
		for _, a := range p.q {
			for _, b := range p.q {
				r.qq = append(r.qq, pheno.Dot(a[r.from:r.to], b[r.from:r.to]))
			}
			for _, y := range p.y {
				r.qy = append(r.qy, pheno.Dot(a[r.from:r.to], y[r.from:r.to]))
			}
		}
		p.folds = append(p.folds, r)
	}
	return p
}

// ordered puts values of the study's samples into the order of the genotypes.
func (p *problem) ordered(v []float64) []float64 {
	out := make([]float64, p.n)
	for i, c := range p.study.Column {
		out[c] = v[i]
	}
	return out
}

// addTrait adds what level 0 predicts: the residual from the covariates of a
// quantitative trait whose missing values are its mean, scaled to a variance of 1;
// of a binary one that has 0 for them, as regenie has it.
func (p *problem) addTrait(t *pheno.Trait) {
	y := p.ordered(t.Values)
	seen := make([]bool, p.n)
	sum, n := 0.0, 0
	for i, v := range y {
		if seen[i] = !math.IsNaN(v); seen[i] {
			sum += v
			n++
		}
	}
	absent := 0.0
	if !t.Binary {
		absent = sum / float64(n)
	}
	for i := range y {
		if !seen[i] {
			y[i] = absent
		}
	}
	(&pheno.Basis{Q: p.q}).Residual(y)
	for i := range y {
		if !seen[i] {
			y[i] = 0
		}
	}
	if !t.Binary {
		sd := pheno.Norm(y) / math.Sqrt(float64(n-len(p.q)))
		for i := range y {
			y[i] /= sd
		}
	}
	p.y, p.seen, p.counts = append(p.y, y), append(p.seen, seen), append(p.counts, n)
}

// basis is the columns of the basis for samples from..to-1.
func (p *problem) basis(from, to int) kern.Matrix[float64] {
	return kern.Dense(p.qRows, len(p.q), p.n).Slice(0, len(p.q), from, to)
}

// values is the traits of samples from..to-1.
func (p *problem) values(from, to int) kern.Matrix[float64] {
	return kern.Dense(p.yRows, len(p.y), p.n).Slice(0, len(p.y), from, to)
}

// standardise gives a predictor of a trait mean 0 and variance 1 over those who
// have the trait, and 0 in others. One that does not vary is 0.
func (p *problem) standardise(v []float64, t int) {
	n, mean := float64(p.counts[t]), 0.0
	for i, in := range p.seen[t] {
		if in {
			mean += v[i]
		}
	}
	mean /= n
	sq := 0.0
	for i, in := range p.seen[t] {
		if in {
			d := v[i] - mean
			sq += float64(d * d)
		}
	}
	scale := 0.0
	if sq > 0 {
		scale = 1 / math.Sqrt(sq/(n-1))
	}
	for i, in := range p.seen[t] {
		if in {
			v[i] = (v[i] - mean) * scale
		} else {
			v[i] = 0
		}
	}
}
