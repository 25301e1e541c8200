package nn

import (
	"math"
	"math/rand/v2"
)

// A Builder puts a network together. Each method adds a layer and gives its
// value; the graph is checked by Network.
type Builder struct{ net Network }

// Input adds an input. All inputs come before the first layer.
func (b *Builder) Input(s Shape) int {
	b.net.Inputs = append(b.net.Inputs, s)
	return len(b.net.Inputs) - 1
}

// Layer adds any layer.
func (b *Builder) Layer(l Layer) int {
	b.net.Layers = append(b.net.Layers, l)
	return len(b.net.Inputs) + len(b.net.Layers) - 1
}

// Conv adds a convolution with a bias; pad is top, left, bottom, right.
func (b *Builder) Conv(x, out, kh, kw, sh, sw int, pad [4]int) int {
	return b.Layer(Layer{Kind: Conv, In: []int{x}, Out: out, KH: kh, KW: kw, SH: sh, SW: sw, Pad: pad, Groups: 1, Bias: make([]float32, out)})
}

// ConvNormReLU adds a convolution without bias, batch norm and a rectifier.
func (b *Builder) ConvNormReLU(x, out, kh, kw, sh, sw int, pad [4]int) int {
	x = b.Layer(Layer{Kind: Conv, In: []int{x}, Out: out, KH: kh, KW: kw, SH: sh, SW: sw, Pad: pad, Groups: 1})
	return b.ReLU(b.Norm(x))
}

// Dense adds a dense layer with a bias.
func (b *Builder) Dense(x, out int) int {
	return b.Layer(Layer{Kind: Dense, In: []int{x}, Out: out, Bias: make([]float32, out)})
}

// Norm adds batch norm.
func (b *Builder) Norm(x int) int { return b.Layer(Layer{Kind: Norm, In: []int{x}, Eps: 1e-3}) }

// ReLU bounds the value x, the last one added, from below by 0.
func (b *Builder) ReLU(x int) int { return b.Clip(x, 0, math.MaxFloat32) }

// Clip bounds the value x, the last one added, by lo and hi.
func (b *Builder) Clip(x int, lo, hi float32) int {
	l := &b.net.Layers[x-len(b.net.Inputs)]
	l.Act, l.Lo, l.Hi = true, lo, hi
	return x
}

// Pool adds MaxPool or AvgPool.
func (b *Builder) Pool(k Kind, x, kh, kw, sh, sw int, pad [4]int) int {
	return b.Layer(Layer{Kind: k, In: []int{x}, KH: kh, KW: kw, SH: sh, SW: sw, Pad: pad})
}

// GlobalPool adds the mean over all pixels of x, whose size it must be told.
func (b *Builder) GlobalPool(x, h, w int) int { return b.Pool(AvgPool, x, h, w, 1, 1, [4]int{}) }

// Add adds a sum.
func (b *Builder) Add(x ...int) int { return b.Layer(Layer{Kind: Add, In: x}) }

// Concat adds a joining of channels.
func (b *Builder) Concat(x ...int) int { return b.Layer(Layer{Kind: Concat, In: x}) }

// Softmax adds the last layer of a classifier.
func (b *Builder) Softmax(x int) int { return b.Layer(Layer{Kind: Softmax, In: []int{x}}) }

// Sigmoid adds the last layer of a probability.
func (b *Builder) Sigmoid(x int) int { return b.Layer(Layer{Kind: Sigmoid, In: []int{x}}) }

// SizeOf is the shape of the value x so far.
func (b *Builder) SizeOf(x int) (Shape, error) {
	if x < len(b.net.Inputs) {
		return b.net.Inputs[x], nil
	}
	s, err := b.net.Shapes()
	if err != nil {
		return Shape{}, err
	}
	return s[x], nil
}

// Network checks the graph and draws its weights: kernels uniform within
// +-sqrt(6/(fan in + fan out)), biases 0, norms the identity (Glorot and Bengio
// 2010). The same seed gives the same weights.
func (b *Builder) Network(seed uint64) (*Network, error) {
	n := b.net.Clone()
	tensors, err := n.Tensors()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 0x6e6e))
	for _, t := range tensors {
		size, receptive := 1, 1
		for i, d := range t.Shape {
			size *= d
			if i > 0 && i < len(t.Shape)-1 {
				receptive *= d
			}
		}
		data := make([]float32, size)
		if len(t.Shape) > 1 {
			fan := receptive * (t.Shape[0] + t.Shape[len(t.Shape)-1])
			limit := math.Sqrt(6 / float64(fan))
			for i := range data {
				data[i] = float32(limit * (2*r.Float64() - 1))
			}
		}
		*t.Data = data
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		for j := range l.Gamma {
			l.Gamma[j], l.Var[j] = 1, 1
		}
	}
	return n, n.Validate()
}
