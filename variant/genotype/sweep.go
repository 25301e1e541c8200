package genotype

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/gx-genomics/gx/variant"
)

// The sweep finds what enumerate finds in time linear in the number of records.
//
// Think of the two copies of the genome as two lanes. A record with k copies
// of alternate alleles takes k lanes that are free where it starts and holds
// them up to its end. An assignment is compatible if and only if every record
// finds its lanes, because the copies over a base are the lanes held there,
// and over no base are they more than where the last record over it starts.
// What the records still to come can do depends on when the two lanes become
// free and on nothing else: that pair of positions is the state. A free lane
// has no end to remember (0), and the lanes are interchangeable, so the pair is
// kept in ascending order. With k records over a base there are at most
// 1 + 2k + k(k-1)/2 states.

// lanes is a state: where the two lanes become free, ascending, 0 for a free one.
type lanes [2]int

// take is the state after a record at [start, end) took k lanes of s, false
// where they are not free.
func (s lanes) take(start, end, k int) (lanes, bool) {
	for i := range s {
		if s[i] <= start {
			s[i] = 0
		}
	}
	if s[0] > 0 && s[1] == 0 {
		s[0], s[1] = 0, s[0]
	}
	switch k {
	case 0:
		return s, true
	case 1:
		if s[0] > 0 {
			return s, false
		}
		s[0] = end
		if s[1] == 0 || s[0] > s[1] {
			s[0], s[1] = s[1], s[0]
		}
		return s, true
	}
	return lanes{end, end}, s[1] == 0
}

func (s lanes) compare(o lanes) int { return cmp.Or(cmp.Compare(s[0], o[0]), cmp.Compare(s[1], o[1])) }

type cell struct {
	state     lanes
	forward   float64 // log sum over the records before, of assignments that lead here
	backward  float64 // log sum over this record and those behind
	likeliest float64 // the largest log likelihood of this record and those behind
}

// sweep gives the likeliest compatible assignment, the first in the order of
// enumerate among equals, and the marginals of each record.
func sweep(calls []*variant.Call) (best []int, marginals [][]float64) {
	n := len(calls)
	sum, top := perCopies(calls)
	columns := make([][]cell, n+1)
	columns[0] = []cell{{}}
	for i, c := range calls {
		columns[i+1] = ahead(columns[i], c, sum[i])
	}
	for j := range columns[n] {
		columns[n][j].backward, columns[n][j].likeliest = 0, 0
	}
	perCopy := make([][3]logSum, n) // of everything but the record's own genotype
	for i := n - 1; i >= 0; i-- {
		for j := range columns[i] {
			s := &columns[i][j]
			var total logSum
			s.likeliest = math.Inf(-1)
			for k := range 3 {
				next, ok := s.state.take(calls[i].Start, calls[i].End, k)
				if !ok {
					continue
				}
				t := find(columns[i+1], next)
				total.add(sum[i][k] + t.backward)
				perCopy[i][k].add(s.forward + t.backward)
				s.likeliest = max(s.likeliest, top[i][k]+t.likeliest)
			}
			s.backward = total.value()
		}
	}
	best = traceback(calls, columns, top)
	marginals = make([][]float64, n)
	for i, c := range calls {
		marginals[i] = make([]float64, len(c.GL))
		for g, x := range c.GL {
			marginals[i][g] = x + perCopy[i][copies(g)].value()
		}
		scale(marginals[i])
	}
	return best, marginals
}

// perCopies is, for each record and number of copies, the log sum and the
// largest of the likelihoods of its genotypes.
func perCopies(calls []*variant.Call) (sum, top [][3]float64) {
	sum, top = make([][3]float64, len(calls)), make([][3]float64, len(calls))
	for i, c := range calls {
		var s [3]logSum
		t := [3]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
		for g, x := range c.GL {
			k := copies(g)
			s[k].add(x)
			t[k] = max(t[k], x)
		}
		for k := range 3 {
			sum[i][k] = s[k].value()
		}
		top[i] = t
	}
	return sum, top
}

// ahead is the states behind a record, in ascending order, with their forward
// sums.
func ahead(column []cell, c *variant.Call, sum [3]float64) []cell {
	type step struct {
		to lanes
		x  float64
	}
	steps := make([]step, 0, 3*len(column))
	for _, s := range column {
		for k := range 3 {
			if to, ok := s.state.take(c.Start, c.End, k); ok {
				steps = append(steps, step{to, s.forward + sum[k]})
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.to.compare(b.to) })
	next := make([]cell, 0, len(steps))
	for i := 0; i < len(steps); {
		var total logSum
		to := steps[i].to
		for ; i < len(steps) && steps[i].to == to; i++ {
			total.add(steps[i].x)
		}
		next = append(next, cell{state: to, forward: total.value()})
	}
	return next
}

func find(column []cell, s lanes) *cell {
	i := sort.Search(len(column), func(i int) bool { return column[i].state.compare(s) >= 0 })
	return &column[i]
}

// traceback walks the states from the first record on and takes, of the steps
// that reach the largest likelihood, the one with the fewest copies.
func traceback(calls []*variant.Call, columns [][]cell, top [][3]float64) []int {
	best := make([]int, len(calls))
	at := &columns[0][0]
	if math.IsInf(at.likeliest, -1) {
		return nil
	}
	for i, c := range calls {
		for k := range 3 {
			next, ok := at.state.take(c.Start, c.End, k)
			if !ok {
				continue
			}
			t := find(columns[i+1], next)
			if top[i][k]+t.likeliest != at.likeliest {
				continue
			}
			for g, x := range c.GL {
				if copies(g) == k && x == top[i][k] {
					best[i] = g
					break
				}
			}
			at = t
			break
		}
	}
	return best
}
