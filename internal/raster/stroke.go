package raster

// circle is the outline of a circle in 24 corners of a circle of radius 4096.
var circle = [...]point{{4096, 0}, {3956, 1060}, {3547, 2048}, {2896, 2896}, {2048, 3547}, {1060, 3956}, {0, 4096}, {-1060, 3956}, {-2048, 3547}, {-2896, 2896}, {-3547, 2048}, {-3956, 1060},
	{-4096, 0}, {-3956, -1060}, {-3547, -2048}, {-2896, -2896}, {-2048, -3547}, {-1060, -3956}, {0, -4096}, {1060, -3956}, {2048, -3547}, {2896, -2896}, {3547, -2048}, {3956, -1060}}

// disc adds a circle.
func (s *shape) disc(c point, radius int) {
	list := make([]point, len(circle))
	for i, p := range circle {
		list[i] = point{c.x + p.x*radius/4096, c.y + p.y*radius/4096}
	}
	s.union(list...)
}

// root is the largest whole number whose square is not above n.
func root(n int) int {
	if n <= 0 {
		return 0
	}
	r := n
	for q := (r + n/r) / 2; q < r; q = (r + n/r) / 2 {
		r = q
	}
	return r
}

// segment adds a line of a width, its ends cut off.
func (s *shape) segment(a, b point, width int) {
	dx, dy := b.x-a.x, b.y-a.y
	length := root(dx*dx + dy*dy)
	if length == 0 {
		return
	}
	nx, ny := -dy*width/(2*length), dx*width/(2*length)
	s.union(point{a.x + nx, a.y + ny}, point{b.x + nx, b.y + ny}, point{b.x - nx, b.y - ny}, point{a.x - nx, a.y - ny})
}

// stroke adds a line along points; round makes its ends round, and dashes are the
// lengths of what is drawn and left out in turn; nil draws all.
func (s *shape) stroke(list []point, width int, round bool, dashes []int) {
	if len(dashes) > 0 {
		s.dashed(list, width, dashes)
		return
	}
	for i := range list {
		if i > 0 {
			s.segment(list[i-1], list[i], width)
		}
		if inner := i > 0 && i < len(list)-1; round || inner {
			s.disc(list[i], width/2)
		}
	}
}

func (s *shape) dashed(list []point, width int, dashes []int) {
	k, left := 0, dashes[0] // of the dash or gap under way
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		length := root((b.x-a.x)*(b.x-a.x) + (b.y-a.y)*(b.y-a.y))
		for at := 0; at < length; {
			n := min(left, length-at)
			if k%2 == 0 {
				along := func(d int) point { return point{a.x + (b.x-a.x)*d/length, a.y + (b.y-a.y)*d/length} }
				s.segment(along(at), along(at+n), width)
			}
			at += n
			if left -= n; left == 0 {
				k = (k + 1) % len(dashes)
				left = max(dashes[k], 1)
			}
		}
	}
}
