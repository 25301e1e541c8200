package gwas

import (
	"math"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
)

// sandwich is the covariance of the coefficients of one or two columns x of a
// genotype in least squares that holds when the variance of the trait is not the
// same for all: HC3 of MacKinnon and White (1985), in which a squared residual is
// divided by (1-h)^2, h being the sample's leverage in the whole model.
//
// x has the columns in the order of the study, c their coefficients on the basis
// that w.absent has factored, and v those of the trait y; inverse is the inverse
// of the columns' products without the basis, beta the estimates.
func (w *worker) sandwich(g *group, y []float64, x, c [2][]float64, v, beta []float64, inverse [2][2]float64) (cov [2][2]float64) {
	a := &w.absent
	w.gone = resize(w.gone, len(y))
	for _, i := range a.samples {
		w.gone[i] = 1
	}
	k := len(beta)
	w.z = resize(w.z, g.basis.Rank())
	var meat [2][2]float64
	for i := range y {
		if !g.in(i) || w.gone[i] != 0 {
			continue
		}
		for j, q := range g.basis.Q {
			w.z[j] = q[i]
		}
		if len(a.samples) > 0 {
			a.solve(w.z)
		}
		h, e := squares(w.z), y[i]
		var t [2]float64
		for j := range k {
			t[j] = x[j][i]
			for m, z := range w.z {
				t[j] -= float64(z * c[j][m])
			}
			e -= float64(t[j] * beta[j])
		}
		for m, z := range w.z {
			e -= float64(z * v[m])
		}
		for j := range k {
			for m := range k {
				h += float64(float64(t[j]*inverse[j][m]) * t[m])
			}
		}
		if !(h < 1-1e-9) { // the model goes through this sample, whatever it is
			continue
		}
		f := e / (1 - h)
		f = float64(f * f)
		for j := range k {
			for m := range k {
				meat[j][m] += float64(f * float64(t[j]*t[m]))
			}
		}
	}
	for _, i := range a.samples {
		w.gone[i] = 0
	}
	for j := range k {
		for m := range k {
			for p := range k {
				for q := range k {
					cov[j][m] += float64(float64(inverse[j][p]*meat[p][q]) * inverse[q][m])
				}
			}
		}
	}
	return cov
}

// robustSE is the standard error of one coded genotype; u and v are its
// coefficients and the trait's on the basis.
func (w *worker) robustSE(g *group, r *dosage.Row, y, u, v []float64, beta, gg float64) float64 {
	w.ja = resize(w.ja, len(w.study.Samples))
	for i, c := range w.study.Column {
		w.ja[i] = w.code(r, c)
	}
	cov := w.sandwich(g, y, [2][]float64{w.ja}, [2][]float64{u}, v, []float64{beta}, [2][2]float64{{1 / gg}})
	return math.Sqrt(cov[0][0])
}

// code is the coded genotype of a column of a row, 0 where missing.
func (w *worker) code(r *dosage.Row, column int) float64 {
	if r.Hard() {
		if c := r.Call(column); c != dosage.Absent {
			return float64(w.coding[c])
		}
		return 0
	}
	u := r.Units[column]
	switch {
	case u == dosage.Missing:
		return 0
	case w.o.Model != Additive:
		return float64(w.coding[exact.Nearest(u, r.Scale)])
	}
	return float64(u) / float64(r.Scale)
}
