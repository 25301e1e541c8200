package weights

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gx-genomics/gx/internal/nn"
)

// node adds the layers of one node.
func (im *importer) node(n *onnxNode) error {
	if n.domain != "" && n.domain != "ai.onnx" {
		return fmt.Errorf("operators of domain %q are unknown", n.domain)
	}
	if len(n.out) == 0 {
		return errors.New("no output")
	}
	if n.op == "Constant" {
		a := n.attr("value")
		if a == nil || a.tensor == nil {
			return errors.New("constant without a tensor")
		}
		im.consts[n.out[0]] = a.tensor
		return nil
	}
	ops := map[string]func(*onnxNode) (onnxRef, error){
		"Conv": im.conv, "BatchNormalization": im.norm, "Relu": im.relu, "Clip": im.clip,
		"MaxPool": im.pool, "AveragePool": im.pool, "GlobalAveragePool": im.globalPool, "ReduceMean": im.reduceMean,
		"Add": im.add, "Concat": im.concat, "Gemm": im.gemm, "MatMul": im.gemm,
		"Softmax": im.softmax, "Sigmoid": im.sigmoid, "Flatten": im.flatten, "Reshape": im.reshape, "Squeeze": im.squeeze,
		"Transpose": im.transpose, "Identity": im.identity, "Dropout": im.identity,
	}
	f, ok := ops[n.op]
	if !ok {
		return errors.New("operator has no layer here")
	}
	ref, err := f(n)
	if err != nil {
		return err
	}
	im.values[n.out[0]] = ref
	return nil
}

// image gives input i, which must be an image in the order NCHW.
func (im *importer) image(n *onnxNode, i int) (onnxRef, error) {
	x, err := im.value(n, i)
	if err == nil && x.layout != nchw {
		err = fmt.Errorf("input %q is not an image of channels first", n.in[i])
	}
	return x, err
}

// window reads kernel, strides, pads and dilations of convolutions and pools.
func (im *importer) window(n *onnxNode, l *nn.Layer, in nn.Shape, kernel []int64) error {
	strides, err := n.ints("strides", 1, 1)
	if err != nil {
		return err
	}
	dilations, err := n.ints("dilations", 1, 1)
	if err != nil {
		return err
	}
	if dilations[0] != 1 || dilations[1] != 1 {
		return fmt.Errorf("dilations %v, want 1", dilations)
	}
	pads, err := n.ints("pads", 0, 0, 0, 0)
	if err != nil {
		return err
	}
	if n.int("ceil_mode", 0) != 0 {
		return errors.New("ceil_mode, want sizes rounded down")
	}
	l.KH, l.KW, l.SH, l.SW = int(kernel[0]), int(kernel[1]), int(strides[0]), int(strides[1])
	l.Pad = [4]int{int(pads[0]), int(pads[1]), int(pads[2]), int(pads[3])}
	if l.SH < 1 || l.SW < 1 {
		return fmt.Errorf("strides %v", strides)
	}
	auto := "NOTSET"
	if a := n.attr("auto_pad"); a != nil {
		auto = a.s
	}
	switch auto {
	case "NOTSET":
	case "VALID":
		l.Pad = [4]int{}
	case "SAME_UPPER", "SAME_LOWER":
		for d, size := range []int{in.H, in.W} {
			k, s := []int{l.KH, l.KW}[d], []int{l.SH, l.SW}[d]
			total := max(0, ((size+s-1)/s-1)*s+k-size)
			l.Pad[d], l.Pad[d+2] = total/2, total-total/2
			if auto == "SAME_LOWER" {
				l.Pad[d], l.Pad[d+2] = l.Pad[d+2], l.Pad[d]
			}
		}
	default:
		return fmt.Errorf("auto_pad %q", auto)
	}
	return nil
}

func (im *importer) conv(n *onnxNode) (onnxRef, error) {
	x, err := im.image(n, 0)
	if err != nil {
		return x, err
	}
	t, w, err := im.weights(n, 1)
	if err != nil {
		return x, err
	}
	in := im.shapes[x.value]
	groups := int(n.int("group", 1))
	if len(t.dims) != 4 || groups < 1 || groups > in.C || int(t.dims[1])*groups != in.C || len(w) == 0 {
		return x, fmt.Errorf("weights %v and %d groups on %d channels", t.dims, groups, in.C)
	}
	l := nn.Layer{Kind: nn.Conv, In: []int{x.value}, Out: int(t.dims[0]), Groups: groups}
	if err := im.window(n, &l, in, t.dims[2:]); err != nil {
		return x, err
	}
	l.Weight = channelsLast(w, int(t.dims[0]), int(t.dims[1]), int(t.dims[2]*t.dims[3]))
	if n.has(2) {
		if _, l.Bias, err = im.weights(n, 2); err != nil {
			return x, err
		}
		l.Bias = slices.Clone(l.Bias)
	}
	x.value, err = im.layer(l)
	return x, err
}

