package genotype

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameAllele: a variant whose alleles are one is told by its line; an unknown
// other allele is none.
func TestSameAllele(t *testing.T) {
	bed := []byte{0x6c, 0x1b, 0x01, 0, 0}
	bgen := bgenBytes{layout: 2, samples: 1, names: names(1)}
	bgen.add(content(3, 8, false, []int{2}, [][]uint64{{0, 0, 0, 0, 0}}), "A", "C", "A")
	pgen := filepath.Join(t.TempDir(), "x.pgen")
	people, b := cohort(9, 1, 2, false)
	if _, err := Write(t.Context(), pgen, people, one(b), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, table, want string }{
		{"x.bim", "1 a 0 5 A C\n1 b 0 6 G G\n", "x.bim:2: both alleles are G"},
		{"x.bim", "1 a 0 5 0 C\n1 b 0 6 0 0\n", ""},
		{"x.pvar", "#CHROM POS ID REF ALT\n1 5 a A C\n1 6 b AT AT\n", "x.pvar:3: both alleles are AT"},
		{"x.vcf", vcfHead + "X\t7\tv\tA\tA\t.\t.\t.\tGT\t0/1\t0/0\t0/0\t0/0\n", "x.vcf:8: X:7 A>A: alternate allele A is the reference"},
		{"x.bgen", string(bgen.file()), "variant rs0 has the allele A twice"},
	} {
		dir := t.TempDir()
		files := map[string][]byte{c.name: []byte(c.table)}
		open := filepath.Join(dir, c.name)
		switch filepath.Ext(c.name) {
		case ".bim":
			files["x.bed"], files["x.fam"] = bed, []byte("f i 0 0 0 -9\n")
			open = filepath.Join(dir, "x.bed")
		case ".pvar":
			raw, err := os.ReadFile(pgen)
			if err != nil {
				t.Fatal(err)
			}
			files["x.pgen"], files["x.psam"] = raw, []byte("#IID\ni\n")
			open = filepath.Join(dir, "x.pgen")
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Open(t.Context(), open, Options{})
		if err == nil {
			for _, err = range f.Blocks(t.Context(), 0, -1, 9) {
			}
			f.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %q: %v, want %s", c.name, c.table, err, c.want)
		}
	}
}
