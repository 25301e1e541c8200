package gwas_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// hc3 is the estimate of least squares with its covariance by the textbook.
func hc3(t *testing.T, x *mat.Dense, y []float64) (beta []float64, cov *mat.Dense) {
	t.Helper()
	n, p := x.Dims()
	var gram, inverse, b, half, sandwich mat.Dense
	gram.Mul(x.T(), x)
	if err := inverse.Inverse(&gram); err != nil {
		t.Fatal(err)
	}
	b.Mul(x.T(), mat.NewDense(n, 1, y))
	half.Mul(&inverse, &b)
	meat := mat.NewDense(p, p, nil)
	for i := range n {
		row := mat.NewDense(1, p, x.RawRowView(i))
		var h, fit, outer mat.Dense
		h.Product(row, &inverse, row.T())
		fit.Mul(row, &half)
		outer.Mul(row.T(), row)
		e := (y[i] - fit.At(0, 0)) / (1 - h.At(0, 0))
		outer.Scale(e*e, &outer)
		meat.Add(meat, &outer)
	}
	sandwich.Product(&inverse, meat, &inverse)
	return mat.Col(nil, 0, &half), &sandwich
}

// TestRobust compares with the textbook's sandwich, with missing genotypes and
// traits, one column and two.
func TestRobust(t *testing.T) {
	d, tab := draw(150, 12)
	s := study(t, d, tab)
	var age []float64
	for _, c := range s.Covariates {
		if c.Name == "age" {
			age = c.Values
		}
	}
	for _, tc := range []struct {
		name  string
		joint gwas.Joint
		model gwas.Model
	}{{"one column", gwas.Single, gwas.Additive}, {"carriers", gwas.Single, gwas.Dominant}, {"interaction", gwas.Interaction, gwas.Additive}} {
		o := gwas.Defaults()
		o.Robust, o.Joint, o.Environment, o.Model, o.MinMAC = true, tc.joint, "age", tc.model, 10
		rows, _ := scan(t, d, s, o)
		per := 1
		if tc.joint != gwas.Single {
			per = 3
		}
		tests := 0
		for k, trait := range s.Traits {
			for at := 0; at < len(rows[k]); at += per {
				r := rows[k][at : at+per]
				if trait.Binary || r[0].Method != result.OLS {
					continue
				}
				tests++
				compareRobust(t, tc.name, d, s, &trait, r, tc.model, age)
			}
		}
		if tests < 12 {
			t.Errorf("%s: only %d tests", tc.name, tests)
		}
	}
}

func compareRobust(t *testing.T, name string, d *drawn, s *pheno.Study, trait *pheno.Trait, r []result.Row, m gwas.Model, age []float64) {
	t.Helper()
	var x, y []float64
	first := 1 // covariates
	if len(r) == 3 {
		first = 2
	}
	for i := range s.Samples {
		g := d.rows[r[0].Start][s.Column[i]]
		if g < 0 || math.IsNaN(trait.Values[i]) {
			continue
		}
		x = append(x, code(g, m))
		if first == 2 {
			x = append(x, g*age[i])
		}
		x = append(x, 1)
		for _, c := range s.Covariates {
			x = append(x, c.Values[i])
		}
		y = append(y, trait.Values[i])
	}
	beta, cov := hc3(t, mat.NewDense(len(y), first+1+len(s.Covariates), x), y)
	for j := range first {
		if se := math.Sqrt(cov.At(j, j)); differ(r[j].SE, se) > 1e-5*se || differ(r[j].Beta, beta[j]) > 1e-5*se {
			t.Errorf("%s, %s %s: beta %.9g SE %.9g, want %.9g %.9g", name, r[j].ID, r[j].Test, r[j].Beta, r[j].SE, beta[j], se)
		}
	}
	if first == 2 {
		var inverse, wald mat.Dense
		if err := inverse.Inverse(cov.Slice(0, 2, 0, 2)); err != nil {
			t.Fatal(err)
		}
		b := mat.NewDense(1, 2, beta[:2])
		wald.Product(b, &inverse, b.T())
		if w := wald.At(0, 0); differ(r[2].Stat, w) > 1e-5*(1+w) {
			t.Errorf("%s, %s: chi-square of both %.9g, want %.9g", name, r[2].ID, r[2].Stat, w)
		}
	}
}
