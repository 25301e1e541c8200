package realign

import (
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

func cigar(t *testing.T, s string) align.Cigar {
	t.Helper()
	c, err := align.ParseCigar(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMerge: alignments of a read to a haplotype and of that to the reference,
// worked by hand.
func TestMerge(t *testing.T) {
	for _, k := range []struct {
		name       string
		toHap      string
		toRef      string
		pos        int
		want, in15 string // empty: no alignment; in15 where 1.5 differs
	}{
		{"both match", "10=", "50=", 5, "10M", ""},
		{"deletion of the haplotype", "10=", "8=3D42=", 5, "3M3D7M", ""},
		{"insertion of the haplotype", "10=", "8=4I42=", 5, "3M4I3M", ""},
		{"beginning in the insertion", "10=", "8=4I42=", 10, "2I8M", ""},
		{"ending in the insertion", "10=", "8=9I42=", 5, "3M7I", ""},
		{"beginning behind the deletion", "10=", "8=3D42=", 8, "10M", ""},
		{"ending before the deletion", "10=", "15=3D42=", 5, "10M", ""},
		{"insertion of the read", "4=2I4=", "50=", 5, "4M2I4M", ""},
		{"deletion of the read", "4=2D6=", "50=", 5, "4M2D6M", ""},
		{"mismatches are matches", "4=1X5=", "7=1X42=", 5, "10M", ""},
		{"clip in front", "3S7=", "50=", 5, "3S7M", ""},
		{"clip behind", "7=3S", "50=", 5, "7M3S", ""},
		{"clip at the haplotype's end", "7=3S", "12=", 5, "7M3S", ""},
		{"deletions of both add up", "4=2D6=", "9=3D40=", 5, "4M5D6M", ""},
		{"the read takes back the insertion", "4=2D6=", "9=2I39=", 5, "10M", ""},
		{"the read takes back part of it", "4=1D6=", "9=3I38=", 5, "4M2I4M", ""},
		{"the read fills the deletion", "4=3I3=", "9=3D38=", 5, "10M", ""},
		{"the read fills part of the deletion", "4=1I5=", "9=3D38=", 5, "4M2D6M", ""},
		{"behind a clip of the haplotype", "10=", "4S46=", 2, "2S8M", ""},
		{"read longer than the haplotype", "12=", "5=", 0, "", "5M"},
	} {
		t.Run(k.name, func(t *testing.T) {
			toHap := cigar(t, k.toHap)
			for _, v := range []Version{V15, V19} {
				want := k.want
				if v == V15 && k.in15 != "" {
					want = k.in15
				}
				if want == "" {
					want = "*"
				}
				var m merger
				prefix := cigar(t, "1S")
				got := m.merge(prefix, toHap, cigar(t, k.toRef), k.pos, toHap.ReadLen(), v)
				if got[0] != prefix[0] || got[1:].String() != want {
					t.Errorf("%d: %v, want %s", v, got[1:], want)
				}
			}
		})
	}
}

// TestNormalised: an indel that could stand further left is refused.
func TestNormalised(t *testing.T) {
	const ref = "GATCGAGAGAGAGATC"
	for _, k := range []struct {
		cigar, read string
		offset      int
		want        bool
	}{
		{"16M", "GATCGAGAGAGAGATC", 0, true},
		{"4M2D10M", "GATCGAGAGAGATC", 0, true},
		{"6M2D8M", "GATCGAGAGAGATC", 0, false},
		{"4M2I12M", "GATCGAGAGAGAGAGATC", 0, true},
		{"8M2I8M", "GATCGAGAGAGAGAGATC", 0, false},
		{"2S4M2D8M", "TTCGAGAGAGATCC", 3, false},
		{"2I8M", "GACGAGAGAG", 0, true}, // nothing stands before it
		{"10M9D", "GATCGAGAGA", 0, false},
		{"4M2D", "GATC", -1, true},
	} {
		if got := normalised(cigar(t, k.cigar), []byte(k.read), []byte(ref), k.offset); got != k.want {
			t.Errorf("%s at %d: %v", k.cigar, k.offset, got)
		}
	}
}

// TestShift: how far positions of a haplotype are displaced.
func TestShift(t *testing.T) {
	for _, k := range []struct {
		toRef string
		want  []int
	}{
		{"4=", []int{0, 0, 0, 0}},
		{"2=3D2=", []int{0, 0, 3, 3}},
		{"1=2I2=", []int{0, 0, -1, -2, -2}},
		{"2S2=", []int{-2, -2, -2, -2}},
		{"1=1X1I1D2=", []int{0, 0, 0, 0, 0}},
	} {
		for pos, want := range k.want {
			if got := shift(cigar(t, k.toRef), pos); got != want {
				t.Errorf("%s at %d: %d, want %d", k.toRef, pos, got, want)
			}
		}
	}
}
