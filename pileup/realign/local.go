package realign

import "github.com/gx-genomics/gx/variant/align"

// local aligns a query to a reference by Smith and Waterman's method with
// affine gaps, in Gotoh's form. Among equal alignments it takes that of the
// striped implementation (SSW library 1.2): it ends in the leftmost column of
// the reference that reaches the best score, there at the smallest index of
// the query; it begins in the rightmost column from which the score is
// reached, there at the greatest index of the query.
//
// The striped form leaves out insertions directly followed by a deletion. That
// changes no score: the two gaps in the other order cost the same.
//
// Sequences are codes of letters; other matches nothing.
type local struct {
	cells   []cell
	band    []cell
	trail   []byte
	reverse []byte  // of a query, then of a reference
	sums    []int32 // of scores along diagonals
	wide    wide

	match, open, extend int32
	scores              [8][8]int32
}

// cell is a column of the row worked on: the best score that ends there, and
// the best of those that end in an insertion.
type cell struct{ h, e int32 }

const dead = -1 << 28 // far below every score, far above overflow

func (l *local) setScores(o *AlignOptions) {
	l.match, l.open, l.extend = int32(o.Match), int32(o.GapOpen), int32(o.GapExtend)
	for a := range l.scores {
		for b := range l.scores[a] {
			l.scores[a][b] = int32(-o.Mismatch)
			if a == b && a < other {
				l.scores[a][b] = l.match
			}
		}
	}
}

// diagonals are a range of them, ends included; lo > hi: none.
type diagonals struct{ lo, hi int }

// everywhere is the diagonals of all cells.
func everywhere(query, ref []byte) diagonals { return diagonals{1 - len(query), len(ref) - 1} }

// target is a sequence that queries are aligned to.
type target struct {
	codes    []byte
	profiles [2]profile // forward and backward
	made     [2]bool
}

// set makes t the target of codes, which must not change.
func (t *target) set(codes []byte) { t.codes, t.made = codes, [2]bool{} }

// profile is the scores along the target, forward or backward.
func (t *target) profile(l *local, backward int) *profile {
	p := &t.profiles[backward]
	if !t.made[backward] {
		p.set(l, t.codes, backward == 1)
		t.made[backward] = true
	}
	return p
}

// end is where the best alignment ends: inclusive indices in the target and in
// the query. Its score is at least `least` (from 1); where none is, the score
// returned is 0.
//
// A cell cannot lie on an alignment of that score if its own score, and a match
// in all rows below, do not add up to it. Only cells that can are followed: in
// the upper rows all, as alignments may begin there; below, those from the
// first to the last alive. What is left out is never on a best alignment; so
// scores along those are exact, and no other score is too high.
//
// The diagonals, index in the target less index in the query, are those that
// an alignment of that score may touch, see seeds; so upper rows are followed
// on these alone.
func (l *local) end(query []byte, t *target, least int32, d diagonals) (score int32, refEnd, queryEnd int) {
	m, n := len(query), len(t.codes)
	if m == 0 || n == 0 || d.lo > d.hi {
		return 0, 0, 0
	}
	if hasWide && int(l.match)*m <= widest {
		p := t.profile(l, 0)
		l.wide.begin(l, p.blocks(), least-1, n)
		for i, q := range query {
			bound := least - l.match*int32(m-1-i)
			var more bool
			if bound > l.match {
				more = l.wide.row(i, p.rows[q], p.blocks(), bound)
			} else {
				more = l.wide.rowOn(i, p.rows[q], p.blocks(), bound, max(d.lo+i, 0), min(d.hi+i, n-1))
			}
			if !more {
				break
			}
		}
		if l.wide.best < least {
			return 0, 0, 0
		}
		return l.wide.best, l.wide.col, l.wide.bestRow
	}
	return l.endByCell(query, t.codes, least, d)
}

// endByCell is end, cell by cell.
func (l *local) endByCell(query, ref []byte, least int32, d diagonals) (score int32, refEnd, queryEnd int) {
	m, n := len(query), len(ref)
	if cap(l.cells) < n {
		l.cells = make([]cell, n+n/2)
	}
	cells := l.cells[:n]
	for j := range cells {
		cells[j] = cell{0, dead}
	}
	w := walk{local: l, cells: cells, ref: ref, lo: 0, hi: -1, best: least - 1, col: n}
	for i, q := range query {
		bound := least - l.match*int32(m-1-i)
		full := bound <= l.match
		if full {
			w.lo, w.hi = max(d.lo+i, 0), min(d.hi+i, n-1)
			if w.hi < 0 {
				continue
			}
		}
		if w.lo > w.hi || !w.row(i, &l.scores[q&7], bound, full) {
			break
		}
	}
	if w.best < least {
		return 0, 0, 0
	}
	return w.best, w.col, w.bestRow
}

