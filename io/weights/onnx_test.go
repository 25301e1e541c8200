package weights

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
)

// The messages of a small ONNX file, written field by field.
type message []byte

func (m *message) text(num protowire.Number, s string) { m.bytes(num, []byte(s)) }
func (m *message) bytes(num protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, num, protowire.BytesType), b)
}
func (m *message) varint(num protowire.Number, v int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, num, protowire.VarintType), uint64(v))
}

func attrInts(name string, v ...int64) message {
	var m message
	m.text(1, name)
	for _, x := range v {
		m.varint(8, x)
	}
	return m
}

func attrInt(name string, v int64) message {
	var m message
	m.text(1, name)
	m.varint(3, v)
	return m
}

func node(op, in, out string, attrs ...message) message {
	var m message
	for s := range strings.FieldsSeq(in) {
		m.text(1, s)
	}
	m.text(2, out)
	m.text(4, op)
	for _, a := range attrs {
		m.bytes(5, a)
	}
	return m
}

// constant is an initializer; its numbers are those of f.
func constant(name string, f func(i int) float32, dims ...int64) message {
	var m message
	n := int64(1)
	for _, d := range dims {
		m.varint(1, d)
		n *= d
	}
	m.varint(2, onnxFloat)
	m.text(8, name)
	var raw []byte
	for i := range n {
		raw = protowire.AppendFixed32(raw, math.Float32bits(f(int(i))))
	}
	m.bytes(9, raw)
	return m
}

func integers(name string, v ...int64) message {
	var m message
	m.varint(1, int64(len(v)))
	m.varint(2, onnxInt64)
	m.text(8, name)
	for _, x := range v {
		m.varint(7, x)
	}
	return m
}

func value(name string, dims ...int64) message {
	var shape message
	for i, d := range dims {
		var dim message
		if i == 0 {
			dim.text(2, "N")
		} else {
			dim.varint(1, d)
		}
		shape.bytes(1, dim)
	}
	var tensor, typ, m message
	tensor.varint(1, onnxFloat)
	tensor.bytes(2, shape)
	typ.bytes(1, tensor)
	m.text(1, name)
	m.bytes(2, typ)
	return m
}

func model(inputs, consts, nodes []message, output string) []byte {
	var g, o, m message
	for _, n := range nodes {
		g.bytes(1, n)
	}
	for _, c := range consts {
		g.bytes(5, c)
	}
	for _, v := range inputs {
		g.bytes(11, v)
	}
	g.bytes(12, value(output, 1, 1))
	o.varint(2, 13)
	m.bytes(7, g)
	m.bytes(8, o)
	return m
}

func wave(i int) float32 { return float32(i*7%13-6) / 8 }
func ones(int) float32   { return 1 }

// handModel goes through layouts: an image of 2 channels flattened channels
// first, whose dense layer adds up numbers chosen by their place.
func handModel(t testing.TB) []byte {
	t.Helper()
	return model([]message{value("x", 1, 2, 2, 3)},
		[]message{constant("w", wave, 2, 2, 1, 1), constant("d", wave, 12, 3), constant("b", wave, 3), integers("shape", 0, -1)},
		[]message{node("Conv", "x w", "c"), node("Relu", "c", "r"), node("Reshape", "r shape", "f"),
			node("MatMul", "f d", "m"), node("Add", "m b", "y")}, "y")
}

func run(t *testing.T, n *nn.Network, x ...[]float32) []float32 {
	t.Helper()
	p, err := nn.NewPredictor(n, kern.Active())
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.Output()
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, s.Len())
	p.Predict(y, x, 1)
	return y
}