// channelsLast turns blocks of c x size numbers into size x c.
func channelsLast(w []float32, blocks, c, size int) []float32 {
	out := make([]float32, len(w))
	for b := range blocks {
		from, to := w[b*c*size:], out[b*c*size:]
		for i := range c {
			for j := range size {
				to[j*c+i] = from[i*size+j]
			}
		}
	}
	return out
}

func (im *importer) norm(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	if x.layout == flatNCHW || x.layout == nhwc {
		return x, errors.New("input is not an image of channels first or a vector")
	}
	if n.int("training_mode", 0) != 0 {
		return x, errors.New("in training mode")
	}
	l := nn.Layer{Kind: nn.Norm, In: []int{x.value}, Eps: n.float("epsilon", 1e-5)}
	for i, to := range []*[]float32{&l.Gamma, &l.Beta, &l.Mean, &l.Var} {
		_, w, err := im.weights(n, 1+i)
		if err != nil {
			return x, err
		}
		*to = slices.Clone(w)
	}
	x.value, err = im.layer(l)
	return x, err
}

func (im *importer) relu(n *onnxNode) (onnxRef, error) { return im.bound(n, 0, math.MaxFloat32) }

func (im *importer) clip(n *onnxNode) (onnxRef, error) {
	lo, hi := n.float("min", -math.MaxFloat32), n.float("max", math.MaxFloat32)
	for i, to := range []*float32{&lo, &hi} {
		if n.has(1 + i) {
			_, w, err := im.weights(n, 1+i)
			if err != nil {
				return onnxRef{}, err
			}
			if len(w) != 1 {
				return onnxRef{}, fmt.Errorf("bound of %d numbers", len(w))
			}
			*to = w[0]
		}
	}
	if !(lo <= hi) {
		return onnxRef{}, fmt.Errorf("bounds %v to %v", lo, hi)
	}
	return im.bound(n, lo, hi)
}

// bound gives the layer that made the input its activation, if nothing else
// reads it; else a norm that changes nothing carries it.
func (im *importer) bound(n *onnxNode, lo, hi float32) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	l := im.layerOf(x.value)
	acts := l != nil && (l.Kind == nn.Conv || l.Kind == nn.Dense || l.Kind == nn.Norm || l.Kind == nn.Add)
	if !acts || l.Act || im.uses[n.in[0]] != 1 {
		c := im.shapes[x.value].C
		one := slices.Repeat([]float32{1}, c)
		x.value, err = im.layer(nn.Layer{Kind: nn.Norm, In: []int{x.value}, Gamma: one, Var: one, Beta: make([]float32, c), Mean: make([]float32, c)})
		if err != nil {
			return x, err
		}
		l = im.layerOf(x.value)
	}
	l.Act, l.Lo, l.Hi = true, lo, hi
	return x, nil
}

func (im *importer) pool(n *onnxNode) (onnxRef, error) {
	x, err := im.image(n, 0)
	if err != nil {
		return x, err
	}
	l := nn.Layer{Kind: nn.MaxPool, In: []int{x.value}}
	if n.op == "AveragePool" {
		l.Kind, l.CountPad = nn.AvgPool, n.int("count_include_pad", 0) != 0
	}
	if n.attr("kernel_shape") == nil || len(n.out) > 1 {
		return x, errors.New("want kernel_shape and one output")
	}
	kernel, err := n.ints("kernel_shape", 0, 0)
	if err != nil {
		return x, err
	}
	if err := im.window(n, &l, im.shapes[x.value], kernel); err != nil {
		return x, err
	}
	x.value, err = im.layer(l)
	return x, err
}

func (im *importer) globalPool(n *onnxNode) (onnxRef, error) {
	x, err := im.image(n, 0)
	if err != nil {
		return x, err
	}
	s := im.shapes[x.value]
	x.value, err = im.layer(nn.Layer{Kind: nn.AvgPool, In: []int{x.value}, KH: s.H, KW: s.W, SH: 1, SW: 1})
	return x, err
}

