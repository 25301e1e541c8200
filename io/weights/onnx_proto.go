package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto (ONNX IR version 3 and later) that a network
// needs, walked field by field.
type onnxModel struct {
	graph onnxGraph
	opset int64
}

type onnxGraph struct {
	nodes        []onnxNode
	initializers []onnxTensor
	inputs       []onnxValue
	outputs      []onnxValue
}

type onnxNode struct {
	op, name, domain string
	in, out          []string
	attrs            []onnxAttr
}

type onnxAttr struct {
	name   string
	f      float32
	i      int64
	s      string
	ints   []int64
	tensor *onnxTensor
}

type onnxTensor struct {
	name     string
	dims     []int64
	kind     int64
	raw      []byte
	floats   []float32
	ints     []int64
	external bool
}

// onnxValue is a graph input: dims are -1 where they are names.
type onnxValue struct {
	name string
	dims []int64
}

// Element types of onnxTensor.
const (
	onnxFloat = 1
	onnxInt64 = 7
)

// maxRepeat bounds the entries of a list of small messages.
const maxRepeat = 1 << 16

var errWire = errors.New("not an ONNX file: damaged protobuf message")

// field is one field of a message: a varint or fixed value in n, bytes in b.
type field struct {
	num protowire.Number
	typ protowire.Type
	n   uint64
	b   []byte
}

// walk calls f for every field of a message.
func walk(msg []byte, f func(field) error) error {
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return errWire
		}
		msg = msg[n:]
		v := field{num: num, typ: typ}
		switch typ {
		case protowire.VarintType:
			v.n, n = protowire.ConsumeVarint(msg)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(msg)
			v.n = uint64(x)
		case protowire.Fixed64Type:
			v.n, n = protowire.ConsumeFixed64(msg)
		case protowire.BytesType:
			v.b, n = protowire.ConsumeBytes(msg)
		default:
			n = protowire.ConsumeFieldValue(num, typ, msg)
		}
		if n < 0 {
			return errWire
		}
		msg = msg[n:]
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// ints appends the integers of a repeated field, packed or not.
func (v field) ints(to []int64) ([]int64, error) {
	if v.typ == protowire.VarintType {
		return append(to, int64(v.n)), nil
	}
	for b := v.b; len(b) > 0; {
		x, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errWire
		}
		to = append(to, int64(x))
		b = b[n:]
	}
	return to, nil
}

