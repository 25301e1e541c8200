package classify

import (
	"math"
	"slices"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant/align"
)

const (
	fitFlank  = 20   // bases on either side of what an indel can shift over that are compared
	fitBaseQ  = 30   // no base counts as better: variants next to the site must not outweigh it
	fitBadQ   = 3    // nor as worse
	fitExtent = 400  // no longer stretch is compared
	fitAlts   = 32   // nor more alternate alleles
	fitGap    = 1e-3 // an insertion or deletion beside the site, where the alignment of the read has one

	// What so many reads and so large a share of them show beside the site, not
	// near their ends, is a variant of its own: it speaks for no allele.
	fitOthers, fitShare, fitInside = 3, 0.15, 10
)

// fitter compares reads with the alleles of one site.
type fitter struct {
	e        *Evidence
	from, to int      // the stretch of the reference that is compared
	haps     [][]byte // it with each allele in place, reference first
	also     []byte   // per base of the stretch, the bases of other variants there: bits in the order ACGT
	gaps     []gap    // the insertions and deletions of other variants
	logs     []float64
}

// gap is an insertion (n > 0) or deletion before a position of the contig, and
// how many reads have it.
type gap struct{ pos, n, reads int }

// newFitter gives the fitter of a site; ok is false where the site has no indel, so that
// the base shown says all there is, or where the known reference is too short.
func newFitter(e *Evidence) (f fitter, ok bool) {
	reach, indel := 0, false
	for i, alt := range e.Site.Alts {
		if isIndel(&e.Site.Variant, i) {
			indel = true
		}
		reach = max(reach, e.reach(alt))
	}
	f = fitter{e: e, from: e.Site.Start - fitFlank, to: max(e.Site.End, e.Site.Start+reach) + 1 + fitFlank}
	f.from, f.to = max(f.from, e.RefStart), min(f.to, e.RefStart+len(e.Ref))
	if !indel || len(e.Site.Alts) > fitAlts || f.from > e.Site.Start || f.to < e.Site.End || f.to-f.from > fitExtent {
		return f, false
	}
	before, behind := e.Ref[f.from-e.RefStart:e.Site.Start-e.RefStart], e.Ref[e.Site.End-e.RefStart:f.to-e.RefStart]
	hap := func(allele string) []byte {
		h := make([]byte, 0, len(before)+len(allele)+len(behind))
		return append(append(append(h, before...), allele...), behind...)
	}
	f.haps = append(f.haps, hap(e.Site.Ref))
	for _, alt := range e.Site.Alts {
		f.haps = append(f.haps, hap(alt))
	}
	return f, true
}

// letter is the number of a base in the order ACGT, 7 for any other.
func letter(b byte) byte {
	switch b {
	case 'A':
		return 0
	case 'C':
		return 1
	case 'G':
		return 2
	case 'T':
		return 3
	}
	return 7
}

// neighbours finds the other variants in the stretch from the reads that were
// observed at the site.
func (f *fitter) neighbours(observations []candidate.Observation, reads []align.Read) {
	seen := make([][4]int, f.to-f.from)
	depth := make([]int, f.to-f.from)
	for i := range observations {
		r := &reads[observations[i].Read]
		last := r.End() - fitInside
		at, q := r.Start, 0
		for _, op := range r.Cigar {
			n := op.Len()
			if op.Op().Matches() {
				for pos := max(at, f.from, r.Start+fitInside); pos < min(at+n, f.to, last); pos++ {
					if q+pos-at >= len(r.Bases) {
						break
					}
					depth[pos-f.from]++
					if b := r.Bases[q+pos-at]; b != f.e.at(pos) {
						if k := letter(b); k < 4 {
							seen[pos-f.from][k]++
						}
					}
				}
			}
			if signed := gapLength(op); signed != 0 && at > max(f.from, r.Start+fitInside) && at < min(f.to, last) {
				f.count(at, signed)
			}
			if op.Op().TakesRead() {
				q += n
			}
			if op.Op().TakesRef() {
				at += n
			}
		}
	}
	f.gaps = slices.DeleteFunc(f.gaps, func(g gap) bool {
		return g.reads < fitOthers || float64(g.reads) < fitShare*float64(depth[g.pos-1-f.from])
	})
	f.also = make([]byte, f.to-f.from)
	for i := range seen {
		if pos := f.from + i; pos >= f.e.Site.Start && pos < f.e.Site.End {
			continue // what happens there is what is asked
		}
		for k, n := range seen[i] {
			if n >= fitOthers && float64(n) >= fitShare*float64(depth[i]) {
				f.also[i] |= 1 << k
			}
		}
	}
}

// gapLength is the length of an insertion, that of a deletion below 0, and 0 of
// any other operation.
func gapLength(op align.CigarOp) int {
	switch op.Op() {
	case align.I:
		return op.Len()
	case align.D:
		return -op.Len()
	}
	return 0
}

func (f *fitter) count(pos, n int) {
	for i := range f.gaps {
		if f.gaps[i].pos == pos && f.gaps[i].n == n {
			f.gaps[i].reads++
			return
		}
	}
	f.gaps = append(f.gaps, gap{pos, n, 1})
}

// known says whether a gap is one of another variant.
func (f *fitter) known(pos, n int) bool {
	return slices.ContainsFunc(f.gaps, func(g gap) bool { return g.pos == pos && g.n == n })
}

// anchors are the bases of a read that are compared, [lo, hi), and where on the
// reference its alignment puts them: base lo at left, base hi-1 at right.
type anchors struct{ lo, hi, left, right int }

