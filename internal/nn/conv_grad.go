package nn

import "github.com/gx-genomics/gx/internal/kern"

// backConvolution computes the gradients of a Conv or Dense layer on tiles.
//
// Weights: dW[o][ky][kx][c] sums dy[p][o] x[p moved by ky, kx][c] over the
// pixels p. Outputs are the rows of a tile, the kw*cin contiguous channels of a
// window's row its columns, pixels its sum: both operands are read in place.
//
// Input: pixels of x that the stride treats alike (iy+top and ix+left modulo
// the stride) see the same taps, so for each such class the gradient is a dense
// convolution of dy with a part of the kernel turned round, whose results lie a
// stride apart. Nothing is scattered.
type backConvolution struct {
	k         *kern.Kernels
	kh, kw    int
	sh, sw    int
	top, left int
	cin, out  int
	depthwise bool
	bias      bool
	cols      int // columns of a row of gradients: kw*cin and the slack of a tile
	shards    []shardGrad
	classes   []inputClass
	weight    []float32 // of a depthwise layer, tap by tap
}

// shardGrad is the gradient that one shard sums up: rows of cols numbers, by
// kernel row and output; depthwise by tap and channel.
type shardGrad struct{ weight, bias []float32 }

// inputClass is the taps of the pixels whose row and column leave ry and rx:
// mh x mw of them, packed for each block of input channels.
type inputClass struct {
	ry, rx, mh, mw int
	blocks         []block
}

func newBackConvolution(k *kern.Kernels, l *Layer, in Shape, shards int, wantsInput bool) *backConvolution {
	g := l.geometry(in)
	b := &backConvolution{k: k, kh: g.KH, kw: g.KW, sh: g.SH, sw: g.SW, top: g.Pad[0], left: g.Pad[1], cin: in.C, out: l.Out,
		bias: l.Bias != nil, depthwise: g.Groups > 1}
	s := k.F32()
	b.cols = padTo(b.kw*b.cin, s.Lanes)
	size := b.kh * b.out * b.cols
	if b.depthwise {
		size = b.kh * b.kw * b.out
		b.weight = make([]float32, size)
	}
	for range shards {
		b.shards = append(b.shards, shardGrad{make([]float32, size), make([]float32, b.out)})
	}
	if wantsInput && !b.depthwise {
		for ry := range b.sh {
			for rx := range b.sw {
				b.classes = append(b.classes, b.newClass(ry, rx))
			}
		}
	}
	return b
}

// taps is how many of n taps leave the rest r.
func taps(n, r, stride int) int { return max(0, (n-r+stride-1)/stride) }

func (b *backConvolution) newClass(ry, rx int) inputClass {
	c := inputClass{ry: ry, rx: rx, mh: taps(b.kh, ry, b.sh), mw: taps(b.kw, rx, b.sw)}
	s := b.k.F32()
	for first := 0; first < b.cin && c.mh*c.mw > 0; {
		cols := min(s.Cols, padTo(b.cin-first, s.Lanes))
		c.blocks = append(c.blocks, block{first: first, cols: cols, valid: min(cols, b.cin-first), weight: make([]float32, c.mh*c.mw*b.out*cols)})
		first += cols
	}
	return c
}

// load packs the weights of a step for the gradient of the input. Taps are
// turned round, so that rows and columns of dy ascend.
func (b *backConvolution) load(w []float32) {
	if b.depthwise {
		for o := range b.out {
			for t := range b.kh * b.kw {
				b.weight[t*b.out+o] = w[o*b.kh*b.kw+t]
			}
		}
		return
	}
	for _, c := range b.classes {
		for i := range c.blocks {
			bl := &c.blocks[i]
			at := 0
			for my := c.mh - 1; my >= 0; my-- {
				for mx := c.mw - 1; mx >= 0; mx-- {
					ky, kx := c.ry+my*b.sh, c.rx+mx*b.sw
					for o := range b.out {
						from := ((o*b.kh+ky)*b.kw+kx)*b.cin + bl.first
						copy(bl.weight[at:at+bl.valid], w[from:from+bl.valid])
						at += bl.cols
					}
				}
			}
		}
	}
}

// needsBack is the border around the gradient of the layer's result that the
// gradient of its input reads.
func (l *Layer) needsBack(in, out Shape) border {
	return border{top: (l.KH - 1) / l.SH, left: (l.KW - 1) / l.SW,
		bottom: max(0, (in.H-1+l.Pad[0])/l.SH-(out.H-1)), right: max(0, (in.W-1+l.Pad[1])/l.SW-(out.W-1))}
}

func (b *backConvolution) begin(s int) {
	clear(b.shards[s].weight)
	clear(b.shards[s].bias)
}

// weights adds to the gradient of shard s that of the image x, whose result has
// gradient dy.
func (b *backConvolution) weights(s int, scratch *tileScratch, x, dy plane) {
	g := b.shards[s]
	if b.bias {
		for r := range dy.h {
			b.k.SumRows(dy.w, b.out, rowOf(dy, r), g.bias)
		}
	}
	if b.depthwise {
		for ky := range b.kh {
			for kx := range b.kw {
				for r := range dy.h {
					from := kern.Rows{X: x.row(r*b.sh+ky-b.top, kx-b.left), Stride: b.sw * x.stride}
					b.k.TapSums(dy.w, b.out, from, rowOf(dy, r), g.weight[(ky*b.kw+kx)*b.out:])
				}
			}
		}
		return
	}
	shape := b.k.F32()
	t := &scratch.tile
	t.Clamp = false
	t.Outer, t.Inner = dy.h, dy.w
	t.ARow, t.AStep, t.AOuter = 1, dy.stride, dy.pitch
	t.BStep, t.BOuter = b.sw*x.stride, b.sh*x.pitch
	t.CRow, t.InitRow = b.cols, b.cols
	parts := (b.out + shape.Rows - 1) / shape.Rows
	for ky := range b.kh {
		in := x.data[x.at(ky-b.top, -b.left):]
		for j := 0; j < b.cols; j += shape.Cols {
			t.Cols = min(shape.Cols, b.cols-j)
			t.B = in[j:]
			for p := range parts {
				from, to := p*b.out/parts, (p+1)*b.out/parts
				t.Rows = to - from
				t.A = dy.data[dy.off+from:]
				t.C = g.weight[(ky*b.out+from)*b.cols+j:]
				t.Init = t.C
				b.k.TileF32(t)
			}
		}
	}
}

