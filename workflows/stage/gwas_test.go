package stage

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
)

const cohort = "gwas/cohortA/"

// cohortPlan tests the traits of the simulated cohort of 10,000 people.
func cohortPlan(t testing.TB, dir string, traits ...string) AssocPlan {
	p := AssocPlan{Genotypes: shared.Path(t, cohort+"cohortA.bed"), Pheno: shared.Path(t, cohort+"cohortA.tsv"), Covar: shared.Path(t, cohort+"covar.txt"),
		Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults(), Prefix: filepath.Join(dir, "r")}
	p.Study.Traits = traits
	return p
}

// lines is the cells of a table, bgzip or plain, by line.
func lines(t testing.TB, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z := bgzf.NewReader(f, 1)
		defer z.Close()
		in = z
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(b)) {
		out = append(out, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return out
}

// TestAssocEqualsPLINK2: a linear scan in plink2's columns is plink2's own
// file, numbers within 1e-5.
func TestAssocEqualsPLINK2(t *testing.T) {
	dir := t.TempDir()
	plan := cohortPlan(t, dir, "y_nl", "y_lin")
	plan.Columns.Format, plan.Columns.Reference = table.PLINK2, true
	summaries, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil || len(summaries) != 2 || summaries[0].Tests != 1000 {
		t.Fatalf("%v, %v", summaries, err)
	}
	for _, trait := range []string{"y_nl", "y_lin"} {
		got, want := lines(t, filepath.Join(dir, "r."+trait+".glm.linear")), lines(t, shared.Path(t, cohort+"plink2_"+trait+"_base.glm.linear"))
		if len(got) != len(want) || !slices.Equal(got[0], want[0]) {
			t.Fatalf("%s: %d lines of %v, want %d of %v", trait, len(got), got[0], len(want), want[0])
		}
		for i := range want {
			for k, w := range want[i] {
				x, errX := strconv.ParseFloat(got[i][k], 64)
				y, errY := strconv.ParseFloat(w, 64)
				if (errX != nil || errY != nil) && got[i][k] != w || errX == nil && math.Abs(x-y) > 1e-5*math.Max(1, math.Abs(y)) {
					t.Fatalf("%s line %d, column %s: %s, want %s", trait, i+1, want[0][k], got[i][k], w)
				}
			}
		}
	}
}

// TestAssocDeepNull: the null model raises the mean chi-square of causal
// variants from 13.4 without it, 15.7 with DeepNull's own prediction, to 18 or
// more, and leaves that of the others alone.
func TestAssocDeepNull(t *testing.T) {
	dir := t.TempDir()
	plan := cohortPlan(t, dir, "y_nl")
	plan.Null, plan.NullModel.Seed = "deepnull", 1234
	if testing.Short() { // the network takes the time, the trees the gain
		plan.NullModel.Members = []nullmodel.Member{nullmodel.Linear, nullmodel.Boost}
	}
	if _, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	causal := map[string]bool{}
	for _, f := range lines(t, shared.Path(t, cohort+"cohortA.causal.tsv"))[1:] {
		causal[f[0]] = true
	}
	rows := lines(t, filepath.Join(dir, "r.y_nl.tsv.gz"))
	id, stat := slices.Index(rows[0], "id"), slices.Index(rows[0], "stat")
	var hits float64
	var null []float64
	for _, r := range rows[1:] {
		z, err := strconv.ParseFloat(r[stat], 64)
		if err != nil {
			t.Fatal(err)
		}
		if causal[r[id]] {
			hits += z * z
		} else {
			null = append(null, z*z)
		}
	}
	slices.Sort(null)
	mean, lambda := hits/float64(len(causal)), null[len(null)/2]/0.4549364
	t.Logf("mean chi-square at %d causal variants %.2f; lambda of %d others %.3f", len(causal), mean, len(null), lambda)
	if len(causal) != 50 || mean < 18 || math.Abs(lambda-1) > 0.15 {
		t.Errorf("%d causal variants with mean chi-square %.2f, want 50 with 18 or more; lambda %.3f, want 1 +- 0.15", len(causal), mean, lambda)
	}
}

// TestAssocSameBytes: threads change no byte of any trait's file.
func TestAssocSameBytes(t *testing.T) {
	var want map[string]string
	for _, threads := range []int{1, 2, 7} {
		dir := t.TempDir()
		plan := cohortPlan(t, dir, "y_nl", "y_lin", "b_nl")
		if _, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: threads}, plan); err != nil {
			t.Fatal(err)
		}
		got := outputs(t, dir)
		if want == nil {
			want = got
		}
		sameOutputs(t, got, want)
	}
}

// TestAssocWords: the words stand for the constants they are named after, and the
// defaults of words are those of the scan.
func TestAssocWords(t *testing.T) {
	var plan AssocPlan
	plan.Scan = gwas.Defaults()
	want := plan.Scan
	if err := plan.SetWords(DefaultAssocWords()); err != nil || plan.Scan.Second != want.Second || plan.Scan.PAR != want.PAR || plan.Scan.X != want.X || plan.Scan.Model != want.Model {
		t.Errorf("defaults become %+v, %v", plan.Scan, err)
	}
	for word, second := range map[string]gwas.Second{"score": gwas.ScoreOnly, "firth-approx": gwas.FirthApprox, "firth-lrt": gwas.FirthLRT, "spa": gwas.SPA,
		"firth-spa": gwas.FirthSPA, "logistic": gwas.Logistic, "firth-wald": gwas.FirthWald} {
		w := DefaultAssocWords()
		if w.Second = word; plan.SetWords(w) != nil || plan.Scan.Second != second {
			t.Errorf("%s is test %d, want %d", word, plan.Scan.Second, second)
		}
	}
	w := DefaultAssocWords()
	w.Model, w.PAR, w.XModel = "genotypic", "b37", "single"
	if err := plan.SetWords(w); err != nil || plan.Scan.Joint != gwas.Genotypic || plan.Scan.Model != gwas.Additive || plan.Scan.PAR != gwas.B37 || plan.Scan.X != gwas.XSingle {
		t.Errorf("%+v, %v", plan.Scan, err)
	}
	w.Interaction = "age"
	if plan.SetWords(w) == nil {
		t.Error("two joint tests at once are taken")
	}
	w = AssocWords{Format: "gx", Model: "x", Form: "x", Second: "x", XModel: "x", PAR: "x"}
	if err := plan.SetWords(w); err == nil || strings.Count(err.Error(), "want ") != 5 {
		t.Errorf("not every fault is told: %v", err)
	}
}
