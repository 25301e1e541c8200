package genotype

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/shared"
)

// everyFormat is files of each format, two of them with records of several
// alternate alleles, and one long enough for places in the middle.
func everyFormat(t *testing.T) []string {
	t.Helper()
	people, b := cohort(9, 70, 1500, true)
	made := filepath.Join(t.TempDir(), "made.pgen")
	if _, err := Write(t.Context(), made, people, one(b), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return []string{
		made,
		shared.Path(t, "gwas/regenie-example/example.bed"),
		shared.Path(t, "gwas/regenie-example/example.bgen"),
		shared.Path(t, "gwas/formats/dosage_v13_b16.bgen"),
		shared.Path(t, "gwas/formats/hardcall.pgen"),
		shared.Path(t, "gwas/formats/hardcall.vcf.gz"),
		shared.Path(t, "gwas/formats/dosage.vcf.gz"),
	}
}

// TestShards: reading from anywhere, in any blocks, by many at once, gives the
// rows of the whole.
func TestShards(t *testing.T) {
	for _, path := range everyFormat(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			all, f := rows(t, path, Options{})
			g, ctx := errgroup.WithContext(t.Context())
			for k := range 12 {
				g.Go(func() error {
					from := len(all) * k / 12
					to := min(from+len(all)/5, len(all))
					return compareRange(ctx, f, all, from, to, 1+k*7)
				})
			}
			g.Go(func() error { return compareRange(ctx, f, all, len(all), len(all), 5) })
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			if n := len(rowsOfFile(t, f, len(all)+5, -1, 3)); n != 0 {
				t.Errorf("%d rows behind the end", n)
			}
		})
	}
}

func compareRange(ctx context.Context, f *File, all []dosage.Row, from, to, size int) error {
	at := from
	for b, err := range f.Blocks(ctx, from, to, size) {
		if err != nil {
			return err
		}
		if b.First != at || len(b.Rows) > size {
			return fmt.Errorf("block of %d rows begins at %d, want %d", len(b.Rows), b.First, at)
		}
		for i := range b.Rows {
			r, w := &b.Rows[i], &all[at]
			if r.Variant != w.Variant || r.Counts != w.Counts || !slices.Equal(r.Calls, w.Calls) || !slices.Equal(r.Units, w.Units) {
				return fmt.Errorf("row %d from %d on: %+v, want %+v", at, from, r.Variant, w.Variant)
			}
			at++
		}
	}
	if at != to {
		return fmt.Errorf("rows %d to %d end at %d", from, to, at)
	}
	return nil
}

// TestSelect: some samples, in any order, have their values and counts.
func TestSelect(t *testing.T) {
	for _, path := range everyFormat(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			all, f := rows(t, path, Options{})
			n := len(f.Samples())
			var odd, mixed, late []int
			for i := range n {
				if i%3 != 1 {
					odd = append(odd, i)
				}
				if k := (i*7 + 3) % n; i%2 == 0 && !slices.Contains(mixed, k) {
					mixed = append(mixed, k)
				}
				if i > n/3 {
					late = append(late, i)
				}
			}
			for _, keep := range [][]int{odd, mixed, late, {n - 1}} {
				view, err := f.Select(keep)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range view.Samples() {
					if s != f.Samples()[keep[i]] {
						t.Fatalf("sample %d is %+v", i, s)
					}
				}
				checkSelected(t, rowsOfFile(t, view, 0, -1, 100), all, keep)
				half := make([]int, len(keep)/2) // of a view, a view
				for i := range half {
					half[i] = len(keep) - 1 - i
				}
				if len(half) == 0 {
					continue
				}
				inner, err := view.Select(half)
				if err != nil {
					t.Fatal(err)
				}
				var want []int
				for _, k := range half {
					want = append(want, keep[k])
				}
				checkSelected(t, rowsOfFile(t, inner, 0, 50, 100), all[:50], want)
			}
			for _, bad := range [][]int{{-1}, {n}, {0, 0}} {
				if _, err := f.Select(bad); err == nil {
					t.Errorf("Select(%v) is no error", bad)
				}
			}
		})
	}
}

func checkSelected(t *testing.T, got, all []dosage.Row, keep []int) {
	t.Helper()
	if len(got) != len(all) {
		t.Fatalf("%d rows, want %d", len(got), len(all))
	}
	for k := range got {
		r := &got[k]
		n, missing := 0, 0
		sum := 0.0
		for i, s := range keep {
			x, ok := r.Dosage(i)
			y, have := all[k].Dosage(s)
			if ok != have || ok && x != y {
				t.Fatalf("row %d (%s) sample %d: %v %v, want %v %v", k, r.ID, s, x, ok, y, have)
			}
			if ok {
				n++
				sum += x
			} else {
				missing++
			}
		}
		if d := r.Mean()*float64(n) - sum; r.N != n || r.Missing != missing || d > 1e-6 || d < -1e-6 {
			t.Fatalf("row %d: counts %+v, want %d with a sum of %v", k, r.Counts, n, sum)
		}
	}
}

func TestBlocksStopsWithItsContext(t *testing.T) {
	f, err := Open(t.Context(), shared.Path(t, "gwas/regenie-example/example.bed"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := 0
	for _, err = range f.Blocks(ctx, 0, -1, 10) {
		n++
		stop()
	}
	if n != 2 || err == nil {
		t.Errorf("%d blocks and %v after the context ended, want one block and its error", n, err)
	}
}
