package nn

import (
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

var inf = float32(math.Inf(1))

// span is the part of a window of n that lies inside 0..size.
func span(from, n, size int) (int, int) { return max(from, 0), min(from+n, size) }

// count is how many pixels the mean of a window divides by.
func (l *Layer) count(y0, y1, x0, x1 int) int {
	if l.CountPad {
		return l.KH * l.KW
	}
	return (y1 - y0) * (x1 - x0)
}

// runPool computes MaxPool and AvgPool of c channels.
func (l *Layer) runPool(k *kern.Kernels, s *tileScratch, x, y plane, c int) {
	for oy := range y.h {
		y0, y1 := span(oy*l.SH-l.Pad[0], l.KH, x.h)
		for ox := range y.w {
			x0, x1 := span(ox*l.SW-l.Pad[1], l.KW, x.w)
			out := y.row(oy, ox)[:c]
			if l.Kind == MaxPool {
				copy(out, x.row(y0, x0)[:c])
			} else {
				clear(out)
			}
			for iy := y0; iy < y1; iy++ {
				in := kern.Rows{X: x.row(iy, x0), Stride: x.stride}
				if l.Kind == MaxPool {
					k.MaxRows(x1-x0, c, in, out)
				} else {
					k.SumRows(x1-x0, c, in, out)
				}
			}
			if l.Kind == AvgPool {
				n := s.equal(1/float32(l.count(y0, y1, x0, x1)), c)
				k.AffineRows(1, c, kern.Rows{X: out}, n, s.zero, -inf, inf, kern.Rows{X: out})
			}
		}
	}
}

// gradPool adds to dx the gradient dy of the pool. A maximum hands it to the
// first pixel that equals it.
func (l *Layer) gradPool(k *kern.Kernels, s *tileScratch, x, y, dy, dx plane, c int) {
	for oy := range y.h {
		y0, y1 := span(oy*l.SH-l.Pad[0], l.KH, x.h)
		for ox := range y.w {
			x0, x1 := span(ox*l.SW-l.Pad[1], l.KW, x.w)
			g := dy.row(oy, ox)[:c]
			if l.Kind == MaxPool {
				best := y.row(oy, ox)[:c]
				for j, v := range best {
					gradMax(x, dx, y0, y1, x0, x1, j, v, g[j])
				}
				continue
			}
			n := 1 / float32(l.count(y0, y1, x0, x1))
			part := s.part[:c]
			for j, v := range g {
				part[j] = v * n
			}
			for iy := y0; iy < y1; iy++ {
				k.AddRows(x1-x0, c, kern.Rows{X: part}, kern.Rows{X: dx.row(iy, x0), Stride: dx.stride}, -inf, inf)
			}
		}
	}
}

func gradMax(x, dx plane, y0, y1, x0, x1, j int, v, g float32) {
	for iy := y0; iy < y1; iy++ {
		for ix := x0; ix < x1; ix++ {
			if x.data[x.at(iy, ix)+j] == v {
				dx.data[dx.at(iy, ix)+j] += g
				return
			}
		}
	}
}
