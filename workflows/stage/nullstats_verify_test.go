//go:build verify

package stage

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/nullmodel"
)

// cohortSource is a simulated cohort as a source of genotypes.
type cohortSource struct{ *simulate.Cohort }

func (c cohortSource) Variants(context.Context) (int, error) { return c.Cohort.Variants(), nil }
func (c cohortSource) Imputed() bool                         { return false }

// trial is several traits of one cohort, tested beside the covariates alone and
// with the null model's prediction of each.
type trial struct {
	scenario simulate.Scenario
	binary   bool
	genetic  bool
	traits   int
	variants int
	seed     uint64
}

// outcome sums over traits; index 0 is covariates alone, 1 with the prediction.
type outcome struct {
	tests    float64 // of variants behind no trait
	below    [2][len(nullLevels)]float64
	causal   float64 // tests of variants behind the trait
	chi2     [2]float64
	hits     [2][2]float64 // below 5e-8 and 1e-5
	variance [2]float64    // left of the trait, mean over traits
	r2       [2]float64
}

const trialSamples = 10_000

func (c trial) run(t *testing.T) outcome {
	t.Helper()
	o := simulate.Defaults()
	o.Samples, o.Variants, o.Seed, o.Traits = trialSamples, c.variants, c.seed, nil
	heritability := 0.0
	if c.genetic {
		heritability = -1
	} else {
		o.Causal = 0
	}
	for k := range c.traits {
		o.Traits = append(o.Traits, simulate.Trait{Name: fmt.Sprint("y", k+1), Scenario: c.scenario, Binary: c.binary, Heritability: heritability})
	}
	cohort, err := simulate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := cohort.Table(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var people []pheno.Sample
	for _, p := range cohort.People() {
		people = append(people, pheno.Sample{FID: p.FID, IID: p.IID})
	}
	causal := map[[2]string]bool{}
	for _, v := range drawn.Causal {
		causal[[2]string{v.Trait, v.ID}] = true
	}
	phenotypes, covariates := asTable(people, drawn.Traits), asTable(people, drawn.Covariates)
	var out outcome
	options := pheno.Defaults()
	for k := range 2 {
		study, err := pheno.NewStudy(people, phenotypes, covariates, options)
		if err != nil {
			t.Fatal(err)
		}
		out.scan(t, cohort, study, causal, k)
		out.residuals(study, k)
		if k == 0 {
			env, _ := notes(2)
			m, err := nullOfStudy(t.Context(), env, study, nullmodel.Defaults())
			if err != nil {
				t.Fatal(err)
			}
			options.Null = m.asTable()
			out.predicted(study, options.Null)
		}
	}
	return out
}

func asTable(people []pheno.Sample, columns []simulate.Column) *pheno.Table {
	t := &pheno.Table{Path: "drawn"}
	for _, p := range people {
		t.FID, t.IID = append(t.FID, p.FID), append(t.IID, p.IID)
	}
	for _, c := range columns {
		text := make([]string, len(c.Values))
		for i, v := range c.Values {
			text[i] = strconv.FormatFloat(v, 'g', -1, 64)
		}
		t.Names, t.Columns = append(t.Names, c.Name), append(t.Columns, text)
	}
	return t
}

func (out *outcome) scan(t *testing.T, cohort *simulate.Cohort, study *pheno.Study, causal map[[2]string]bool, k int) {
	t.Helper()
	o := gwas.Defaults()
	o.Threads = 2
	tests, found := 0.0, 0.0
	if _, err := gwas.Scan(t.Context(), cohortSource{cohort}, study, o, func(b *gwas.Batch) error {
		for y, rows := range b.Rows {
			for i := range rows {
				r := &rows[i]
				if math.IsNaN(r.NegLog10P) {
					continue
				}
				if causal[[2]string{study.Traits[y].Name, r.ID}] {
					found++
					out.chi2[k] += r.Chisq()
					for j, level := range []float64{5e-8, 1e-5} {
						if r.NegLog10P > -math.Log10(level) {
							out.hits[k][j]++
						}
					}
					continue
				}
				tests++
				for j, level := range nullLevels {
					if r.NegLog10P > -math.Log10(level) {
						out.below[k][j]++
					}
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if k == 1 && (tests != out.tests || found != out.causal) {
		t.Fatalf("%v and %v tests, before %v and %v", tests, found, out.tests, out.causal)
	}
	out.tests, out.causal = tests, found
}

// residuals measures how much of the traits' variance the model of the test
// leaves.
func (out *outcome) residuals(study *pheno.Study, k int) {
	for i := range study.Traits {
		y := &study.Traits[i]
		v := append([]float64(nil), y.Values...)
		pheno.NewBasis(nil, nil, len(v)).Residual(v)
		total := pheno.Dot(v, v)
		pheno.NewBasis(append(append([]pheno.Covariate(nil), study.Covariates...), y.Own...), nil, len(v)).Residual(v)
		out.variance[k] += pheno.Dot(v, v) / total / float64(len(study.Traits))
	}
}

// predicted measures predictions out of fold; least squares in the same folds
// beside them.
func (out *outcome) predicted(study *pheno.Study, null *pheno.Table) {
	at := map[string]int{}
	for i, id := range null.IID {
		at[id] = i
	}
	t := &nullmodel.Table{}
	for _, s := range study.Samples {
		t.IDs = append(t.IDs, s.FID+"\t"+s.IID)
	}
	for _, c := range study.Covariates {
		t.Covariates = append(t.Covariates, nullmodel.Covariate{Name: c.Name, Values: c.Values})
	}
	o := nullmodel.Defaults()
	o.Members = []nullmodel.Member{nullmodel.Linear}
	for i := range study.Traits {
		y := &study.Traits[i]
		linear, err := nullmodel.Predict(context.Background(), t, &nullmodel.Trait{Name: y.Name, Values: y.Values, Binary: y.Binary}, o)
		if err != nil {
			panic(err) // the whole model of the same trait was made
		}
		v := make([]float64, len(y.Values))
		for j, s := range study.Samples {
			v[j], _ = strconv.ParseFloat(null.Columns[i][at[s.IID]], 64)
		}
		n := float64(len(study.Traits))
		out.r2[0] += nullmodel.R2(linear.Values, y.Values) / n
		out.r2[1] += nullmodel.R2(v, y.Values) / n
	}
}

// within is a figure that has to lie between two bars.
func within(figures []verify.Figure, name string, value, low, high float64) []verify.Figure {
	return append(figures, verify.Figure{Name: name, Value: value, Bar: low}, verify.Figure{Name: name, Value: value, Bar: high, Most: true})
}

// TestVerifyNullModelTypeOne is what the prediction of the null model does to
// tests where there is nothing to find.
func TestVerifyNullModelTypeOne(t *testing.T) {
	var outcomes []outcome
	for k, c := range nullCases {
		out := trial{scenario: c.scenario, binary: c.binary, traits: 10, variants: 100_000, seed: uint64(100 + k)}.run(t)
		t.Logf("%s: %+v", c.name, out)
		if out.tests < 1e6 {
			t.Fatalf("%s: %v tests, want a million", c.name, out.tests)
		}
		outcomes = append(outcomes, out)
	}
	if err := verify.Write("../..", verify.NullModelTypeOne, typeOneFigures(outcomes)); err != nil {
		t.Fatal(err)
	}
	writeNullDocs(t)
}

func typeOneFigures(outcomes []outcome) []verify.Figure {
	var figures []verify.Figure
	for k, c := range nullCases {
		for j, level := range nullLevels {
			for m, mode := range nullModes {
				name, value := typeOneName(c.name, mode, level), outcomes[k].below[m][j]/(outcomes[k].tests*level)
				if c.wrong && m == 0 {
					figures = append(figures, verify.Figure{Name: name, Value: value})
					continue
				}
				figures = within(figures, name, value, 1-typeOneBound(level), 1+typeOneBound(level))
			}
		}
	}
	return figures
}

// TestVerifyNullModelPower is what the prediction does to tests of causal
// variants, beside what theory says.
func TestVerifyNullModelPower(t *testing.T) {
	var figures []verify.Figure
	for k, c := range powerCases {
		out := trial{scenario: c.scenario, genetic: true, traits: powerTraits, variants: 1000, seed: uint64(200 + k)}.run(t)
		t.Logf("%s: %+v", c.name, out)
		for m := range out.chi2 {
			out.chi2[m] /= out.causal
		}
		figures = append(figures,
			verify.Figure{Name: powerName(c.name, "mean chi-square of causal variants, covariates alone"), Value: out.chi2[0], Bar: 8},
			verify.Figure{Name: powerName(c.name, "mean chi-square of causal variants, with the prediction"), Value: out.chi2[1], Bar: 8})
		for j, level := range []string{"5e-8", "1e-5"} {
			for m, mode := range nullModes {
				figures = append(figures, verify.Figure{Name: powerName(c.name, "causal variants below "+level+", "+mode), Value: out.hits[m][j], Bar: float64(m) * (out.hits[0][j] - 3)})
			}
		}
		ratio := (out.chi2[1] - 1) / (out.chi2[0] - 1)
		tolerance := 0.10
		if c.nonlinear == 0 {
			tolerance = 0.01
		}
		figures = within(figures, powerName(c.name, "ratio of chi-square less 1"), ratio, c.theory()*(1-tolerance), c.theory()*(1+tolerance))
		figures = within(figures, powerName(c.name, "the same over the ratio of variances that are left"), ratio/(out.variance[0]/out.variance[1]), 1-tolerance, 1+tolerance)
		figures = append(figures,
			verify.Figure{Name: powerName(c.name, "R2 out of fold, least squares"), Value: out.r2[0], Bar: c.linear - 0.03},
			verify.Figure{Name: powerName(c.name, "R2 out of fold, gx"), Value: out.r2[1], Bar: c.linear + c.nonlinear - 0.03})
	}
	if err := verify.Write("../..", verify.NullModelPower, figures); err != nil {
		t.Fatal(err)
	}
	writeNullDocs(t)
}
