package realign

import (
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// TestFit: gaps cost alike however long, inserted bases count where they are to,
// and no alignment reads beyond its ends.
func TestFit(t *testing.T) {
	ref := []byte("ACGTACGTTTGCA")
	for _, k := range []struct {
		bases string
		cigar align.Cigar
		at    int
		want  int
	}{
		{"ACGT", align.Cigar{align.MakeOp(align.M, 4)}, 0, 4},
		{"ACCT", align.Cigar{align.MakeOp(align.M, 4)}, 0, -1},
		{"GGACGT", align.Cigar{align.MakeOp(align.S, 2), align.MakeOp(align.M, 4)}, 4, 4},
		{"ACGTTT", align.Cigar{align.MakeOp(align.M, 2), align.MakeOp(align.D, 4), align.MakeOp(align.M, 4)}, 0, 6 - 10},
		{"ACCCCCCCCCCCCCCCGT", align.Cigar{align.MakeOp(align.M, 2), align.MakeOp(align.I, 14), align.MakeOp(align.M, 2)}, 0, 4 - 16},
		{"GCAAA", align.Cigar{align.MakeOp(align.M, 5)}, 10, 3},
	} {
		if got := fit([]byte(k.bases), k.cigar, ref, k.at, 0); got != k.want {
			t.Errorf("%s as %v at %d: %d, want %d", k.bases, k.cigar, k.at, got, k.want)
		}
	}
	cigar := align.Cigar{align.MakeOp(align.M, 2), align.MakeOp(align.I, 14), align.MakeOp(align.M, 2)}
	if got := fit([]byte("ACCCCCCCCCCCCCCCGT"), cigar, ref, 0, 1); got != 4-16+14 {
		t.Errorf("inserted bases as good as matches: %d, want 2", got)
	}
}

// TestWorse: a read that fits the reference is not moved to where it does not,
// but gets a gap however long, and is taken out of a clip, where a stretch comes
// twice as well.
func TestWorse(t *testing.T) {
	// Copies of a unit of 28 bases on human chromosome 1, the second unlike the first.
	ref := []byte("GGAAGCCACTGAAAATGCTTCCTCACTCAGCAGCCACTGAAAATGTTTCCTCGCTCAGCAGCCACTGAAAATGCTTCCTCACTCAGCATTGACCGTAGGATTAC")
	m := func(n int) align.CigarOp { return align.MakeOp(align.M, n) }
	for _, k := range []struct {
		name  string
		bases string
		start int
		was   align.Cigar
		to    int
		is    align.Cigar
		want  bool
	}{
		{"shifted off the copies", string(ref[4:84]), 4, align.Cigar{m(80)}, 9, align.Cigar{m(80)}, true},
		{"a copy is left out", string(ref[4:32]) + string(ref[60:104]), 4, align.Cigar{m(28), align.MakeOp(align.S, 44)}, 4, align.Cigar{m(28), align.MakeOp(align.D, 28), m(44)}, false},
		{"a gap, to a copy that is otherwise", string(ref[32:92]), 32, align.Cigar{m(60)}, 4, align.Cigar{m(28), align.MakeOp(align.D, 28), m(32)}, true},
		{"a chimeric tail laid out", string(ref[0:60]) + "TTGTGTGGTTTTGTGTTTGG", 0, align.Cigar{m(60), align.MakeOp(align.S, 20)}, 0, align.Cigar{m(80)}, true},
		{"a copy more, of a clipped read", string(ref[0:32]) + string(ref[4:40]), 0, align.Cigar{m(32), align.MakeOp(align.S, 36)}, 0, align.Cigar{m(4), align.MakeOp(align.I, 28), m(36)}, false},
		{"a copy more, of a read that fits", string(ref[0:32]), 0, align.Cigar{m(32)}, 0, align.Cigar{m(4), align.MakeOp(align.I, 28)}, true},
		{"as it was", string(ref[0:60]), 0, align.Cigar{m(60)}, 0, align.Cigar{m(60)}, false},
	} {
		a := aligner{reads: []align.Read{{Start: 100 + k.start, Bases: []byte(k.bases), Cigar: k.was}}, list: []int32{0}, ref: ref, refStart: 100}
		if got := a.worse(0, 100+k.to, k.is); got != k.want {
			t.Errorf("%s: worse is %v, want %v (%d, then %d)", k.name, got, k.want, fit([]byte(k.bases), k.was, ref, k.start, 0), fit([]byte(k.bases), k.is, ref, k.to, 0))
		}
	}
}
