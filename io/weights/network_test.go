package weights

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/nn"
)

// smallNet has an image, features, and every kind of tensor.
func smallNet(t testing.TB) *nn.Network {
	t.Helper()
	var b nn.Builder
	x := b.Input(nn.Shape{H: 8, W: 9, C: 7})
	f := b.Input(nn.Shape{H: 1, W: 1, C: 5})
	x = b.ConvNormReLU(x, 20, 3, 3, 2, 2, [4]int{1, 1, 1, 1})
	x = b.Clip(b.Conv(x, 16, 1, 1, 1, 1, [4]int{}), 0, 6)
	x = b.GlobalPool(x, 4, 5)
	b.Softmax(b.Dense(b.Concat(x, b.ReLU(b.Norm(b.Dense(f, 4)))), 3))
	n, err := b.Network(1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// again writes a file and reads it back.
func again(t *testing.T, f *File, err error) *File {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	g, err := Parse("x", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var c bytes.Buffer
	if err := g.Write(&c); err != nil || !bytes.Equal(b.Bytes(), c.Bytes()) {
		t.Errorf("a file written twice differs (%v)", err)
	}
	return g
}

func TestNetworkRoundTrip(t *testing.T) {
	n := smallNet(t)
	f, err := FromNetwork(n, map[string]string{"channels": "a,b"})
	f = again(t, f, err)
	got, err := f.Network()
	if err != nil || !reflect.DeepEqual(got, n) {
		t.Errorf("network comes back otherwise: %v", err)
	}
	if f.Metadata["channels"] != "a,b" || f.Kind() != "network" {
		t.Errorf("metadata %v", f.Metadata)
	}
	if _, err := f.Quantised(); err == nil {
		t.Error("a network of floats was taken for bytes")
	}
	for name, change := range map[string]func(*File){
		"missing": func(f *File) { f.Tensors = f.Tensors[1:] },
		"extra":   func(f *File) { f.Tensors = append(f.Tensors, Floats("layer.99.weight", []int{1}, []float32{1})) },
		"shape":   func(f *File) { f.Tensors[0].Shape = []int{len(f.Tensors[0].Data) / 4} },
		"type":    func(f *File) { f.Tensors[0].Type = "I32" },
		"format":  func(f *File) { f.Metadata[keyFormat] = "2" },
		"graph": func(f *File) {
			f.Metadata[keyNetwork] = `{"inputs":[{"h":1,"w":1,"c":1}],"layers":[{"kind":"x","in":[0]}]}`
		},
		"field": func(f *File) { f.Metadata[keyNetwork] = strings.Replace(f.Metadata[keyNetwork], `"out"`, `"oud"`, 1) },
	} {
		g, err := FromNetwork(n, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(g)
		if _, err := g.Network(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestQuantisedRoundTrip(t *testing.T) {
	n := smallNet(t)
	r := rand.New(rand.NewPCG(1, 2))
	q, err := nn.Quantise(n, nn.Samples{N: 3, Read: func(_ int, in [][]float32) {
		for _, x := range in {
			for i := range x {
				x[i] = r.Float32()
			}
		}
	}}, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	f, err := FromQuantised(q, nil)
	f = again(t, f, err)
	got, err := f.Quantised()
	if err != nil || !reflect.DeepEqual(got, q) {
		t.Errorf("network comes back otherwise: %v", err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if net, err := Open("x", b.Bytes()); err != nil || !reflect.DeepEqual(net, q.Net) {
		t.Errorf("Open gives another network: %v", err)
	}
	f.Tensors[0].Data[0] = 127
	if _, err := f.Quantised(); err == nil {
		t.Error("a weight of 127 was accepted")
	}
}

func TestStateRoundTrip(t *testing.T) {
	s := &nn.State{Step: 7, Tensors: []nn.StateTensor{{Name: "layer.0.weight", Shape: []int{2, 1}, Data: []float32{1, 2}}, {Name: "layer.0.weight.m", Shape: []int{2, 1}, Data: []float32{3, 4}}}}
	f, err := FromState(s, nil)
	f = again(t, f, err)
	got, err := f.State()
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("state comes back as %v, %v", got, err)
	}
	f.Metadata[keyStep] = "-1"
	if _, err := f.State(); err == nil {
		t.Error("step -1 was accepted")
	}
}

// FuzzNetwork: whatever the layers of a file are, it is refused or gives a
// network that is whole.
func FuzzNetwork(f *testing.F) {
	var b nn.Builder
	b.Dense(b.Norm(b.Input(nn.Shape{H: 1, W: 1, C: 2})), 1)
	n, err := b.Network(1)
	if err != nil {
		f.Fatal(err)
	}
	file, err := FromNetwork(n, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata[keyNetwork])
	f.Add(`{"inputs":[{"h":2,"w":2,"c":2}],"layers":[{"kind":"conv","in":[0],"out":65536,"kh":2,"kw":2,"sh":1,"sw":1,"groups":1}]}`)
	f.Fuzz(func(t *testing.T, graph string) {
		x := &File{Metadata: map[string]string{keyFormat: format, keyKind: "network", keyNetwork: graph}, Tensors: file.Tensors}
		if n, err := x.Network(); err == nil {
			if err := n.Validate(); err != nil {
				t.Errorf("network that is not valid: %v", err)
			}
		}
		x.Metadata[keyKind] = "quantised"
		if q, err := x.Quantised(); err == nil {
			if err := q.Validate(); err != nil {
				t.Errorf("quantised network that is not valid: %v", err)
			}
		}
	})
}
