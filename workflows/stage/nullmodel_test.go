package stage

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
)

// nullTables writes phenotypes and covariates of n people: y acts through the
// square of age and through site.
func nullTables(t *testing.T, n int) (dir string, ph, cov []string) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	ph, cov = []string{"FID\tIID\ty\tb"}, []string{"#FID IID age site"}
	for i := range n {
		z, site := r.NormFloat64(), r.IntN(3)
		y := z*z + float64(site) + 0.5*r.NormFloat64()
		ph = append(ph, fmt.Sprintf("f%d\ts%d\t%.4f\t%d", i, i, y, 1+int(math.Min(1, math.Max(0, math.Floor(y))))))
		cov = append(cov, fmt.Sprintf("f%d s%d %.3f %s", i, i, 50+10*z, []string{"north", "south", "west"}[site]))
	}
	return t.TempDir(), ph, cov
}

func writeLines(t *testing.T, path string, lines []string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// notes is an Env that keeps what is said.
func notes(threads int) (*Env, *strings.Builder) {
	var said strings.Builder
	return &Env{Store: object.Files{}, Threads: threads, Note: func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) }}, &said
}

func quickNull() nullmodel.Options {
	o := nullmodel.Defaults()
	o.Members = []nullmodel.Member{nullmodel.Linear, nullmodel.Spline, nullmodel.Boost}
	return o
}

