package nn

import (
	"fmt"

	"github.com/gx-genomics/gx/internal/kern"
)

// A Predictor runs a network in float32. It belongs to one goroutine; Clone
// makes more that share the weights. Its results are the same bits from all
// kernels and for any grouping of the samples.
type Predictor struct {
	net    *Network
	k      *kern.Kernels
	shapes []Shape
	convs  []*convolution // by layer
	scale  [][]float32    // of Norm layers
	shift  [][]float32
	values []*storage
	vector []bool // by layer: runs on all samples of a group at once
	tile   *tileScratch
}

// group is how many samples pass the dense layers together: two rows of the
// largest tile.
const group = 24

// NewPredictor prepares a network for the kernels. The network is copied.
func NewPredictor(n *Network, k *kern.Kernels) (*Predictor, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	n = n.Fold()
	shapes, err := n.Shapes()
	if err != nil {
		return nil, err
	}
	p := &Predictor{net: n, k: k, shapes: shapes, convs: make([]*convolution, len(n.Layers)),
		scale: make([][]float32, len(n.Layers)), shift: make([][]float32, len(n.Layers))}
	p.allocate()
	for i := range n.Layers {
		l := &n.Layers[i]
		switch l.Kind {
		case Conv, Dense:
			c := newConvolution(k, l, shapes[l.In[0]], p.values[l.In[0]].shape.C)
			c.load(l.Weight, l.Bias)
			p.convs[i] = c
		case Norm:
			p.scale[i], p.shift[i] = l.affine()
		}
	}
	return p, nil
}

// allocate lays out the values: images for one sample, vectors for a group.
func (p *Predictor) allocate() {
	p.values = layOut(p.net, p.shapes)
	p.vector = make([]bool, len(p.net.Layers))
	channels := 1
	for i, l := range p.net.Layers {
		p.vector[i] = true
		for _, v := range l.In {
			p.vector[i] = p.vector[i] && !p.shapes[v].spatial()
		}
	}
	for i, s := range p.values {
		channels = max(channels, p.shapes[i].C)
		if s.data == nil {
			s.allocate(samples(p.shapes[i]))
		}
	}
	p.tile = newTileScratch(p.k, channels)
}

// samples is how many samples of a value a Predictor holds.
func samples(s Shape) int {
	if s.spatial() {
		return 1
	}
	return group
}

// layOut decides borders and which values share the buffer of a concatenation.
// The buffers of those are allocated for one sample or a group.
func layOut(n *Network, shapes []Shape) []*storage {
	first := len(n.Inputs)
	values := make([]*storage, len(shapes))
	for i, s := range shapes {
		values[i] = &storage{shape: s}
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		for _, v := range l.In {
			values[v].border = values[v].border.union(l.needs(shapes[v], shapes[first+i]))
		}
	}
	home := make([]int, len(shapes)) // the concatenation a value lives in
	for i := range home {
		home[i] = -1
	}
	for i := len(n.Layers) - 1; i >= 0; i-- { // outer concatenations first
		l := &n.Layers[i]
		if l.Kind != Concat {
			continue
		}
		at := values[first+i].first
		for _, v := range l.In {
			if home[v] < 0 && v >= first && once(l.In, v) {
				home[v] = first + i
				values[v].first = at
			}
			at += shapes[v].C
		}
	}
	share(values, home, shapes)
	return values
}

// once says whether v stands in list one time.
func once(list []int, v int) bool {
	n := 0
	for _, o := range list {
		if o == v {
			n++
		}
	}
	return n == 1
}

// share gives the values of each concatenation its buffer, whose border is the
// widest that any of them needs.
func share(values []*storage, home []int, shapes []Shape) {
	root := func(v int) int {
		for home[v] >= 0 {
			v = home[v]
		}
		return v
	}
	for v := range values {
		r := values[root(v)]
		r.border = r.border.union(values[v].border)
	}
	for v := range values {
		r := root(v)
		if r == v {
			continue
		}
		if values[r].data == nil {
			values[r].allocate(samples(shapes[r]))
		}
		values[v].shape, values[v].border, values[v].data = values[r].shape, values[r].border, values[r].data
	}
}

// Clone gives a Predictor with the same weights and its own memory.
func (p *Predictor) Clone() *Predictor {
	c := *p
	c.allocate()
	return &c
}

// Name says what runs, for headers and logs: f32-avx512.
func (p *Predictor) Name() string { return "f32-" + p.k.Name() }

