package simulate

import "github.com/gx-genomics/gx/variant/align"

// Scores of BWA-MEM's defaults: a match +1.
const (
	mismatchCost = 4
	gapOpen      = 6
	gapExtend    = 1
	clipCost     = 5
	leastScore   = 30 // below it a read is not placed; of short reads, four fifths of their bases
)

// segment is n bases of a read, from q, that stand on the reference from r.
type segment struct {
	q, r, n int
}

// placer turns the true path of a read into the alignment that an aligner
// would report. It is scratch memory of one goroutine.
type placer struct {
	segments []segment
	cigar    align.Cigar
}

// add appends n bases of the path, at q in the read and r in the reference,
// joining them to what goes before where that lies on the same diagonal.
func (p *placer) add(q, r, n int) {
	if k := len(p.segments); k > 0 {
		last := &p.segments[k-1]
		if last.q+last.n == q && last.r+last.n == r {
			last.n += n
			return
		}
	}
	p.segments = append(p.segments, segment{q, r, n})
}

// place gives the first aligned base, the CIGAR (valid until the next call)
// and the edit distance; false where too little of the read fits.
func (p *placer) place(bases, ref []byte) (start int, c align.Cigar, distance int, ok bool) {
	if !p.close(len(bases), len(ref)) {
		return 0, nil, 0, false
	}
	for i := 1; i+1 < len(p.segments); {
		if !p.join(i, bases, ref) {
			i++
		}
	}
	for len(p.segments) > 1 && p.dropLeft(bases, ref) {
	}
	for len(p.segments) > 1 && p.dropRight(bases, ref) {
	}
	p.slide(bases, ref)
	if p.clip(bases, ref) < min(leastScore, len(bases)*4/5) {
		return 0, nil, 0, false
	}
	start, distance = p.spell(bases, ref)
	return start, p.cigar, distance, true
}

// close makes the path cover all bases of the read and of each gap one kind
// only: bases at an end that stand nowhere go on along the diagonal, and of a
// gap on both sides as many as can stand on each other do.
func (p *placer) close(length, end int) bool {
	if len(p.segments) == 0 {
		return false
	}
	first := &p.segments[0]
	first.n, first.r, first.q = first.n+first.q, first.r-first.q, 0
	if over := -first.r; over > 0 {
		if over >= first.n {
			return false
		}
		first.q, first.r, first.n = over, 0, first.n-over
	}
	last := &p.segments[len(p.segments)-1]
	last.n = min(length-last.q, end-last.r)
	if last.n <= 0 {
		return false
	}
	for i := range len(p.segments) - 1 {
		a, b := &p.segments[i], p.segments[i+1]
		a.n += min(b.q-a.q-a.n, b.r-a.r-a.n)
	}
	return true
}

// gap is what the gap between two segments costs.
func gap(a, b segment) int {
	cost := 0
	for _, n := range [2]int{b.q - a.q - a.n, b.r - a.r - a.n} {
		if n > 0 {
			cost += gapOpen + gapExtend*n
		}
	}
	return cost
}

// leftward scores the bases [0, q) of a read along a diagonal (r is where base
// q stands), from q outward: the best sum, where not clipping the end is worth
// clipCost. reach is how many of them are best aligned.
func leftward(bases, ref []byte, q, r int) (best, reach int) {
	sum := 0
	for i := 1; i <= q; i++ {
		if r-i < 0 {
			return best, reach
		}
		if bases[q-i] == ref[r-i] {
			sum++
		} else {
			sum -= mismatchCost
		}
		if sum > best {
			best, reach = sum, i
		}
	}
	if sum+clipCost > best {
		best, reach = sum+clipCost, q
	}
	return best, reach
}

// rightward is leftward's mirror for the bases [q, len).
func rightward(bases, ref []byte, q, r int) (best, reach int) {
	sum, n := 0, len(bases)-q
	for i := range n {
		if r+i >= len(ref) {
			return best, reach
		}
		if bases[q+i] == ref[r+i] {
			sum++
		} else {
			sum -= mismatchCost
		}
		if sum > best {
			best, reach = sum, i+1
		}
	}
	if sum+clipCost > best {
		best, reach = sum+clipCost, n
	}
	return best, reach
}

// dropLeft gives up the first gap where the bases before it score no less
// without it, along the diagonal behind it or clipped.
func (p *placer) dropLeft(bases, ref []byte) bool {
	a, b := p.segments[0], p.segments[1]
	with, _ := leftward(bases, ref, a.q+a.n, a.r+a.n)
	with -= gap(a, b)
	without, _ := leftward(bases, ref, b.q, b.r)
	if without < with {
		return false
	}
	shift := min(b.q, b.r)
	p.segments = p.segments[1:]
	p.segments[0] = segment{b.q - shift, b.r - shift, b.n + shift}
	return true
}

// dropRight is the same for the last gap.
func (p *placer) dropRight(bases, ref []byte) bool {
	k := len(p.segments)
	a, b := p.segments[k-2], p.segments[k-1]
	with, _ := rightward(bases, ref, b.q, b.r)
	with -= gap(a, b)
	without, _ := rightward(bases, ref, a.q+a.n, a.r+a.n)
	if without < with {
		return false
	}
	p.segments = p.segments[:k-1]
	p.segments[k-2].n = min(len(bases)-a.q, len(ref)-a.r)
	return true
}