// reduceMean is a global pool where it takes the mean over height and width.
func (im *importer) reduceMean(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	axes, err := im.axes(n)
	if err != nil {
		return x, err
	}
	want := []int64{2, 3}
	if x.layout == nhwc {
		want = []int64{1, 2}
	}
	if !slices.Equal(axes, want) || x.layout > nhwc {
		return x, fmt.Errorf("mean over axes %v, want height and width of an image", axes)
	}
	s := im.shapes[x.value]
	x.value, err = im.layer(nn.Layer{Kind: nn.AvgPool, In: []int{x.value}, KH: s.H, KW: s.W, SH: 1, SW: 1})
	if n.int("keepdims", 1) == 0 {
		x.layout = flat
	}
	return x, err
}

// axes gives the axes of a node, from its attribute or its second input,
// counted from 0 for tensors of 4 dimensions, in order.
func (im *importer) axes(n *onnxNode) ([]int64, error) {
	var axes []int64
	if a := n.attr("axes"); a != nil {
		axes = slices.Clone(a.ints)
	}
	if n.has(1) {
		t := im.consts[n.in[1]]
		if t == nil {
			return nil, errors.New("axes are not a constant")
		}
		x, err := t.int64s()
		if err != nil {
			return nil, err
		}
		axes = slices.Clone(x)
	}
	for i, a := range axes {
		if a < 0 {
			axes[i] = a + 4
		}
	}
	slices.Sort(axes)
	return axes, nil
}

func (im *importer) add(n *onnxNode) (onnxRef, error) {
	if len(n.in) == 2 && (im.consts[n.in[0]] != nil || im.consts[n.in[1]] != nil) {
		return im.addBias(n)
	}
	x, in, err := im.all(n)
	if err != nil {
		return x, err
	}
	x.value, err = im.layer(nn.Layer{Kind: nn.Add, In: in})
	return x, err
}

// addBias takes a constant into the bias of the dense layer before it.
func (im *importer) addBias(n *onnxNode) (onnxRef, error) {
	v := 0
	if im.consts[n.in[0]] != nil {
		v = 1
	}
	x, err := im.value(n, v)
	if err != nil {
		return x, err
	}
	_, w, err := im.weights(n, 1-v)
	if err != nil {
		return x, err
	}
	l := im.layerOf(x.value)
	if l == nil || l.Kind != nn.Dense || l.Act || l.Bias != nil || len(w) != l.Out || im.uses[n.in[v]] != 1 {
		return x, errors.New("sum with a constant that is not the bias of a MatMul")
	}
	l.Bias = slices.Clone(w)
	return x, nil
}

// all gives the inputs of a node, which must be values of one layout.
func (im *importer) all(n *onnxNode) (onnxRef, []int, error) {
	first, err := im.value(n, 0)
	if err != nil {
		return first, nil, err
	}
	var in []int
	for i := range n.in {
		x, err := im.value(n, i)
		if err != nil {
			return x, nil, err
		}
		if x.layout != first.layout {
			return x, nil, errors.New("inputs in different orders of dimensions")
		}
		in = append(in, x.value)
	}
	return first, in, nil
}

func (im *importer) concat(n *onnxNode) (onnxRef, error) {
	x, in, err := im.all(n)
	if err != nil {
		return x, err
	}
	axis := n.int("axis", math.MinInt32)
	good := map[layout][]int64{nchw: {1, -3}, nhwc: {3, -1}, flat: {1, -1}}
	if !slices.Contains(good[x.layout], axis) {
		return x, fmt.Errorf("join along axis %d, want channels", axis)
	}
	for _, v := range in {
		if s := im.shapes[v]; x.layout == flat && s.H*s.W > 1 {
			return x, errors.New("join of flattened images")
		}
	}
	x.value, err = im.layer(nn.Layer{Kind: nn.Concat, In: in})
	return x, err
}

