package realign

import "github.com/gx-genomics/gx/variant/align"

// mostLoss is by how much a read may fit the reference worse where it is
// realigned than as it was aligned: one gap, or four mismatches, of a read that
// had none.
//
// In tandem repeats of long units, graphs have paths that leave the repeat where
// no read does. Reads that fit the reference fit such a path as well, the path
// wins the draw, and on the reference it is a row of mismatches, each of them a
// false candidate. DeepVariant takes them.
const mostLoss = 20

// worse says whether a new alignment of read n of the window fits the reference
// that much worse than the one it has.
func (a *aligner) worse(n, start int, c align.Cigar) bool {
	r := &a.reads[a.list[n]]
	if start == r.Start && len(c) == len(r.Cigar) && len(c) == 1 {
		return false
	}
	inserted := 0
	if clipped(r.Cigar) {
		inserted = 1
	}
	return fit(r.Bases, r.Cigar, a.ref, r.Start-a.refStart, inserted)-fit(r.Bases, c, a.ref, start-a.refStart, inserted) > mostLoss
}

// clipped says whether the aligner found no place for some of the bases.
func clipped(c align.Cigar) bool {
	return len(c) > 0 && (c[0].Op() == align.S || c[len(c)-1].Op() == align.S)
}

// fit scores an alignment against the reference as aligners do, a match at 1, a
// mismatch at -4, a gap of n bases at -6 - n, but at no less than -16: how long
// a variant is does not tell against it. Inserted bases score `inserted` each:
// of a clipped read as much as a match, for where a stretch comes twice, its
// first copy as aligned is its second as inserted, and what is gained is what
// was clipped.
func fit(bases []byte, c align.Cigar, ref []byte, at, inserted int) int {
	score, q := 0, 0
	for _, x := range c {
		n := x.Len()
		switch op := x.Op(); {
		case op.Matches():
			for i := range n {
				if q+i >= len(bases) || at+i < 0 || at+i >= len(ref) {
					break
				}
				if bases[q+i] == ref[at+i] {
					score++
				} else {
					score -= 4
				}
			}
			q, at = q+n, at+n
		case op == align.I:
			score += n*inserted - 6 - min(n, 10)
			q += n
		case op == align.D:
			score -= 6 + min(n, 10)
			at += n
		case op == align.S:
			q += n
		case op == align.N:
			at += n
		}
	}
	return score
}
