package summary

import (
	"math"
	"slices"
	"strings"
)

const (
	mostColumns = 8192 // stretches of the genome in all
	mostOwn     = 512  // chromosomes that have a place of their own; the others share one
	mostChroms  = 100_000
	firstWidth  = 1024 // bases of a stretch, before there are too many

	perLow  = 32 // heights of a unit of -log10 p below lowEnd
	lowEnd  = 8
	perHigh = 200 // heights for each factor e above
)

// shape is the picture of a scan: for every stretch of the genome, which heights have
// a dot.
type shape struct {
	width   int // bases of a stretch
	columns int // of all chromosomes
	order   []*chromShape
	names   map[string]*chromShape
	last    *chromShape
	lastFor string
	most    float64
}

// chromShape is the stretches of a chromosome.
type chromShape struct {
	name    string
	end     int // behind its last row
	columns [][]uint64
}

func newShape() shape { return shape{width: firstWidth, names: map[string]*chromShape{}} }

func heightOf(l float64) int {
	if l < lowEnd {
		return int(l * perLow)
	}
	return lowEnd*perLow + int(math.Log(min(l, largest)/lowEnd)*perHigh)
}

// heightAt is the middle of a height.
func heightAt(k int) float64 {
	if k < lowEnd*perLow {
		return (float64(k) + 0.5) / perLow
	}
	return lowEnd * math.Exp((float64(k-lowEnd*perLow)+0.5)/perHigh)
}

func (s *shape) add(chrom string, start int, l float64) error {
	s.most = max(s.most, l)
	c := s.last
	if c == nil || chrom != s.lastFor {
		var err error
		if c, err = s.chrom(chrom); err != nil {
			return err
		}
		s.last, s.lastFor = c, c.name
		if c.name != chrom { // one of those that share a place
			s.last = nil
		}
	}
	if c.name == "" {
		start = 0
	}
	start = max(start, 0)
	c.end = max(c.end, start+1)
	at := start / s.width
	for at >= len(c.columns) && s.columns+at+1-len(c.columns) > mostColumns && s.coarser() {
		at = start / s.width
	}
	if more := at + 1 - len(c.columns); more > 0 {
		s.columns += more
		c.columns = append(c.columns, make([][]uint64, more)...)
	}
	k := heightOf(l)
	column := c.columns[at]
	if k/64 >= len(column) {
		column = append(column, make([]uint64, k/64+1-len(column))...)
		c.columns[at] = column
	}
	column[k/64] |= 1 << (k % 64)
	return nil
}

func (s *shape) chrom(name string) (*chromShape, error) {
	if c := s.names[name]; c != nil {
		return c, nil
	}
	if len(s.names) == mostChroms {
		return nil, ErrChroms
	}
	name = strings.Clone(name)
	if len(s.order) > mostOwn {
		c := s.order[mostOwn]
		s.names[name] = c
		return c, nil
	}
	c := &chromShape{name: name}
	if len(s.order) == mostOwn {
		c.name = ""
	}
	s.order = append(s.order, c)
	s.names[name] = c
	return c, nil
}

// coarser makes stretches twice as long; false where that saves none.
func (s *shape) coarser() bool {
	before := s.columns
	s.width *= 2
	s.columns = 0
	for _, c := range s.order {
		half := make([][]uint64, (len(c.columns)+1)/2)
		for i, column := range c.columns {
			to := half[i/2]
			if len(column) > len(to) {
				to, column = column, to
			}
			for k, w := range column {
				to[k] |= w
			}
			half[i/2] = to
		}
		c.columns = half
		s.columns += len(half)
	}
	return s.columns < before || s.width < 1<<40
}

// sorted are the chromosomes in the order of a genome.
func (s *shape) sorted() []*chromShape {
	list := slices.Clone(s.order)
	slices.SortFunc(list, func(a, b *chromShape) int {
		if (a.name == "") != (b.name == "") {
			if a.name == "" {
				return 1
			}
			return -1
		}
		return CompareChroms(a.name, b.name)
	})
	return list
}
