package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRidge: predictions of the genome are written, the same for any threads, and
// gx gwas tests beside them.
func TestRidge(t *testing.T) {
	c := newCohort(t)
	if status, _, stderr := run(t, "simulate", "cohort", "--samples", "400", "--variants", "300", "--causal", "5", "--heritability", "0.5", "--out", c.path("c"), "-q"); status != 0 {
		t.Fatal(stderr)
	}
	data := []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--traits", "y,b", "--covar", c.path("c.tsv"), "--covar-names", "age,bmi"}
	var want []byte
	for _, threads := range []string{"1", "3"} {
		out := c.path("r" + threads)
		status, _, stderr := run(t, append([]string{"ridge", "--out", out, "--block", "7", "--threads", threads}, data...)...)
		if status != 0 || !strings.Contains(stderr, "trait y: the genome predicts R2 0.") {
			t.Fatalf("status %d, %s", status, stderr)
		}
		var all []byte
		for _, name := range []string{"_1.loco", "_2.loco", "_cv.tsv"} {
			b, err := os.ReadFile(out + name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		if want != nil && !bytes.Equal(all, want) {
			t.Error("the number of threads changes the predictions")
		}
		want = all
	}
	lines := strings.Split(strings.TrimSpace(string(want)), "\n")
	if f := strings.Fields(lines[0]); len(lines) != 24+24+11 || f[0] != "FID_IID" || f[1] != "100_100" || len(f) != 401 || !strings.HasPrefix(lines[23], "23 ") {
		t.Errorf("%d lines, %.40q, %.40q", len(lines), lines[0], lines[23])
	}
	list, err := os.ReadFile(c.path("r1_pred.list"))
	if err != nil || string(list) != "y r1_1.loco\nb r1_2.loco\n" {
		t.Errorf("list %q (%v)", list, err)
	}
	for _, loco := range []bool{false, true} {
		args := append([]string{"gwas", "--out", c.path("g"), "--format", "regenie", "-q"}, data...)
		if loco {
			args = append(args, "--loco", c.path("r1_pred.list"))
		}
		if status, _, stderr := run(t, args...); status != 0 {
			t.Fatal(stderr)
		}
		b, err := os.ReadFile(c.path("g_y.regenie"))
		if err != nil {
			t.Fatal(err)
		}
		if loco && bytes.Equal(b, want) {
			t.Error("--loco changes nothing")
		}
		want = b
	}
	// The prediction from the covariates is a covariate here and there.
	status, _, stderr := run(t, append([]string{"ridge", "--out", c.path("n"), "--block", "50", "--null", "deepnull", "--min-maf", "0.1", "-q"}, data...)...)
	if status != 0 {
		t.Fatal(stderr)
	}
	if status, _, stderr := run(t, append([]string{"gwas", "--out", c.path("gn"), "--null", c.path("n.nullmodel.tsv"), "--loco", c.path("n_pred.list"), "-q"}, data...)...); status != 0 {
		t.Fatal(stderr)
	}
}

func TestRidgeBadInput(t *testing.T) {
	c := newCohort(t)
	for _, tc := range []struct {
		name   string
		status int
		want   string
		args   []string
	}{
		{"nothing given", 2, "--genotypes", nil},
		{"unknown folds", 2, "1 folds: want 2 to 100", []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--folds", "1"}},
		{"frequency", 2, "smallest allele frequency 0.7: want 0 to 0.5", []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--min-maf", "0.7"}},
		{"too strict", 1, "none of 40 variants is left to predict from", []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--traits", "y", "--min-mac", "900"}},
		{"too few people", 1, "samples: want 10 or more in each of 50 folds", []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--traits", "y", "--folds", "50"}},
		{"no such trait", 1, "c.tsv: no column q", []string{"--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--traits", "q"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "r")
			args := []string{"ridge"}
			if tc.args != nil {
				args = append(append(args, "--out", out), tc.args...)
			}
			status, _, stderr := run(t, args...)
			if status != tc.status || !strings.Contains(stderr, tc.want) {
				t.Errorf("status %d, want %d with %q; said:\n%s", status, tc.status, tc.want, stderr)
			}
			if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) > 0 {
				t.Errorf("files left: %v (%v)", left, err)
			}
		})
	}
}
