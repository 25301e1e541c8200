package raster

import (
	"image"
	"image/color"
	"slices"
)

// Places are whole numbers of 64ths of a pixel, so that a picture is the same on
// every machine: no sum of floats is rounded anywhere.
const (
	unit  = 64
	lines = 8 // looked at within a pixel, from top to bottom
)

// point is a place in 64ths of a pixel.
type point struct{ x, y int }

// edge goes down from y0 to y1; turn is 1 where the outline does too, else -1.
type edge struct{ x0, y0, x1, y1, turn int }

// shape is outlines that are filled together: a place is inside that they go round
// in one direction more often than in the other.
type shape struct{ edges []edge }

// add adds an outline, closed.
func (s *shape) add(list ...point) {
	for i, p := range list {
		q := list[(i+1)%len(list)]
		switch {
		case p.y < q.y:
			s.edges = append(s.edges, edge{p.x, p.y, q.x, q.y, 1})
		case p.y > q.y:
			s.edges = append(s.edges, edge{q.x, q.y, p.x, p.y, -1})
		}
	}
}

// union adds an outline that counts as inside whichever way it goes round.
func (s *shape) union(list ...point) {
	area := 0
	for i, p := range list {
		q := list[(i+1)%len(list)]
		area += p.x*q.y - q.x*p.y
	}
	if area < 0 {
		slices.Reverse(list)
	}
	s.add(list...)
}

// crossing is where a line crosses an edge.
type crossing struct{ x, turn int }

// fill paints the inside of a shape.
func (s *shape) fill(to *image.RGBA, ink color.RGBA) {
	size := to.Bounds().Size()
	const step = unit / lines
	rows := make([][]crossing, size.Y*lines)
	for _, e := range s.edges {
		// Lines run through the middle of their part of a pixel.
		for k := max(ceilDiv(e.y0-step/2, step), 0); k < len(rows); k++ {
			y := k*step + step/2
			if y >= e.y1 {
				break
			}
			rows[k] = append(rows[k], crossing{e.x0 + floorDiv((e.x1-e.x0)*(y-e.y0), e.y1-e.y0), e.turn})
		}
	}
	cover := make([]int, size.X+1) // 64ths of a pixel, summed over the lines of a row of pixels
	for y := range size.Y {
		drawn := false
		for _, row := range rows[y*lines : (y+1)*lines] {
			if len(row) == 0 {
				continue
			}
			drawn = true
			slices.SortFunc(row, func(a, b crossing) int { return a.x - b.x })
			around := 0
			for i := 0; i+1 < len(row); i++ {
				if around += row[i].turn; around != 0 {
					span(cover, row[i].x, row[i+1].x)
				}
			}
		}
		if !drawn {
			continue
		}
		for x := range size.X {
			if cover[x] > 0 {
				blend(to, x, y, ink, min(cover[x], unit*lines))
			}
		}
		clear(cover)
	}
}

// span adds what lies between two places of a line.
func span(cover []int, from, to int) {
	from, to = max(from, 0), min(to, (len(cover)-1)*unit)
	if from >= to {
		return
	}
	a, b := from/unit, to/unit
	if a == b {
		cover[a] += to - from
		return
	}
	cover[a] += (a+1)*unit - from
	for k := a + 1; k < b; k++ {
		cover[k] += unit
	}
	cover[b] += to - b*unit
}

// blend lays ink on a pixel, of which so many 64ths of all lines are covered.
func blend(to *image.RGBA, x, y int, ink color.RGBA, cover int) {
	const all = unit * lines
	at := to.Pix[to.PixOffset(x, y):]
	for k, c := range []uint8{ink.R, ink.G, ink.B} {
		at[k] = uint8((int(at[k])*(all-cover) + int(c)*cover + all/2) / all)
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func ceilDiv(a, b int) int { return -floorDiv(-a, b) }
