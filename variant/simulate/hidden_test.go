package simulate

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestHidden: copies are as many, as long and as far from the reference as
// asked, lie within the regions, and are the same each time.
func TestHidden(t *testing.T) {
	ref, err := Reference(ReferenceOptions{Seed: 3, GC: 0.41, Contigs: []locus.Contig{{Name: "c", Length: 400_000}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := DefaultHidden()
	o.PerMb, o.Shortest, o.Longest, o.Closest, o.Farthest = 60, 1000, 3000, 0.01, 0.02
	regions := locus.NewSet(locus.Region{Contig: "c", Start: 100_000, End: 300_000})
	list, err := Hidden(ref, regions, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 4 || len(list) > 26 {
		t.Fatalf("%d copies, want about 12", len(list))
	}
	again, err := Hidden(ref, regions, o)
	if err != nil {
		t.Fatal(err)
	}
	single := 0
	for i, c := range list {
		if !bytes.Equal(c.Bases, again[i].Bases) {
			t.Errorf("copy %d differs the second time", i)
		}
		inner := c.Bases[hiddenFlank : len(c.Bases)-hiddenFlank]
		if len(inner) < 900 || len(inner) > 3200 {
			t.Errorf("copy %d has %d bases", i, len(inner))
		}
		// Where a copy comes from is where a word of its first bases stands.
		at := -1
		for k := 0; k+24 < len(inner) && at < 0; k++ {
			at = bytes.Index(ref.Bases, inner[k:k+24])
		}
		if at < 99_000 || at > 301_000 {
			t.Errorf("copy %d comes from %d, want from within the regions", i, at)
		}
		if c.Donors[0].Haploid != nil {
			single++
		}
	}
	if single == 0 || single == len(list) {
		t.Errorf("%d of %d copies are on one haplotype", single, len(list))
	}
	o.PerMb = 0
	if list, err := Hidden(ref, nil, o); err != nil || len(list) != 0 {
		t.Errorf("%d copies where none are wanted, %v", len(list), err)
	}
	o.PerMb, o.Shortest, o.Closest = 101, 0, 0
	if _, err := Hidden(ref, nil, o); err == nil {
		t.Error("faulty options pass")
	}
}

// TestHiddenReads: the reads of a copy differ from the reference at the rate of
// the copy.
func TestHiddenReads(t *testing.T) {
	ref, err := Reference(ReferenceOptions{Seed: 4, GC: 0.41, Contigs: []locus.Contig{{Name: "c", Length: 60_000}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	h := DefaultHidden()
	h.PerMb, h.Closest, h.Farthest = 100, 0.03, 0.03
	list, err := Hidden(ref, nil, h)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d copies, %v", len(list), err)
	}
	o := DefaultReads()
	o.Chimeras, o.HotSpots, o.Depth = 0, 0, 20
	whole, clean := 0, 0
	err = Pairs(t.Context(), InMemory(list), DefaultProfile(), o, 2, func(p *Pair) error {
		b := slices.Clone(p.Bases[0])
		whole++
		if bytes.Contains(ref.Bases, b[20:70]) {
			clean++
		}
		reverseComplement(b)
		if bytes.Contains(ref.Bases, b[len(b)-70:len(b)-20]) {
			clean++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Of fifty bases without an edge, 0.97^50 = 22 % are as on the reference.
	if share := float64(clean) / float64(whole); whole < 100 || share < 0.08 || share > 0.32 {
		t.Errorf("%d of %d reads are as on the reference, want about a sixth", clean, whole)
	}
}

// TestDepths: blocks have depths of their own within the bounds, the mean is
// that of the mix, and the same block the same depth for any threads.
func TestDepths(t *testing.T) {
	ref, err := Reference(ReferenceOptions{Seed: 5, GC: 0.41, Contigs: []locus.Contig{{Name: "c", Length: 400_000}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := DefaultReads()
	o.Depths = Depths{Low: 4, High: 64, Block: 20_000}
	g := InMemory{{Sequence: ref, Donors: []Donor{{Share: 1}}}}
	bases := make([]float64, 20)
	var starts []int
	err = Aligned(t.Context(), g, DefaultProfile(), o, 2, func(r *align.Read) error {
		starts = append(starts, r.Start)
		bases[r.Start/20_000] += float64(len(r.Bases))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	low, high := 1000.0, 0.0
	for _, n := range bases {
		low, high = min(low, n/20_000), max(high, n/20_000)
	}
	if low > 12 || high < 30 || low < 2 || high > 80 {
		t.Errorf("depths of blocks from %.1f to %.1f, want from about 4 to about 64", low, high)
	}
	var again []int
	err = Aligned(t.Context(), g, DefaultProfile(), o, 1, func(r *align.Read) error {
		again = append(again, r.Start)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(starts, again) {
		t.Error("other reads with another number of threads")
	}
	if got := (Depths{Low: 6, High: 100}).Mean(); got < 33 || got > 34 {
		t.Errorf("mean of 6 to 100 is %g, want 33.4", got)
	}
	o.Depths = Depths{Low: 5, High: 2}
	if o.Validate() == nil {
		t.Error("depths 5 to 2 pass")
	}
}
