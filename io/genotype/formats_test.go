package genotype

import (
	"io"
	"math"
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