// begin is where the alignment of that score begins which ends at the given
// inclusive indices, as found by end. It is the same walk over the reversed
// sequences, but there the alignment begins in the corner: none of that score
// ends to the left, or in that column at a smaller index of the query.
func (l *local) begin(query []byte, t *target, score int32, refEnd, queryEnd int) (refBegin, queryBegin int, ok bool) {
	m, n := queryEnd+1, refEnd+1
	if !hasWide || int(l.match)*m > widest {
		return l.beginByCell(query, t.codes, score, refEnd, queryEnd)
	}
	p := t.profile(l, 1)
	from := len(t.codes) - n
	blocks := (n + lanes - 1) / lanes
	l.wide.begin(l, blocks, score-1, n)
	for i := range m {
		bound := score - l.match*int32(m-1-i)
		if !l.wide.row(i, p.rows[query[queryEnd-i]][from:], blocks, max(bound, 1)) {
			break
		}
	}
	if l.wide.best != score {
		return 0, 0, false
	}
	return refEnd - l.wide.col, queryEnd - l.wide.bestRow, true
}

// beginByCell is begin, cell by cell.
func (l *local) beginByCell(query, ref []byte, score int32, refEnd, queryEnd int) (refBegin, queryBegin int, ok bool) {
	m, n := queryEnd+1, refEnd+1
	l.reverse = l.reverse[:0]
	for i := queryEnd; i >= 0; i-- {
		l.reverse = append(l.reverse, query[i])
	}
	for i := refEnd; i >= 0; i-- {
		l.reverse = append(l.reverse, ref[i])
	}
	if cap(l.cells) < n {
		l.cells = make([]cell, n+n/2)
	}
	w := walk{local: l, cells: l.cells[:n], ref: l.reverse[m:], lo: 0, hi: 0, corner: true, best: score - 1, col: n}
	w.cells[0] = cell{dead, dead}
	for i, q := range l.reverse[:m] {
		bound := score - l.match*int32(m-1-i)
		if !w.row(i, &l.scores[q&7], bound, false) {
			break
		}
	}
	if w.best != score {
		return 0, 0, false
	}
	return refEnd - w.col, queryEnd - w.bestRow, true
}

// walk goes through the rows of the query.
type walk struct {
	*local
	cells  []cell
	ref    []byte
	lo, hi int  // the columns alive in the row before, and those between them
	corner bool // the alignment begins before the first cell of the first row

	best         int32
	col, bestRow int
}

// row works out the row of one letter of the query:
//
//	h(i,j) = max(h(i-1,j-1) + s(i,j), e(i,j), f(i,j)), not below 0 where full
//	e(i,j) = max(h(i-1,j) - open, e(i-1,j) - extend)
//	f(i,j) = max(h(i,j-1) - open, f(i,j-1) - extend)
//
// Cells below bound are dead. It says whether any is alive.
func (w *walk) row(i int, scores *[8]int32, bound int32, full bool) bool {
	floor, diag, left, f := int32(dead), int32(dead), int32(dead), int32(dead)
	if full {
		floor, diag, left = 0, 0, 0
		if w.lo > 0 {
			diag = w.cells[w.lo-1].h // the first column of the row above
		}
	}
	if w.corner {
		diag, w.corner = 0, false
	}
	open, extend, best := w.open, w.extend, w.best
	lo, first, last := w.lo, -1, -1
	cells := w.cells[lo : w.hi+1]
	ref := w.ref[lo : w.hi+1]
	for k := range cells {
		c := &cells[k]
		h := diag + scores[ref[k]&7]
		diag = c.h
		e := max(c.h-open, c.e-extend)
		f = max(left-open, f-extend)
		h = max(h, e, f, floor)
		left = h
		c.h, c.e = h, e
		if h >= bound {
			last = lo + k
			if first < 0 {
				first = last
			}
			if h >= best && (h > best || last < w.col) {
				best, w.best, w.bestRow, w.col = h, h, i, last
			}
		}
	}
	// Behind the last column: a match from its cell in the row above, then
	// deletions as long as they live.
	for j := w.hi + 1; j < len(w.cells); j++ {
		h := diag + scores[w.ref[j]&7]
		diag = dead
		f = max(left-open, f-extend)
		h = max(h, f)
		if h < max(bound, 1) { // no part of a best alignment is worth nothing
			break
		}
		left = h
		w.cells[j] = cell{h, dead}
		last = j
		if first < 0 {
			first = j
		}
		if h > w.best || h == w.best && j < w.col {
			w.best, w.bestRow, w.col = h, i, j
		}
	}
	w.lo, w.hi = first, last
	return last >= 0
}