// gemm is Gemm and MatMul of a vector with constant weights.
func (im *importer) gemm(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	if x.layout < flat {
		return x, errors.New("input is not a vector")
	}
	t, w, err := im.weights(n, 1)
	if err != nil {
		return x, err
	}
	if n.float("alpha", 1) != 1 || n.float("beta", 1) != 1 || n.int("transA", 0) != 0 || len(t.dims) != 2 {
		return x, errors.New("want alpha and beta 1, A as it is, B of 2 dimensions")
	}
	s := im.shapes[x.value]
	rows, cols := int(t.dims[0]), int(t.dims[1]) // outputs x inputs
	if n.op == "MatMul" || n.int("transB", 0) == 0 {
		w = channelsLast(w, 1, rows, cols)
		rows, cols = cols, rows
	}
	if cols != s.Len() || rows < 1 {
		return x, fmt.Errorf("weights %v for a vector of %d", t.dims, s.Len())
	}
	if x.layout == flatNCHW {
		w = channelsLast(w, rows, s.C, s.H*s.W)
	}
	l := nn.Layer{Kind: nn.Dense, In: []int{x.value}, Out: rows, Weight: slices.Clone(w)}
	if n.op == "Gemm" && n.has(2) {
		_, b, err := im.weights(n, 2)
		if err != nil {
			return x, err
		}
		l.Bias = slices.Clone(b)
	}
	x.layout = flat
	x.value, err = im.layer(l)
	return x, err
}

func (im *importer) softmax(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	axis := n.int("axis", -1)
	if im.opset < 13 {
		axis = n.int("axis", 1)
	}
	if axis != 1 && axis != -1 || x.layout != flat {
		return x, fmt.Errorf("axis %d of what is not a vector", axis)
	}
	x.value, err = im.layer(nn.Layer{Kind: nn.Softmax, In: []int{x.value}})
	return x, err
}

func (im *importer) sigmoid(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	x.value, err = im.layer(nn.Layer{Kind: nn.Sigmoid, In: []int{x.value}})
	return x, err
}

// flattened is x seen as a vector: an image keeps the order it had.
func (im *importer) flattened(x onnxRef) onnxRef {
	s := im.shapes[x.value]
	if x.layout == nchw && s.H*s.W > 1 {
		x.layout = flatNCHW
	} else if x.layout < flat {
		x.layout = flat
	}
	return x
}

func (im *importer) flatten(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err == nil && n.int("axis", 1) != 1 {
		err = errors.New("axis is not 1")
	}
	return im.flattened(x), err
}

// reshape may only flatten what follows the batch.
func (im *importer) reshape(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	if !n.has(1) || im.consts[n.in[1]] == nil {
		return x, errors.New("shape is not a constant")
	}
	shape, err := im.consts[n.in[1]].int64s()
	if err != nil {
		return x, err
	}
	size := int64(im.shapes[x.value].Len())
	if len(shape) != 2 || shape[1] != -1 && shape[1] != size || shape[0] < -1 || shape[0] == -1 && shape[1] == -1 {
		return x, fmt.Errorf("to %v, want the batch by %d", shape, size)
	}
	return im.flattened(x), nil
}

// squeeze drops height and width of 1.
func (im *importer) squeeze(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	axes, err := im.axes(n)
	if err != nil {
		return x, err
	}
	s := im.shapes[x.value]
	want := []int64{2, 3}
	if x.layout == nhwc {
		want = []int64{1, 2}
	}
	if !slices.Equal(axes, want) || s.H*s.W != 1 || x.layout > nhwc {
		return x, fmt.Errorf("axes %v of %s", axes, s)
	}
	x.layout = flat
	return x, nil
}

// transpose changes between NCHW and NHWC. An input of the graph that is
// transposed before anything else was NHWC from the first.
func (im *importer) transpose(n *onnxNode) (onnxRef, error) {
	x, err := im.value(n, 0)
	if err != nil {
		return x, err
	}
	perm := n.attr("perm")
	if perm == nil {
		return x, errors.New("without perm")
	}
	switch {
	case slices.Equal(perm.ints, []int64{0, 3, 1, 2}) && x.value < len(im.net.Inputs) && x.layout == nchw:
		if len(im.net.Layers) > 0 || im.uses[n.in[0]] != 1 {
			return x, errors.New("an input of channels last that other nodes read as it is")
		}
		s := &im.net.Inputs[x.value] // read as C, H, W from what is H, W, C
		*s = nn.Shape{H: s.C, W: s.H, C: s.W}
		if err := s.Check(); err != nil {
			return x, err
		}
		im.shapes[x.value] = *s
	case slices.Equal(perm.ints, []int64{0, 3, 1, 2}) && x.layout == nhwc:
		x.layout = nchw
	case slices.Equal(perm.ints, []int64{0, 2, 3, 1}) && x.layout == nchw:
		x.layout = nhwc
	default:
		return x, fmt.Errorf("perm %v", perm.ints)
	}
	return x, nil
}

func (im *importer) identity(n *onnxNode) (onnxRef, error) { return im.value(n, 0) }
