package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

// cohortFiles is a small simulated cohort as every kind of genotypes that gx
// writes, with tables to spoil.
type cohortFiles struct {
	t   *testing.T
	dir string
}

func newCohort(t *testing.T) *cohortFiles {
	t.Helper()
	c := &cohortFiles{t, t.TempDir()}
	for _, args := range [][]string{
		{"simulate", "cohort", "--samples", "60", "--variants", "40", "--causal", "4", "--out", c.path("c"), "-q"},
		{"convert", "--genotypes", c.path("c.bed"), "--out", c.path("p.pgen"), "-q"},
	} {
		if status, _, stderr := run(t, args...); status != 0 {
			t.Fatalf("%v: status %d, %s", args, status, stderr)
		}
	}
	return c
}

func (c *cohortFiles) path(name string) string { return filepath.Join(c.dir, name) }

// with writes a table as change leaves the cohort's.
func (c *cohortFiles) with(name string, change func(row int, f []string) []string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.path("c.tsv"))
	if err != nil {
		c.t.Fatal(err)
	}
	var out strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		fmt.Fprintln(&out, strings.Join(change(i, strings.Split(line, "\t")), "\t"))
	}
	if err := os.WriteFile(c.path(name), []byte(out.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c.path(name)
}

// list writes lines.
func (c *cohortFiles) list(name string, lines ...string) string {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c.path(name)
}

// otherAlleles names the first variant with its alleles exchanged.
func (c *cohortFiles) otherAlleles() string {
	c.t.Helper()
	b, err := os.ReadFile(c.path("c.bim"))
	if err != nil {
		c.t.Fatal(err)
	}
	f := strings.Fields(string(b))
	return f[0] + ":" + f[3] + ":" + f[4] + ":" + f[5] // the .bim has the alternate allele first
}

// set is a change of one column, named in the first row.
func set(column string, value func(row int, f []string) string) func(int, []string) []string {
	at := -1
	return func(row int, f []string) []string {
		if row == 0 {
			for k, name := range f {
				if name == column {
					at = k
				}
			}
			if at < 0 {
				at = len(f)
				return append(f, column)
			}
			return f
		}
		if v := value(row, f); at < len(f) {
			f[at] = v
		} else {
			f = append(f, v)
		}
		return f
	}
}

// cut writes genotypes without their last bytes, beside the tables of the whole.
func (c *cohortFiles) cut(from, to string, bytes int, beside ...string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.path(from))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path(to), b[:len(b)-bytes], 0o600); err != nil {
		c.t.Fatal(err)
	}
	for _, pair := range beside {
		old, name, _ := strings.Cut(pair, ":")
		b, err := os.ReadFile(c.path(old))
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(c.path(name), b, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	return c.path(to)
}

// TestGWASInputs: each fault of an input is one line that names file, place and
// what was found; nothing is written. What is mended by a rule is said.
func TestGWASInputs(t *testing.T) {
	c := newCohort(t)
	bed, whole := c.path("c.bed"), c.path("c.tsv")
	bim, err := os.ReadFile(c.path("c.bim"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path("few.bim"), bim[bytes.IndexByte(bim, '\n')+1:], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		status int
		want   string // in what is said
		args   []string
	}{
		{"good", 0, "60 of 60 genotyped samples analysed", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y,b"}},
		{"bed cut", 1, "cut.bed: is 599 bytes, want 603 for the 60 samples of cut.fam and the 40 variants of cut.bim",
			[]string{"--genotypes", c.cut("c.bed", "cut.bed", 4, "c.fam:cut.fam", "c.bim:cut.bim"), "--pheno", whole, "--traits", "y"}},
		{"pgen cut", 1, "cut.pgen: truncated", []string{"--genotypes", c.cut("p.pgen", "cut.pgen", 9, "p.psam:cut.psam", "p.pvar:cut.pvar"), "--pheno", whole, "--traits", "y"}},
		{"bim of others", 1, "few.bed: is 603 bytes, want 588 for the 60 samples of few.fam and the 39 variants of few.bim",
			[]string{"--genotypes", c.cut("c.bed", "few.bed", 0, "c.fam:few.fam"), "--pheno", whole, "--traits", "y"}},
		{"no genotypes", 1, "none.bed", []string{"--genotypes", c.path("none.bed"), "--pheno", whole, "--traits", "y"}},
		{"person twice", 1, "twice.tsv: individual 2 2 stands in rows 1 and 2",
			[]string{"--genotypes", bed, "--pheno", c.with("twice.tsv", func(row int, f []string) []string {
				if row == 1 {
					f[0], f[1] = "2", "2"
				}
				return f
			}), "--traits", "y"}},
		{"short row", 1, "short.tsv:4: 3: 9 fields, want 12 as in the header",
			[]string{"--genotypes", bed, "--pheno", c.with("short.tsv", func(row int, f []string) []string {
				if row == 3 {
					return f[:9]
				}
				return f
			}), "--traits", "y"}},
		{"infinite covariate", 1, "inf.tsv:6: 5: covariate age is infinite",
			[]string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--covar", c.with("inf.tsv", set("age", func(row int, f []string) string {
				if row == 5 {
					return "Inf"
				}
				return f[4]
			}))}},
		{"trait not a number", 1, `nan.tsv:3: 2: trait y is "1,5", want a number or NA`,
			[]string{"--genotypes", bed, "--pheno", c.with("nan.tsv", set("y", func(row int, f []string) string {
				if row == 2 {
					return "1,5"
				}
				return f[2]
			})), "--traits", "y"}},
		{"trait all missing", 1, "missing.tsv: no sample is left: 0 of 60 genotyped samples analysed; 60 with all traits missing",
			[]string{"--genotypes", bed, "--pheno", c.with("missing.tsv", set("y", func(int, []string) string { return "NA" })), "--traits", "y", "--covar", whole, "--covar-names", "age"}},
		{"one trait of two missing", 3, "trait y is not analysed: is missing in all samples",
			[]string{"--genotypes", bed, "--pheno", c.path("missing.tsv"), "--traits", "y,b", "--covar", whole, "--covar-names", "age"}},
		{"nobody in common", 1, "no sample is left",
			[]string{"--genotypes", bed, "--pheno", c.with("others.tsv", func(row int, f []string) []string {
				if row > 0 {
					f[0], f[1] = "x"+f[0], "x"+f[1]
				}
				return f
			}), "--traits", "y"}},
		{"cases are 2", 0, "trait b is read as 1 control, 2 case",
			[]string{"--genotypes", bed, "--pheno", c.with("two.tsv", set("b", func(_ int, f []string) string { return map[string]string{"0": "1", "1": "2"}[f[3]] })), "--traits", "b", "--covar", whole, "--covar-names", "age"}},
		{"constant covariate", 0, "covariate one is constant: dropped",
			[]string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--covar", c.with("one.tsv", set("one", func(int, []string) string { return "4" })), "--covar-names", "age,one"}},
		{"collinear covariate", 0, "covariate again is a combination of those before it: dropped",
			[]string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--covar", c.with("again.tsv", set("again", func(_ int, f []string) string { return f[4] + "0" })), "--covar-names", "age,again"}},
		{"no such trait", 1, "c.tsv: no column q", []string{"--genotypes", bed, "--pheno", whole, "--traits", "q"}},
		{"no such environment", 1, "interaction with bmii: want the name of a covariate", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--interaction", "bmii"}},
		{"no such condition", 1, "variants to condition on are not among the genotypes: rs0", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--condition", "rs1,rs0"}},
		{"a condition with other alleles", 1, "has reference ", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--condition", c.otherAlleles()}},
		{"nothing to extract", 1, "none.txt: none of its variants is among those of ", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--extract", c.list("none.txt", "zz")}},
		{"empty list", 1, "empty.txt: names no variant", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--exclude", c.list("empty.txt")}},
		{"no such chromosome", 1, "no variant lies in chr77; its first chromosome is named ", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--regions", "chr77"}},
		{"some variants of a list", 0, "some.txt: 2 of its 3 variants are among those of", []string{"--genotypes", bed, "--pheno", whole, "--traits", "y", "--extract", c.list("some.txt", "rs1", "rs2", "zz")}},
		{"unknown words", 2, `x model "triple"`, []string{"--genotypes", bed, "--pheno", whole, "--x-model", "triple"}},
		{"robust score", 2, "robust standard errors are of least squares", []string{"--genotypes", bed, "--pheno", whole, "--robust", "--quantitative-test", "score"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "r")
			status, _, stderr := run(t, append([]string{"gwas", "--out", out, "--threads", "2"}, tc.args...)...)
			if status != tc.status || !strings.Contains(stderr, tc.want) {
				t.Errorf("status %d, want %d with %q; said:\n%s", status, tc.status, tc.want, stderr)
			}
			list, err := os.ReadDir(filepath.Dir(out))
			if err != nil {
				t.Fatal(err)
			}
			if failed := tc.status == 1 || tc.status == 2; failed != (len(list) == 0) {
				t.Errorf("files left: %v", list)
			}
			if tc.status == 1 && strings.Count(stderr, "\n") > 3 {
				t.Errorf("more than one error: %s", stderr)
			}
		})
	}
}

// TestGWASExtras: conditions, interactions and other models reach the tests.
func TestGWASExtras(t *testing.T) {
	c := newCohort(t)
	result := func(args ...string) string {
		t.Helper()
		out := filepath.Join(t.TempDir(), "r")
		if status, _, stderr := run(t, append([]string{"gwas", "--genotypes", c.path("c.bed"), "--pheno", c.path("c.tsv"), "--traits", "y", "--covar", c.path("c.tsv"), "--covar-names", "age,bmi", "--format", "regenie", "-q", "--out", out}, args...)...); status != 0 {
			t.Fatalf("%v: status %d, %s", args, status, stderr)
		}
		b, err := os.ReadFile(out + "_y.regenie")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	plain := result()
	list := c.path("list")
	if err := os.WriteFile(list, []byte("# beside\nrs3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conditioned := result("--condition", "rs3")
	if conditioned == plain || conditioned != result("--condition-list", list) || !strings.Contains(conditioned, " ADD-CONDTL ") {
		t.Error("--condition and --condition-list do not do the same, or nothing")
	}
	// Rows of chosen variants are those of all, also beside one that is not chosen.
	of := func(text string, in func(id string) bool) (out string) {
		for line := range strings.Lines(text) {
			if f := strings.Fields(line); f[0] == "CHROM" || in(f[2]) {
				out += line
			}
		}
		return out
	}
	few := c.list("few.txt", "rs2", "rs9", "rs30", "rs7")
	chosen := func(id string) bool { return slices.Contains([]string{"rs2", "rs7", "rs9", "rs30"}, id) }
	if got := result("--extract", few); got != of(plain, chosen) || strings.Count(got, "\n") < 4 {
		t.Errorf("--extract gives\n%s", got)
	}
	if result("--extract", few, "--condition", "rs3") != of(conditioned, chosen) {
		t.Error("--extract beside a condition gives other rows")
	}
	if result("--exclude", few) != of(plain, func(id string) bool { return !chosen(id) }) {
		t.Error("--exclude gives other rows")
	}
	first := strings.Fields(strings.Split(plain, "\n")[1])
	place := first[0] + ":" + first[1] + "-" + first[1]
	if got := result("--regions", place, "--exclude", few); got != of(plain, func(id string) bool { return id == first[2] }) {
		t.Errorf("--regions %s gives\n%s", place, got)
	}
	// Genotypes of chosen variants and people, written, give the rows too.
	half := c.path("half.pgen")
	if status, _, stderr := run(t, "convert", "--genotypes", c.path("c.bed"), "--extract", few, "--keep", c.path("c.fam"), "--out", half, "-q"); status != 0 {
		t.Fatal(stderr)
	}
	if result("--genotypes", half) != of(plain, chosen) {
		t.Error("variants that were converted give other rows")
	}
	for name, text := range map[string]string{"ADDxage": result("--interaction", "age"), "INT_2DF": result("--interaction", "age", "--robust"), "DOMDEV": result("--model", "genotypic")} {
		if !strings.Contains(text, name) {
			t.Errorf("no row %s", name)
		}
	}
	if robust := result("--robust"); robust == plain || !bytes.Equal([]byte(robust[:40]), []byte(plain[:40])) {
		t.Error("--robust changes nothing, or the header")
	}
}

// TestGWASSameBytes: whatever the kernels and the threads, files are the same.
func TestGWASSameBytes(t *testing.T) {
	c := newCohort(t)
	kernels := kern.Available()
	for _, test := range []string{"firth-spa", "firth-lrt", "logistic", "firth-wald"} {
		want := map[string]string{}
		for i, k := range kernels {
			dir := t.TempDir()
			cmd := gx(t, "gwas", "--genotypes", c.path("p.pgen"), "--pheno", c.path("c.tsv"), "--traits", "y,b", "--covar", c.path("c.tsv"), "--covar-names", "age,bmi,PC1",
				"--binary-test", test, "--p-threshold", "0.9", "--format", "regenie", "-q", "--threads", fmt.Sprint(1+2*i), "--out", filepath.Join(dir, "r"))
			cmd.Env = append(cmd.Environ(), kern.Override+"="+k.Name())
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s, kernels %s: %v\n%s", test, k.Name(), err, text)
			}
			for _, name := range []string{"r_y.regenie", "r_b.regenie"} {
				b, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					want[name] = string(b)
				} else if string(b) != want[name] {
					t.Errorf("%s, kernels %s: %s differs from that of %s", test, k.Name(), name, kernels[0].Name())
				}
			}
		}
	}
}
