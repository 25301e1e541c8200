package candidate

import (
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant"
)

func TestPropose(t *testing.T) {
	c := counts(t,
		copies{4, 102, "1M", "T", false}, copies{1, 102, "1M", "C", false}, copies{1, 102, "1M", "T", true}, // G>T, one G>C
		copies{3, 104, "1M2D1M", "AT", false}, copies{2, 104, "1M", "T", false}, // ACG>A, A>T
		copies{2, 108, "1M", "A", false}, // on an N
	)
	s := Selector{Options: Defaults()}
	for _, k := range []struct {
		name       string
		start      int
		ref        string
		alts       []string
		want       string
		noProperAt bool
	}{
		{"as the reads have it", 102, "G", []string{"T"}, "102 G>T DP 5 AD [0 4] VAF [0.8] T 0 1 2 3 -5 other 4", false},
		{"an allele that no read has", 102, "G", []string{"A", "T"}, "102 G>A,T DP 5 AD [0 0 4] VAF [0 0.8] T 0 1 2 3 -5 other 4", false},
		{"an allele that too few reads have", 102, "G", []string{"C"}, "102 G>C DP 5 AD [0 0] VAF [0] other 0 1 2 3 4 -5", false},
		{"a longer reference than that of the reads", 102, "GTA", []string{"TTA"}, "102 GTA>TTA DP 5 AD [0 4] VAF [0.8] TTA 0 1 2 3 -5 other 4", false},
		{"a shorter reference than that of the reads", 104, "A", []string{"T"}, "104 A>T DP 5 AD [0 2] VAF [0.4] T 9 10 other 6 7 8", false},
		{"the deletion of the reads", 104, "ACG", []string{"A"}, "104 ACG>A DP 5 AD [0 3] VAF [0.6] A 6 7 8 other 9 10", false},
		{"a position without reads", 110, "G", []string{"T"}, "110 G>T DP 0 AD [0 0] VAF [0]", false},
		{"a position outside the counts", 200, "G", []string{"T"}, "200 G>T DP 0 AD [0 0] VAF [0]", false},
		{"an N", 108, "N", []string{"A"}, "", true},
	} {
		t.Run(k.name, func(t *testing.T) {
			v := variant.Variant{Contig: "c", Start: k.start, End: k.start + len(k.ref), Ref: k.ref, Alts: k.alts}
			got, ok := s.Propose(v, c)
			if ok == k.noProperAt || ok && text(&got) != k.want {
				t.Errorf("%s, %v, want %s", text(&got), ok, k.want)
			}
		})
	}
}

func TestContext(t *testing.T) {
	c := counts(t, copies{3, 100, "3M", "ACT", false}, copies{1, 100, "3M", "AGG", false}, copies{1, 102, "1M", "T", true})
	for _, k := range []struct {
		start, width, first int
		want                []int
	}{{101, 3, 100, []int{0, 25, 80}}, {100, 5, 100, []int{0, 25, 80}}, {113, 3, 112, []int{0, 0}}, {102, 1, 102, []int{80}}} {
		if got, first := Context(nil, c, k.start, k.width); first != k.first || !slices.Equal(got, k.want) {
			t.Errorf("%d around %d: %v from %d, want %v from %d", k.width, k.start, got, first, k.want, k.first)
		}
	}
}
