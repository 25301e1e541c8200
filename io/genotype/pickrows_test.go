package genotype

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// TestSelectRows: a view of some rows has them alone, numbered anew, from
// anywhere in any blocks, with their names, and for chosen samples too; so has a
// view of a view.
func TestSelectRows(t *testing.T) {
	for _, path := range everyFormat(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			all, f := rows(t, path, Options{})
			rng := rand.New(rand.NewPCG(3, 4))
			// Shares of rows that stay, in runs about so long: some are left out one by
			// one, some in stretches that are not read.
			for _, c := range []struct {
				share float64
				run   int
			}{{0.5, 1}, {0.02, 1}, {0.3, 40}, {1, 1}, {0, 1}} {
				kept := make([]bool, len(all))
				for i := range kept {
					if kept[i] = rng.Float64() < c.share; i%c.run != 0 {
						kept[i] = kept[i-1]
					}
				}
				choose := func() (*File, []dosage.Row) {
					at := -1
					v, err := f.SelectRows(t.Context(), func(*dosage.Variant) bool {
						at++
						return kept[at]
					})
					if err != nil {
						t.Fatal(err)
					}
					if at+1 != len(kept) {
						t.Fatalf("asked of %d rows, want %d", at+1, len(kept))
					}
					var want []dosage.Row
					for i, k := range kept {
						if k {
							want = append(want, all[i])
						}
					}
					return v, want
				}
				view, want := choose()
				if n, err := view.Variants(t.Context()); err != nil || n != len(want) {
					t.Fatalf("%d rows (%v), want %d", n, err, len(want))
				}
				for _, from := range []int{0, len(want) / 3, len(want)} {
					if err := compareRange(t.Context(), view, want, from, len(want), 1+from*7%50); err != nil {
						t.Fatal(err)
					}
				}
				k := 0
				for v, err := range view.Names(t.Context()) {
					if err != nil || *v != want[k].Variant {
						t.Fatalf("name %d is %+v (%v), want %+v", k, v, err, want[k].Variant)
					}
					k++
				}
				if k != len(want) {
					t.Fatalf("%d names, want %d", k, len(want))
				}
				if len(want) == 0 {
					continue
				}
				// Every second of the view, and of the people the last and the first.
				twice := make([]bool, 0, len(want))
				for i := range want {
					twice = append(twice, i%2 == 0)
				}
				i := -1
				inner, err := view.SelectRows(t.Context(), func(*dosage.Variant) bool { i++; return twice[i] })
				if err != nil {
					t.Fatal(err)
				}
				pair, err := inner.Select([]int{len(f.Samples()) - 1, 0})
				if err != nil {
					t.Fatal(err)
				}
				got := rowsOfFile(t, pair, 0, -1, 7)
				if len(got) != (len(want)+1)/2 {
					t.Fatalf("%d rows of every second of %d", len(got), len(want))
				}
				for i := range got {
					w := &want[2*i]
					for k, s := range []int{len(f.Samples()) - 1, 0} {
						a, aok := got[i].Dosage(k)
						if b, bok := w.Dosage(s); aok != bok || aok && a != b {
							t.Fatalf("row %d: dosage %v, want %v", i, a, b)
						}
					}
				}
			}
		})
	}
}

// TestRowPicker against a list.
func TestRowPicker(t *testing.T) {
	p := &rowPicker{}
	for _, row := range []int32{2, 3, 4, 9, 11, 12} {
		p.add(row)
	}
	want := []rowRun{{2, 5, 0}, {9, 10, 3}, {11, 13, 4}}
	if !slices.Equal(p.runs, want) || p.rows != 6 {
		t.Fatalf("%+v of %d", p.runs, p.rows)
	}
	for row := range int32(15) {
		if in := row >= 2 && row < 5 || row == 9 || row == 11 || row == 12; p.has(row) != in {
			t.Errorf("row %d: %v", row, !in)
		}
	}
}
