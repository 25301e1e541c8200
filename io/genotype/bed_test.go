package genotype

import (
	"math"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
)

func TestBedOfTheExample(t *testing.T) {
	f, err := Open(t.Context(), shared.Path(t, "gwas/regenie-example/example.bed"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for b, err := range f.Blocks(t.Context(), 0, -1, 300) {
		if err != nil {
			t.Fatal(err)
		}
		if b.First == 0 {
			// A1_FREQ of plink2's qt.Y1.glm.linear
			if r := b.Rows[0]; r.ID != "1" || r.N != 500 || math.Abs(r.Freq()-0.214) > 1e-12 {
				t.Errorf("first row is %+v with frequency %v", r.Variant, r.Freq())
			}
		}
		n += len(b.Rows)
	}
	if v, err := f.Variants(t.Context()); n != 1000 || v != 1000 || err != nil {
		t.Errorf("%d rows, %d variants, %v; want 1000", n, v, err)
	}
}
