package pileup

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestAnySplitOfTheRegions: what is found does not depend on how the genome is
// cut into regions, even where a cell is too deep and is thinned.
func TestAnySplitOfTheRegions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	ref := make([]byte, 5300)
	for i := range ref {
		ref[i] = "ACGT"[rng.IntN(4)]
	}
	c := contigs(t, locus.Contig{Name: "c", Length: len(ref)})
	var reads []align.Read
	for start := 0; start+60 <= len(ref); start += 1 + rng.IntN(4) {
		r := align.Read{Name: fmt.Sprint(len(reads)), Start: start, MapQ: 60, Cigar: align.Cigar{align.MakeOp(align.M, 60)}}
		for i := range 60 {
			b := ref[start+i]
			if (start+i)%97 == 0 && rng.IntN(2) == 0 {
				b = "ACGT"[rng.IntN(4)]
			}
			r.Bases, r.Quals = append(r.Bases, b), append(r.Quals, 30)
		}
		reads = append(reads, r)
	}
	counter := count.Counter{Options: count.Defaults()}
	sel := candidate.Selector{Options: candidate.Defaults()}
	thinner := Thinner{Max: 250} // of some 430
	call := func(regions []locus.Region) (out []string) {
		for cell := range Cells(c, regions, CellSize) {
			thinner.Reset(cell.Region)
			for i := range reads {
				if reads[i].Start < cell.End && reads[i].End() > cell.Start {
					thinner.Add(&reads[i])
				}
			}
			for _, x := range sel.Append(nil, counter.Count(thinner.Reads(), count.Window{Bases: ref}, cell.Region, nil)) {
				if cell.Emits(x.Start) {
					out = append(out, fmt.Sprint(x))
				}
			}
		}
		return out
	}
	want := call([]locus.Region{{Contig: "c", End: len(ref)}})
	if len(want) < 30 {
		t.Fatalf("only %d candidates", len(want))
	}
	for range 20 {
		var got []string
		var some []locus.Region // every second piece, in one run
		for at, odd := 0, false; at < len(ref); odd = !odd {
			end := min(at+1+rng.IntN(1500), len(ref))
			r := locus.Region{Contig: "c", Start: at, End: end}
			got = append(got, call([]locus.Region{r})...)
			if odd {
				some = append(some, r)
			}
			at = end
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("in pieces:\n%v\nin one:\n%v", got, want)
		}
		inSome := map[string]bool{}
		for _, x := range call(some) {
			inSome[x] = true
		}
		for _, x := range want {
			delete(inSome, x)
		}
		if len(inSome) > 0 {
			t.Fatalf("only found with %v: %v", some, inSome)
		}
	}
}
