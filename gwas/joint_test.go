package gwas_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/glm"
	"github.com/gx-genomics/gx/gwas/pheno"
)

func second(joint gwas.Joint, g, e float64) float64 {
	if joint == gwas.Interaction {
		return g * e
	}
	return 1 - math.Abs(1-g)
}

// TestJointLeastSquares compares with a fit of each variant's own design.
func TestJointLeastSquares(t *testing.T) {
	d, tab := draw(299, 30)
	s := study(t, d, tab)
	age := s.Covariates[slices.IndexFunc(s.Covariates, func(c pheno.Covariate) bool { return c.Name == "age" })].Values
	for _, joint := range []gwas.Joint{gwas.Genotypic, gwas.Interaction} {
		o := gwas.Defaults()
		o.Joint, o.Environment, o.MinMAC = joint, "age", 20
		rows, _ := scan(t, d, s, o)
		for k, trait := range s.Traits {
			if trait.Binary {
				continue
			}
			if len(rows[k]) < 60 {
				t.Errorf("only %d rows", len(rows[k]))
			}
			for at := 0; at < len(rows[k]); at += 3 {
				r := rows[k][at : at+3]
				var x, y []float64
				for i := range s.Samples {
					if g := d.rows[r[0].Start][s.Column[i]]; g >= 0 && !math.IsNaN(trait.Values[i]) {
						x = append(x, g, second(joint, g, age[i]), 1)
						for _, c := range s.Covariates {
							x = append(x, c.Values[i])
						}
						y = append(y, trait.Values[i])
					}
				}
				p := 3 + len(s.Covariates)
				design, want := mat.NewDense(len(y), p, x), mat.NewVecDense(len(y), y)
				rss := func(m mat.Matrix) (float64, *mat.VecDense) {
					var beta, rest mat.VecDense
					if err := beta.SolveVec(m, want); err != nil {
						t.Fatal(err)
					}
					rest.MulVec(m, &beta)
					rest.SubVec(want, &rest)
					return mat.Dot(&rest, &rest), &beta
				}
				full, beta := rss(design)
				null, _ := rss(design.Slice(0, len(y), 2, p))
				df := float64(len(y) - p)
				f := (null - full) / 2 / (full / df)
				if want := -math.Log10(distuv.F{D1: 2, D2: df}.Survival(f)); differ(r[2].NegLog10P, want) > 1e-6*(1+want) || r[2].DF != 2 {
					t.Errorf("%s %s: p %.9g, want %.9g", r[2].ID, r[2].Test, r[2].NegLog10P, want)
				}
				for j := range 2 {
					without := mat.NewDense(len(y), p-1, nil)
					without.Slice(0, len(y), 0, 1).(*mat.Dense).Copy(design.Slice(0, len(y), 1-j, 2-j))
					without.Slice(0, len(y), 1, p-1).(*mat.Dense).Copy(design.Slice(0, len(y), 2, p))
					one, _ := rss(without)
					stat := math.Sqrt((one - full) / (full / df))
					if differ(math.Abs(r[j].Stat), stat) > 1e-6*(1+stat) || differ(r[j].Beta, beta.AtVec(j)) > 1e-6*r[j].SE {
						t.Errorf("%s %s: beta %.9g t %.9g, want %.9g %.9g", r[j].ID, r[j].Test, r[j].Beta, r[j].Stat, beta.AtVec(j), stat)
					}
				}
			}
		}
	}
}