// What the trail keeps of a cell: how its best score came about, and whether
// its insertion and its deletion begin there or go on.
const (
	fromDiag byte = iota
	fromInsertion
	fromDeletion
	fromMask       = 3
	opensInsertion = 4
	opensDeletion  = 8
)

// trace appends the operations of the alignment that spans query and ref
// wholly and has that score: = X I D. Where several have, a cell prefers its
// diagonal, then the insertion if better than the deletion; a gap goes on
// rather than begins. The band is one wider than the difference in length, and
// doubled until the score is reached.
func (l *local) trace(dst align.Cigar, query, ref []byte, score int32) (align.Cigar, bool) {
	m, n := len(query), len(ref)
	if m == n {
		sum := int32(0)
		for i, q := range query {
			sum += l.scores[q&7][ref[i]&7]
		}
		if sum == score { // every cell of the diagonal then prefers it
			return appendMatches(dst, query, ref), true
		}
	}
	band := max(m-n, n-m) + 1
	for !l.fill(query, ref, band, score) {
		if band >= m && band >= n {
			return dst, false
		}
		band *= 2
	}
	width := 2*band + 1
	mark := len(dst)
	i, j, state := m-1, n-1, fromDiag
	for i > 0 {
		if j < 0 {
			return dst[:mark], false
		}
		t := l.trail[i*width+j-i+band]
		if state == fromDiag {
			state = t & fromMask
		}
		switch state {
		case fromInsertion:
			dst = appendBack(dst, mark, align.I)
			i--
			if t&opensInsertion != 0 {
				state = fromDiag
			}
		case fromDeletion:
			dst = appendBack(dst, mark, align.D)
			j--
			if t&opensDeletion != 0 {
				state = fromDiag
			}
		default:
			dst = appendBack(dst, mark, matchOp(query[i], ref[j]))
			i--
			j--
		}
	}
	if j != 0 {
		return dst[:mark], false
	}
	dst = appendBack(dst, mark, matchOp(query[0], ref[0]))
	for a, b := mark, len(dst)-1; a < b; a, b = a+1, b-1 {
		dst[a], dst[b] = dst[b], dst[a]
	}
	return dst, true
}

// fill works out the band of cells with |j-i| <= band and keeps their trail.
// It says whether the score is reached.
func (l *local) fill(query, ref []byte, band int, score int32) bool {
	m, n := len(query), len(ref)
	width := 2*band + 1
	if cap(l.trail) < m*width {
		l.trail = make([]byte, m*width+m*width/2)
	}
	if cap(l.band) < width+2 {
		l.band = make([]cell, 2*width)
	}
	// Column j of row i stands at j-i+band; so the cell above stands one to
	// the right, that on the diagonal in the same place.
	row := l.band[:width+1]
	for k := range row {
		row[k] = cell{0, 0}
	}
	reached := false
	for i := range m {
		scores := &l.scores[query[i]&7]
		trail := l.trail[i*width : (i+1)*width]
		lo, hi := max(0, i-band), min(n-1, i+band)
		left, f := int32(0), int32(0)
		row[width] = cell{0, 0}
		for j := lo; j <= hi; j++ {
			k := j - i + band
			up := row[k+1]
			if i == 0 {
				up = cell{0, 0}
			}
			var t byte
			e := up.e - l.extend
			if x := up.h - l.open; x > e {
				e, t = x, opensInsertion
			}
			f -= l.extend
			if x := left - l.open; x > f {
				f = x
				t |= opensDeletion
			}
			h := row[k].h + scores[ref[j]&7]
			if h < max(e, f, 0) {
				h = max(e, f, 0)
				if max(e, 0) > max(f, 0) {
					t |= fromInsertion
				} else {
					t |= fromDeletion
				}
			}
			row[k] = cell{h, e}
			left = h
			trail[k] = t
			reached = reached || h >= score
		}
	}
	return reached
}

// matchOp is the operation of a query letter on a reference letter. Equal
// letters other than ACGT count as equal, though they score as a mismatch.
func matchOp(q, r byte) align.Op {
	if q == r {
		return align.Eq
	}
	return align.X
}

// appendBack lengthens the last operation behind mark or begins a new one.
func appendBack(dst align.Cigar, mark int, op align.Op) align.Cigar {
	if n := len(dst); n > mark && dst[n-1].Op() == op {
		dst[n-1] = align.MakeOp(op, dst[n-1].Len()+1)
		return dst
	}
	return append(dst, align.MakeOp(op, 1))
}

func appendMatches(dst align.Cigar, query, ref []byte) align.Cigar {
	mark := len(dst)
	for i, q := range query {
		dst = appendBack(dst, mark, matchOp(q, ref[i]))
	}
	return dst
}
