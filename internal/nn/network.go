// Package nn runs and trains networks on the kernels of package kern:
// convolution, dense layers, normalisation, pooling, residual sums, joined
// branches. A Network is a value: layers with their weights. A Predictor runs
// it in float32, a BytePredictor runs its quantised twin in bytes, a Trainer
// changes its weights. The package knows no genomics and no files.
//
// Images lie in memory as rows of pixels of channels (HWC), a batch of them one
// after the other; a vector is an image of one pixel.
package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Shape is the height, width and channels of one sample of a value.
type Shape struct {
	H int `json:"h"`
	W int `json:"w"`
	C int `json:"c"`
}

// Len is how many numbers a sample has.
func (s Shape) Len() int { return s.H * s.W * s.C }

// spatial says whether s is an image rather than a vector.
func (s Shape) spatial() bool { return s.H != 1 || s.W != 1 }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.H, s.W, s.C) }

// Kind is what a layer does.
type Kind string

// The kinds of layers.
const (
	Conv    Kind = "conv"    // Weight is Out x KH x KW x (C/Groups), Bias may be nil
	Dense   Kind = "dense"   // Weight is Out x inputs, the input taken as a vector in HWC order
	Norm    Kind = "norm"    // batch norm: Gamma, Beta, Mean, Var per channel
	MaxPool Kind = "maxpool" // windows are cut at the border
	AvgPool Kind = "avgpool" // windows are cut at the border; CountPad divides by the whole window all the same
	Add     Kind = "add"     // sum of values of one shape
	Concat  Kind = "concat"  // channels one after the other
	Softmax Kind = "softmax" // of a vector
	Sigmoid Kind = "sigmoid" // of each number of a vector
)

// A Layer makes one value from others. Act bounds the result of a Conv, Dense,
// Norm or Add by Lo and Hi: Lo 0 and Hi MaxFloat32 is a rectifier.
type Layer struct {
	Kind     Kind    `json:"kind"`
	In       []int   `json:"in"` // values: the inputs of the network first, then each layer's
	Out      int     `json:"out,omitempty"`
	KH       int     `json:"kh,omitempty"`
	KW       int     `json:"kw,omitempty"`
	SH       int     `json:"sh,omitempty"`
	SW       int     `json:"sw,omitempty"`
	Pad      [4]int  `json:"pad,omitzero"` // top, left, bottom, right
	Groups   int     `json:"groups,omitempty"`
	CountPad bool    `json:"count_pad,omitempty"`
	Act      bool    `json:"act,omitempty"`
	Lo       float32 `json:"lo,omitempty"`
	Hi       float32 `json:"hi,omitempty"`
	Eps      float32 `json:"eps,omitempty"`

	Weight []float32 `json:"-"`
	Bias   []float32 `json:"-"`
	Gamma  []float32 `json:"-"`
	Beta   []float32 `json:"-"`
	Mean   []float32 `json:"-"`
	Var    []float32 `json:"-"`
}

// Network is a graph of layers in the order of their running. Value i is input
// i, or else the result of layer i-len(Inputs). The last layer's is the output.
type Network struct {
	Inputs []Shape `json:"inputs"`
	Layers []Layer `json:"layers"`
}

// Limits of what a network from a file may ask for.
const (
	maxSide     = 1 << 15
	maxChannels = 1 << 16
	maxSample   = 1 << 25 // numbers of one value
	maxLayers   = 1 << 14
	maxValues   = 1 << 26 // numbers of all values together
	maxWeights  = 1 << 28
)

