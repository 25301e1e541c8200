package gwas

import (
	"fmt"
	"math"
	"slices"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// Joint is a test of two columns made of one genotype: three rows for each
// variant, one for each column with the other in the model, and one for both.
type Joint uint8

const (
	Single      Joint = iota // one column, one row
	Genotypic                // copies, and 1 for a heterozygote: ADD, DOMDEV, GENO_2DF
	Interaction              // copies, and copies times a covariate: ADD, ADDxNAME, INT_2DF
)

// jointRows is how many rows a variant has.
const jointRows = 3

// joint is the second column and the names of the rows.
type joint struct {
	kind        Joint
	environment []float64 // in the order of the study
	names       [jointRows]string
}

func newJoint(s *pheno.Study, o *Options) (*joint, error) {
	switch o.Joint {
	case Genotypic:
		return &joint{kind: Genotypic, names: [jointRows]string{"ADD", "DOMDEV", "GENO_2DF"}}, nil
	case Interaction:
		k := slices.IndexFunc(s.Covariates, func(c pheno.Covariate) bool { return c.Name == o.Environment })
		if k < 0 {
			return nil, fmt.Errorf("interaction with %s: want the name of a covariate", o.Environment)
		}
		return &joint{kind: Interaction, environment: s.Covariates[k].Values,
			names: [jointRows]string{"ADD", "ADDx" + o.Environment, "INT_2DF"}}, nil
	}
	return nil, nil
}

// second is the second column of sample i of the study with so many copies.
func (j *joint) second(g float64, i int) float64 {
	if j.kind == Interaction {
		return float64(g * j.environment[i])
	}
	return 1 - math.Abs(1-g)
}

// columns takes both columns of a row over the study, zero where missing.
func (w *worker) columns(r *dosage.Row) (a, b []float64) {
	n := len(w.study.Samples)
	w.ja, w.jb = resize(w.ja, n), resize(w.jb, n)
	for i, c := range w.study.Column {
		w.ja[i], w.jb[i] = 0, 0
		if g, ok := r.Dosage(c); ok {
			w.ja[i], w.jb[i] = g, w.joint.second(g, i)
		}
	}
	return w.ja, w.jb
}

// testJoint fills the three rows of each trait of a group for one variant;
// rowsOf gives them.
func (w *worker) testJoint(g *group, q *quantNull, nulls []*binaryNull, c *copies, r *dosage.Row, rowsOf func(trait int) []result.Row) {
	a, b := w.columns(r)
	if len(g.quant) > 0 {
		w.jointQuant(g, q, c, a, b, rowsOf)
	}
	for k, t := range g.binary {
		w.jointBinary(nulls[k], c, a, b, rowsOf(t))
	}
}

// jointQuant is least squares of both columns beside the basis, over the samples
// with a genotype. The test of both is F with 2 degrees of freedom, whose tail
// is (1 + 2F/df)^(-df/2).
func (w *worker) jointQuant(g *group, q *quantNull, c *copies, a, b []float64, rowsOf func(int) []result.Row) {
	ab := &w.absent
	ab.prepare(g.basis)
	rank := g.basis.Rank()
	w.jc = resize(w.jc, 2*rank)
	ca, cb := w.jc[:rank], w.jc[rank:]
	for k, col := range g.basis.Q {
		ca[k], cb[k] = pheno.Dot(a, col), pheno.Dot(b, col)
	}
	ab.solve(ca)
	ab.solve(cb)
	in := func(x, y []float64) float64 { // over the mask
		if g.mask == nil {
			return pheno.Dot(x, y)
		}
		s := 0.0
		for i, v := range x {
			if g.mask[i] {
				s += float64(v * y[i])
			}
		}
		return s
	}
	rawA, rawB := in(a, a), in(b, b)
	aa, bb := rawA-squares(ca), rawB-squares(cb)
	mixed := in(a, b) - pheno.Dot(ca, cb)
	det := float64(aa*bb) - float64(mixed*mixed)
	df := float64(c.N - ab.rank - 2)
	flag := result.Flags(0)
	switch {
	case df < 1:
		flag = result.TooFew
	case !(aa > 1e-8*rawA && bb > 1e-8*rawB && det > 1e-8*aa*bb):
		flag = result.Collinear
	}
	for k, t := range g.quant {
		rows := rowsOf(t)
		if rows[0].Flags == 0 {
			setFlags(rows, flag)
		}
		if rows[0].Flags != 0 {
			continue
		}
		y := q.y[k]
		yy := q.yy[k]
		for _, i := range ab.samples {
			yy -= float64(y[i] * y[i])
		}
		for j, col := range g.basis.Q {
			d := 0.0
			for _, i := range ab.samples {
				d += float64(col[i] * y[i])
			}
			ab.v[j] = -d
		}
		ab.solve(ab.v)
		yy -= squares(ab.v)
		ay, by := pheno.Dot(a, y)-pheno.Dot(ca, ab.v), pheno.Dot(b, y)-pheno.Dot(cb, ab.v)
		betaA := (float64(bb*ay) - float64(mixed*by)) / det
		betaB := (float64(aa*by) - float64(mixed*ay)) / det
		model := float64(betaA*ay) + float64(betaB*by)
		s2 := (yy - model) / df
		if !(yy-model > 1e-12*yy) {
			setFlags(rows, result.ConstantTrait)
			continue
		}
		unit := q.unit[k]
		inverse := [2][2]float64{{bb / det, -mixed / det}, {-mixed / det, aa / det}}
		variance := [2]float64{float64(s2 * inverse[0][0]), float64(s2 * inverse[1][1])}
		rows[2].Stat = model / s2
		if w.o.Robust {
			cov := w.sandwich(g, y, [2][]float64{a, b}, [2][]float64{ca, cb}, ab.v, []float64{betaA, betaB}, inverse)
			variance = [2]float64{cov[0][0], cov[1][1]}
			rows[2].Stat = (float64(float64(betaA*betaA)*cov[1][1]) - float64(2*float64(betaA*betaB)*cov[0][1]) + float64(float64(betaB*betaB)*cov[0][0])) /
				(float64(cov[0][0]*cov[1][1]) - float64(cov[0][1]*cov[0][1]))
		}
		for k, beta := range [2]float64{betaA, betaB} {
			row := &rows[k]
			se := math.Sqrt(variance[k])
			row.Beta, row.SE, row.Stat = beta*unit, se*unit, beta/se
			row.NegLog10P = glm.StudentTail(row.Stat, df)
		}
		rows[2].NegLog10P = df / 2 * math.Log1p(rows[2].Stat/df) / math.Ln10
		setMethod(rows, result.OLS)
	}
}

// jointBinary fits both columns beside the covariates; Firth's method where
// there is no maximum. The tests are Wald's.
func (w *worker) jointBinary(n *binaryNull, c *copies, a, b []float64, rows []result.Row) {
	if rows[0].Flags != 0 {
		return
	}
	if n == nil {
		setFlags(rows, result.NoNull)
		return
	}
	if c.N <= len(n.x)+2 {
		setFlags(rows, result.TooFew)
		return
	}
	w.g, w.jd = resize(w.g, len(n.rows)), resize(w.jd, len(n.rows))
	for k, i := range n.rows {
		w.g[k], w.jd[k] = a[i], b[i]
	}
	d := w.designs[n]
	if d == nil {
		d = glm.NewDesign(append(n.x[:len(n.x):len(n.x)], w.g, w.jd), n.y, n.offset)
		w.designs[n] = d
	} else {
		d.SetColumn(len(n.x), w.g)
		d.SetColumn(len(n.x)+1, w.jd)
	}
	if missing := w.places(n); len(missing) > 0 {
		drop := make([]bool, d.N)
		for _, i := range missing {
			drop[i] = true
		}
		d = d.Without(drop)
	}
	start := append(append(w.start[:0], n.beta...), 0, 0)
	w.start = start
	method := result.Logistic
	if err := w.solver.Logistic(d, start); err != nil {
		method = result.FirthWald
		if err := w.solver.Firth(d, d.K, start); err != nil {
			setFlags(rows, result.NotConverged)
			return
		}
	}
	first, second, both := w.solver.WaldPair()
	for k, f := range [2]glm.Fit{first, second} {
		rows[k].Beta, rows[k].SE, rows[k].Stat, rows[k].NegLog10P = f.Beta, f.SE, f.Stat, f.NegLog10P
	}
	rows[2].Stat, rows[2].NegLog10P = both, glm.ChiSquareTail(both, 2)
	setMethod(rows, method)
}

func setFlags(rows []result.Row, f result.Flags) {
	for k := range rows {
		rows[k].Flags |= f
	}
}

func setMethod(rows []result.Row, m result.Method) {
	for k := range rows {
		rows[k].Method = m
	}
}
