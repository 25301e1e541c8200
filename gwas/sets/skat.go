package sets

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/gx-genomics/gx/gwas/mixture"
)

// scores is what the tests of a mask stand on: the scores of its columns, each
// times its weight, and their covariance under the null.
type scores struct {
	s []float64
	*spectrum
}

// spectrum is a covariance and the distributions that come of it, kept: traits of
// one family share it.
type spectrum struct {
	m    int
	k    []float64 // m by m, symmetric
	memo map[float64]*mixture.Mixture
	rest *mixture.Mixture
}

func newSpectrum(k []float64, m int) *spectrum {
	return &spectrum{m: m, k: k, memo: map[float64]*mixture.Mixture{}}
}

// component is a test of variance: its -log10 p, NaN where it cannot be had.
func (x *scores) component(rho float64) float64 {
	l := x.lambdas(rho)
	if l.Len() == 0 {
		return math.NaN()
	}
	return l.NegLog10Tail(x.statistic(rho))
}

// statistic is (1-rho) sum s^2 + rho (sum s)^2.
func (x *scores) statistic(rho float64) float64 {
	squares, sum := 0.0, 0.0
	for _, s := range x.s {
		squares += float64(s * s)
		sum += s
	}
	return float64((1-rho)*squares) + float64(rho*float64(sum*sum))
}

// tiny is the share of the mean eigenvalue below which one is taken for 0, as in
// the SKAT package.
const tiny = 1e-5

// eigen gives the distribution of the quadratic form whose covariance is k.
func eigen(k []float64, m int) *mixture.Mixture {
	if m == 1 {
		return mixture.New(k)
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(m, k), false) {
		return mixture.New(nil)
	}
	values := e.Values(nil)
	sum, n := 0.0, 0
	for _, v := range values {
		if v >= 0 {
			sum, n = sum+v, n+1
		}
	}
	return mixture.New(slices.DeleteFunc(values, func(v float64) bool { return !(v > sum/float64(n)*tiny) }))
}

// lambdas is the distribution of the statistic at rho: the eigenvalues of R^1/2 K
// R^1/2 with R = (1-rho) I + rho 11'. The root of R is a I + (b-a)/m 11' with
// a^2 = 1-rho, b^2 = 1-rho+m rho.
func (x *spectrum) lambdas(rho float64) *mixture.Mixture {
	if l := x.memo[rho]; l != nil {
		return l
	}
	m := x.m
	k := slices.Clone(x.k)
	if rho > 0 && m > 1 {
		rows, total := x.sums()
		a, b := math.Sqrt(1-rho), math.Sqrt(1-rho+rho*float64(m))
		d := (b - a) / float64(m)
		for i := range m {
			for j := range m {
				k[i*m+j] = float64((1-rho)*x.k[i*m+j]) + float64(a*d*(rows[i]+rows[j])) + float64(d*d*total)
			}
		}
	}
	x.memo[rho] = eigen(k, m)
	return x.memo[rho]
}

// sums gives the sums of the rows of the covariance, and their sum.
func (x *spectrum) sums() (rows []float64, total float64) {
	m := x.m
	rows = make([]float64, m)
	for i := range m {
		for _, v := range x.k[i*m : (i+1)*m] {
			rows[i] += v
		}
		total += rows[i]
	}
	return rows, total
}