// clip cuts the ends where they match too little and gives the score of what
// is left, without the bonus for ends that stay.
func (p *placer) clip(bases, ref []byte) int {
	first := &p.segments[0]
	inner := first.n // what lies between the two scans, from the front of the first segment
	if len(p.segments) == 1 {
		wrong := mismatches(bases[first.q:first.q+first.n], ref[first.r:])
		if wrong == 0 {
			return first.n
		}
		inner = core(bases[first.q:first.q+first.n], ref[first.r:])
	}
	_, reach := leftward(bases, ref, first.q+inner, first.r+inner)
	if cut := inner - reach; cut > 0 {
		first.q, first.r, first.n = first.q+cut, first.r+cut, first.n-cut
		inner -= cut
	}
	last := &p.segments[len(p.segments)-1]
	from := 0
	if len(p.segments) == 1 {
		from = inner
	}
	_, reach = rightward(bases, ref, last.q+from, last.r+from)
	last.n = min(last.n, from+reach)
	score := 0
	for i, s := range p.segments {
		score += s.n - (1+mismatchCost)*mismatches(bases[s.q:s.q+s.n], ref[s.r:])
		if i > 0 {
			score -= gap(p.segments[i-1], s)
		}
	}
	return score
}

func mismatches(bases, ref []byte) int {
	n := 0
	ref = ref[:len(bases)]
	for i, b := range bases {
		if b != ref[i] {
			n++
		}
	}
	return n
}

// core is the middle of the stretch that matches best: the seed from which an
// aligner would extend.
func core(bases, ref []byte) int {
	best, sum, from, middle := 0, 0, 0, len(bases)/2
	for i, b := range bases {
		if b == ref[i] {
			sum++
		} else {
			sum -= mismatchCost
		}
		if sum <= 0 {
			sum, from = 0, i+1
		}
		if sum > best {
			best, middle = sum, (from+i+1)/2
		}
	}
	return middle
}

// join makes one gap of the two beside segment i, where that scores no less:
// of a gap of both kinds as many bases as can stand on each other do.
func (p *placer) join(i int, bases, ref []byte) bool {
	a, b, c := p.segments[i-1], p.segments[i], p.segments[i+1]
	n := min(c.q-a.q-a.n, c.r-a.r-a.n)
	longer := segment{a.q, a.r, a.n + n}
	now := b.n - (1+mismatchCost)*mismatches(bases[b.q:b.q+b.n], ref[b.r:]) - gap(a, b) - gap(b, c)
	then := n - (1+mismatchCost)*mismatches(bases[a.q+a.n:a.q+a.n+n], ref[a.r+a.n:]) - gap(longer, c)
	if then < now {
		return false
	}
	p.segments[i-1] = longer
	p.segments = append(p.segments[:i], p.segments[i+1:]...)
	if d := c.q - c.r; d == longer.q-longer.r { // nothing is left of the gap
		p.segments[i-1].n += c.n
		p.segments = append(p.segments[:i], p.segments[i+1:]...)
	}
	return true
}

// longestSlide is how far a gap is moved at most.
const longestSlide = 400

// slide moves each gap to where the read matches best, and of equal places to
// the leftmost.
func (p *placer) slide(bases, ref []byte) {
	for i := len(p.segments) - 2; i >= 0; i-- {
		a, b := &p.segments[i], &p.segments[i+1]
		inserted := b.q > a.q+a.n
		// change is the mismatches that come when the base before the gap, k bases
		// to the left of where that is, stands behind it instead.
		change := func(k int) int {
			read, behind, was := a.q+a.n-1-k, b.r-1-k, a.r+a.n-1-k
			if inserted {
				return differ(bases[b.q-1-k], ref[behind]) - differ(bases[read], ref[was])
			}
			return differ(bases[read], ref[behind]) - differ(bases[read], ref[was])
		}
		best, move, sum := 0, 0, 0
		for k := 0; k < min(a.n-1, longestSlide) && sum <= best+2; k++ {
			if sum += change(k); sum <= best {
				best, move = sum, k+1
			}
		}
		sum = 0
		for k := 1; k < min(b.n, longestSlide) && sum <= best+2; k++ {
			if sum -= change(-k); sum < best {
				best, move = sum, -k
			}
		}
		a.n -= move
		b.q, b.r, b.n = b.q-move, b.r-move, b.n+move
	}
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}

// spell writes the CIGAR and counts mismatches and gap bases.
func (p *placer) spell(bases, ref []byte) (start, distance int) {
	c := p.cigar[:0]
	first := p.segments[0]
	if first.q > 0 {
		c = append(c, align.MakeOp(align.S, first.q))
	}
	q, r := first.q, first.r
	for i, s := range p.segments {
		if i > 0 {
			if n := s.q - q; n > 0 {
				c = append(c, align.MakeOp(align.I, n))
				distance += n
			}
			if n := s.r - r; n > 0 {
				c = append(c, align.MakeOp(align.D, n))
				distance += n
			}
		}
		c = append(c, align.MakeOp(align.M, s.n))
		distance += mismatches(bases[s.q:s.q+s.n], ref[s.r:])
		q, r = s.q+s.n, s.r+s.n
	}
	if q < len(bases) {
		c = append(c, align.MakeOp(align.S, len(bases)-q))
	}
	p.cigar = c
	return first.r, distance
}