// anchors finds the part of a read over the stretch. Clipped bases at an end
// belong to it: they may be the part of the read that does not fit the
// reference.
func (f *fitter) anchors(r *align.Read) (a anchors, ok bool) {
	at, q := r.Start, 0
	first, last := -1, -1
	for _, op := range r.Cigar {
		n := op.Len()
		if op.Op().Matches() && n > 0 {
			if lo := max(at, f.from); lo < at+n && lo < f.to && first < 0 {
				first, a.lo, a.left = lo, q+lo-at, lo
			}
			if hi := min(at+n, f.to) - 1; hi >= at && hi >= f.from {
				last, a.hi, a.right = hi, q+hi-at+1, hi
			}
		}
		if op.Op().TakesRead() {
			q += n
		}
		if op.Op().TakesRef() {
			at += n
		}
	}
	if first < 0 || last < 0 || len(r.Quals) != len(r.Bases) || a.hi > len(r.Bases) {
		return a, false
	}
	if c := clip(r.Cigar, 0); c == a.lo { // the first aligned base: what is clipped before it belongs here
		n := min(c, max(0, a.left-f.from))
		a.lo, a.left = a.lo-n, a.left-n
	}
	if c := clip(r.Cigar, len(r.Cigar)-1); a.hi == len(r.Bases)-c {
		n := min(c, max(0, f.to-1-a.right))
		a.hi, a.right = a.hi+n, a.right+n
	}
	return a, true
}

// clip is the length of a soft clip at operation i of a CIGAR.
func clip(c align.Cigar, i int) int {
	if c[i].Op() == align.H && len(c) > 1 {
		if i == 0 {
			i++
		} else {
			i--
		}
	}
	if c[i].Op() == align.S {
		return c[i].Len()
	}
	return 0
}

// fit appends, for each allele, the likelihood of the read's bases over the
// stretch if it comes from a molecule with that allele, in units of the
// largest. The bases are set on the allele's sequence twice, held at the left
// end of what is compared and at the right end: where an insertion or deletion
// is missing from the alignment, because too little of the read lies behind
// it, one of the two is right. For the allele that the read's own alignment
// shows, that alignment is a third way, which keeps insertions and deletions
// beside the site. The best one counts.
func (f *fitter) fit(dst []float32, r *align.Read, shown int) []float32 {
	a, ok := f.anchors(r)
	if !ok {
		return dst
	}
	f.logs = f.logs[:0]
	top := math.Inf(-1)
	for h, hap := range f.haps {
		left := f.compare(r, a, hap, a.left-f.from)
		right := f.compare(r, a, hap, len(hap)-(f.to-a.right)-(a.hi-a.lo)+1)
		best := max(left, right)
		if h == shown {
			best = max(best, f.aligned(r, a))
		}
		f.logs = append(f.logs, best)
		top = max(top, best)
	}
	for _, x := range f.logs {
		dst = append(dst, float32(math.Exp(x-top)))
	}
	return dst
}

// compare is the log likelihood of bases a.lo to a.hi of a read that lie on hap
// from position at on. What lies beyond its ends is reference on which all
// alleles agree in number, if not in place: it counts as a match.
func (f *fitter) compare(r *align.Read, a anchors, hap []byte, at int) float64 {
	sum := 0.0
	for i := a.lo; i < a.hi; i++ {
		j := at + i - a.lo
		b, pos := byte(0), f.from+j
		if j >= f.e.Site.Start-f.from {
			pos = max(f.to+j-len(hap), f.e.Site.End-1) // behind the allele
		}
		if j >= 0 && j < len(hap) {
			b = hap[j]
		} else {
			b = f.e.at(pos)
		}
		sum += f.pair(r, i, b, pos)
	}
	return sum
}

// pair is the log likelihood of base i of a read on base b of its molecule, 0
// where that is not known: a match counts as sure. pos is the place of b on the
// contig, as far as it has one.
func (f *fitter) pair(r *align.Read, i int, b byte, pos int) float64 {
	x := r.Bases[i]
	if b == 0 || b == x || x == 'N' {
		return 0
	}
	if k := pos - f.from; k >= 0 && k < len(f.also) && f.also[k]>>letter(x)&1 != 0 {
		return 0
	}
	q := min(max(float64(r.Quals[i]), fitBadQ), fitBaseQ)
	return -(q/10 + 0.4771) * math.Ln10 // one of three wrong bases
}

// aligned is the log likelihood of the same bases as the read's own alignment
// has them. The insertion or deletion at the site is the allele shown; every
// other one within the stretch has a price.
func (f *fitter) aligned(r *align.Read, a anchors) float64 {
	sum := 0.0
	at, q := r.Start, 0
	for _, op := range r.Cigar {
		n := op.Len()
		switch o := op.Op(); {
		case o.Matches():
			for i := max(q, a.lo); i < min(q+n, a.hi); i++ {
				sum += f.pair(r, i, f.e.at(at+i-q), at+i-q)
			}
		case o == align.S:
			start := at // a clip behind the alignment goes straight on
			if q == 0 {
				start = at - n
			}
			for i := max(q, a.lo); i < min(q+n, a.hi); i++ {
				sum += f.pair(r, i, f.e.at(start+i-q), start+i-q)
			}
		case gapLength(op) != 0 && q > a.lo && q < a.hi && at != f.e.Site.Start+1 && !f.known(at, gapLength(op)):
			sum += math.Log(fitGap)
		}
		if op.Op().TakesRead() {
			q += n
		}
		if op.Op().TakesRef() {
			at += n
		}
	}
	return sum
}
