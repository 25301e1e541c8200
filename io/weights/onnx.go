package weights

import (
	"errors"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/source"
)

// ParseONNX reads the network of an ONNX file, which path names in errors. The
// first dimension of every input is the batch; images are NCHW, or NHWC where
// the graph begins by transposing them. Operators that have no place in a
// Network are errors that name them.
func ParseONNX(path string, data []byte) (*nn.Network, error) {
	n, err := parseONNX(data)
	if err != nil {
		return nil, source.At(path, err)
	}
	return n, nil
}

// importer turns the nodes of a graph into layers.
type importer struct {
	net    nn.Network // what there is so far
	shapes []nn.Shape
	opset  int64
	weighs int
	consts map[string]*onnxTensor
	values map[string]onnxRef
	uses   map[string]int
}

// onnxRef is what a name of the graph stands for: a value, in the order of its
// dimensions.
type onnxRef struct {
	value  int
	layout layout
}

// layout is the order in which a graph sees the numbers of a value.
type layout uint8

const (
	nchw     layout = iota // an image, channels first
	nhwc                   // an image, channels last
	flat                   // a vector, or an image flattened with channels last
	flatNCHW               // an image flattened with channels first
)

func parseONNX(data []byte) (*nn.Network, error) {
	m, err := parseModel(data)
	if err != nil {
		return nil, err
	}
	if m.opset < 7 {
		return nil, fmt.Errorf("ONNX operators of version %d: want 7 or later", m.opset)
	}
	im := &importer{opset: m.opset, consts: map[string]*onnxTensor{}, values: map[string]onnxRef{}, uses: map[string]int{}}
	g := &m.graph
	for i := range g.initializers {
		im.consts[g.initializers[i].name] = &g.initializers[i]
	}
	for _, n := range g.nodes {
		for _, in := range n.in {
			im.uses[in]++
		}
	}
	if len(g.outputs) != 1 {
		return nil, fmt.Errorf("ONNX graph of %d outputs, want 1", len(g.outputs))
	}
	im.uses[g.outputs[0].name]++
	for _, in := range g.inputs {
		if err := im.input(in); err != nil {
			return nil, err
		}
	}
	for i := range g.nodes {
		if err := im.node(&g.nodes[i]); err != nil {
			return nil, fmt.Errorf("ONNX node %d (%s %q): %w", i, g.nodes[i].op, g.nodes[i].name, err)
		}
	}
	return im.finish(g.outputs[0].name)
}

// input adds an input of the graph; the initializers that old files list there
// are none.
func (im *importer) input(in onnxValue) error {
	if im.consts[in.name] != nil {
		return nil
	}
	for _, d := range in.dims[min(1, len(in.dims)):] {
		if d < 1 || d > math.MaxInt32 {
			return fmt.Errorf("ONNX input %q: dimensions %v, of which only the first may be open", in.name, in.dims)
		}
	}
	var s nn.Shape
	ref := onnxRef{value: len(im.net.Inputs), layout: flat}
	switch len(in.dims) {
	case 4:
		s = nn.Shape{H: int(in.dims[2]), W: int(in.dims[3]), C: int(in.dims[1])}
		ref.layout = nchw
	case 2:
		s = nn.Shape{H: 1, W: 1, C: int(in.dims[1])}
	default:
		return fmt.Errorf("ONNX input %q: dimensions %v, want 4 of images or 2 of vectors", in.name, in.dims)
	}
	if err := s.Check(); err != nil {
		return fmt.Errorf("ONNX input %q: %w", in.name, err)
	}
	im.net.Inputs = append(im.net.Inputs, s)
	im.shapes = append(im.shapes, s)
	im.values[in.name] = ref
	return nil
}

// maxImported bounds the weights of a network. Nodes may share a constant of
// the file, of which each layer has its copy.
const maxImported = 1 << 26

