package nn

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/internal/kern"
)

// A BytePredictor runs a Quantised network. It belongs to one goroutine; Clone
// makes more that share the weights. Its results are the same bits from all
// kernels, on all machines, for any grouping of the samples.
type BytePredictor struct {
	q       *Quantised
	k       *kern.Kernels
	shapes  []Shape
	convs   []*byteConvolution // by layer
	is      []bool             // by value: bytes
	values  []*byteStorage     // by value; nil for floats
	head    *Predictor         // what runs in floats
	headIn  []headInput
	floats  [][]float32 // of the inputs of head, for a group
	sum     []int32
	tile    kern.TileU8
	direct  []bool // by input: images are read where they lie
	current []bytePlane
}

// headInput says where an input of the head comes from: a vector input of the
// network, the mean of an image by a pool, or all of an image.
type headInput struct {
	value int // of the network
	pool  int // the layer that takes the mean, or -1
}

// Input is the data of one input for some samples, one after the other in HWC
// order: images as bytes, vectors as floats.
type Input struct {
	U8  []uint8
	F32 []float32
}

// NewBytePredictor prepares a network for the kernels.
func NewBytePredictor(q *Quantised, k *kern.Kernels) (*BytePredictor, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	shapes, err := q.Net.Shapes()
	if err != nil {
		return nil, err
	}
	is, err := byteValues(q.Net)
	if err != nil {
		return nil, err
	}
	p := &BytePredictor{q: q, k: k, shapes: shapes, is: is, convs: make([]*byteConvolution, len(q.Net.Layers))}
	if err := p.split(); err != nil {
		return nil, err
	}
	p.allocate()
	for i := range q.Net.Layers {
		if l := &q.Net.Layers[i]; q.Weights[i] != nil {
			p.convs[i] = newByteConvolution(k, q, i, shapes[l.In[0]].C, p.values[l.In[0]].stride)
		}
	}
	return p, nil
}

// split makes the network of what runs in floats.
func (p *BytePredictor) split() error {
	n := p.q.Net
	first := len(n.Inputs)
	head := &Network{}
	moved := make([]int, len(p.shapes))
	input := func(h headInput, s Shape) int {
		p.headIn = append(p.headIn, h)
		head.Inputs = append(head.Inputs, Shape{1, 1, s.Len()})
		return len(head.Inputs) - 1
	}
	for v, s := range n.Inputs {
		if !p.is[v] {
			moved[v] = input(headInput{v, -1}, s)
		}
	}
	flat := make([]int, len(p.shapes)) // the head's input that is all of an image
	for i := range n.Layers {
		l := &n.Layers[i]
		v := l.In[0]
		switch {
		case p.is[first+i] || !p.is[v]:
		case l.Kind == AvgPool:
			moved[first+i] = input(headInput{v, i}, p.shapes[first+i])
		case flat[v] == 0:
			flat[v] = 1 + input(headInput{v, -1}, p.shapes[v])
		}
	}
	for i := range n.Layers {
		l := n.Layers[i]
		if p.is[first+i] || p.is[l.In[0]] && l.Kind == AvgPool {
			continue
		}
		in := make([]int, len(l.In))
		for j, v := range l.In {
			if in[j] = moved[v]; p.is[v] {
				in[j] = flat[v] - 1
			}
		}
		l.In = in
		head.Layers = append(head.Layers, l)
		moved[first+i] = len(head.Inputs) + len(head.Layers) - 1
	}
	if len(head.Layers) == 0 {
		return errors.New("no layer follows the image: no path in bytes")
	}
	var err error
	p.head, err = NewPredictor(head, p.k)
	return err
}

// allocate makes the memory of one goroutine.
func (p *BytePredictor) allocate() {
	n := p.q.Net
	first := len(n.Inputs)
	p.values = make([]*byteStorage, len(p.shapes))
	channels := 1
	for v, s := range p.shapes {
		if p.is[v] {
			p.values[v] = &byteStorage{shape: s, stride: padTo(s.C, byteChannels)}
			if v < first {
				p.values[v].stride = padTo(s.C, 4)
			}
			channels = max(channels, s.C)
		}
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		if v := l.In[0]; p.is[v] {
			p.values[v].border = p.values[v].border.union(l.needs(p.shapes[v], p.shapes[first+i]))
		}
	}
	p.current = make([]bytePlane, len(p.shapes))
	p.direct = make([]bool, first)
	for v, s := range p.values {
		if s == nil {
			continue
		}
		if v < first && s.border == (border{}) && s.stride == p.shapes[v].C {
			p.direct[v] = true
			continue
		}
		s.allocate()
		p.current[v] = s.plane()
	}
	p.sum = make([]int32, channels)
	p.floats = make([][]float32, len(p.headIn))
	for i, s := range p.head.net.Inputs {
		p.floats[i] = make([]float32, group*s.C)
	}
}

// Clone gives a BytePredictor with the same weights and its own memory.
func (p *BytePredictor) Clone() *BytePredictor {
	c := *p
	c.head = p.head.Clone()
	c.allocate()
	return &c
}

// Name says what runs, for headers and logs: int8-avx512.
func (p *BytePredictor) Name() string { return "int8-" + p.k.Name() }

