package realign_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestRegionsDoNotMatter: whatever region is asked for, the reads over it come
// out as if the whole contig had been; and windows are those of the contig.
func TestRegionsDoNotMatter(t *testing.T) {
	whole := locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_060_000}
	s := na12878(t, whole)
	o := realign.Defaults(realign.V19)
	var scratch, other realign.Scratch
	all := slices.Clone(scratch.Realign(s.reads, s.ref, whole, &o))
	for i := range all {
		all[i].Cigar = slices.Clone(all[i].Cigar)
	}
	key := func(r *align.Read) string { return fmt.Sprint(r.Name, r.Number()) }
	want := map[string]*align.Read{}
	moved := 0
	for i := range all {
		want[key(&all[i])] = &all[i]
		if all[i].Start != s.reads[i].Start || !slices.Equal(all[i].Cigar, s.reads[i].Cigar) {
			moved++
		}
	}
	if moved < 500 {
		t.Errorf("only %d reads moved", moved)
	}
	windows := slices.Clone(scratch.Windows(s.reads, s.ref, whole, &o))
	rng := rand.New(rand.NewPCG(6, 1))
	rounds, seen := 60, 0
	if testing.Short() {
		rounds = 10
	}
	for range rounds {
		from := whole.Start + o.Margin() + rng.IntN(whole.Len()-2*o.Margin()-3000)
		part := locus.Region{Contig: "chr20", Start: from, End: from + 1 + rng.IntN(3000)}
		wide := locus.Region{Contig: "chr20", Start: part.Start - o.Margin(), End: part.End + o.Margin()}
		reads := s.over(wide)
		ref := count.Window{Start: wide.Start, Bases: s.ref.Bases[wide.Start-s.ref.Start : wide.End-s.ref.Start]}
		got := other.Realign(reads, ref, part, &o)
		if len(got) != len(reads) {
			t.Fatalf("%v: %d reads of %d", part, len(got), len(reads))
		}
		for i := range got {
			g, w := &got[i], want[key(&got[i])]
			if key(g) != key(&reads[i]) {
				t.Fatalf("%v: reads out of order", part)
			}
			if g.Start < part.End && g.End() > part.Start || w.Start < part.End && w.End() > part.Start {
				if seen++; g.Start != w.Start || !slices.Equal(g.Cigar, w.Cigar) {
					t.Fatalf("%v: read %s at %d %v, want %d %v", part, g.Name, g.Start, g.Cigar, w.Start, w.Cigar)
				}
			}
		}
		var inside []realign.Window
		for _, w := range windows {
			if part.Contains(w.First) {
				inside = append(inside, w)
			}
		}
		if got := other.Windows(reads, ref, part, &o); !slices.Equal(got, inside) {
			t.Fatalf("%v: windows %v, want %v", part, got, inside)
		}
	}
	if seen < 100*rounds {
		t.Errorf("only %d reads compared", seen)
	}
}

// TestNothingAllocated once the memory is warm, in either mode.
func TestNothingAllocated(t *testing.T) {
	s := na12878(t, golden)
	for _, byPartition := range []bool{false, true} {
		o := realign.Defaults(realign.V19)
		o.ByPartition = byPartition
		var scratch realign.Scratch
		region := locus.Region{Contig: "chr20", Start: 10_001_000, End: 10_002_000}
		reads := s.over(region)
		run := func() { scratch.Realign(reads, s.ref, region, &o) }
		run()
		if n := testing.AllocsPerRun(2, run); n > 0 {
			t.Errorf("by partition %v: %v allocations", byPartition, n)
		}
	}
}
