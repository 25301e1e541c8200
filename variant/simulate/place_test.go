package simulate

import (
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// bestScore is the score of the best local alignment of a read by affine gaps
// (Gotoh 1982), an end of the read that is not clipped worth clipCost.
func bestScore(read, ref []byte) int {
	const low = -1 << 20
	n := len(ref) + 1
	above, here := make([]int, n), make([]int, n) // best scores that end at a base of the read and one of the reference
	insertion := make([]int, n)                   // those that end in a gap of the reference
	for j := range n {
		above[j], insertion[j] = clipCost, low
	}
	best := 0
	for i := 1; i <= len(read); i++ {
		deletion := low
		here[0] = 0
		for j := 1; j < n; j++ {
			s := -mismatchCost
			if read[i-1] == ref[j-1] {
				s = 1
			}
			deletion = max(deletion, here[j-1]-gapOpen) - gapExtend
			here[j] = max(max(0, above[j-1])+s, deletion, insertion[j])
			best = max(best, here[j])
			if i == len(read) {
				best = max(best, here[j]+clipCost)
			}
		}
		for j := range n {
			insertion[j] = max(insertion[j], here[j]-gapOpen) - gapExtend
		}
		above, here = here, above
	}
	return best
}

// scored is the score of an alignment by the same rules.
func scored(read, ref []byte, start int, c align.Cigar) int {
	score, q, r := 0, 0, start
	for i, x := range c {
		n := x.Len()
		switch x.Op() {
		case align.M:
			score += n - (1+mismatchCost)*mismatches(read[q:q+n], ref[r:])
			q, r = q+n, r+n
		case align.I:
			score -= gapOpen + n*gapExtend
			q += n
		case align.D:
			score -= gapOpen + n*gapExtend
			r += n
		case align.S:
			q += n
		}
		if (i == 0 || i == len(c)-1) && x.Op() != align.S {
			score += clipCost
		}
	}
	if len(c) == 1 && c[0].Op() == align.M {
		score += clipCost // both ends
	}
	return score
}

// TestPlaceAgainstDynamicProgramming holds alignments of reads with errors,
// indels near the ends and foreign tails against the best score of all.
func TestPlaceAgainstDynamicProgramming(t *testing.T) {
	n := 1500
	if testing.Short() {
		n = 200
	}
	rng := rand.New(rand.NewPCG(5, 5))
	ref := testReference(t, "c", 20_000).Bases
	var p placer
	placed, best, gaps, clips := 0, 0, 0, 0
	for range n {
		at := 200 + rng.IntN(len(ref)-600)
		read, length := []byte(nil), 60+rng.IntN(90)
		p.segments = p.segments[:0]
		r := at
		stop := rng.IntN(length)
		for len(read) < length {
			k := 1 + rng.IntN(length)
			k = min(k, length-len(read))
			p.add(len(read), r, k)
			read = append(read, ref[r:r+k]...)
			r += k
			if len(read) < length && len(p.segments) < 3 {
				if g := 1 + rng.IntN(6); rng.IntN(2) == 0 {
					r += g
				} else {
					for range min(g, length-len(read)) {
						read = append(read, letters[rng.IntN(4)])
					}
				}
			}
		}
		for range rng.IntN(5) {
			i := rng.IntN(length)
			read[i] = letters[(codes[read[i]]+1)&3]
		}
		if rng.IntN(3) == 0 {
			for i := max(stop, length/2); i < length; i++ {
				read[i] = letters[rng.IntN(4)]
			}
		}
		start, c, distance, ok := p.place(read, ref)
		if !ok {
			continue
		}
		placed++
		if c.ReadLen() != length {
			t.Fatalf("%s of a read of %d", c, length)
		}
		if want := editDistance(read, ref, start, c); distance != want {
			t.Fatalf("%s at %d: distance %d, want %d", c, start, distance, want)
		}
		got, most := scored(read, ref, start, c), bestScore(read, ref[start-150:min(len(ref), start+length+150)])
		if got > most {
			t.Fatalf("%s at %d: score %d, more than the best, %d", c, start, got, most)
		}
		if got >= most-2 {
			best++
		}
		for _, x := range c {
			switch x.Op() {
			case align.I, align.D:
				gaps++
			case align.S:
				clips++
			}
		}
	}
	if placed < n*8/10 || best < placed*98/100 || gaps < n/2 || clips < n/5 {
		t.Errorf("of %d reads %d are placed, %d with the best score; %d gaps, %d clips", n, placed, best, gaps, clips)
	}
}

func editDistance(read, ref []byte, start int, c align.Cigar) int {
	d, q, r := 0, 0, start
	for _, x := range c {
		n := x.Len()
		switch x.Op() {
		case align.M:
			for k := range n {
				if read[q+k] != ref[r+k] {
					d++
				}
			}
			q, r = q+n, r+n
		case align.I:
			d, q = d+n, q+n
		case align.D:
			d, r = d+n, r+n
		case align.S:
			q += n
		}
	}
	return d
}

func TestPlaceCases(t *testing.T) {
	//             0         1         2         3         4         5         6
	//             0123456789012345678901234567890123456789012345678901234567890123456789
	ref := []byte("GATTACAGGCTTAACCGGATCTTTTTTTTGCAGTCCATGGACCTAGATCCGTAAGCTTGCAATCGGATAA")
	for _, k := range []struct {
		name  string
		read  string
		path  []segment
		start int
		cigar string
	}{
		{"as it is", string(ref[5:55]), []segment{{0, 5, 50}}, 5, "50M"},
		{"deletion in a run goes left", string(ref[5:26]) + string(ref[28:60]), []segment{{0, 5, 21}, {21, 28, 32}}, 5, "16M2D37M"},
		{"insertion in a run goes left", string(ref[5:28]) + "T" + string(ref[28:60]), []segment{{0, 5, 23}, {24, 28, 32}}, 5, "16M1I39M"},
		{"deletion two bases before the end is clipped away", string(ref[5:50]) + string(ref[56:58]), []segment{{0, 5, 45}, {45, 56, 2}}, 5, "47M"},
		{"insertion reaching over the start", "CCCCCA" + string(ref[10:60]), []segment{{6, 10, 50}}, 10, "6S50M"},
		{"adapter", string(ref[5:45]) + adapters[0][:20], []segment{{0, 5, 40}}, 5, "40M20S"},
		{"mismatch at the last base stays", string(ref[5:54]) + "A", []segment{{0, 5, 50}}, 5, "50M"},
		{"block of two for three", string(ref[5:20]) + "GG" + string(ref[23:60]), []segment{{0, 5, 15}, {17, 23, 37}}, 5, "15M1D39M"},
	} {
		t.Run(k.name, func(t *testing.T) {
			p := placer{segments: append([]segment(nil), k.path...)}
			start, c, _, ok := p.place([]byte(k.read), ref)
			if !ok || start != k.start || c.String() != k.cigar {
				t.Errorf("%d %s, %v, want %d %s", start, c, ok, k.start, k.cigar)
			}
		})
	}
	p := placer{segments: []segment{{0, 5, 20}}}
	if _, _, _, ok := p.place([]byte("CCCCCCCCCCCCCCCCCCCC"), ref); ok {
		t.Error("a read of other bases was placed")
	}
	p = placer{}
	if _, _, _, ok := p.place(ref[:50], ref); ok {
		t.Error("a read that stands nowhere was placed")
	}
}
