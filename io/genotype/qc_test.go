package genotype

import (
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/text"
)

// fieldsOf reads the body of a table of plink2.
func fieldsOf(t *testing.T, path string) [][]string {
	t.Helper()
	r, err := text.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out [][]string
	for {
		line, err := r.Line()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if line[0] != '#' {
			out = append(out, strings.Fields(string(line)))
		}
	}
}

// TestCountsEqualPlink2: allele counts, missing genotypes and the exact test of
// Hardy-Weinberg proportions, as plink2 --freq counts --missing --hardy gives
// them for the example.
func TestCountsEqualPlink2(t *testing.T) {
	got, _ := rows(t, shared.Path(t, "gwas/regenie-example/example.pgen"), Options{})
	counts := fieldsOf(t, shared.Path(t, "gwas/expected/plink2-example/qc.acount"))
	hardy := fieldsOf(t, shared.Path(t, "gwas/expected/plink2-example/qc.hardy"))
	missing := fieldsOf(t, shared.Path(t, "gwas/expected/plink2-example/qc.vmiss"))
	if len(counts) != len(got) || len(hardy) != len(got) || len(missing) != len(got) {
		t.Fatalf("%d rows, want %d, %d, %d", len(got), len(counts), len(hardy), len(missing))
	}
	for i := range got {
		r := &got[i]
		if alt, n := strconv.Itoa(int(r.Sum)), strconv.Itoa(2*r.N); counts[i][4] != alt || counts[i][5] != n {
			t.Errorf("%s: %s of %s alleles, want %v", r.ID, alt, n, counts[i][4:6])
		}
		if m := strconv.Itoa(r.Missing); missing[i][2] != m {
			t.Errorf("%s: %s missing, want %s", r.ID, m, missing[i][2])
		}
		want, err := strconv.ParseFloat(hardy[i][9], 64)
		if p := r.HWE(false); err != nil || math.Abs(p-want) > 1e-5*want { // six digits are printed
			t.Errorf("%s: HWE p %v, want %v", r.ID, p, want)
		}
	}
}