// TestNullModelFiles: what is written is read back as a table of samples, is
// the same bytes for any number of threads, and tells how it was made.
func TestNullModelFiles(t *testing.T) {
	dir, ph, cov := nullTables(t, 400)
	ph[5] = strings.Join([]string{"f4", "s4", "NA", "-9"}, "\t")
	cov[8] = "f7 s7 NA north"
	cov = append(cov[:20], cov[21:]...) // nothing of f19
	cov = append(cov, "f999 s999 50 west")
	plan := NullModelPlan{Pheno: writeLines(t, filepath.Join(dir, "p.tsv"), ph), Covar: writeLines(t, filepath.Join(dir, "c.txt"), cov),
		Traits: []string{"y", "b"}, Options: nullmodel.Defaults()}
	plan.Options.Networks, plan.Options.Diagnose = 1, true
	plan.Parquet = true
	var want [3][]byte
	for _, threads := range []int{1, 2, 8} {
		env, said := notes(threads)
		plan.Out = filepath.Join(dir, fmt.Sprintf("n%d.tsv", threads))
		if _, err := RunNullModel(t.Context(), env, plan); err != nil {
			t.Fatal(err)
		}
		for k, path := range []string{plan.Out, strings.Replace(plan.Out, ".tsv", ".json", 1), strings.Replace(plan.Out, ".tsv", ".parquet", 1)} {
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want[k] != nil && !bytes.Equal(got, want[k]) {
				t.Errorf("%s differs from that of one thread", path)
			}
			want[k] = got
		}
		for _, line := range []string{
			"covariate site is categorical with 3 levels\n", "trait b is read as 1 control, 2 case\n", "covariates: age, site\n",
			"400 individuals in the phenotypes; 1 not in the covariates; 1 with a covariate missing; 1 in the covariates without phenotypes; y: 1 missing, 397 used; b: 1 missing, 397 used\n",
			"trait y: the covariates act nonlinearly, and the prediction helps (R2 +0.", "warning: trait y: only 397 individuals",
		} {
			if !strings.Contains(said.String(), line) {
				t.Errorf("%q was not said, but\n%s", line, said)
			}
		}
	}
	back, err := table.OpenSamples(plan.Out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(back.Names, " ") != "y_deepnull b_deepnull" || len(back.IID) != 400 || back.FID[3] != "f3" || back.IID[3] != "s3" {
		t.Errorf("columns %v of %d individuals", back.Names, len(back.IID))
	}
	for i := range back.IID {
		if missing := i == 4 || i == 7 || i == 19; missing != (back.Columns[0][i] == "NA") || missing != (back.Columns[1][i] == "NA") {
			t.Errorf("individual %s: %s, %s", back.IID[i], back.Columns[0][i], back.Columns[1][i])
		}
	}
	var meta struct {
		Seed   int64
		Traits []struct {
			Binary bool
			Report nullmodel.Report
			Runs   []struct{ Weights []float64 }
		}
	}
	if err := json.Unmarshal(want[1], &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Seed != plan.Options.Seed || len(meta.Traits) != 2 || !meta.Traits[1].Binary || len(meta.Traits[0].Runs) != 5 || len(meta.Traits[0].Runs[0].Weights) != 4 || !(meta.Traits[0].Report.Score[0].R2.Value > 0.6) {
		t.Errorf("metadata %+v", meta)
	}
	if bytes.Contains(want[1], []byte(dir)) {
		t.Error("the metadata hold a path")
	}
}

// TestNullModelScaleAndPacking: logits are those of the probabilities, and a
// table named .gz is packed.
func TestNullModelScaleAndPacking(t *testing.T) {
	dir, ph, cov := nullTables(t, 300)
	plan := NullModelPlan{Pheno: writeLines(t, filepath.Join(dir, "p"), ph), Covar: writeLines(t, filepath.Join(dir, "c"), cov), Traits: []string{"b"}, Options: quickNull(), Logit: true, Out: filepath.Join(dir, "n.tsv.gz")}
	env, _ := notes(1)
	m, err := RunNullModel(t.Context(), env, plan)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { // the same with the covariates, one that is missing too
		writeLines(t, plan.Covar, append(cov[:3], append([]string{"f2 s2 . west"}, cov[4:]...)...))
		plan.WithCovariates, plan.Covariates, plan.Out = true, []string{"site", "age"}, filepath.Join(dir, "all.tsv")
		if _, err := RunNullModel(t.Context(), env, plan); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(plan.Out)
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(string(text), "\n")
		if want := strings.Fields(cov[1]); rows[0] != "FID\tIID\tsite\tage\tb_deepnull" || !strings.HasPrefix(rows[1], "f0\ts0\t"+want[3]+"\t"+want[2]+"\t") || rows[3] != "f2\ts2\twest\tNA\tNA" {
			t.Errorf("with covariates: %q, %q, %q", rows[0], rows[1], rows[3])
		}
	}()
	f, err := os.Open(plan.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !strings.HasPrefix(string(text), "FID\tIID\tb_deepnull\nf0\ts0\t") {
		t.Fatalf("%v: %.60q", err, text)
	}
	if _, err := os.Stat(filepath.Join(dir, "n.json")); err != nil {
		t.Error(err)
	}
	for i, p := range m.Traits[0].Model.Values {
		if math.Abs(math.Log(p/(1-p))-m.Traits[0].Values[i]) > 1e-6 {
			t.Fatalf("row %d: probability %v, written %v", i, p, m.Traits[0].Values[i])
		}
	}
}

// TestNullModelInputs: codes of missing values, groups and faults of tables.
func TestNullModelInputs(t *testing.T) {
	change := func(lines []string, row int, old, new string) { lines[row] = strings.Replace(lines[row], old, new, 1) }
	for _, c := range []struct {
		name   string
		change func(ph, cov []string, p *NullModelPlan) ([]string, []string)
		said   string
		err    string
	}{
		{"-9 stays a value, with a word", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			cov[3] = "f2 s2 -9 west"
			return ph, cov
		}, "warning: covariate age is -9 in 1 rows and nowhere else below 0", ""},
		{"-9 missing in any spelling", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			cov[3], cov[4] = "f2 s2 -9.0 west", "f3 s3 -9 west"
			ph[9] = "f8\ts8\t-9.000\t-9"
			p.Missing = []string{"-9"}
			return ph, cov
		}, "2 with a covariate missing; y: 1 missing, 297 used", ""},
		{"-9 in a quantitative trait", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			ph[9] = "f8\ts8\t-9\t1"
			return ph, cov
		}, "warning: trait y is -9 in 1 rows: taken as a value; --missing -9", ""},
		{"one table for both", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			for i := range ph {
				ph[i] += "\t" + strings.Join(strings.Fields(cov[i])[2:], "\t")
			}
			p.Covar, p.Covariates = "", []string{"age", "site"}
			return ph, cov
		}, "covariates: age, site\n300 individuals in the phenotypes; y: 0 missing, 300 used", ""},
		{"predictions and traits are no covariates", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			for i := range cov {
				cov[i] += []string{" 1 2", " z_deepnull y"}[b2i(i == 0)]
			}
			return ph, cov
		}, "covariates: age, site\n", ""},
		{"families", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			change(ph, 2, "f1", "f0")
			change(cov, 2, "f1", "f0")
			return ph, cov
		}, "warning: 300 individuals are of 299 families: relatives may fall into different folds; --groups FID", ""},
		{"families kept", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			change(ph, 2, "f1", "f0")
			change(cov, 2, "f1", "f0")
			p.Groups = "FID"
			return ph, cov
		}, "y: 0 missing, 300 used", ""},
		{"groups of a column are no covariate", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			for i := range cov {
				cov[i] += []string{fmt.Sprintf(" g%d", i/7), " house"}[b2i(i == 0)]
			}
			p.Groups = "house"
			return ph, cov
		}, "covariates: age, site\n", ""},
		{"no such groups", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			p.Groups = "nowhere"
			return ph, cov
		}, "", "--groups nowhere: neither a column of"},
		{"no such trait", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			p.Traits = []string{"q"}
			return ph, cov
		}, "", "p.tsv: no column q, only y, b"},
		{"no such covariate", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			p.Covariates = []string{"bmi"}
			return ph, cov
		}, "", "c.tsv: no column bmi, only age, site"},
		{"trait among covariates", func(ph, cov []string, p *NullModelPlan) ([]string, []string) {
			p.Covariates = []string{"age", "y"}
			return ph, cov
		}, "", "y is both a trait and a covariate"},
		{"text in a trait", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			ph[9] = "f8\ts8\thigh\t1"
			return ph, cov
		}, "", `p.tsv:10: f8 s8: trait y is "high", want a number or a missing value`},
		{"text in a covariate of numbers", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			cov[3] = "f2 s2 old west"
			return ph, cov
		}, "", `c.tsv:4: f2 s2: covariate age is "old", want a number as in most rows: --missing old`},
		{"nobody in common", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			for i := range cov[1:] {
				cov[i+1] = "x" + cov[i+1]
			}
			return ph, cov
		}, "", "c.tsv: none of its individuals is in"},
		{"somebody twice", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			return append(ph, ph[4]), cov
		}, "", "p.tsv: f3 s3: this individual stands twice"},
		{"somebody twice in the covariates", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			return ph, append(cov, cov[4])
		}, "", "c.tsv: f3 s3: this individual stands twice"},
		{"a covariate that is the trait", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			for i := range cov[1:] {
				cov[i+1] += " " + strings.Fields(ph[i+1])[2]
			}
			cov[0] += " copy"
			return ph, cov
		}, "", "covariate copy is trait y itself"},
		{"covariates that make up the trait", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			r := rand.New(rand.NewPCG(3, 3))
			for i := range cov[1:] {
				y, err := strconv.ParseFloat(strings.Fields(ph[i+1])[2], 64)
				if err != nil {
					t.Fatal(err)
				}
				part := 10 * r.NormFloat64()
				cov[i+1] += fmt.Sprintf(" %.4f %.4f", part, y-part)
			}
			cov[0] += " one other"
			return ph, cov
		}, "warning: trait y: the covariates predict it almost wholly (R2 1.000): are some of them made from it?", ""},
		{"the column is there already", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			change(ph, 0, "\tb", "\ty_deepnull")
			return ph, cov
		}, "", "p.tsv: there is a column y_deepnull already"},
		{"infinite", func(ph, cov []string, _ *NullModelPlan) ([]string, []string) {
			cov[3] = "f2 s2 inf west"
			return ph, cov
		}, "", "c.tsv:4: f2 s2: covariate age is infinite"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, ph, cov := nullTables(t, 300)
			plan := NullModelPlan{Pheno: filepath.Join(dir, "p.tsv"), Covar: filepath.Join(dir, "c.tsv"), Traits: []string{"y"}, Out: filepath.Join(dir, "n.tsv"), Options: quickNull()}
			plan.Options.Members = plan.Options.Members[:1]
			ph, cov = c.change(ph, cov, &plan)
			writeLines(t, filepath.Join(dir, "p.tsv"), ph)
			writeLines(t, filepath.Join(dir, "c.tsv"), cov)
			env, said := notes(1)
			_, err := RunNullModel(t.Context(), env, plan)
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if !strings.Contains(said.String(), c.said) {
				t.Errorf("said %q, want %q", said, c.said)
			}
			if _, err := os.Stat(plan.Out); (err == nil) != (c.err == "") {
				t.Errorf("output: %v", err)
			}
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestNullModelInGWAS: with the prediction beside the covariates, causal SNPs
// of cohortA stand out more, and the others as they should.
func TestNullModelInGWAS(t *testing.T) {
	cohort := shared.Path(t, "gwas/cohortA/cohortA.tsv")
	names := strings.Split("age,sex,genotyping_array,bmi,PC1,PC2,PC3,PC4", ",")
	env, _ := notes(2)
	m, err := PredictNull(t.Context(), env, &NullModelPlan{Pheno: cohort, Traits: []string{"y_nl"}, Covariates: names, Options: quickNull()})
	if err != nil {
		t.Fatal(err)
	}
	in, err := readNullInputs(&NullModelPlan{Pheno: cohort, Traits: []string{"y_nl"}, Covariates: names, Options: quickNull()})
	if err != nil {
		t.Fatal(err)
	}
	var covs []pheno.Covariate
	for _, c := range in.table.Covariates {
		covs = append(covs, pheno.Covariate{Name: c.Name, Values: c.Values})
	}
	causal := map[string]bool{}
	list, err := os.ReadFile(shared.Path(t, "gwas/cohortA/cohortA.causal.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		id, _, _ := strings.Cut(line, "\t")
		causal[id] = true
	}
	baseCausal, _ := meanChi2(t, covs, in.traits[0].Values, m.IID, causal)
	covs = append(covs, pheno.Covariate{Name: "y_nl_deepnull", Values: m.Traits[0].Values})
	with, lambda := meanChi2(t, covs, in.traits[0].Values, m.IID, causal)
	t.Logf("mean chi2 of causal SNPs %.2f, with the prediction %.2f; lambda of the others %.3f", baseCausal, with, lambda)
	if math.Abs(baseCausal-13.44) > 0.01 {
		t.Errorf("without the prediction %.3f, plink2 has 13.44: the test is wrong", baseCausal)
	}
	if with < 18 || math.Abs(lambda-1) > 0.15 {
		t.Errorf("with the prediction %.2f, want 18 or more; lambda %.3f, want 1 within 0.15", with, lambda)
	}
}

// meanChi2 tests all SNPs of cohortA by least squares beside covariates: the
// mean chi2 of causal ones, and the genomic inflation of the others.
func meanChi2(t *testing.T, covs []pheno.Covariate, y []float64, ids []string, causal map[string]bool) (mean, lambda float64) {
	t.Helper()
	basis := pheno.NewBasis(covs, nil, len(y))
	basis.Residual(y)
	g, err := genotype.Open(t.Context(), shared.Path(t, "gwas/cohortA/cohortA.bed"), genotype.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for i, s := range g.Samples() {
		if s.IID != ids[i] {
			t.Fatalf("sample %d is %s in the genotypes, %s in the table", i, s.IID, ids[i])
		}
	}
	yy := pheno.Dot(y, y)
	var null []float64
	n := 0
	x := make([]float64, len(y))
	variants, err := g.Variants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for block, err := range g.Blocks(t.Context(), 0, variants, 100) {
		if err != nil {
			t.Fatal(err)
		}
		for k := range block.Rows {
			row := &block.Rows[k]
			for i := range x {
				x[i], _ = row.Dosage(i)
			}
			basis.Residual(x)
			xx, xy := pheno.Dot(x, x), pheno.Dot(x, y)
			chi2 := xy * xy / xx / ((yy - xy*xy/xx) / float64(len(y)-basis.Rank()-1))
			if causal[row.ID] {
				mean += chi2
				n++
			} else {
				null = append(null, chi2)
			}
		}
	}
	if n != 50 || len(null) != 950 {
		t.Fatalf("%d causal SNPs and %d others", n, len(null))
	}
	stat.SortWeighted(null, nil)
	return mean / float64(n), stat.Quantile(0.5, stat.Empirical, null, nil) / distuv.ChiSquared{K: 1}.Quantile(0.5)
}
