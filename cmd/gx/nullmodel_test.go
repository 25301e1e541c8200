package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestNullModel: the command line from tables to a table, with the same bytes
// for any number of threads.
func TestNullModel(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(3, 1))
	fmt.Fprintln(&b, "FID\tIID\ty\tc\tage\tsex")
	for i := range 300 {
		z := r.NormFloat64()
		fmt.Fprintf(&b, "%d\t%d\t%.4f\t%d\t%.4f\t%d\n", i, i, z*z+r.NormFloat64(), r.IntN(2), z, r.IntN(2))
	}
	ph := filepath.Join(dir, "p.tsv")
	if err := os.WriteFile(ph, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for _, threads := range []string{"1", "2", "8"} {
		out := filepath.Join(dir, "n"+threads+".tsv")
		status, stdout, stderr := run(t, "nullmodel", "--pheno", ph, "--trait", "y,c", "--covar-names", "age,sex", "--out", out, "--threads", threads, "--networks", "1")
		if status != 0 || stdout != "" || !strings.Contains(stderr, "gx: covariates: age, sex\n") || !strings.Contains(stderr, "gx: trait c: ") {
			t.Fatalf("status %d, stdout %q, stderr %q", status, stdout, stderr)
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if want != nil && !bytes.Equal(got, want) {
			t.Errorf("%s threads change the table", threads)
		}
		want = got
	}
	if lines := strings.Split(string(want), "\n"); lines[0] != "FID\tIID\ty_deepnull\tc_deepnull" || len(lines) != 302 {
		t.Errorf("header %q, %d lines", lines[0], len(lines))
	}
	// The binary trait's prediction is a logit, or a probability where that is asked for.
	outside := func(table []byte) (n int) {
		for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
			f := strings.Split(line, "\t")
			if v, err := strconv.ParseFloat(f[len(f)-1], 64); err != nil || v <= 0 || v >= 1 {
				n++
			}
		}
		return n
	}
	if outside(want) == 0 {
		t.Error("the prediction of a binary trait is a probability, want a logit")
	}
	prob := filepath.Join(dir, "prob.tsv")
	if status, _, stderr := run(t, "nullmodel", "--pheno", ph, "--trait", "c", "--covar-names", "age,sex", "--out", prob, "--networks", "1", "--null-scale", "probability"); status != 0 {
		t.Fatal(stderr)
	}
	if b, err := os.ReadFile(prob); err != nil || outside(b) != 0 {
		t.Errorf("%d values are no probabilities (%v)", outside(b), err)
	}
	status, stdout, _ := run(t, "nullmodel", "--pheno", ph, "--trait", "y", "--covar-names", "age,sex", "--out", filepath.Join(dir, "b.tsv"), "--method", "boost", "-q")
	if b, err := os.ReadFile(filepath.Join(dir, "b.json")); status != 0 || stdout != "" || err != nil || !strings.Contains(string(b), "\"boost\"") || strings.Contains(string(b), "spline") {
		t.Errorf("boost alone: status %d, %v", status, err)
	}
}

func TestNullModelUsage(t *testing.T) {
	good := []string{"nullmodel", "--pheno", "p", "--trait", "y", "--out", "o"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"nullmodel"}, "--pheno is missing\n--trait is missing\n--out is missing"},
		{append(good, "--folds", "2", "--method", "forest", "--null-scale", "log"), "null-scale \"log\": want logit or probability\nfolds 2: want 3 to 100"},
		{append(good, "--recipe", "mine"), "recipe \"mine\": want gx or original"},
		{append(good, "--recipe", "original", "--method", "boost"), "method boost: the original's recipe is its network alone"},
		{append(good, "--recipe", "original", "--impute"), "without imputation"},
		{append(good, "--binary", "z"), "z is declared binary or quantitative, but is none of the traits"},
		{append(good, "x.tsv"), "unexpected argument \"x.tsv\""},
	} {
		if status, stdout, stderr := run(t, c.args...); status != 2 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, stdout %q, stderr %q, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
}