// TestJointLogistic: a joint test's p is near that of the likelihood ratio, and
// the estimates are where the likelihood is flat.
func TestJointLogistic(t *testing.T) {
	d, tab := draw(400, 12)
	s := study(t, d, tab)
	k := slices.IndexFunc(s.Traits, func(t pheno.Trait) bool { return t.Binary })
	o := gwas.Defaults()
	o.Joint, o.MinMAC = gwas.Genotypic, 50
	rows, _ := scan(t, d, s, o)
	if len(rows[k]) < 18 {
		t.Fatalf("only %d rows", len(rows[k]))
	}
	for at := 0; at < len(rows[k]); at += 3 {
		r := rows[k][at : at+3]
		var columns [][]float64
		for range 3 + len(s.Covariates) {
			columns = append(columns, nil)
		}
		var y []float64
		for i := range s.Samples {
			g := d.rows[r[0].Start][s.Column[i]]
			if v := s.Traits[k].Values[i]; g >= 0 && !math.IsNaN(v) {
				for j, c := range s.Covariates {
					columns[j] = append(columns[j], c.Values[i])
				}
				m := len(s.Covariates)
				columns[m] = append(columns[m], 1)
				columns[m+1] = append(columns[m+1], g)
				columns[m+2] = append(columns[m+2], second(gwas.Genotypic, g, 0))
				y = append(y, v)
			}
		}
		var fit glm.Solver
		if err := fit.Logistic(glm.NewDesign(columns, y, nil), nil); err != nil {
			t.Fatal(err)
		}
		full, a := fit.LogLik, fit.Beta[len(columns)-2]
		if err := fit.Logistic(glm.NewDesign(columns[:len(columns)-2], y, nil), nil); err != nil {
			t.Fatal(err)
		}
		if differ(r[0].Beta, a) > 1e-6*r[0].SE {
			t.Errorf("%s: beta %g, want %g", r[0].ID, r[0].Beta, a)
		}
		if ratio := 2 * (full - fit.LogLik); differ(r[2].Stat, ratio) > 0.15*(1+ratio) {
			t.Errorf("%s: Wald %g is far from the ratio %g", r[0].ID, r[2].Stat, ratio)
		}
	}
}

func TestInteractionWithNothing(t *testing.T) {
	d, tab := draw(60, 2)
	o := gwas.Defaults()
	o.Joint, o.Environment = gwas.Interaction, "smoking"
	_, err := gwas.Scan(t.Context(), d, study(t, d, tab), o, func(*gwas.Batch) error { return nil })
	if err == nil || err.Error() != "interaction with smoking: want the name of a covariate" {
		t.Errorf("error %v", err)
	}
}

// TestCondition: a variant beside itself is collinear, and a copy of the
// genotypes as a covariate of the tables gives the same tests of others.
func TestCondition(t *testing.T) {
	d, tab := draw(200, 9)
	s := study(t, d, tab)
	if err := gwas.Condition(t.Context(), d, s, []string{"v2", "3:8:G:A"}); err != nil {
		t.Fatal(err)
	}
	o := gwas.Defaults()
	o.KeepSkipped = true
	rows, _ := scan(t, d, s, o)
	for _, j := range []int{2, 7} {
		if got := rows[0][j].Flags.String(); j == 2 && got != "COLLINEAR" {
			t.Errorf("variant %d: flags %s", j, got)
		}
	}
	by := study(t, d, tab)
	for _, j := range []int{2, 7} {
		v := make([]float64, len(by.Samples))
		sum, n := 0.0, 0.0
		for i, c := range by.Column {
			if v[i] = d.rows[j][c]; v[i] >= 0 {
				sum += v[i]
				n++
			}
		}
		for i := range v {
			if v[i] < 0 {
				v[i] = sum / n
			}
		}
		by.Covariates = append(by.Covariates, pheno.Covariate{Name: "g", Values: v})
	}
	want, _ := scan(t, d, by, o)
	if a, b := rows[0][4].NegLog10P, want[0][4].NegLog10P; differ(a, b) > 1e-6 {
		t.Errorf("p %g, want %g", a, b)
	}
	for _, c := range []struct{ names, want string }{
		{"v1 v1", "variant v1 is named twice"},
		{"v1 q7 q8", "variants to condition on are not among the genotypes: q7, q8"},
		{"3:8:A:G 3:9999:G:A", "variants to condition on are not among the genotypes: 3:8:A:G (3:8 has reference G and alternate A), 3:9999:G:A"},
	} {
		if err := gwas.Condition(t.Context(), d, study(t, d, tab), strings.Fields(c.names)); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}
