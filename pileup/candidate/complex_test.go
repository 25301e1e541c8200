package candidate

import (
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestComplexAlleles: worked out by hand over the reference 102 G, 103 T, 104 A,
// 105 C. A candidate is written as text does.
func TestComplexAlleles(t *testing.T) {
	// Reads 0-1 lack 103 and 104; 2-4 show T at 102 and C at 104, on one strand:
	// TTC; 5 and 6 the reference; 7 C at 104 only, GTC, which one read does not
	// make an allele.
	twoSNPs := []copies{{2, 102, "1M2D1M", "GC", false}, {3, 102, "4M", "TTCC", false}, {2, 102, "4M", "GTAC", false}, {1, 102, "4M", "GTCC", false}}
	// A deletion of two bases on 4 reads, of one on 2, and 60 reads without: of
	// 66 reads 2 are 3%, of 6 they are a third.
	twoDeletions := []copies{{4, 102, "1M2D1M", "GC", false}, {2, 102, "1M1D1M", "GA", false}, {60, 102, "1M", "G", false}}
	// Behind the insertion of A at 103 the alignment goes on: G, TA, A.
	insertion := []copies{{2, 102, "1M2D1M", "GC", false}, {2, 102, "2M1I2M", "GTAAC", false}}
	// Five clipped bases reach beyond the three of the deletion's record.
	clip := []copies{{2, 102, "1M2D1M", "GC", false}, {2, 102, "1M5S", "GCCCCC", false}, {2, 102, "3M", "GTC", false}}
	for _, k := range []struct {
		name string
		in   []copies
		way  Complex
		want []string
	}{
		{"two SNPs apart", twoSNPs, NoComplex, []string{
			"102 GTA>G,TTA DP 8 AD [3 2 3] VAF [0.25 0.375] G 0 1 TTA 2 3 4 ref 5 6 7",
			"104 A>C DP 6 AD [2 4] VAF [0.667] C 2 3 4 7 ref 5 6"}},
		{"two SNPs joined", twoSNPs, JoinComplex, []string{"102 GTA>G,TTC DP 8 AD [2 2 3] VAF [0.25 0.375] G 0 1 TTC 2 3 4 other 7 ref 5 6"}},
		{"two SNPs joined, read 7 counted by its first base", twoSNPs, JoinAsDeepVariant,
			[]string{"102 GTA>G,TTC DP 8 AD [3 2 3] VAF [0.25 0.375] G 0 1 TTC 2 3 4 other 7 ref 5 6"}},
		{"a second deletion", twoDeletions, JoinComplex, []string{"102 GTA>G DP 66 AD [60 4] VAF [0.0606] G 0 1 2 3 other 4 5"}},
		{"a second deletion, judged without the reference", twoDeletions, JoinAsDeepVariant,
			[]string{"102 GTA>G,GA DP 66 AD [60 4 2] VAF [0.0606 0.0303] G 0 1 2 3 GA 4 5"}},
		{"an insertion", insertion, JoinComplex, []string{"102 GTA>G,GTAA DP 4 AD [0 2 2] VAF [0.5 0.5] G 0 1 GTAA 2 3"}},
		{"a clip beyond the deletion", clip, JoinComplex, []string{
			"102 GTA>G DP 6 AD [2 2] VAF [0.333] G 0 1 other 2 3 ref 4 5",
			"104 A>C DP 2 AD [0 2] VAF [1] C 4 5"}},
		{"a clip beyond the deletion, for which nothing is skipped where one allele is left", clip, JoinAsDeepVariant, []string{
			"102 GTA>G DP 6 AD [2 2] VAF [0.333] G 0 1 other 2 3 ref 4 5",
			"104 A>C DP 2 AD [0 2] VAF [1] C 4 5"}},
	} {
		t.Run(k.name, func(t *testing.T) {
			s := Selector{Options: Defaults()}
			s.Options.Complex = k.way
			track := slices.Repeat([]bool{true}, len(contig))
			var got []string
			for _, x := range s.Append(nil, countsOf(t, track, k.in...)) {
				for i, alt := range x.Alts {
					if len(x.Support[i]) != x.AD[i+1] {
						t.Errorf("%d: %d reads of %s, AD %v", x.Start, len(x.Support[i]), alt, x.AD)
					}
				}
				if x.Depth > 60 {
					x.RefSupport = nil
				}
				got = append(got, text(&x))
			}
			if !slices.Equal(got, k.want) {
				t.Errorf("got  %q\nwant %q", got, k.want)
			}
		})
	}
}

// TestComplexAtTheEnd: where a deletion reaches beyond what is counted, here
// 100 to 104, gx joins nothing; DeepVariant joins what it has, C at 102 and 103,
// with the reference at 104, where the reads show C as well.
func TestComplexAtTheEnd(t *testing.T) {
	whole := counts(t, copies{2, 102, "1M2D1M", "GC", false}, copies{3, 102, "4M", "CCCC", false})
	counter := count.Counter{Options: count.Defaults()}
	c := counter.Count(whole.Reads(), whole.Ref(), locus.Region{Contig: "c", Start: 100, End: 104}, []bool{true, true, true, true})
	for way, want := range map[Complex][]string{
		JoinComplex: {"102 GTA>CTA,G DP 5 AD [0 3 2] VAF [0.6 0.4] CTA 2 3 4 G 0 1",
			"103 T>C DP 3 AD [0 3] VAF [1] C 2 3 4"},
		JoinAsDeepVariant: {"102 GTA>CCA,G DP 5 AD [0 3 2] VAF [0.6 0.4] CCA 2 3 4 G 0 1"},
	} {
		s := Selector{Options: Defaults()}
		s.Options.Complex = way
		var got []string
		for _, x := range s.Append(nil, c) {
			got = append(got, text(&x))
		}
		if !slices.Equal(got, want) {
			t.Errorf("way %d: got  %q\nwant %q", way, got, want)
		}
	}
}

// TestComplexNeedsTheFirstBase: where reads of the reference are not tracked,
// one that shows it at the first base of the record supports no joined allele.
func TestComplexNeedsTheFirstBase(t *testing.T) {
	s := Selector{Options: Defaults()}
	s.Options.Complex = JoinComplex
	c := counts(t, copies{2, 102, "1M2D1M", "GC", false}, copies{3, 102, "4M", "TTCC", false}, copies{2, 102, "4M", "GTCC", false})
	got := s.Append(nil, c)
	if want := "102 GTA>G,TTC DP 7 AD [2 2 3] VAF [0.286 0.429] G 0 1 TTC 2 3 4"; len(got) != 1 || text(&got[0]) != want {
		t.Errorf("%d candidates, the first %s, want %s", len(got), text(&got[0]), want)
	}
}

// TestOthersShow: candidates tell what the reads of further samples show of
// their alleles, and the counts are those of the sample itself.
func TestOthersShow(t *testing.T) {
	child := counts(t, copies{3, 102, "1M", "T", false}, copies{3, 102, "1M", "G", false})
	mother := counts(t, copies{1, 102, "1M", "A", false}, copies{2, 102, "1M", "T", false}, copies{1, 102, "1M", "T", true})
	s := Selector{Options: Defaults()}
	got := s.Append(nil, child, mother, counts(t))
	if len(got) != 1 || len(got[0].Others) != 2 {
		t.Fatalf("%d candidates: %+v", len(got), got)
	}
	for k, want := range []string{"102 G>T DP 6 AD [3 3] VAF [0.5] T 1 2 -3 other 0", "102 G>T DP 6 AD [3 3] VAF [0.5]"} {
		if in := got[0].In(k); text(&in) != want {
			t.Errorf("sample %d: %s, want %s", k, text(&in), want)
		}
	}
	proposed, ok := s.Propose(got[0].Variant, child, mother)
	if in := proposed.In(0); !ok || text(&in) != "102 G>T DP 6 AD [3 3] VAF [0.5] T 1 2 -3 other 0" {
		t.Errorf("proposed: %s", text(&in))
	}
}
