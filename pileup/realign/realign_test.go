package realign_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestRegionsDoNotMatter: whatever region is asked for, the reads over it come
// out as if the whole contig had been; and windows are those of the contig.
func TestRegionsDoNotMatter(t *testing.T) {
	whole := locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_040_000}
	if testing.Short() {
		whole.End = whole.Start + 16_000
	}
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
	if moved < whole.Len()/100 {
		t.Errorf("only %d reads moved", moved)
	}
	windows := slices.Clone(scratch.Windows(s.reads, s.ref, whole, &o))
	rng := rand.New(rand.NewPCG(6, 1))
	rounds, seen := 40, 0
	if testing.Short() {
		rounds = 4
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
	s := na12878(t, locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_003_000})
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

// TestForcedLeavesRealigned: setting reads on a haplotype does not touch what
// Realign gave.
func TestForcedLeavesRealigned(t *testing.T) {
	s := na12878(t, locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_003_000})
	o := realign.Defaults(realign.V19)
	var scratch realign.Scratch
	region := locus.Region{Contig: "chr20", Start: 10_001_000, End: 10_002_000}
	reads := scratch.Realign(s.over(region), s.ref, region, &o)
	var before []string
	for i := range reads {
		before = append(before, reads[i].Cigar.String())
	}
	copies := slices.Clone(reads)
	kept := make([]bool, len(copies))
	for i := range kept {
		kept[i] = true
	}
	from := region.Start + 300 - s.ref.Start
	scratch.Forced(o)(count.Window{Start: region.Start + 300, Bases: s.ref.Bases[from : from+300]}, 0, 0, copies, kept)
	on := 0
	for i := range reads {
		if reads[i].Cigar.String() != before[i] {
			t.Fatalf("read %d: %v, was %s", i, reads[i].Cigar, before[i])
		}
		if kept[i] && !slices.Equal(copies[i].Cigar, reads[i].Cigar) {
			on++
		}
	}
	if on < 10 {
		t.Errorf("only %d reads set on the haplotype", on)
	}
}

// TestBounds: a window with more reads than may be, and reads that span more of
// the contig than any read of it should, stay as they are.
func TestBounds(t *testing.T) {
	ref := count.Window{Bases: genome(3000)}
	read := func(c string) align.Read {
		cigar, err := align.ParseCigar(c)
		if err != nil {
			t.Fatal(err)
		}
		bases := append(slices.Clone(ref.Bases[1450:1500]), ref.Bases[1506:1556]...)
		return align.Read{Start: 1450, MapQ: 60, Cigar: cigar, Bases: bases, Quals: slices.Repeat([]byte{35}, 100)}
	}
	region := locus.Region{Contig: "c", Start: 1400, End: 1600}
	o := realign.Defaults(realign.V19)
	o.Window.MaxReads = 1 << 20
	var scratch realign.Scratch
	const gap = "50M6D50M"
	for _, k := range []struct {
		name  string
		reads []align.Read
		want  string // of the last read
	}{
		{"few", []align.Read{read(gap), read(gap), read("50M50S")}, gap},
		{"too many", append(slices.Repeat([]align.Read{read(gap)}, 8200), read("50M50S")), "50M50S"},
		{"too wide", []align.Read{read(gap), read(gap), read("40M700N60M")}, "40M700N60M"},
		{"lengths that differ", []align.Read{read(gap), read(gap), read("50M10S")}, "50M10S"},
		{"another who does", []align.Read{read(gap), read(gap), read("50M10S"), read("50M50S")}, gap},
	} {
		t.Run(k.name, func(t *testing.T) {
			got := scratch.Realign(k.reads, ref, region, &o)
			if c := got[len(got)-1].Cigar.String(); c != k.want {
				t.Errorf("%s, want %s", c, k.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	for _, v := range []realign.Version{realign.V15, realign.V19} {
		if o := realign.Defaults(v); o.Validate() != nil {
			t.Errorf("defaults of %d: %v", v, o.Validate())
		}
	}
	o := realign.Defaults(realign.V19)
	o.Version, o.WholeRegion, o.Align.GapOpen, o.Align.K, o.Graph.MaxK = 17, true, 1, 40, 3
	err := o.Validate()
	for _, want := range []string{"version 17", "realign-all", "aln-gap-extend 2: want 1 to 1", "kmer-size 40: want 3 to 32", "dbg-max-k 3: want 10 to 1000"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}
