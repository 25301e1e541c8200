package genotype

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/text"
)

// raw is a table of plink2 --export A: for each variant the copies of the
// counted allele, NaN where missing.
type raw struct {
	ids, counted []string
	copies       [][]float64 // by variant
}

func readRaw(t *testing.T, path string) raw {
	t.Helper()
	r, err := text.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out raw
	for {
		line, err := r.Line()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(string(line))[6:]
		if out.ids == nil {
			for _, name := range f {
				i := strings.LastIndexByte(name, '_')
				out.ids, out.counted = append(out.ids, name[:i]), append(out.counted, name[i+1:])
			}
			out.copies = make([][]float64, len(f))
			continue
		}
		for i, s := range f {
			x := math.NaN()
			if s != "NA" {
				if x, err = strconv.ParseFloat(s, 64); err != nil {
					t.Fatal(err)
				}
			}
			out.copies[i] = append(out.copies[i], x)
		}
	}
}

// rows reads all rows of a file.
func rows(t *testing.T, path string, o Options) ([]dosage.Row, *File) {
	t.Helper()
	f, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return rowsOfFile(t, f, 0, -1, 64), f
}

func rowsOfFile(t *testing.T, f *File, from, to, size int) []dosage.Row {
	t.Helper()
	var out []dosage.Row
	for b, err := range f.Blocks(t.Context(), from, to, size) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range b.Rows {
			r.Calls = append([]uint64(nil), r.Calls...)
			r.Units = append([]uint16(nil), r.Units...)
			out = append(out, r)
		}
	}
	return out
}

// TestPgenEqualsRaw compares decoded PGEN with plink2's own decoding as text.
func TestPgenEqualsRaw(t *testing.T) {
	for _, c := range []struct {
		name, pgen, raw string
		tolerance       float64 // of the text's digits
	}{
		{"hard calls", "hardcall.pgen", "hardcall_biallelic.raw.gz", 0},
		{"dosages", "dosage.pgen", "dosage.raw.gz", 5e-5},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := readRaw(t, shared.Path(t, "gwas/formats/"+c.raw))
			got, f := rows(t, shared.Path(t, "gwas/formats/"+c.pgen), Options{})
			if f.Imputed() != (c.tolerance > 0) {
				t.Errorf("imputed is %v", f.Imputed())
			}
			byID := map[string]*dosage.Row{}
			for i := range got {
				if got[i].Alts == 1 {
					byID[got[i].ID] = &got[i]
				}
			}
			if len(byID) != len(want.ids) {
				t.Errorf("%d variants of one alternate allele, want %d", len(byID), len(want.ids))
			}
			for k, id := range want.ids {
				r := byID[id]
				if r == nil {
					t.Fatalf("no variant %s", id)
				}
				for i, w := range want.copies[k] {
					x, ok := r.Dosage(i)
					if want.counted[k] == r.Ref {
						x = 2 - x
					}
					if ok == math.IsNaN(w) || ok && math.Abs(x-w) > c.tolerance {
						t.Fatalf("%s sample %d: %v %v, want %v", id, i, x, ok, w)
					}
				}
			}
		})
	}
}

// same compares two readings of the same genotypes: every row, its variant,
// shape, values and counts. Genotypes may differ by so many units of Scale.
func same(t *testing.T, got, want []dosage.Row, units int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Variant != w.Variant {
			t.Fatalf("row %d is %+v, want %+v", i, g.Variant, w.Variant)
		}
		if units == 0 {
			if !slices.Equal(g.Calls, w.Calls) || !slices.Equal(g.Units, w.Units) || g.Counts != w.Counts {
				t.Fatalf("row %d (%s): %+v, want %+v", i, g.ID, g.Counts, w.Counts)
			}
			continue
		}
		for k := range w.N + w.Missing {
			x, ok := g.Dosage(k)
			y, have := w.Dosage(k)
			if ok != have || ok && math.Abs(x-y)*dosage.Scale > float64(units) {
				t.Fatalf("row %d (%s) sample %d: %v %v, want %v %v", i, g.ID, k, x, ok, y, have)
			}
		}
	}
}

func TestVCFEqualsPgen(t *testing.T) {
	for _, name := range []string{"hardcall", "dosage"} {
		t.Run(name, func(t *testing.T) {
			want, _ := rows(t, shared.Path(t, "gwas/formats/"+name+".pgen"), Options{})
			got, f := rows(t, shared.Path(t, "gwas/formats/"+name+".vcf.gz"), Options{})
			same(t, got, want, 0)
			if n, err := f.Variants(t.Context()); n != len(want) || err != nil {
				t.Errorf("%d variants, %v; want %d", n, err, len(want))
			}
			several := 0
			for i := range want {
				if want[i].Alts > 1 {
					several++
				}
			}
			if name == "hardcall" && several == 0 {
				t.Error("no variant of several alternate alleles was compared")
			}
		})
	}
}

func TestBedEqualsPgen(t *testing.T) {
	want, _ := rows(t, shared.Path(t, "gwas/regenie-example/example.pgen"), Options{})
	got, _ := rows(t, shared.Path(t, "gwas/regenie-example/example.bed"), Options{})
	same(t, got, want, 0)
}

// TestBgenEqualsPgen: example.bgen holds the calls of the example, the others
// dosages rounded to 8 and 16 bits. plink2 wrote them with the reference last.
func TestBgenEqualsPgen(t *testing.T) {
	for _, c := range []struct {
		bgen, pgen string
		units      int // largest difference in units of Scale
	}{
		{"regenie-example/example.bgen", "regenie-example/example.pgen", 0},
		{"formats/dosage_v12_b8.bgen", "formats/dosage.pgen", 2 * dosage.Scale / 255},
		{"formats/dosage_v12_b16.bgen", "formats/dosage.pgen", 2},
		{"formats/dosage_v13_b8.bgen", "formats/dosage.pgen", 2 * dosage.Scale / 255},
		{"formats/dosage_v13_b16.bgen", "formats/dosage.pgen", 2},
	} {
		t.Run(c.bgen, func(t *testing.T) {
			want, _ := rows(t, shared.Path(t, "gwas/"+c.pgen), Options{})
			got, f := rows(t, shared.Path(t, "gwas/"+c.bgen), Options{})
			same(t, got, want, c.units)
			if n, err := f.Variants(t.Context()); n != len(want) || err != nil {
				t.Errorf("%d variants, %v; want %d", n, err, len(want))
			}
		})
	}
	want, _ := rows(t, shared.Path(t, "gwas/regenie-example/example_3chr.bed"), Options{RefFirst: true})
	for _, name := range []string{"example_3chr.bgen", "example_3chr_zstd.bgen"} {
		got, f := rows(t, shared.Path(t, "gwas/regenie-example/"+name), Options{RefFirst: true, Samples: shared.Path(t, "gwas/regenie-example/example_3chr.sample")})
		same(t, got, want, 0)
		if s := f.Samples()[2]; s.FID != "3" || s.IID != "3" {
			t.Errorf("third sample of %s is %+v", name, s)
		}
	}
}