// Predict runs n samples of the inputs of the network; dst takes n results. It
// panics where a slice is too short. Images whose channels are a multiple of 4
// and that the first layer does not pad are read where they lie. After the
// first call nothing is allocated.
func (p *BytePredictor) Predict(dst []float32, inputs []Input, n int) {
	net := p.q.Net
	if len(inputs) != len(net.Inputs) {
		panic(fmt.Sprintf("nn: %d inputs for a network of %d", len(inputs), len(net.Inputs)))
	}
	size := p.shapes[len(p.shapes)-1].Len()
	for from := 0; from < n; from += group {
		count := min(group, n-from)
		for i := range count {
			p.image(inputs, from+i, i)
		}
		for j, h := range p.headIn {
			if h.value < len(net.Inputs) && !p.is[h.value] {
				c := net.Inputs[h.value].C
				copy(p.floats[j][:count*c], inputs[h.value].F32[from*c:(from+count)*c])
			}
		}
		p.head.Predict(dst[from*size:(from+count)*size], p.floats, count)
	}
}

// image runs the layers of bytes for sample s and fills row r of the head's
// inputs.
func (p *BytePredictor) image(inputs []Input, s, r int) {
	net := p.q.Net
	first := len(net.Inputs)
	for v, shape := range net.Inputs {
		if !p.is[v] {
			continue
		}
		img := inputs[v].U8[s*shape.Len() : (s+1)*shape.Len()]
		if p.direct[v] {
			p.current[v] = bytePlane{data: img, pitch: shape.W * shape.C, stride: shape.C, h: shape.H, w: shape.W}
		} else {
			p.values[v].load(img, shape.C)
		}
	}
	for i := range net.Layers {
		if p.is[first+i] {
			p.runLayer(i)
		}
	}
	for j, h := range p.headIn {
		if p.is[h.value] {
			p.boundary(h, p.floats[j][r*len(p.floats[j])/group:(r+1)*len(p.floats[j])/group])
		}
	}
}

func (p *BytePredictor) runLayer(i int) {
	l := &p.q.Net.Layers[i]
	v := len(p.q.Net.Inputs) + i
	x, y, c := p.current[l.In[0]], p.current[v], p.shapes[v].C
	switch l.Kind {
	case Conv:
		p.convs[i].run(&p.tile, x, y)
	case MaxPool, AvgPool:
		l.poolBytes(x, y, c, p.sum)
		p.rescale(l.In[0], v)
	case Add:
		p.addBytes(l, v)
	case Concat:
		p.concatBytes(l, v)
	}
}

// factor is what turns bytes of value x into those of value v.
func (p *BytePredictor) factor(x, v int) float32 { return p.q.Scale[x] / p.q.Scale[v] }

// rescale brings value v, filled with bytes of the scale of x, to its own.
func (p *BytePredictor) rescale(x, v int) {
	f := p.factor(x, v)
	if f == 1 {
		return
	}
	y := p.current[v]
	for r := range y.h {
		for i := range y.w {
			px := y.pixel(r, i, p.shapes[v].C)
			for j, b := range px {
				px[j] = kern.Requantise(int32(b), f)
			}
		}
	}
}

// addBytes sums in float32, each product and sum rounded by itself.
func (p *BytePredictor) addBytes(l *Layer, v int) {
	y := p.current[v]
	for r := range y.h {
		for i := range y.w {
			out := y.pixel(r, i, p.shapes[v].C)
			for j := range out {
				s := float32(0)
				for _, u := range l.In {
					x := p.current[u]
					s += float32(float32(x.data[x.at(r, i)+j]) * p.factor(u, v))
				}
				out[j] = kern.RoundByte(s)
			}
		}
	}
}

func (p *BytePredictor) concatBytes(l *Layer, v int) {
	y := p.current[v]
	at := 0
	for _, u := range l.In {
		x, c, f := p.current[u], p.shapes[u].C, p.factor(u, v)
		for r := range y.h {
			for i := range y.w {
				out := y.pixel(r, i, at+c)[at:]
				for j, b := range x.pixel(r, i, c) {
					out[j] = kern.Requantise(int32(b), f)
				}
			}
		}
		at += c
	}
}

// boundary turns an image into the floats the head reads: the mean of its
// pixels from exact sums, or all of it.
func (p *BytePredictor) boundary(h headInput, dst []float32) {
	x, c := p.current[h.value], p.shapes[h.value].C
	scale := float64(p.q.Scale[h.value])
	if h.pool >= 0 {
		l := &p.q.Net.Layers[h.pool]
		y0, y1 := span(-l.Pad[0], l.KH, x.h)
		x0, x1 := span(-l.Pad[1], l.KW, x.w)
		sumBytes(p.sum[:c], x, y0, y1, x0, x1)
		f := scale / float64((y1-y0)*(x1-x0))
		for j, s := range p.sum[:c] {
			dst[j] = float32(float64(s) * f)
		}
		return
	}
	for r := range x.h {
		for i := range x.w {
			for j, b := range x.pixel(r, i, c) {
				dst[(r*x.w+i)*c+j] = float32(float64(b) * scale)
			}
		}
	}
}
