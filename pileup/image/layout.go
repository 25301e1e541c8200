package image

import "github.com/gx-genomics/gx/variant/align"

// layout is one read set on the columns of a picture: what stands in each
// column, before any channel makes a colour of it.
type layout struct {
	read    *align.Read
	index   int     // of the read in the Painter's list
	offset  int     // of the read's first base in the read of the list
	letter  []byte  // per column: the base, or gap at an insertion or deletion
	quality []byte  // per column
	at      []int32 // per column: the index of the read's base that is shown
	spans   []span  // the columns that show something, in order, apart from each other
	ref     []byte  // per column: the reference letter
}

// span is the columns [lo, hi).
type span struct{ lo, hi int }

// gap is the letter of a pixel that stands for an insertion or a deletion.
const gap = '*'

// resize makes room for a width.
func (l *layout) resize(width int) {
	if len(l.letter) != width {
		l.letter, l.quality, l.at = make([]byte, width), make([]byte, width), make([]int32, width)
	}
}

// place sets a read on the columns; column 0 is reference position start.
func (l *layout) place(r *align.Read, start int) {
	l.read = r
	l.spans = l.spans[:0]
	ref, q := r.Start, 0
	for _, op := range r.Cigar {
		n := op.Len()
		switch op.Op() {
		case align.M, align.Eq, align.X:
			l.run(ref-start, q, n)
			ref += n
			q += n
		case align.I:
			if ref > 0 {
				l.point(ref-1-start, q)
			}
			q += n
		case align.D:
			if q > 0 {
				l.point(ref-1-start, q-1)
			}
			ref += n
		case align.N:
			ref += n
		case align.S:
			q += n
		}
		if ref-start > len(l.letter) {
			return // what follows lies to the right
		}
	}
}

// run shows n bases from q on, the first in column c.
func (l *layout) run(c, q, n int) {
	if c < 0 {
		q, n, c = q-c, n+c, 0
	}
	if n = min(n, len(l.letter)-c, len(l.read.Bases)-q, len(l.read.Quals)-q); n <= 0 {
		return
	}
	copy(l.letter[c:c+n], l.read.Bases[q:])
	copy(l.quality[c:c+n], l.read.Quals[q:])
	for i := range l.at[c : c+n] {
		l.at[c+i] = int32(q + i)
	}
	l.cover(c, c+n)
}

// point shows a gap in column c with the quality of base q.
func (l *layout) point(c, q int) {
	if c < 0 || c >= len(l.letter) || q >= len(l.read.Quals) || q >= len(l.read.Bases) {
		return
	}
	l.letter[c], l.quality[c], l.at[c] = gap, l.read.Quals[q], int32(q)
	l.cover(c, c+1)
}

// cover adds columns to the spans. They come from left to right; only a gap may
// stand in the last column covered.
func (l *layout) cover(lo, hi int) {
	if n := len(l.spans); n > 0 && lo <= l.spans[n-1].hi {
		l.spans[n-1].hi = max(l.spans[n-1].hi, hi)
		return
	}
	l.spans = append(l.spans, span{lo, hi})
}

// hides says whether a read has no row because something that it shows at pos
// has a quality below least.
func hides(r *align.Read, pos, least int) bool {
	ref, q := r.Start, 0
	low := func(q int) bool { return q < len(r.Quals) && int(r.Quals[q]) < least }
	for _, op := range r.Cigar {
		n := op.Len()
		if ref-1 > pos {
			return false
		}
		switch op.Op() {
		case align.M, align.Eq, align.X:
			if ref <= pos && pos < ref+n && low(q+pos-ref) {
				return true
			}
			ref += n
			q += n
		case align.I:
			if ref-1 == pos && ref > 0 && low(q) {
				return true
			}
			q += n
		case align.D:
			if ref-1 == pos && q > 0 && low(q-1) {
				return true
			}
			ref += n
		case align.N:
			ref += n
		case align.S:
			q += n
		}
	}
	return false
}

// What follows colours the columns of a row that show something: dst begins
// with the channel's byte of column 0, and the next column is step bytes on.

// fill gives all of them one colour.
func (l *layout) fill(dst []byte, step int, v byte) {
	for _, s := range l.spans {
		for j, end := s.lo*step, s.hi*step; j < end; j += step {
			dst[j] = v
		}
	}
}

// fillFrom colours each column by a table from what stands in it.
func (l *layout) fillFrom(dst []byte, step int, columns []byte, t *[256]byte) {
	for _, s := range l.spans {
		j := s.lo * step
		for _, v := range columns[s.lo:s.hi] {
			dst[j] = t[v]
			j += step
		}
	}
}

// fillAt colours each column by the colour of the base that it shows.
func (l *layout) fillAt(dst []byte, step int, ofBase []byte) {
	for _, s := range l.spans {
		j := s.lo * step
		for _, q := range l.at[s.lo:s.hi] {
			dst[j] = ofBase[q]
			j += step
		}
	}
}

// fillRow gives every column of a row one colour.
func fillRow(dst []byte, step, width int, v byte) {
	for j := 0; j < width*step; j += step {
		dst[j] = v
	}
}