// layer adds a layer and gives its value.
func (im *importer) layer(l nn.Layer) (int, error) {
	im.weighs += len(l.Weight) + len(l.Bias) + 4*len(l.Gamma)
	if im.weighs > maxImported {
		return 0, fmt.Errorf("more than %d weights", maxImported)
	}
	im.net.Layers = append(im.net.Layers, l)
	s, err := im.net.Extend(im.shapes)
	if err != nil {
		return 0, err
	}
	im.shapes = s
	return len(im.shapes) - 1, nil
}

// layerOf gives the layer of a value, or nil for inputs.
func (im *importer) layerOf(value int) *nn.Layer {
	i := value - len(im.net.Inputs)
	if i < 0 {
		return nil
	}
	return &im.net.Layers[i]
}

// finish drops layers that the output does not need and checks the network.
func (im *importer) finish(output string) (*nn.Network, error) {
	out, ok := im.values[output]
	if !ok {
		return nil, fmt.Errorf("ONNX graph: nothing makes the output %q", output)
	}
	if im.layerOf(out.value) == nil {
		return nil, errors.New("ONNX graph without layers")
	}
	if im.shapes[out.value].H*im.shapes[out.value].W > 1 && out.layout != nhwc {
		return nil, fmt.Errorf("ONNX graph: the output %q is an image of channels first", output)
	}
	first := len(im.net.Inputs)
	im.net.Layers = im.net.Layers[:out.value-first+1]
	needed := make([]bool, out.value+1)
	needed[out.value] = true
	for i := len(im.net.Layers) - 1; i >= 0; i-- {
		if needed[first+i] {
			for _, v := range im.net.Layers[i].In {
				needed[v] = true
			}
		}
	}
	moved := make([]int, out.value+1)
	n := &nn.Network{Inputs: im.net.Inputs}
	for v := range moved {
		moved[v] = v
		if v >= first && needed[v] {
			l := im.net.Layers[v-first]
			for j, u := range l.In {
				l.In[j] = moved[u]
			}
			n.Layers = append(n.Layers, l)
			moved[v] = first + len(n.Layers) - 1
		}
	}
	return n, n.Validate()
}

// attr finds an attribute of a node.
func (n *onnxNode) attr(name string) *onnxAttr {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			return &n.attrs[i]
		}
	}
	return nil
}

func (n *onnxNode) int(name string, otherwise int64) int64 {
	if a := n.attr(name); a != nil {
		return a.i
	}
	return otherwise
}

func (n *onnxNode) float(name string, otherwise float32) float32 {
	if a := n.attr(name); a != nil {
		return a.f
	}
	return otherwise
}

// ints gives a list attribute of a given length, or its default.
func (n *onnxNode) ints(name string, otherwise ...int64) ([]int64, error) {
	a := n.attr(name)
	if a == nil {
		return otherwise, nil
	}
	if len(a.ints) != len(otherwise) {
		return nil, fmt.Errorf("attribute %s is %v, want %d numbers", name, a.ints, len(otherwise))
	}
	for _, v := range a.ints {
		if v < 0 || v > math.MaxInt32 {
			return nil, fmt.Errorf("attribute %s is %v", name, a.ints)
		}
	}
	return a.ints, nil
}

// value gives input i of a node, which must be a value.
func (im *importer) value(n *onnxNode, i int) (onnxRef, error) {
	if i >= len(n.in) {
		return onnxRef{}, fmt.Errorf("input %d is missing", i)
	}
	ref, ok := im.values[n.in[i]]
	if !ok {
		return ref, fmt.Errorf("input %q is not a value made before", n.in[i])
	}
	return ref, nil
}

// weights gives input i of a node, which must be a constant of floats.
func (im *importer) weights(n *onnxNode, i int) (*onnxTensor, []float32, error) {
	if i >= len(n.in) || im.consts[n.in[i]] == nil {
		return nil, nil, fmt.Errorf("input %d is not a constant", i)
	}
	t := im.consts[n.in[i]]
	x, err := t.float32s()
	return t, x, err
}

// has says whether a node has the optional input i.
func (n *onnxNode) has(i int) bool { return i < len(n.in) && n.in[i] != "" }