func TestONNXByHand(t *testing.T) {
	n, err := ParseONNX("m.onnx", handModel(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Layers) != 2 {
		t.Errorf("%d layers, want the rectifier in the convolution and the sum in the dense layer: 2", len(n.Layers))
	}
	x := make([]float32, 12) // channels first
	for i := range x {
		x[i] = float32(i%5) - 1
	}
	var c [12]float32
	for o := range 2 {
		for p := range 6 {
			c[o*6+p] = max(0, wave(o*2)*x[p]+wave(o*2+1)*x[6+p])
		}
	}
	last := make([]float32, 12) // the same, channels last
	for p := range 6 {
		last[2*p], last[2*p+1] = x[p], x[6+p]
	}
	got := run(t, n, last)
	for j := range 3 {
		want := wave(j)
		for i, v := range c {
			want += v * wave(i*3+j)
		}
		if math.Abs(float64(got[j]-want)) > 1e-5 {
			t.Errorf("y[%d] = %v, want %v", j, got[j], want)
		}
	}
}

// TestONNXOperators builds one graph of the operators that joining, padding and
// layouts make hard, and checks sizes and what was fused.
func TestONNXOperators(t *testing.T) {
	data := model([]message{value("in", 1, 9, 10, 3), value("f", 1, 4)},
		[]message{constant("w", wave, 4, 3, 3, 3), constant("g", ones, 4), constant("z", func(int) float32 { return 0 }, 4),
			constant("dw", wave, 4, 1, 3, 3), constant("lo", func(int) float32 { return 0 }), constant("hi", func(int) float32 { return 6 }),
			constant("d", wave, 5, 12), constant("e", wave, 5)},
		[]message{
			node("Transpose", "in", "x", attrInts("perm", 0, 3, 1, 2)),
			node("Conv", "x w", "c", attrInts("strides", 2, 2), attrInts("pads", 1, 1, 1, 1)),
			node("BatchNormalization", "c g z z g", "n"),
			node("Clip", "n lo hi", "a"),
			node("Conv", "a dw", "q", attrInt("group", 4), attrInts("pads", 1, 1, 1, 1)),
			node("Add", "a q", "s"),
			node("Relu", "s", "t"),
			node("Relu", "a", "u"), // its input is read elsewhere: a layer of its own
			node("MaxPool", "t", "p", attrInts("kernel_shape", 3, 3), attrInts("strides", 1, 1), attrInts("pads", 1, 1, 1, 1)),
			node("Concat", "p u", "k", attrInt("axis", 1)),
			node("GlobalAveragePool", "k", "v"),
			node("Flatten", "v", "l"),
			node("Concat", "l f", "m", attrInt("axis", 1)),
			node("Gemm", "m d e", "o", attrInt("transB", 1)),
			node("Softmax", "o", "y", attrInt("axis", -1))}, "y")
	n, err := ParseONNX("m.onnx", data)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, l := range n.Layers {
		kinds = append(kinds, string(l.Kind))
	}
	if got, want := strings.Join(kinds, " "), "conv norm conv add norm maxpool concat avgpool concat dense softmax"; got != want {
		t.Errorf("layers %s, want %s", got, want)
	}
	if n.Inputs[0] != (nn.Shape{H: 9, W: 10, C: 3}) {
		t.Errorf("input %v", n.Inputs[0])
	}
	y := run(t, n, make([]float32, 270), make([]float32, 4))
	sum := float32(0)
	for _, v := range y {
		sum += v
	}
	if len(y) != 5 || math.Abs(float64(sum-1)) > 1e-6 {
		t.Errorf("probabilities %v", y)
	}
}

func TestONNXRefuses(t *testing.T) {
	in := []message{value("x", 1, 2, 4, 4)}
	w := constant("w", wave, 2, 2, 3, 3)
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"no protobuf", "damaged", []byte("\xff\xff\xff")},
		{"empty", "0 graphs", nil},
		{"unknown operator", `(LSTM ""): operator has no layer here`, model(in, nil, []message{node("LSTM", "x", "y")}, "y")},
		{"dilations", "dilations", model(in, []message{w}, []message{node("Conv", "x w", "y", attrInts("dilations", 2, 2))}, "y")},
		{"channels", "weights", model(in, []message{constant("w", wave, 2, 3, 1, 1)}, []message{node("Conv", "x w", "y")}, "y")},
		{"window", "larger", model(in, []message{constant("w", wave, 2, 2, 9, 9)}, []message{node("Conv", "x w", "y")}, "y")},
		{"strides of 0", "strides", model(in, []message{w}, []message{node("Conv", "x w", "y", attrInts("strides", 0, 1))}, "y")},
		{"pads below 0", "pads", model(in, []message{w}, []message{node("Conv", "x w", "y", attrInts("pads", -1, 0, 0, 0))}, "y")},
		{"not made", "not a value", model(in, []message{w}, []message{node("Conv", "q w", "y")}, "y")},
		{"no output", "nothing makes", model(in, []message{w}, []message{node("Conv", "x w", "y")}, "z")},
		{"open size", "only the first may be open", model([]message{value("x", 1, -1, 4, 4)}, nil, nil, "x")},
		{"ceil", "ceil_mode", model(in, nil, []message{node("MaxPool", "x", "y", attrInts("kernel_shape", 2, 2), attrInt("ceil_mode", 1))}, "y")},
		{"axis", "axis", model(in, nil, []message{node("Concat", "x x", "y", attrInt("axis", 2))}, "y")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParseONNX("m.onnx", c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one of %q", err, c.want)
			}
		})
	}
}

// FuzzONNX: no file breaks the reader, and what it gives is valid.
func FuzzONNX(f *testing.F) {
	f.Add(handModel(f))
	f.Add(model([]message{value("x", 1, 2, 4, 4)}, []message{constant("w", wave, 2, 2, 3, 3)},
		[]message{node("Conv", "x w", "c", attrInts("pads", 1, 1, 1, 1)), node("Relu", "c", "r"), node("Add", "c r", "a"),
			node("GlobalAveragePool", "a", "g"), node("Flatten", "g", "y")}, "y"))
	f.Add(model([]message{value("x", 1, 4, 4, 2)}, nil, []message{node("Transpose", "x", "t", attrInts("perm", 0, 3, 1, 2)),
		node("AveragePool", "t", "p", attrInts("kernel_shape", 2, 2), attrInt("count_include_pad", 1)), node("Concat", "p p", "y", attrInt("axis", 1))}, "y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseONNX("f", data)
		if err != nil {
			return
		}
		if err := n.Validate(); err != nil {
			t.Errorf("network that is not valid: %v", err)
		}
	})
}
