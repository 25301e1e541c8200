package sets

import (
	"math"

	"github.com/gx-genomics/gx/gwas/mixture"
	"github.com/gx-genomics/gx/gwas/result"
)

// answer is the -log10 p of the tests of variance of one mask, NaN for one that
// cannot be had.
type answer struct{ acato, acatv, skat, skato, skatoACAT float64 }

func noAnswer() answer {
	nan := math.NaN()
	return answer{nan, nan, nan, nan, nan}
}

// single gives the -log10 p of the columns of a list, each by itself.
func (x *kernel) single(list []int) []float64 {
	out := make([]float64, len(list))
	for a, j := range list {
		out[a] = negLog10Chi(x.s[j] * x.s[j] / x.k[j*x.m+j])
	}
	return out
}

// test makes the tests of the kinds asked for on the scores of a mask.
func (a *answer) test(w *scores, o *Options, rhos []float64) {
	if len(rhos) == 0 {
		if o.Kinds&SKAT != 0 {
			a.skat = w.component(0)
		}
		return
	}
	list := make([]float64, len(rhos))
	for i, r := range rhos {
		list[i] = w.component(r)
		if math.IsNaN(list[i]) {
			return
		}
		if r == 0 {
			a.skat = list[i]
		}
	}
	if o.Kinds&SKAT != 0 && math.IsNaN(a.skat) {
		a.skat = w.component(0)
	}
	if o.Kinds&SKATO != 0 {
		a.skato = w.skatO(rhos, list)
	}
	if o.Kinds&SKATOACAT != 0 {
		a.skatoACAT = CombineCauchy(list, nil)
	}
	if o.Kinds&ACATO != 0 {
		if len(w.s) == 1 {
			a.acato = list[0]
		} else if !math.IsNaN(a.acatv) {
			a.acato = CombineCauchy(append([]float64{a.acatv}, list...), nil)
		}
	}
}

// rows lists the tests that were asked for, in the order of regenie's output.
func (a *answer) rows(o *Options, rhos []float64) []line {
	var list []line
	add := func(want bool, name string, m result.Method, l float64) {
		if want {
			list = append(list, line{name, m, l})
		}
	}
	zero := len(rhos) > 0 && rhos[0] == 0
	add(o.Kinds&ACATO != 0, "-ACATO", result.ACATO, a.acato)
	add(o.Kinds&(ACATV|ACATO) != 0, "-ACATV", result.ACATV, a.acatv)
	add(o.Kinds&SKAT != 0 || zero, "-SKAT", result.SKAT, a.skat)
	add(o.Kinds&SKATO != 0, "-SKATO", result.SKATO, a.skato)
	add(o.Kinds&SKATOACAT != 0, "-SKATO-ACAT", result.SKATO, a.skatoACAT)
	return list
}

type line struct {
	test   string // what follows the name of the model
	method result.Method
	log10p float64
}

// quantileOfChi is the chi-square of one degree of freedom whose tail is p.
func quantileOfChi(p float64) float64 { return mixture.ChiSquareQuantile(math.Log(p), 1) }

// chiOf is the chi-square of one degree of freedom of a -log10 p.
func chiOf(negLog10P float64) float64 {
	if math.IsNaN(negLog10P) {
		return math.NaN()
	}
	return mixture.ChiSquareQuantile(-negLog10P*math.Ln10, 1)
}

func negLog10Chi(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	return max(-mixture.LogChiSquareTail(x, 1)/math.Ln10, 0)
}