// Shapes gives the shape of every value, or what is wrong with the graph. It
// does not look at weights.
func (n *Network) Shapes() ([]Shape, error) {
	if len(n.Inputs) == 0 || len(n.Layers) == 0 || len(n.Layers) > maxLayers {
		return nil, fmt.Errorf("network of %d inputs and %d layers", len(n.Inputs), len(n.Layers))
	}
	shapes := slices.Clone(n.Inputs)
	for i, s := range shapes {
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	return n.Extend(shapes)
}

// Extend gives the shapes of all values, where shapes holds those of the inputs
// and of the first layers already: a network is grown layer by layer without
// going over it again.
func (n *Network) Extend(shapes []Shape) ([]Shape, error) {
	total := 0
	for _, s := range shapes {
		total += s.Len()
	}
	for i := len(shapes) - len(n.Inputs); i < len(n.Layers); i++ {
		l := &n.Layers[i]
		in := make([]Shape, len(l.In))
		for j, v := range l.In {
			if v < 0 || v >= len(shapes) {
				return nil, fmt.Errorf("layer %d (%s): input %d is not a value before it", i, l.Kind, v)
			}
			in[j] = shapes[v]
		}
		s, err := l.shape(in)
		if err == nil {
			err = s.Check()
		}
		if total += s.Len(); err == nil && total > maxValues {
			err = fmt.Errorf("values of more than %d numbers", maxValues)
		}
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, l.Kind, err)
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

// Check is the fault of a shape that is empty or too large to work with.
func (s Shape) Check() error {
	if s.H < 1 || s.W < 1 || s.C < 1 || s.H > maxSide || s.W > maxSide || s.C > maxChannels || s.H*s.W > maxSample/s.C {
		return fmt.Errorf("shape %s is out of bounds", s)
	}
	return nil
}

// shape is the shape of the layer's value.
func (l *Layer) shape(in []Shape) (Shape, error) {
	if len(in) == 0 {
		return Shape{}, errors.New("no input")
	}
	if len(in) > 1 && l.Kind != Add && l.Kind != Concat {
		return Shape{}, fmt.Errorf("%d inputs, want 1", len(in))
	}
	x := in[0]
	switch l.Kind {
	case Conv:
		if l.Groups < 1 || x.C%l.Groups != 0 || l.Out < 1 || l.Out%l.Groups != 0 || l.Out > maxChannels {
			return Shape{}, fmt.Errorf("%d groups of %d to %d channels", l.Groups, x.C, l.Out)
		}
		s, err := l.window(x)
		s.C = l.Out
		return s, err
	case MaxPool, AvgPool:
		return l.window(x)
	case Dense:
		if l.Out < 1 || l.Out > maxChannels {
			return Shape{}, fmt.Errorf("%d outputs", l.Out)
		}
		return Shape{1, 1, l.Out}, nil
	case Norm:
		return x, nil
	case Softmax, Sigmoid:
		if x.spatial() {
			return Shape{}, fmt.Errorf("input %s is not a vector", x)
		}
		return x, nil
	case Add, Concat:
		return join(l.Kind, in)
	}
	return Shape{}, errors.New("unknown kind")
}

func join(k Kind, in []Shape) (Shape, error) {
	s := in[0]
	for _, o := range in[1:] {
		if o.H != s.H || o.W != s.W || k == Add && o.C != s.C {
			return Shape{}, fmt.Errorf("inputs %s and %s do not fit", s, o)
		}
		if k == Concat {
			s.C += o.C
		}
	}
	return s, nil
}

// window is the shape of what a window moving over x gives.
func (l *Layer) window(x Shape) (Shape, error) {
	if l.KH < 1 || l.KW < 1 || l.SH < 1 || l.SW < 1 || l.KH > maxSide || l.KW > maxSide {
		return Shape{}, fmt.Errorf("window %dx%d, stride %d,%d", l.KH, l.KW, l.SH, l.SW)
	}
	for i, p := range l.Pad {
		if k := []int{l.KH, l.KW}[i%2]; p < 0 || p >= k {
			return Shape{}, fmt.Errorf("pad %v leaves windows of %dx%d empty", l.Pad, l.KH, l.KW)
		}
	}
	h, w := x.H+l.Pad[0]+l.Pad[2]-l.KH, x.W+l.Pad[1]+l.Pad[3]-l.KW
	if h < 0 || w < 0 {
		return Shape{}, fmt.Errorf("window %dx%d is larger than %s padded by %v", l.KH, l.KW, x, l.Pad)
	}
	return Shape{h/l.SH + 1, w/l.SW + 1, x.C}, nil
}

// A Tensor is one array of weights of a network. Data is the network's own.
type Tensor struct {
	Name  string // layer.N.weight, .bias, .gamma, .beta, .mean, .var
	Shape []int
	Data  *[]float32
}

// Tensors lists the weights that the layers have or want, in order. A Bias is
// listed if it is not nil.
func (n *Network) Tensors() ([]Tensor, error) {
	shapes, err := n.Shapes()
	if err != nil {
		return nil, err
	}
	var list []Tensor
	total := 0
	for i := range n.Layers {
		l := &n.Layers[i]
		in := shapes[l.In[0]]
		add := func(name string, data *[]float32, shape ...int) {
			size := 1
			for _, d := range shape {
				size *= d
			}
			total += size
			list = append(list, Tensor{fmt.Sprintf("layer.%d.%s", i, name), shape, data})
		}
		switch l.Kind {
		case Conv:
			if in.C/l.Groups*l.KH > maxWeights/l.KW/l.Out {
				return nil, fmt.Errorf("layer %d: too many weights", i)
			}
			add("weight", &l.Weight, l.Out, l.KH, l.KW, in.C/l.Groups)
		case Dense:
			if in.Len() > maxWeights/l.Out {
				return nil, fmt.Errorf("layer %d: too many weights", i)
			}
			add("weight", &l.Weight, l.Out, in.Len())
		case Norm:
			add("gamma", &l.Gamma, in.C)
			add("beta", &l.Beta, in.C)
			add("mean", &l.Mean, in.C)
			add("var", &l.Var, in.C)
		}
		if l.Bias != nil && (l.Kind == Conv || l.Kind == Dense) {
			add("bias", &l.Bias, l.Out)
		}
		if total > maxWeights {
			return nil, fmt.Errorf("layer %d: more than %d weights", i, maxWeights)
		}
	}
	return list, nil
}

// Validate checks the graph and that every weight is there and finite.
func (n *Network) Validate() error {
	tensors, err := n.Tensors()
	if err != nil {
		return err
	}
	for _, t := range tensors {
		want := 1
		for _, d := range t.Shape {
			want *= d
		}
		if len(*t.Data) != want {
			return fmt.Errorf("%s has %d numbers, want %d (%v)", t.Name, len(*t.Data), want, t.Shape)
		}
		for i, v := range *t.Data {
			if v != v || math.IsInf(float64(v), 0) {
				return fmt.Errorf("%s[%d] is %v", t.Name, i, v)
			}
		}
	}
	return nil
}

// Output is the shape of the network's result.
func (n *Network) Output() (Shape, error) {
	s, err := n.Shapes()
	if err != nil {
		return Shape{}, err
	}
	return s[len(s)-1], nil
}

// MACs is how many multiplications with a weight one sample costs.
func (n *Network) MACs() (int, error) {
	shapes, err := n.Shapes()
	if err != nil {
		return 0, err
	}
	total := 0
	for i, l := range n.Layers {
		out, in := shapes[len(n.Inputs)+i], shapes[l.In[0]]
		switch l.Kind {
		case Conv:
			total += out.Len() * l.KH * l.KW * in.C / l.Groups
		case Dense:
			total += out.C * in.Len()
		}
	}
	return total, nil
}

// Clone is a deep copy.
func (n *Network) Clone() *Network {
	c := &Network{Inputs: slices.Clone(n.Inputs), Layers: slices.Clone(n.Layers)}
	for i := range c.Layers {
		l := &c.Layers[i]
		l.In = slices.Clone(l.In)
		for _, p := range []*[]float32{&l.Weight, &l.Bias, &l.Gamma, &l.Beta, &l.Mean, &l.Var} {
			*p = slices.Clone(*p)
		}
	}
	return c
}

// consumers gives the layers that read each value.
func (n *Network) consumers() [][]int {
	use := make([][]int, len(n.Inputs)+len(n.Layers))
	for i, l := range n.Layers {
		for _, v := range l.In {
			use[v] = append(use[v], i)
		}
	}
	return use
}
