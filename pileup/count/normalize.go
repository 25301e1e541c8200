package count

import (
	"slices"

	"github.com/gx-genomics/gx/variant/align"
)

// normalizeRounds bounds the work on one read.
const normalizeRounds = 10

// Normalize moves the insertions and deletions of a read as far left as its
// bases and the reference allow (A. Tan et al., Bioinformatics 31 (2015),
// 2202-2204), as DeepVariant does under normalize_reads: indels that meet are
// merged, an indel that reaches the start of the alignment is dissolved. The
// new CIGAR is made in the memory of dst. ref holds all that the read covers.
//
// Where the read is already in that form, or cannot be counted, changed is
// false and cigar and start are its own. (DeepVariant lengthens whatever
// follows a moved indel, even a deletion, which makes the CIGAR disagree with
// the read; here an M comes in between.)
func Normalize(dst align.Cigar, r *align.Read, ref Window) (cigar align.Cigar, start int, changed bool) {
	if !WellFormed(r) {
		return r.Cigar, r.Start, false
	}
	n := normalizer{cigar: append(dst[:0], r.Cigar...), start: r.Start, read: r, ref: ref}
	for range normalizeRounds {
		shifted := n.shiftOne()
		if merged := n.merge(); !shifted && !merged {
			break
		}
	}
	n.dissolve(0)
	if n.start < 0 || n.cigar.ReadLen() != len(r.Bases) || slices.Equal(n.cigar, r.Cigar) {
		return r.Cigar, r.Start, false
	}
	return n.cigar, n.start, true
}

// normalizer is a read under way.
type normalizer struct {
	cigar align.Cigar
	start int
	read  *align.Read
	ref   Window
}

// shiftOne moves the first indel that can be moved, as far as it can, and says
// whether there was one.
func (n *normalizer) shiftOne() bool {
	q, o := 0, n.start
	room := n.cigar[0].Len() // of the operation before; the first has its own, as in DeepVariant
	for i, x := range n.cigar {
		l, op := x.Len(), x.Op()
		if op == align.I || op == align.D {
			by := 0
			for by < room && n.canMove(op, l, q-by, o-by) {
				by++
			}
			if by > 0 {
				n.move(i, by)
				return true
			}
		}
		room = l
		if op.TakesRead() {
			q += l
		}
		if op.TakesRef() || op == align.P {
			o += l
		}
	}
	return false
}

// canMove says whether an indel of l bases that stands before base q of the
// read and position o of the contig can go one base to the left.
func (n *normalizer) canMove(op align.Op, l, q, o int) bool {
	if op == align.D {
		return q > 0 && n.read.Bases[q-1] == n.ref.at(o+l-1)
	}
	return q >= 0 && l > 0 && q+l <= len(n.read.Bases) && n.read.Bases[q+l-1] == n.ref.at(o-1)
}

// move shifts the indel at i by so many bases, or dissolves it where there is
// nothing but a soft clip before it.
func (n *normalizer) move(i, by int) {
	if i == 0 || i == 1 && n.cigar[0].Op() == align.S {
		n.dissolve(i)
		return
	}
	before := n.cigar[i-1]
	if !before.Op().Matches() {
		return
	}
	n.cigar[i-1] = align.MakeOp(before.Op(), before.Len()-by)
	if i+1 < len(n.cigar) {
		if next := n.cigar[i+1]; next.Op().Matches() || next.Op() == align.S {
			n.cigar[i+1] = align.MakeOp(next.Op(), next.Len()+by)
			return
		}
	}
	n.cigar = slices.Insert(n.cigar, i+1, align.MakeOp(align.M, by))
}

// dissolve turns an indel at the start of an alignment into none: a deletion
// goes, an insertion becomes matches.
func (n *normalizer) dissolve(i int) {
	if i >= len(n.cigar) {
		return
	}
	switch l := n.cigar[i].Len(); n.cigar[i].Op() {
	case align.D:
		n.cigar = slices.Delete(n.cigar, i, i+1)
		n.start += l
	case align.I:
		n.cigar[i] = align.MakeOp(align.M, l)
		n.start -= l
	}
}

// merge drops operations without bases and joins neighbours of one kind; an
// insertion next to a deletion becomes matches and what is left of the longer.
// It says whether anything changed.
func (n *normalizer) merge() bool {
	changed := false
	for i := 0; i < len(n.cigar); {
		x := n.cigar[i]
		if x.Len() == 0 {
			n.cigar = slices.Delete(n.cigar, i, i+1)
			i, changed = max(i-1, 0), true
			continue
		}
		if i+1 == len(n.cigar) {
			break
		}
		y := n.cigar[i+1]
		switch {
		case y.Len() == 0:
			i++
			continue
		case x.Op() == y.Op():
			n.cigar[i] = align.MakeOp(x.Op(), x.Len()+y.Len())
			n.cigar = slices.Delete(n.cigar, i+1, i+2)
		case x.Op().Matches() && y.Op().Matches():
			n.cigar[i] = align.MakeOp(align.M, x.Len()+y.Len())
			n.cigar = slices.Delete(n.cigar, i+1, i+2)
		case x.Op() == align.I && y.Op() == align.D, x.Op() == align.D && y.Op() == align.I:
			both := min(x.Len(), y.Len())
			longer := x
			if y.Len() > x.Len() {
				longer = y
			}
			n.cigar[i] = align.MakeOp(align.M, both)
			n.cigar[i+1] = align.MakeOp(longer.Op(), longer.Len()-both)
			i = max(i-1, 0)
		default:
			i++
			continue
		}
		changed = true
	}
	return changed
}
