package realign

// wideState is what a row works with beside its columns, each number in eight
// lanes, as wideRow expects it in memory.
type wideState struct {
	open, extend, extend2, extend4 [lanes]int16
	bound                          [lanes]int16 // a cell above is alive
	carry                          [lanes]int16 // the deletion that enters the first column, in the first lane
	max                            [lanes]int16 // of the scores of each lane
	first, last                    int          // block alive, -1 for none
}

const lanes = 8

// widest is the greatest score that lanes hold with room to spare.
const widest = 32000

// profile is the scores of every letter of a query against a reference.
type profile struct {
	rows [other + 1][]int16
	n    int // columns
}

// blocks is the number of blocks of columns.
func (p *profile) blocks() int { return (p.n + lanes - 1) / lanes }

// set makes the profile of a reference; what fills its last block up matches
// nothing.
func (p *profile) set(l *local, ref []byte, backward bool) {
	p.n = len(ref)
	for c := range p.rows {
		row := p.rows[c][:0]
		scores := &l.scores[c]
		if backward {
			for i := len(ref) - 1; i >= 0; i-- {
				row = append(row, int16(scores[ref[i]&7]))
			}
		} else {
			for _, r := range ref {
				row = append(row, int16(scores[r&7]))
			}
		}
		for range 2 * lanes {
			row = append(row, -widest)
		}
		p.rows[c] = row
	}
}

// wide is a walk through the rows of a query in blocks of columns, with the
// results of walk. Scores are not negative: what falls below 0 begins anew.
// Where a new alignment could not get to the score wanted any more, it dies
// unseen, so that this changes nothing.
type wide struct {
	h      [2][]uint16 // of the row above and of this one in turn, lanes columns of margin before
	e      []uint16
	state  wideState
	lo, hi int // blocks alive

	best         int32
	col, bestRow int
}

// begin readies the memory for a reference of so many columns.
func (w *wide) begin(l *local, blocks int, best int32, col int) {
	n := (blocks + 3) * lanes
	for k := range w.h {
		w.h[k] = zeroed(w.h[k], n)
	}
	w.e = zeroed(w.e, n)
	s := &w.state
	for k := range lanes {
		s.open[k], s.extend[k] = int16(l.open), int16(l.extend)
		s.extend2[k], s.extend4[k] = int16(2*l.extend), int16(4*l.extend)
	}
	w.lo, w.hi = 0, -1
	w.best, w.col, w.bestRow = best, col, 0
}

// row works out row i of the query over a profile: the blocks alive and the one
// behind them. A cell is alive from bound on. It says whether any is.
func (w *wide) row(i int, scores []int16, blocks int, bound int32) bool {
	return w.work(i, scores, blocks, bound, w.lo, min(w.hi+1, blocks-1))
}

// rowOn is row for the columns from lo to hi, one more to the right from row to
// row, in which alignments may begin.
func (w *wide) rowOn(i int, scores []int16, blocks int, bound int32, lo, hi int) bool {
	if hi < 0 {
		return true // the diagonals reach the target only in later rows
	}
	return lo <= hi && w.work(i, scores, blocks, bound, lo/lanes, hi/lanes)
}

// work works out the blocks from a to b of row i.
func (w *wide) work(i int, scores []int16, blocks int, bound int32, a, b int) bool {
	s := &w.state
	prev, cur := w.h[i&1], w.h[1-i&1]
	least := int16(min(max(bound, 0), widest) - 1)
	for k := range lanes {
		s.bound[k] = least
	}
	s.carry, s.max = [lanes]int16{}, [lanes]int16{}
	at := (a + 1) * lanes
	wideRow(&prev[at], &cur[at], &w.e[a*lanes], &scores[a*lanes], b-a+1, s)
	first, last := s.first, s.last
	if first >= 0 {
		first, last = first+a, last+a
	}
	// A deletion may live on behind the blocks.
	for b+1 < blocks && int32(s.carry[0]) >= max(bound, 1) {
		b++
		at := (b + 1) * lanes
		clear(prev[at : at+lanes])
		clear(w.e[b*lanes : (b+1)*lanes])
		wideRow(&prev[at], &cur[at], &w.e[b*lanes], &scores[b*lanes], 1, s)
		if s.first >= 0 {
			if last = b; first < 0 {
				first = b
			}
		}
	}
	// What the next row may look at beyond is dead.
	cur[at-1] = 0
	clear(cur[(b+2)*lanes : (b+3)*lanes])
	clear(w.e[(b+1)*lanes : (b+2)*lanes])
	if top := int32(highest(&s.max)); top >= w.best && top > 0 {
		w.improve(i, cur, a, b, top)
	}
	w.lo, w.hi = first, last
	return first >= 0
}

// improve notes the leftmost cell of a row that has its highest score, if that
// is higher than the best so far, or as high and farther left.
func (w *wide) improve(i int, cur []uint16, a, b int, top int32) {
	for j := a * lanes; j < (b+1)*lanes; j++ {
		if int32(cur[j+lanes]) == top {
			if top > w.best || j < w.col {
				w.best, w.bestRow, w.col = top, i, j
			}
			return
		}
	}
}

func highest(v *[lanes]int16) int16 {
	top := v[0]
	for _, x := range v {
		top = max(top, x)
	}
	return top
}
