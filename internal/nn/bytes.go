package nn

import (
	"encoding/binary"
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// bytePlane is plane in bytes.
type bytePlane struct {
	data          []uint8
	off           int
	pitch, stride int
	h, w          int
}

func (p bytePlane) at(y, x int) int          { return p.off + y*p.pitch + x*p.stride }
func (p bytePlane) row(y, x int) []uint8     { return p.data[p.at(y, x):] }
func (p bytePlane) pixel(y, x, c int) []byte { return p.data[p.at(y, x):][:c] }

// byteStorage is the memory of one image in bytes, of channels padded by zeros
// to a multiple of what a tile writes.
type byteStorage struct {
	shape  Shape
	border border
	stride int
	data   []uint8
}

// byteChannels is the multiple of channels that conv results are stored in: the
// widest vector of outputs of all kernels.
const byteChannels = 16

func padTo(n, m int) int { return (n + m - 1) / m * m }

func (s *byteStorage) allocate() {
	s.data = make([]uint8, (s.shape.H+s.border.top+s.border.bottom)*s.pitch())
}

func (s *byteStorage) pitch() int { return (s.shape.W + s.border.left + s.border.right) * s.stride }

func (s *byteStorage) plane() bytePlane {
	return bytePlane{data: s.data, off: s.border.top*s.pitch() + s.border.left*s.stride, pitch: s.pitch(), stride: s.stride, h: s.shape.H, w: s.shape.W}
}

// load copies an image of c channels to a pixel.
func (s *byteStorage) load(img []uint8, c int) {
	p := s.plane()
	for y := range p.h {
		if p.stride == c {
			copy(p.row(y, 0)[:p.w*c], img[y*p.w*c:])
			continue
		}
		row, src := p.row(y, 0)[:p.w*p.stride], img[y*p.w*c:]
		x := 0
		if p.stride == 8 { // pixels of 5 to 7 channels in one move, while the next pixel can be read
			mask := uint64(1)<<(8*c) - 1
			for ; x*c+8 <= len(src) && x < p.w; x++ {
				binary.LittleEndian.PutUint64(row[8*x:], binary.LittleEndian.Uint64(src[x*c:])&mask)
			}
		}
		for ; x < p.w; x++ {
			copy(row[x*p.stride:][:c], src[x*c:])
		}
	}
}

// byteConvolution is a Conv layer packed for the tiles of bytes.
type byteConvolution struct {
	k         *kern.Kernels
	kh, kw    int
	sh, sw    int
	top, left int
	cin       int // with the padding of a pixel
	blocks    []byteBlock
}

type byteBlock struct {
	first, cols  int
	weight       []int8
	init, sum128 []int32
	scale        []float32
}

// newByteConvolution packs layer i of q, which reads pixels of cin bytes.
func newByteConvolution(k *kern.Kernels, q *Quantised, i, channels, cin int) *byteConvolution {
	l := &q.Net.Layers[i]
	c := &byteConvolution{k: k, kh: l.KH, kw: l.KW, sh: l.SH, sw: l.SW, top: l.Pad[0], left: l.Pad[1], cin: cin}
	in, out := float64(q.Scale[l.In[0]]), float64(q.Scale[len(q.Net.Inputs)+i])
	s := k.U8()
	for o := 0; o < padTo(l.Out, byteChannels); {
		cols := min(s.Cols, padTo(l.Out, byteChannels)-o)
		b := byteBlock{first: o, cols: cols, weight: make([]int8, l.KH*l.KW*cin*cols), init: make([]int32, cols), sum128: make([]int32, cols), scale: make([]float32, cols)}
		for j := range min(cols, max(l.Out-o, 0)) {
			step := in * float64(q.Scales[i][o+j])
			b.scale[j] = float32(step / out)
			if l.Bias != nil {
				b.init[j] = int32(math.RoundToEven(min(max(float64(l.Bias[o+j])/step, -1<<30), 1<<30)))
			}
			from := q.Weights[i][(o+j)*l.KH*l.KW*channels:]
			for t := range l.KH * l.KW {
				for ch := range channels {
					at := t*cin + ch
					b.weight[(at/4*cols+j)*4+at%4] = from[t*channels+ch]
				}
			}
		}
		kern.SumColumns(b.sum128, b.weight, cols)
		c.blocks = append(c.blocks, b)
		o += cols
	}
	return c
}

func (c *byteConvolution) run(t *kern.TileU8, x, y bytePlane) {
	if c.kh == 1 && c.kw == 1 && c.sh == 1 && c.sw == 1 && x.pitch == x.w*x.stride && y.pitch == y.w*y.stride {
		x.w, x.h, y.w, y.h = x.w*x.h, 1, y.w*y.h, 1
	}
	rows := c.k.U8().Rows
	parts := (y.w + rows - 1) / rows
	t.Outer, t.Inner = c.kh, c.kw*c.cin/4
	t.ARow, t.AOuter, t.CRow = c.sw*x.stride, x.pitch, y.stride
	for i := range c.blocks {
		b := &c.blocks[i]
		t.Cols, t.B, t.Init, t.Sum128, t.Scale = b.cols, b.weight, b.init, b.sum128, b.scale
		for oy := range y.h {
			in, out := x.at(oy*c.sh-c.top, -c.left), y.at(oy, 0)+b.first
			for p := range parts {
				from, to := p*y.w/parts, (p+1)*y.w/parts
				t.Rows = to - from
				t.A, t.C = x.data[in+from*t.ARow:], y.data[out+from*y.stride:]
				c.k.TileU8(t)
			}
		}
	}
}

// poolBytes computes MaxPool and AvgPool; a mean rounds half up, which is exact
// in whole numbers.
func (l *Layer) poolBytes(x, y bytePlane, c int, sum []int32) {
	for oy := range y.h {
		y0, y1 := span(oy*l.SH-l.Pad[0], l.KH, x.h)
		for ox := range y.w {
			x0, x1 := span(ox*l.SW-l.Pad[1], l.KW, x.w)
			out := y.pixel(oy, ox, c)
			if l.Kind == MaxPool {
				clear(out)
				for iy := y0; iy < y1; iy++ {
					for ix := x0; ix < x1; ix++ {
						for j, v := range x.pixel(iy, ix, c) {
							out[j] = max(out[j], v)
						}
					}
				}
				continue
			}
			sumBytes(sum[:c], x, y0, y1, x0, x1)
			n := int32(l.count(y0, y1, x0, x1))
			for j, v := range sum[:c] {
				out[j] = uint8((v + n/2) / n)
			}
		}
	}
}

// sumBytes adds up the pixels of a window.
func sumBytes(sum []int32, x bytePlane, y0, y1, x0, x1 int) {
	clear(sum)
	for iy := y0; iy < y1; iy++ {
		for ix := x0; ix < x1; ix++ {
			p := x.pixel(iy, ix, len(sum))
			for j := range sum {
				sum[j] += int32(p[j])
			}
		}
	}
}
