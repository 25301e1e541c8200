package realign

import (
	"slices"

	"github.com/gx-genomics/gx/variant/align"
)

// toReference aligns haplotype i to the reference; it says whether that has an
// alignment.
func (a *aligner) toReference(i int) bool {
	h := &a.haps[i]
	if h.aligned {
		return h.ok
	}
	h.aligned = true
	n := h.to - h.from
	h.toRef = h.memory[:0]
	if h.reference {
		h.toRef, h.ok = append(h.toRef, align.MakeOp(align.Eq, n)), true
	} else {
		query := h.target.codes
		if score, refEnd, queryEnd := a.local.end(query, &a.refTarget, a.local.greedy(query, a.refTarget.codes), everywhere(query, a.refTarget.codes)); score > 0 {
			h.toRef, h.begin, h.ok = a.span(h.toRef, query, &a.refTarget, score, refEnd, queryEnd)
		}
		h.reference = h.ok && len(h.toRef) == 1 && h.toRef[0].Op() == align.Eq
	}
	h.memory = h.toRef
	return h.ok
}

// isReference says whether haplotype i is the reference or a part of it.
func (a *aligner) isReference(i int) bool {
	a.toReference(i)
	return a.haps[i].reference
}

// span completes an alignment of which the end is known: its first operation
// to its last, with soft clips, and where it begins in the target.
func (a *aligner) span(dst align.Cigar, query []byte, t *target, score int32, refEnd, queryEnd int) (align.Cigar, int, bool) {
	refBegin, queryBegin, ok := a.local.begin(query, t, score, refEnd, queryEnd)
	if !ok {
		return dst, 0, false
	}
	if queryBegin > 0 {
		dst = append(dst, align.MakeOp(align.S, queryBegin))
	}
	dst, ok = a.local.trace(dst, query[queryBegin:queryEnd+1], t.codes[refBegin:refEnd+1], score)
	if n := len(query) - 1 - queryEnd; n > 0 {
		dst = append(dst, align.MakeOp(align.S, n))
	}
	return dst, refBegin, ok
}

// rank orders the haplotypes by their score, least first, as the sort of
// DeepVariant's C++ library does.
func (a *aligner) rank() {
	a.order = a.order[:0]
	for i := range a.haps {
		a.order = append(a.order, int32(i))
	}
	introsort(a.order, func(x, y int32) bool { return a.haps[x].score < a.haps[y].score })
}

// best finds the alignment of read n of the window: the best score of all
// haplotypes, the last in rank among equals, but the reference only if it is
// better than all others before it. The alignment to the haplotype is left in
// toHap.
func (a *aligner) best(n int) (hap, pos int, ok bool) {
	score, found := int32(0), -1
	for _, i := range a.order {
		p := a.on(int(i))[n]
		if p.score > score || p.score == score && score > 0 && !a.isReference(int(i)) {
			score, found, pos = p.score, int(i), int(p.pos)
		}
	}
	bs := a.reads[a.list[n]].Bases
	if found >= 0 {
		a.toHap = append(a.toHap[:0], align.MakeOp(align.Eq, len(bs)))
		return found, pos, true
	}
	return a.bestWithGaps(n, bs)
}

// bestWithGaps is best for a read that fits on no haplotype without gaps. The
// haplotype that looks best comes first: what it reaches the others must reach
// too, and the higher that is the less of them has to be looked at.
func (a *aligner) bestWithGaps(n int, bs []byte) (hap, pos int, ok bool) {
	a.query = appendCodes(a.query[:0], bs)
	a.seeds.look(a)
	likely, reached := a.likely(n)
	if likely < 0 {
		return 0, 0, false
	}
	top := a.endOn(likely, reached)
	reached = max(reached, top.score)
	var best ending
	for _, i := range a.order {
		if !a.supported(int(i)) {
			continue
		}
		least := best.score + 1
		if best.score > 0 && !a.isReference(int(i)) {
			least = best.score
		}
		least = max(least, reached)
		now := top
		if int(i) != likely {
			now = a.endOn(int(i), least)
		}
		if now.score >= least {
			best = now
		}
	}
	if best.score == 0 {
		return 0, 0, false
	}
	a.toHap, pos, ok = a.span(a.toHap[:0], a.query, &a.haps[best.hap].target, best.score, best.refEnd, best.queryEnd)
	return best.hap, pos, ok
}

// supported says whether reads with gaps may lie on haplotype i.
func (a *aligner) supported(i int) bool {
	return a.haps[i].score > 0 || a.force && a.haps[i].reference
}

// ending is where the best alignment of a read to a haplotype ends; score 0:
// none is good enough.
type ending struct {
	hap              int
	score            int32
	refEnd, queryEnd int
}

// endOn finds the end of the best alignment of the query to haplotype i.
func (a *aligner) endOn(i int, least int32) ending {
	t := &a.haps[i].target
	score, refEnd, queryEnd := a.local.end(a.query, t, least, a.seeds.diagonals(i, &a.local, a.query, t.codes, least))
	return ending{i, score, refEnd, queryEnd}
}

// shift is by how much position pos of a haplotype is displaced against the
// reference by what of its alignment comes before.
func shift(toRef align.Cigar, pos int) int {
	at, by := 0, 0
	for _, x := range toRef {
		n := x.Len()
		switch x.Op() {
		case align.D:
			by += n
			continue
		case align.S:
			by -= n
		case align.I:
			if pos < at+n {
				return by - (pos - at)
			}
			by -= n
		}
		if at += n; x.Op() != align.I && pos < at {
			return by
		}
	}
	return by
}

// outcome is what became of a read.
type outcome int

const (
	nowhere outcome = iota // no haplotype has an alignment for it
	refused                // the alignment found is not one to take
	moved
)

// realign gives the new start and alignment of read n of the window; the
// alignment is appended to dst. Unless it moved, the read stays as it is.
func (a *aligner) realign(dst align.Cigar, n int) (start int, c align.Cigar, what outcome) {
	i, pos, ok := a.best(n)
	if !ok {
		return 0, dst, nowhere
	}
	if !a.toReference(i) {
		return 0, dst, refused
	}
	h := &a.haps[i]
	bs := a.reads[a.list[n]].Bases
	offset := h.begin + pos + shift(h.toRef, pos)
	a.toRef = append(a.toRef[:0], h.toRef...)
	mark := len(dst)
	dst = a.merger.merge(dst, a.toHap, a.toRef, pos, len(bs), a.o.Version)
	c = dst[mark:]
	if len(c) == 0 || !a.o.Normalized && !normalised(c, bs, a.ref, offset) || !fits(c, bs, a.refStart+offset) {
		return 0, dst[:mark], refused
	}
	return a.refStart + offset, dst, moved
}

// fits says whether an alignment covers the read's bases and begins on the
// contig; no other may leave.
func fits(c align.Cigar, bs []byte, start int) bool {
	return start >= 0 && c.ReadLen() == len(bs) && slices.ContainsFunc(c, func(x align.CigarOp) bool { return x.Op().Matches() })
}
