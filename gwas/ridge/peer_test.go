package ridge_test

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/ridge"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
)

// run predicts the traits of files below the shared data.
func run(t testing.TB, genotypes, phenotypes, covar string, o ridge.Options) (*pheno.Study, []ridge.Prediction) {
	t.Helper()
	f, err := genotype.Open(t.Context(), shared.Path(t, genotypes), genotype.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	var samples []pheno.Sample
	for _, s := range f.Samples() {
		samples = append(samples, pheno.Sample{FID: s.FID, IID: s.IID})
	}
	read := func(name string) *pheno.Table {
		s, err := table.OpenSamples(shared.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		p := pheno.Table(*s)
		return &p
	}
	study, err := pheno.NewStudy(samples, read(phenotypes), read(covar), pheno.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	view, err := f.Select(study.Genotyped)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := ridge.Blocks(view.Names(t.Context()), o.Block)
	if err != nil {
		t.Fatal(err)
	}
	job, err := ridge.NewJob(study, spans, o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := job.Run(t.Context(), view, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for i := range out {
		if out[i].Err != nil {
			t.Fatalf("%s: %v", out[i].Trait, out[i].Err)
		}
	}
	return study, out
}

// TestEqualsRegenie: predictions without each chromosome, and the errors of
// cross-validation, are those of regenie 4.1.2 within 1e-4.
func TestEqualsRegenie(t *testing.T) {
	const example, expected, cohort = "gwas/regenie-example/", "gwas/expected/regenie-3chr/", "gwas/cohortA/"
	for _, c := range []struct {
		name, genotypes, pheno, covar string
		block                         int
		loo                           bool
		loco                          []string
		cv                            string
	}{
		{"folds", example + "example_3chr.bed", example + "phenotype.txt", example + "covariates.txt", 50, false, []string{expected + "qt_1.loco", expected + "qt_2.loco"}, ""},
		{"leave one out", example + "example_3chr.bed", example + "phenotype.txt", example + "covariates.txt", 50, true, []string{expected + "qt_loocv_1.loco", expected + "qt_loocv_2.loco"}, ""},
		{"binary, leave one out, missing", example + "example_3chr.bed", example + "phenotype_bin_wNA.txt", example + "covariates.txt", 50, true, []string{expected + "bt_wNA_loocv_1.loco", expected + "bt_wNA_loocv_2.loco"}, ""},
		{"cohort", cohort + "cohortA.bed", cohort + "pheno_qt.txt", cohort + "covar.txt", 20, false, []string{cohort + "regenie_qt_1.loco.gz", cohort + "regenie_qt_2.loco.gz"}, cohort + "regenie_step1_qt_cv.txt"},
		{"cohort, binary", cohort + "cohortA.bed", cohort + "pheno_bt.txt", cohort + "covar.txt", 20, false, []string{cohort + "regenie_bt_1.loco.gz"}, cohort + "regenie_step1_bt_cv.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.cv != "" {
				t.Skip("-short: the small cohort stands for it")
			}
			o := ridge.Defaults()
			o.Block, o.LOO, o.Threads = c.block, c.loo, 2
			study, out := run(t, c.genotypes, c.pheno, c.covar, o)
			for k, path := range c.loco {
				compare(t, study, &out[k], path)
			}
			if c.cv != "" {
				compareFits(t, out, c.cv)
			}
		})
	}
}

func compare(t *testing.T, study *pheno.Study, got *ridge.Prediction, path string) {
	t.Helper()
	want, err := table.OpenLOCO(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, s := range study.Samples {
		at[s.FID+"_"+s.IID] = i
	}
	if len(want.IDs) != len(study.Samples) {
		t.Fatalf("%d samples, want %d", len(study.Samples), len(want.IDs))
	}
	worst := 0.0
	for c, chrom := range want.Chroms {
		values := got.All
		for k, name := range got.Chroms {
			if name == chrom {
				values = got.Without[k]
			}
		}
		for i, id := range want.IDs {
			g, w := values[at[id]], want.Values[c][i]
			if math.IsNaN(g) != math.IsNaN(w) {
				t.Fatalf("%s, chromosome %s: sample %s is %g, want %g", path, chrom, id, g, w)
			}
			if !math.IsNaN(w) {
				worst = max(worst, math.Abs(g-w))
			}
		}
	}
	if t.Logf("%s: differs by %.1e", path, worst); worst > 1e-4 {
		t.Errorf("%s: differs by %g, want 1e-4 at most", path, worst)
	}
}

// compareFits reads regenie's log: NAME : Rsq = x, MSE = y[, -logLik/N = z].
func compareFits(t *testing.T, out []ridge.Prediction, path string) {
	t.Helper()
	f, err := os.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	trait, row, seen := -1, 0, 0
	near := func(what string, got float64, text string) {
		text, _, _ = strings.Cut(strings.TrimSuffix(text, ","), "<")
		want, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(got-want) > 1e-4*math.Abs(want) {
			t.Errorf("trait %d, shrinkage %d: %s %g, want %s (%v)", trait, row, what, got, text, err)
		}
		seen++
	}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.Fields(s.Text())
		switch {
		case len(line) > 0 && line[0] == "phenotype":
			trait, row = trait+1, 0
		case len(line) > 4 && line[2] == "Rsq":
			fit := out[trait].Fits[row]
			near("R2", fit.R2, line[4])
			near("MSE", fit.MSE, line[7])
			if len(line) > 10 {
				near("minus log likelihood", -fit.LogLik, line[10])
			}
			if strings.Contains(s.Text(), "min value") != (out[trait].Best == row) {
				t.Errorf("trait %d: shrinkage %d is best, want another", trait, out[trait].Best)
			}
			row++
		}
	}
	if seen < 15 {
		t.Errorf("%d numbers in %s", seen, path)
	}
}