// floats appends the numbers of a repeated field, packed or not.
func (v field) floats(to []float32) ([]float32, error) {
	if v.typ == protowire.Fixed32Type {
		return append(to, math.Float32frombits(uint32(v.n))), nil
	}
	if len(v.b)%4 != 0 {
		return nil, errWire
	}
	for b := v.b; len(b) > 0; b = b[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return to, nil
}

func parseModel(data []byte) (*onnxModel, error) {
	m := &onnxModel{}
	graphs := 0
	err := walk(data, func(v field) error {
		switch v.num {
		case 7:
			graphs++
			return m.graph.parse(v.b)
		case 8:
			return m.parseOpset(v.b)
		}
		return nil
	})
	if err == nil && graphs != 1 {
		err = fmt.Errorf("not an ONNX file: %d graphs", graphs)
	}
	return m, err
}

// parseOpset keeps the version of the operators of ONNX itself.
func (m *onnxModel) parseOpset(msg []byte) error {
	domain, version := "", int64(0)
	err := walk(msg, func(v field) error {
		switch v.num {
		case 1:
			domain = string(v.b)
		case 2:
			version = int64(v.n)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.opset = version
	}
	return err
}

func (g *onnxGraph) parse(msg []byte) error {
	return walk(msg, func(v field) error {
		if len(g.nodes)+len(g.initializers)+len(g.inputs)+len(g.outputs) > maxRepeat {
			return fmt.Errorf("ONNX graph of more than %d parts", maxRepeat)
		}
		switch v.num {
		case 1:
			n, err := parseNode(v.b)
			g.nodes = append(g.nodes, n)
			return err
		case 5:
			t, err := parseTensorProto(v.b)
			g.initializers = append(g.initializers, t)
			return err
		case 11, 12:
			x, err := parseValue(v.b)
			if v.num == 11 {
				g.inputs = append(g.inputs, x)
			} else {
				g.outputs = append(g.outputs, x)
			}
			return err
		case 15:
			return errors.New("ONNX graph with sparse tensors")
		}
		return nil
	})
}

func parseNode(msg []byte) (onnxNode, error) {
	var n onnxNode
	err := walk(msg, func(v field) error {
		switch v.num {
		case 1:
			n.in = append(n.in, string(v.b))
		case 2:
			n.out = append(n.out, string(v.b))
		case 3:
			n.name = string(v.b)
		case 4:
			n.op = string(v.b)
		case 7:
			n.domain = string(v.b)
		case 5:
			a, err := parseAttr(v.b)
			n.attrs = append(n.attrs, a)
			return err
		}
		return nil
	})
	return n, err
}

func parseAttr(msg []byte) (onnxAttr, error) {
	var a onnxAttr
	err := walk(msg, func(v field) (err error) {
		switch v.num {
		case 1:
			a.name = string(v.b)
		case 2:
			a.f = math.Float32frombits(uint32(v.n))
		case 3:
			a.i = int64(v.n)
		case 4:
			a.s = string(v.b)
		case 5:
			var t onnxTensor
			t, err = parseTensorProto(v.b)
			a.tensor = &t
		case 8:
			a.ints, err = v.ints(a.ints)
		}
		return err
	})
	return a, err
}

func parseTensorProto(msg []byte) (onnxTensor, error) {
	var t onnxTensor
	err := walk(msg, func(v field) (err error) {
		switch v.num {
		case 1:
			t.dims, err = v.ints(t.dims)
			if len(t.dims) > maxDims {
				return fmt.Errorf("ONNX tensor %q of more than %d dimensions", t.name, maxDims)
			}
		case 2:
			t.kind = int64(v.n)
		case 4:
			t.floats, err = v.floats(t.floats)
		case 7:
			t.ints, err = v.ints(t.ints)
		case 8:
			t.name = string(v.b)
		case 9:
			t.raw = v.b
		case 13:
			t.external = true
		case 14:
			t.external = t.external || v.n == 1
		}
		return err
	})
	return t, err
}

// parseValue reads a ValueInfoProto: name, and the dimensions of its tensor.
func parseValue(msg []byte) (onnxValue, error) {
	var x onnxValue
	dim := func(v field) error {
		if v.num != 1 {
			return nil
		}
		size := int64(-1)
		if len(x.dims) >= maxDims {
			return fmt.Errorf("ONNX value %q of more than %d dimensions", x.name, maxDims)
		}
		err := walk(v.b, func(v field) error {
			if v.num == 1 {
				size = int64(v.n)
			}
			return nil
		})
		x.dims = append(x.dims, size)
		return err
	}
	within := func(num protowire.Number, f func(field) error) func(field) error {
		return func(v field) error {
			if v.num != num {
				return nil
			}
			return walk(v.b, f)
		}
	}
	err := walk(msg, func(v field) error {
		switch v.num {
		case 1:
			x.name = string(v.b)
		case 2:
			return walk(v.b, within(1, within(2, dim)))
		}
		return nil
	})
	return x, err
}

// size is how many numbers the shape of t promises, -1 if that is absurd.
func (t *onnxTensor) size() int {
	n := 1
	for _, d := range t.dims {
		if d < 0 || d > math.MaxInt32 || d > 0 && n > math.MaxInt32/int(d) {
			return -1
		}
		n *= int(d)
	}
	return n
}

// float32s gives the numbers of a tensor of floats.
func (t *onnxTensor) float32s() ([]float32, error) {
	if t.external {
		return nil, fmt.Errorf("tensor %q lies in another file: want the weights inside", t.name)
	}
	n := t.size()
	if t.kind != onnxFloat {
		return nil, fmt.Errorf("tensor %q has element type %d, want float (1)", t.name, t.kind)
	}
	x := t.floats
	if x == nil {
		x = make([]float32, len(t.raw)/4)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.raw[4*i:]))
		}
	}
	if len(x) != n {
		return nil, fmt.Errorf("tensor %q has %d numbers, want %v", t.name, len(x), t.dims)
	}
	return x, nil
}

// int64s gives the numbers of a tensor of integers.
func (t *onnxTensor) int64s() ([]int64, error) {
	if t.external || t.kind != onnxInt64 {
		return nil, fmt.Errorf("tensor %q has element type %d, want int64 (7)", t.name, t.kind)
	}
	x := t.ints
	if x == nil {
		x = make([]int64, len(t.raw)/8)
		for i := range x {
			x[i] = int64(binary.LittleEndian.Uint64(t.raw[8*i:]))
		}
	}
	if len(x) != t.size() {
		return nil, fmt.Errorf("tensor %q has %d numbers, want %v", t.name, len(x), t.dims)
	}
	return x, nil
}
