package sets

import (
	"math"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/glm"
)

// corrector replaces the variances of a binary trait's scores by those that give
// the p of Firth's method or the saddlepoint approximation.
type corrector struct {
	o       *gwas.Options
	cutoff  float64 // |z| above which a score is corrected
	g, sum  []float64
	scratch glm.Scratch
}

func newCorrector(o *gwas.Options) *corrector {
	return &corrector{o: o, cutoff: math.Sqrt(quantileOfChi(o.PThreshold()))}
}

// applies says whether the trait's scores are corrected at all.
func (c *corrector) applies(n *gwas.Null) bool { return n.P != nil && c.o.Second != gwas.ScoreOnly }

// columns corrects the kernel in place. What cannot be corrected is false in the
// list that comes back: such a column takes no part.
func (c *corrector) columns(x *kernel, cols []column, n *gwas.Null) []bool {
	good := make([]bool, x.m)
	factor := make([]float64, x.m)
	for j := range good {
		v := x.k[j*x.m+j]
		good[j], factor[j] = v > 0, 1
		if !good[j] || math.Abs(x.s[j]) <= c.cutoff*math.Sqrt(v) || !c.applies(n) {
			continue
		}
		c.g = sized(c.g, n.N)
		x.residual(c.g, cols, j, n)
		chi, ok := c.chisq(c.g, x.s[j], v, n)
		if good[j] = ok; ok {
			factor[j] = math.Abs(x.s[j]) / math.Sqrt(chi*v)
		}
	}
	for i := range good {
		for j := range good {
			x.k[i*x.m+j] *= factor[i] * factor[j]
		}
	}
	return good
}

// burden is the factor by which the covariance of a mask's columns is inflated so
// that the score of their weighted sum has the corrected p; ok is false where that
// cannot be had.
func (c *corrector) burden(x *kernel, cols []column, list []int, n *gwas.Null) (factor float64, ok bool) {
	if len(list) < 2 || !c.applies(n) {
		return 1, true
	}
	score, variance := 0.0, 0.0
	for _, i := range list {
		score += float64(cols[i].weight * x.s[i])
		for _, j := range list {
			variance += float64(cols[i].weight*cols[j].weight) * x.k[i*x.m+j]
		}
	}
	if score == 0 || !(variance > 0) || math.Abs(score) <= c.cutoff*math.Sqrt(variance) {
		return 1, true
	}
	c.g, c.sum = sized(c.g, n.N), sized(c.sum, n.N)
	clear(c.sum)
	for _, j := range list {
		x.residual(c.g, cols, j, n)
		for i, g := range c.g {
			c.sum[i] += float64(cols[j].weight * g)
		}
	}
	chi, ok := c.chisq(c.sum, score, variance, n)
	if !ok {
		return 0, false
	}
	return max(1, score*score/(variance*chi)), true
}

// chisq is the corrected statistic of a genotype without the covariates.
func (c *corrector) chisq(g []float64, score, variance float64, n *gwas.Null) (float64, bool) {
	var f glm.Fit
	err := glm.ErrNoConvergence
	if c.o.Second == gwas.SPA || c.o.Second == gwas.FirthSPA {
		f, err = c.scratch.Saddlepoint(g, n.P, score, variance)
	}
	if err != nil && n.Firth != nil {
		f, err = c.scratch.Approximate(g, n.Y, n.Firth, score/variance)
	}
	chi := f.Stat * f.Stat
	return chi, err == nil && chi > 0
}

func sized(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}