// Predict runs n samples: inputs[i] holds n samples of input i, one after the
// other in HWC order; dst takes n results. It panics where a slice is too short.
// After the first call nothing is allocated.
func (p *Predictor) Predict(dst []float32, inputs [][]float32, n int) {
	if len(inputs) != len(p.net.Inputs) {
		panic(fmt.Sprintf("nn: %d inputs for a network of %d", len(inputs), len(p.net.Inputs)))
	}
	last := p.shapes[len(p.shapes)-1]
	for from := 0; from < n; from += group {
		count := min(group, n-from)
		for j, s := range p.net.Inputs {
			if !s.spatial() {
				p.values[j].rows(0, count).load(inputs[j][from*s.C:], s.C)
			}
		}
		for i := range count {
			for j, s := range p.net.Inputs {
				if s.spatial() {
					p.values[j].image(0).load(inputs[j][(from+i)*s.Len():(from+i+1)*s.Len()], s.C)
				}
			}
			for l := range p.net.Layers {
				if !p.vector[l] {
					p.runImage(l, i)
				}
			}
			if last.spatial() {
				p.values[len(p.values)-1].image(0).save(dst[(from+i)*last.Len():], last.C)
			}
		}
		for l := range p.net.Layers {
			if p.vector[l] {
				p.runVectors(l, count)
			}
		}
		if !last.spatial() {
			p.values[len(p.values)-1].rows(0, count).save(dst[from*last.C:], last.C)
		}
	}
}

// place is where layer l puts sample i of a group.
func (p *Predictor) place(v, i int) plane {
	if p.shapes[v].spatial() {
		i = 0
	}
	return p.values[v].image(i)
}

// runImage runs layer l, which reads an image, for sample i of a group.
func (p *Predictor) runImage(l, i int) {
	layer := &p.net.Layers[l]
	v := len(p.net.Inputs) + l
	x, y := p.place(layer.In[0], i), p.place(v, i)
	p.runLayer(l, x, y, func(v int) plane { return p.place(v, i) })
}

// runVectors runs layer l on the vectors of count samples.
func (p *Predictor) runVectors(l, count int) {
	layer := &p.net.Layers[l]
	y := p.values[len(p.net.Inputs)+l].rows(0, count)
	p.runLayer(l, p.values[layer.In[0]].rows(0, count), y, func(v int) plane { return p.values[v].rows(0, count) })
}

// runLayer computes y from x, the layer's first input; get gives the others.
func (p *Predictor) runLayer(l int, x, y plane, get func(v int) plane) {
	layer := &p.net.Layers[l]
	c := p.shapes[len(p.net.Inputs)+l].C
	switch layer.Kind {
	case Conv, Dense:
		p.convs[l].run(p.tile, x, y)
	case MaxPool, AvgPool:
		layer.runPool(p.k, p.tile, x, y, c)
	case Norm:
		lo, hi := bounds(layer.Act, layer.Lo, layer.Hi)
		for r := range y.h {
			p.k.AffineRows(y.w, c, rowOf(x, r), p.scale[l], p.shift[l], lo, hi, rowOf(y, r))
		}
	case Add:
		runAdd(p.k, layer, get, y, c)
	case Concat:
		p.runConcat(layer, get, y)
	case Softmax, Sigmoid:
		copyPlane(x, y, c)
		for i := range y.w {
			squash(layer.Kind, y.row(0, i)[:c])
		}
	}
}

func squash(k Kind, x []float32) {
	if k == Softmax {
		softmax(x)
	} else {
		sigmoid(x)
	}
}

func rowOf(p plane, y int) kern.Rows { return kern.Rows{X: p.row(y, 0), Stride: p.stride} }

// copyPlane copies c channels of every pixel of x to y.
func copyPlane(x, y plane, c int) {
	for r := range y.h {
		from, to := x.row(r, 0), y.row(r, 0)
		switch {
		case x.stride == c && y.stride == c:
			copy(to[:y.w*c], from)
		case c == 1:
			for i := range y.w {
				to[i*y.stride] = from[i*x.stride]
			}
		default:
			for i := range y.w {
				copy(to[i*y.stride:][:c], from[i*x.stride:])
			}
		}
	}
}

// runAdd sums in the order of the inputs and bounds the last sum.
func runAdd(k *kern.Kernels, l *Layer, get func(v int) plane, y plane, c int) {
	copyPlane(get(l.In[0]), y, c)
	for j, v := range l.In[1:] {
		x := get(v)
		lo, hi := bounds(l.Act && j == len(l.In)-2, l.Lo, l.Hi)
		for r := range y.h {
			k.AddRows(y.w, c, rowOf(x, r), rowOf(y, r), lo, hi)
		}
	}
}

// runConcat copies the inputs that do not live in y already.
func (p *Predictor) runConcat(l *Layer, get func(v int) plane, y plane) {
	at := 0
	for _, v := range l.In {
		x := get(v)
		c := p.shapes[v].C
		to := y
		to.off += at
		if &x.data[0] != &to.data[0] || x.off != to.off {
			copyPlane(x, to, c)
		}
		at += c
	}
}
