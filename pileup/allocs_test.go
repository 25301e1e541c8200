//go:build !race

// Under the race detector pools drop what they are given, so that counts of
// allocations mean nothing there.

package pileup_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestReadsAllocateNothing: once it is warm, the work on a region allocates for
// the candidates that it finds, but not for reads: with every read three times
// over, under other names, it allocates no more for any of them.
func TestReadsAllocateNothing(t *testing.T) {
	all, ref := golden(t)
	region := locus.Region{Contig: "chr20", Start: 10_002_000, End: 10_006_000}
	once := overlapping(all, locus.Region{Contig: "chr20", Start: region.Start - 8000, End: region.End + 8000})
	var thrice []align.Read
	for i := range once {
		for k := range 3 {
			r := once[i]
			r.Name = fmt.Sprintf("%s.%d", r.Name, k)
			thrice = append(thrice, r)
		}
	}
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 63_025_520}})
	if err != nil {
		t.Fatal(err)
	}
	cells := slices.Collect(pileup.Cells(contigs, []locus.Region{region}, pileup.CellSize))
	for _, k := range []struct {
		name string
		edit func(*pileup.Options)
	}{
		{"as by default", func(*pileup.Options) {}},
		{"too deep", func(o *pileup.Options) { o.MaxReads = 100 }},
		{"of bounded depth", func(o *pileup.Options) { o.MaxReads, o.MaxBasesPerBase = 0, 20 }},
		{"partition by partition", func(o *pileup.Options) { *o = pileup.DefaultOptions(pileup.V19) }},
	} {
		t.Run(k.name, func(t *testing.T) {
			o := pileup.DefaultOptions(pileup.Default)
			k.edit(&o)
			allocs := func(reads []align.Read) (perRun float64, found int) {
				p := pileup.NewProcessor(memoryReads(reads), memoryRef{ref}, contigs, o)
				run := func() {
					found = 0
					err := p.Span(t.Context(), cells, func(x *pileup.Pileup) error {
						found += len(x.Candidates)
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				run()
				return testing.AllocsPerRun(3, run), found
			}
			a, found := allocs(once)
			b, foundB := allocs(thrice)
			more := len(thrice) - len(once)
			t.Logf("%v allocations for %d candidates of %d reads, %v for %d of %d", a, found, len(once), b, foundB, len(thrice))
			if found < 10 || a > 20*float64(found)+20 {
				t.Errorf("%v allocations for %d candidates, want at most 20 for each", a, found)
			}
			// The list of the reads that support a candidate is the candidate's: with
			// three times the reads it doubles twice more at most.
			grown := 2 * float64(foundB)
			if perRead := (b - a - grown) / float64(more); perRead > 0.01 {
				t.Errorf("%v allocations with %d reads, %v with %d: %.3f for each more", a, len(once), b, len(thrice), perRead)
			}
		})
	}
}
