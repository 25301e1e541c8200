package sets

import (
	"math"
	"slices"

	"github.com/gx-genomics/gx/gwas/mixture"
)

// largestRho is what a rho of 1 is taken for: at 1 the conditional distribution
// below has no width (as in the SKAT package and regenie).
const largestRho = 0.999

// optimum is SKAT-O (Lee, Wu and Lin 2012): the smallest p over a grid of rho, p
// being that of (1-rho) SKAT + rho burden, and the probability of one as small.
//
// With Z the scores, u = 1'K/root(1'K1), the statistic at rho is
//
//	(1-rho) (Q0 + 2 cross term) + tau(rho) chi,  tau = rho 1'K1 + (1-rho) |K1|^2/1'K1,
//
// where chi is a chi-square of one degree that stands apart from Q0, the form of
// K - K11'K/1'K1, and the cross term is taken into account by the variance. Given
// chi, all statistics are below their quantiles q(rho) as long as Q0 is below
// the least (q(rho) - tau(rho) chi)/(1-rho).
type optimum struct {
	rho    []float64
	tau    []float64
	q      []float64 // quantile of each rho at the smallest p
	q0     *mixture.Mixture
	mean   float64 // of Q0
	shrink float64 // root of var Q0 over that with the cross term
}

// quantile is where the tail of a mixture has the logarithm logP, by the chi-square
// of the same mean, variance and kurtosis, or skewness where that is the smaller
// (Liu, Tang and Zhang 2009, without its noncentrality): SKAT-O is defined by it.
func quantile(weights []float64, logP float64) float64 {
	c1, c2, c3, c4 := 0.0, 0.0, 0.0, 0.0
	for _, w := range weights {
		c1 += w
		c2 += float64(w * w)
		c3 += float64(float64(w*w) * w)
		c4 += float64(float64(w*w) * float64(w*w))
	}
	s1, s2 := c3/(c2*math.Sqrt(c2)), c4/(c2*c2)
	df := 1 / s2
	if s1*s1 > s2 {
		a := 1 / (s1 - math.Sqrt(s1*s1-s2))
		df = a*a - 2*(s1*a-1)*a*a
	}
	return c1 + float64((mixture.ChiSquareQuantile(logP, df)-df)*math.Sqrt(c2/df))
}

// skatO gives -log10 p of SKAT-O from the -log10 p of the grid.
func (x *scores) skatO(grid, negLog10P []float64) float64 {
	most := slices.Max(negLog10P)
	if math.IsNaN(most) || len(x.s) == 1 {
		return most
	}
	if most <= 0 {
		return 0
	}
	m := x.m
	rows, total := x.sums()
	if !(total > 0) {
		return math.NaN()
	}
	squares, cubes := 0.0, 0.0 // |K1|^2 and (K1)'K(K1)
	for i := range m {
		squares += float64(rows[i] * rows[i])
		sum := 0.0
		for j := range m {
			sum += float64(x.k[i*m+j] * rows[j])
		}
		cubes += float64(sum * rows[i])
	}
	o := &optimum{rho: grid, q0: x.remainder(rows, total)}
	if o.q0.Len() == 0 {
		return math.NaN()
	}
	second := 0.0
	for _, w := range o.q0.Weights() {
		o.mean += w
		second += float64(w * w)
	}
	cross := 4 * (cubes/total - squares*squares/(total*total))
	if variance := 2*second + cross; variance > 0 {
		o.shrink = math.Sqrt(2 * second / variance)
	} else {
		return math.NaN()
	}
	for _, r := range grid {
		o.tau = append(o.tau, float64(r*total)+float64((1-r)*squares/total))
		o.q = append(o.q, quantile(x.lambdas(r).Weights(), -most*math.Ln10))
	}
	logP := o.integrate()
	bound := math.Log(float64(len(grid))) - most*math.Ln10 // Bonferroni's is never smaller than the truth
	if !(logP < bound) {
		logP = bound
	}
	return min(max(-logP/math.Ln10, 0), most) // nor is it below the least of the grid
}

// remainder is the distribution of Q0.
func (x *spectrum) remainder(rows []float64, total float64) *mixture.Mixture {
	if x.rest == nil {
		k := slices.Clone(x.k)
		for i := range x.m {
			for j := range x.m {
				k[i*x.m+j] -= float64(rows[i]*rows[j]) / total
			}
		}
		x.rest = eigen(k, x.m)
	}
	return x.rest
}

// at is the bound of Q0 given chi, on the scale of Q0 alone.
func (o *optimum) at(chi float64) float64 {
	least := math.Inf(1)
	for j, r := range o.rho {
		least = min(least, (o.q[j]-float64(o.tau[j]*chi))/(1-r))
	}
	return float64((least-o.mean)*o.shrink) + o.mean
}

// log is the logarithm of the integrand at y = root(chi): the tail of Q0 given chi
// times the density of y.
func (o *optimum) log(y float64) float64 {
	l := math.Ln2 - float64(y*y)/2 - 0.5*math.Log(2*math.Pi)
	if bound := o.at(y * y); bound > 0 {
		l += o.q0.LogTailRough(bound)
	}
	return l
}

// integrate is the logarithm of the probability that some statistic is above its
// quantile.
func (o *optimum) integrate() float64 {
	// From this chi on the bound is below 0 and the tail 1.
	upper := math.Inf(1)
	for j, r := range o.rho {
		upper = min(upper, (o.q[j]+float64((1-r)*o.mean)*(1-o.shrink)/o.shrink)/o.tau[j])
	}
	end := math.Sqrt(max(upper, 0))
	sure := mixture.LogChiSquareTail(max(upper, 0), 1)
	return addLogs(sure, integrateLog(o.log, o.corners(end)))
}

// corners are the ends of the integral and the places between where another rho is
// the least: there the integrand has a corner.
func (o *optimum) corners(end float64) []float64 {
	list := []float64{0, end}
	for i := range o.rho {
		for j := range i {
			a, b := 1-o.rho[i], 1-o.rho[j]
			chi := (o.q[i]/a - o.q[j]/b) / (o.tau[i]/a - o.tau[j]/b)
			if !(chi > 0) {
				continue
			}
			y := math.Sqrt(chi)
			here := (o.q[i] - float64(o.tau[i]*chi)) / a
			if y < end && math.Abs(float64((here-o.mean)*o.shrink)+o.mean-o.at(chi)) <= 1e-9*(math.Abs(here)+o.mean) {
				list = append(list, y)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// addLogs is log(e^a + e^b).
func addLogs(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}
