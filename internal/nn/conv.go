package nn

import (
	"slices"

	"github.com/gx-genomics/gx/internal/kern"
)

// convolution is a Conv or Dense layer ready to run: its geometry, and weights
// packed for the tiles of one set of kernels. Dense is a convolution whose
// window is all of its input; the vectors of a batch are a row of pixels.
type convolution struct {
	k      *kern.Kernels
	kh, kw int
	sh, sw int
	top    int // padding before row 0 and column 0
	left   int
	groups int
	cin    int // of one group
	out    int // of all groups
	blocks []block
	bias   []float32 // of all outputs and the slack of a tile
	act    bool
	lo, hi float32
	wide   bool // pixels of the input hold more channels than are read: one tile per kernel column
	scale  []float32
}

// block is a run of outputs that one tile computes: cols columns, of which the
// first valid are outputs. Rows of weights are in the order of kernel row,
// kernel column, input channel; with wide, kernel column is outermost.
type block struct {
	group, first int
	cols, valid  int
	weight       []float32
}

// newConvolution prepares a Conv or Dense layer whose input has shape in and
// pixels of stride numbers.
func newConvolution(k *kern.Kernels, l *Layer, in Shape, stride int) *convolution {
	g := l.geometry(in)
	c := &convolution{k: k, kh: g.KH, kw: g.KW, sh: g.SH, sw: g.SW, top: g.Pad[0], left: g.Pad[1], groups: g.Groups,
		out: l.Out, act: l.Act, lo: l.Lo, hi: l.Hi}
	c.cin = in.C / c.groups
	c.wide = c.kw > 1 && stride != c.cin
	s := k.F32()
	c.bias = make([]float32, c.out+s.Cols)
	if c.depthwise() {
		c.blocks = []block{{weight: make([]float32, c.kh*c.kw*c.out)}}
		c.scale = slices.Repeat([]float32{1}, c.out)
		return c
	}
	each := c.out / c.groups
	for g := range c.groups {
		for o := 0; o < each; {
			left := each - o
			cols := min(s.Cols, (left+s.Lanes-1)/s.Lanes*s.Lanes)
			c.blocks = append(c.blocks, block{group: g, first: g*each + o, cols: cols, valid: min(left, cols),
				weight: make([]float32, c.kh*c.kw*c.cin*cols)})
			o += cols
		}
	}
	return c
}

// geometry is the layer as a convolution over in: a dense layer has one window,
// the whole of in.
func (l *Layer) geometry(in Shape) Layer {
	if l.Kind == Conv {
		return *l
	}
	return Layer{Kind: Conv, KH: in.H, KW: in.W, SH: in.H, SW: in.W, Groups: 1}
}

// depthwise says whether every channel is a group of its own, worked on by rows
// of channels rather than by tiles.
func (c *convolution) depthwise() bool { return c.groups > 1 && c.cin == 1 && c.out == c.groups }

// load packs weights (Out x KH x KW x channels of a group) and bias, which may
// be nil.
func (c *convolution) load(weight, bias []float32) {
	clear(c.bias)
	copy(c.bias, bias)
	taps := c.kh * c.kw
	if c.depthwise() {
		for o := range c.out {
			for t := range taps {
				c.blocks[0].weight[t*c.out+o] = weight[o*taps+t]
			}
		}
		return
	}
	for i := range c.blocks {
		b := &c.blocks[i]
		for j := range b.valid {
			from := weight[(b.first+j)*taps*c.cin:][:taps*c.cin]
			if !c.wide {
				at := j
				for _, v := range from {
					b.weight[at] = v
					at += b.cols
				}
				continue
			}
			for t := range taps {
				ky, kx := t/c.kw, t%c.kw
				at := (kx*c.kh+ky)*c.cin*b.cols + j
				for _, v := range from[t*c.cin : (t+1)*c.cin] {
					b.weight[at] = v
					at += b.cols
				}
			}
		}
	}
}

// tileScratch is what one goroutine needs to run tiles.
type tileScratch struct {
	tile kern.TileF32
	edge []float32
	zero []float32
	flat []float32 // an image as a vector
	part []float32 // a number per channel

	factor  []float32 // the first factors of which are equal
	factors int
}

func newTileScratch(k *kern.Kernels, channels int) *tileScratch {
	s := k.F32()
	return &tileScratch{edge: make([]float32, s.Rows*s.Cols), zero: make([]float32, max(channels, s.Cols)),
		part: make([]float32, channels), factor: make([]float32, channels)}
}

