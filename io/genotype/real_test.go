package genotype

import (
	"path/filepath"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/vcf"
)

// TestRealGenotypes reads 1000 Genomes calls, compares the counts of alleles
// with those of the file's own INFO, and takes them through PGEN and back.
func TestRealGenotypes(t *testing.T) {
	path := shared.Path(t, "gwas-real/1000G-chr22/genotypes.vcf.gz")
	f, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 9000
	if testing.Short() {
		n = 900
	}
	all := rowsOfFile(t, f, 0, n, 500)
	r, err := vcf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	several := 0
	var want []int
	for i := range all {
		row := &all[i]
		if row.Allele == 1 {
			rec, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if want, err = rec.InfoInts(want[:0], "AC"); err != nil || len(want) != row.Alts {
				t.Fatalf("%s: AC %v, %v", row.ID, want, err)
			}
		} else {
			several++
		}
		if int(row.Sum) != want[row.Allele-1] || row.N != 2504 {
			t.Fatalf("%s:%d %s>%s: %d copies in %d, INFO says %d", row.Chrom, row.Start+1, row.Ref, row.Alt, row.Sum, row.N, want[row.Allele-1])
		}
	}
	if several == 0 {
		t.Error("no record of several alternate alleles was compared")
	}
	out := filepath.Join(t.TempDir(), "real.pgen")
	from := 100
	if _, err := Write(t.Context(), out, f.Samples(), f.Blocks(t.Context(), from, n, 64), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	again, _ := rows(t, out, Options{})
	part := append([]dosage.Row(nil), all[from:]...)
	for i := range part {
		part[i].Allele, part[i].Alts = 1, 1
	}
	same(t, again, part, 0)
}