// input writes, or adds if not store, the gradient of the image x to dx.
func (b *backConvolution) input(scratch *tileScratch, dy, dx plane, store bool) {
	if b.depthwise {
		b.inputDepthwise(dy, dx, store)
		return
	}
	t := &scratch.tile
	t.Clamp = false
	t.AStep, t.AOuter, t.ARow = 1, dy.pitch, dy.stride
	for i := range b.classes {
		c := &b.classes[i]
		y0, x0 := mod(c.ry-b.top, b.sh), mod(c.rx-b.left, b.sw)
		if len(c.blocks) == 0 {
			if store {
				for iy := y0; iy < dx.h; iy += b.sh {
					for ix := x0; ix < dx.w; ix += b.sw {
						clear(dx.row(iy, ix)[:b.cin])
					}
				}
			}
			continue
		}
		t.Outer, t.Inner = c.mh, c.mw*b.out
		n := (dx.w - x0 + b.sw - 1) / b.sw // pixels of a row
		for j := range c.blocks {
			for iy := y0; iy < dx.h; iy += b.sh {
				oy := (iy+b.top)/b.sh - (c.mh - 1)
				ox := (x0+b.left)/b.sw - (c.mw - 1)
				b.inputRow(scratch, &c.blocks[j], dy, dx, dy.at(oy, ox), dx.at(iy, x0), n, store)
			}
		}
	}
}

func mod(a, n int) int { return ((a % n) + n) % n }

// inputRow computes the n pixels of one row of dx that a class has.
func (b *backConvolution) inputRow(scratch *tileScratch, bl *block, dy, dx plane, from, to, n int, store bool) {
	t := &scratch.tile
	t.Cols, t.B, t.BStep, t.BOuter = bl.cols, bl.weight, bl.cols, t.Inner*bl.cols
	rows := b.k.F32().Rows
	parts := (n + rows - 1) / rows
	step := b.sw * dx.stride
	for p := range parts {
		i, end := p*n/parts, (p+1)*n/parts
		t.Rows = end - i
		t.A = dy.data[from+i*dy.stride:]
		out := dx.data[to+i*step+bl.first:]
		if bl.valid == bl.cols {
			t.C, t.CRow = out, step
			t.Init, t.InitRow = scratch.zero, 0
			if !store {
				t.Init, t.InitRow = out, step
			}
			b.k.TileF32(t)
			continue
		}
		t.C, t.CRow = scratch.edge, bl.cols
		t.Init, t.InitRow = scratch.zero, 0
		if !store {
			t.Init, t.InitRow = scratch.edge, bl.cols
			for r := range t.Rows {
				copy(scratch.edge[r*bl.cols:][:bl.valid], out[r*step:])
			}
		}
		b.k.TileF32(t)
		for r := range t.Rows {
			copy(out[r*step:][:bl.valid], scratch.edge[r*bl.cols:])
		}
	}
}

// inputDepthwise scatters dy tap by tap; rows and columns outside dx are cut.
func (b *backConvolution) inputDepthwise(dy, dx plane, store bool) {
	if store {
		clearPlane(dx, b.out)
	}
	for ky := range b.kh {
		for kx := range b.kw {
			w := b.weight[(ky*b.kw+kx)*b.out:]
			for oy := range dy.h {
				iy := oy*b.sh + ky - b.top
				if iy < 0 || iy >= dx.h {
					continue
				}
				first := max(0, (b.left-kx+b.sw-1)/b.sw)
				last := min(dy.w-1, (dx.w-1-kx+b.left)/b.sw)
				if last < first {
					continue
				}
				to := kern.Rows{X: dx.row(iy, first*b.sw+kx-b.left), Stride: b.sw * dx.stride}
				b.k.TapRows(last-first+1, b.out, kern.Rows{X: dy.row(oy, first), Stride: dy.stride}, w, to)
			}
		}
	}
}

// finish adds up the shards in order into gradients laid out as the weights
// are.
func (b *backConvolution) finish(dw, db []float32) {
	sum := b.shards[0]
	for _, s := range b.shards[1:] {
		b.k.AddRows(1, len(sum.weight), kern.Rows{X: s.weight}, kern.Rows{X: sum.weight}, -inf, inf)
		b.k.AddRows(1, len(sum.bias), kern.Rows{X: s.bias}, kern.Rows{X: sum.bias}, -inf, inf)
	}
	b.unpack(sum, dw, db)
}

// unpack lays gradients out as the weights are.
func (b *backConvolution) unpack(sum shardGrad, dw, db []float32) {
	copy(db, sum.bias)
	if b.depthwise {
		for o := range b.out {
			for t := range b.kh * b.kw {
				dw[o*b.kh*b.kw+t] = sum.weight[t*b.out+o]
			}
		}
		return
	}
	n := b.kw * b.cin
	for ky := range b.kh {
		for o := range b.out {
			copy(dw[(o*b.kh+ky)*n:(o*b.kh+ky+1)*n], sum.weight[(ky*b.out+o)*b.cols:])
		}
	}
}