// equal gives c times v.
func (s *tileScratch) equal(v float32, c int) []float32 {
	if s.factors < c || s.factor[0] != v {
		for i := range s.factor[:c] {
			s.factor[i] = v
		}
		s.factors = c
	}
	return s.factor[:c]
}

// run computes the image y from x, whose border holds the padding.
func (c *convolution) run(t *tileScratch, x, y plane) {
	if c.depthwise() {
		c.runDepthwise(x, y)
		return
	}
	if c.kh == 1 && c.kw == 1 && c.sh == 1 && c.sw == 1 && x.pitch == x.w*x.stride && y.pitch == y.w*y.stride {
		x.w, x.h, y.w, y.h = x.w*x.h, 1, y.w*y.h, 1 // one long row fills the tiles
	}
	rows := c.k.F32().Rows
	parts := (y.w + rows - 1) / rows
	for i := range c.blocks {
		b := &c.blocks[i]
		for oy := range y.h {
			for p := range parts { // parts of a row differ by one pixel at most
				from, to := p*y.w/parts, (p+1)*y.w/parts
				c.runTile(t, b, x, y, oy, from, to-from)
			}
		}
	}
}

func (c *convolution) runTile(s *tileScratch, b *block, x, y plane, oy, ox, pixels int) {
	t := &s.tile
	in := x.at(oy*c.sh-c.top, ox*c.sw-c.left) + b.group*c.cin
	out := y.at(oy, ox) + b.first
	t.Rows, t.Cols = pixels, b.cols
	t.ARow, t.AStep, t.AOuter = c.sw*x.stride, 1, x.pitch
	t.BStep = b.cols
	t.Outer, t.Inner = c.kh, c.kw*c.cin
	t.Lo, t.Hi, t.Clamp = c.lo, c.hi, c.act
	t.Init, t.InitRow = c.bias[b.first:], 0
	t.C, t.CRow = y.data[out:], y.stride
	edge := b.valid < b.cols
	if edge {
		t.C, t.CRow = s.edge, b.cols
	}
	t.B = b.weight
	if !c.wide {
		t.A = x.data[in:]
		t.BOuter = t.Inner * b.cols
		c.k.TileF32(t)
	} else {
		t.Inner = c.cin
		t.BOuter = c.cin * b.cols
		for kx := range c.kw {
			t.A = x.data[in+kx*x.stride:]
			t.B = b.weight[kx*c.kh*c.cin*b.cols:]
			t.Clamp = c.act && kx == c.kw-1
			c.k.TileF32(t)
			t.Init, t.InitRow = t.C, t.CRow
		}
	}
	if edge {
		for i := range pixels {
			copy(y.data[out+i*y.stride:][:b.valid], s.edge[i*b.cols:])
		}
	}
}

// runDepthwise adds the taps one after the other, a row of pixels at a time.
func (c *convolution) runDepthwise(x, y plane) {
	for oy := range y.h {
		to := kern.Rows{X: y.row(oy, 0), Stride: y.stride}
		for i := range y.w {
			clear(to.X[i*y.stride:][:c.out])
		}
		for ky := range c.kh {
			for kx := range c.kw {
				from := kern.Rows{X: x.row(oy*c.sh+ky-c.top, kx-c.left), Stride: c.sw * x.stride}
				c.k.TapRows(y.w, c.out, from, c.blocks[0].weight[(ky*c.kw+kx)*c.out:], to)
			}
		}
		lo, hi := bounds(c.act, c.lo, c.hi)
		c.k.AffineRows(y.w, c.out, to, c.scale, c.bias, lo, hi, to)
	}
}

// bounds are those of an activation, or ones that let all through.
func bounds(act bool, lo, hi float32) (float32, float32) {
	if act {
		return lo, hi
	}
	return -inf, inf
}

// needs is the border around an input of shape in that gives out outputs.
func (l *Layer) needs(in, out Shape) border {
	if l.Kind != Conv {
		return border{}
	}
	return border{top: l.Pad[0], left: l.Pad[1],
		bottom: max(0, (out.H-1)*l.SH+l.KH-l.Pad[0]-in.H),
		right:  max(0, (out.W-1)*l.SW+l.KW-l.Pad[1]-in.W)}
}
