package gwas

import (
	"math"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// absent is what the samples without a genotype take off the sums of a group.
type absent struct {
	samples []int     // of the group, in the order of the study
	factor  []float64 // Cholesky factor of Q'Q over the samples left, by rows
	rank    int       // of it
	u       []float64 // the factor's inverse times Q'g
	v       []float64 // times Q'y
}

// prepare factors Q'Q over the samples left. A column that is a combination of
// those before it there gets a zero row.
func (a *absent) prepare(basis *pheno.Basis) {
	c := basis.Rank()
	if cap(a.factor) < c*c {
		a.factor, a.u, a.v = make([]float64, c*c), make([]float64, c), make([]float64, c)
	}
	a.factor, a.u, a.v = a.factor[:c*c], a.u[:c], a.v[:c]
	l := a.factor
	for j := range c {
		for k := range j + 1 {
			x, y := basis.Q[j], basis.Q[k]
			s := 0.0
			for _, i := range a.samples {
				s += float64(x[i] * y[i])
			}
			l[j*c+k] = -s
		}
		l[j*c+j]++
	}
	a.rank = 0
	for j := range c {
		for k := range j {
			s := l[j*c+k]
			for m := range k {
				s -= float64(l[j*c+m] * l[k*c+m])
			}
			if d := l[k*c+k]; d > 0 {
				l[j*c+k] = s / d
			} else {
				l[j*c+k] = 0
			}
		}
		d := l[j*c+j]
		for m := range j {
			d -= float64(l[j*c+m] * l[j*c+m])
		}
		if d < 1e-12 {
			l[j*c+j] = 0
			continue
		}
		l[j*c+j] = math.Sqrt(d)
		a.rank++
	}
}

// solve replaces v by the inverse of the factor times v.
func (a *absent) solve(v []float64) {
	c := len(v)
	for j := range c {
		s := v[j]
		for k := range j {
			s -= float64(a.factor[j*c+k] * v[k])
		}
		if d := a.factor[j*c+j]; d > 0 {
			v[j] = s / d
		} else {
			v[j] = 0
		}
	}
}

// sums are those of one variant in one group: of the genotype with the basis
// without its intercept, and with the residuals of the traits.
type sums struct {
	n      int     // samples with a genotype
	g, gg  float64 // sum and sum of squares of copies
	gq, gy []float64
}

// testQuant fills the rows of the group's quantitative traits.
func (w *worker) testQuant(g *group, q *quantNull, s *sums, r *dosage.Row, rows []*result.Row) {
	if len(g.quant) == 0 {
		return
	}
	a := &w.absent
	if w.o.Form == ScoreForm {
		w.scoreQuant(g, q, s, rows)
		return
	}
	if len(a.samples) == 0 && !w.o.Robust {
		gg := s.gg - float64(float64(s.g*g.root)*float64(s.g*g.root)) - squares(s.gq)
		df := float64(s.n - g.basis.Rank() - 1)
		flag := w.guard(s, gg, df)
		for k, row := range rows {
			if row.Flags == 0 {
				row.Flags = flag
			}
			if row.Flags == 0 {
				w.leastSquares(row, s.gy[k], gg, q.yy[k], df, q.unit[k], 0)
			}
		}
		return
	}
	a.prepare(g.basis)
	a.u[0] = s.g * g.root
	copy(a.u[1:], s.gq)
	a.solve(a.u)
	gg := s.gg - squares(a.u)
	df := float64(s.n - a.rank - 1)
	flag := w.guard(s, gg, df)
	for k, row := range rows {
		if row.Flags == 0 {
			row.Flags = flag
		}
		if row.Flags != 0 {
			continue
		}
		yy := q.yy[k]
		y := q.y[k]
		for _, i := range a.samples {
			yy -= float64(y[i] * y[i])
		}
		for j, col := range g.basis.Q {
			d := 0.0
			for _, i := range a.samples {
				d += float64(col[i] * y[i])
			}
			a.v[j] = -d
		}
		a.solve(a.v)
		gy := s.gy[k] - pheno.Dot(a.u, a.v)
		se := 0.0
		if w.o.Robust {
			se = w.robustSE(g, r, y, a.u, a.v, gy/gg, gg)
		}
		w.leastSquares(row, gy, gg, yy-squares(a.v), df, q.unit[k], se)
	}
}

// leastSquares fills a row; robust, if not 0, is the standard error to use.
func (w *worker) leastSquares(row *result.Row, gy, gg, yy, df, unit, robust float64) {
	f, ok := glm.LeastSquares(gy, gg, yy, df)
	if !ok {
		row.Flags |= result.ConstantTrait
		return
	}
	if robust > 0 {
		f.SE, f.Stat = robust, f.Beta/robust
		f.NegLog10P = glm.StudentTail(f.Stat, df)
	}
	row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta*unit, f.SE*unit, f.Stat, f.NegLog10P
	row.Method = result.OLS
}

// scoreQuant puts the mean for a missing genotype.
func (w *worker) scoreQuant(g *group, q *quantNull, s *sums, rows []*result.Row) {
	missing := w.absent.samples
	mean := s.g / float64(s.n)
	m := float64(len(missing))
	sum := s.g + float64(mean*m)
	gg := s.gg + float64(float64(mean*mean)*m) - float64(float64(sum*g.root)*float64(sum*g.root))
	for j, x := range s.gq {
		x += float64(mean * at(g.basis.Q[j+1], missing))
		gg -= float64(x * x)
	}
	df := float64(g.n - g.basis.Rank())
	flag := w.guard(s, gg, df-1)
	for k, row := range rows {
		if row.Flags == 0 {
			row.Flags = flag
		}
		if row.Flags != 0 {
			continue
		}
		gy := s.gy[k] + float64(mean*at(q.y[k], missing))
		s2 := q.yy[k] / df
		f := glm.ScoreTest(gy/s2, gg/s2)
		row.Beta, row.SE, row.Stat, row.NegLog10P = f.Beta*q.unit[k], f.SE*q.unit[k], f.Stat, f.NegLog10P
		row.Method = result.Score
	}
}

// guard says whether a genotype can be tested, gg being its sum of squares
// beside the covariates.
func (w *worker) guard(s *sums, gg, df float64) result.Flags {
	if df < 1 {
		return result.TooFew
	}
	spread := s.gg - float64(s.g*s.g)/float64(s.n)
	if gg*w.o.MaxVIF < spread || gg <= 0 {
		return result.Collinear
	}
	return 0
}

func squares(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += float64(x * x)
	}
	return s
}

func at(v []float64, samples []int) float64 {
	s := 0.0
	for _, i := range samples {
		s += v[i]
	}
	return s
}
