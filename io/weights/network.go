package weights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/source"
)

// Keys of the metadata that gx itself reads. Writers add their own: channels,
// training data, seed, metrics.
const (
	keyFormat  = "gx.format"  // 1
	keyKind    = "gx.kind"    // network, quantised or checkpoint
	keyNetwork = "gx.network" // the layers, as JSON
	keyStep    = "gx.step"    // of a checkpoint
)

const format = "1"

// FromNetwork makes a file of a network; metadata is added to.
func FromNetwork(n *nn.Network, metadata map[string]string) (*File, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	f, err := newFile("network", n, metadata)
	if err != nil {
		return nil, err
	}
	tensors, err := n.Tensors()
	if err != nil {
		return nil, err
	}
	for _, t := range tensors {
		f.Tensors = append(f.Tensors, Floats(t.Name, t.Shape, *t.Data))
	}
	return f, nil
}

func newFile(kind string, n *nn.Network, metadata map[string]string) (*File, error) {
	f := &File{Metadata: maps.Clone(metadata)}
	if f.Metadata == nil {
		f.Metadata = map[string]string{}
	}
	f.Metadata[keyFormat], f.Metadata[keyKind] = format, kind
	if n != nil {
		text, err := json.Marshal(n)
		if err != nil {
			return nil, err
		}
		f.Metadata[keyNetwork] = string(text)
	}
	return f, nil
}

// FromQuantised makes a file of a network in bytes: weights of bytes as I8 with
// the suffix .weight, their scales as .scale, the scales of values as
// values.scale.
func FromQuantised(q *nn.Quantised, metadata map[string]string) (*File, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	f, err := newFile("quantised", q.Net, metadata)
	if err != nil {
		return nil, err
	}
	tensors, err := q.Net.Tensors()
	if err != nil {
		return nil, err
	}
	for _, t := range tensors {
		i := layerNumber(t.Name)
		if !strings.HasSuffix(t.Name, ".weight") || q.Weights[i] == nil {
			f.Tensors = append(f.Tensors, Floats(t.Name, t.Shape, *t.Data))
			continue
		}
		f.Tensors = append(f.Tensors, Int8s(t.Name, t.Shape, q.Weights[i]),
			Floats(strings.TrimSuffix(t.Name, "weight")+"scale", []int{len(q.Scales[i])}, q.Scales[i]))
	}
	f.Tensors = append(f.Tensors, Floats("values.scale", []int{len(q.Scale)}, q.Scale))
	return f, nil
}

// layerNumber is the N of layer.N.weight.
func layerNumber(name string) int {
	parts := strings.Split(name, ".")
	if len(parts) != 3 {
		return -1
	}
	i, err := strconv.Atoi(parts[1])
	if err != nil {
		return -1
	}
	return i
}

// FromState makes a file of a trainer's state.
func FromState(s *nn.State, metadata map[string]string) (*File, error) {
	f, err := newFile("checkpoint", nil, metadata)
	if err != nil {
		return nil, err
	}
	f.Metadata[keyStep] = strconv.Itoa(s.Step)
	for _, t := range s.Tensors {
		f.Tensors = append(f.Tensors, Floats(t.Name, t.Shape, t.Data))
	}
	return f, nil
}

// State gives the trainer's state of a file of FromState.
func (f *File) State() (*nn.State, error) {
	if err := f.checkKind("checkpoint"); err != nil {
		return nil, err
	}
	step, err := strconv.Atoi(f.Metadata[keyStep])
	if err != nil || step < 0 {
		return nil, fmt.Errorf("%s is %q, want a number of steps", keyStep, f.Metadata[keyStep])
	}
	s := &nn.State{Step: step}
	for _, t := range f.Tensors {
		x, err := t.Floats()
		if err != nil {
			return nil, err
		}
		s.Tensors = append(s.Tensors, nn.StateTensor{Name: t.Name, Shape: t.Shape, Data: x})
	}
	return s, nil
}

func (f *File) checkKind(want string) error {
	if f.Metadata[keyFormat] != format || f.Metadata[keyKind] != want {
		return fmt.Errorf("safetensors file of format %q, kind %q: want format %s, kind %s of gx",
			f.Metadata[keyFormat], f.Metadata[keyKind], format, want)
	}
	return nil
}

// Kind is what a file holds: network, quantised, checkpoint, or empty where gx
// did not write it.
func (f *File) Kind() string { return f.Metadata[keyKind] }

// graph decodes the layers, without weights. Layers that have a bias in the
// file get one that is empty.
func (f *File) graph() (*nn.Network, map[string]Tensor, error) {
	n := &nn.Network{}
	d := json.NewDecoder(bytes.NewReader([]byte(f.Metadata[keyNetwork])))
	d.DisallowUnknownFields()
	if err := d.Decode(n); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", keyNetwork, err)
	}
	have := map[string]Tensor{}
	for _, t := range f.Tensors {
		have[t.Name] = t
	}
	for i := range n.Layers {
		if _, ok := have[fmt.Sprintf("layer.%d.bias", i)]; ok {
			n.Layers[i].Bias = []float32{}
		}
	}
	return n, have, nil
}

// Network gives the network of a file of FromNetwork. Weights that are missing,
// left over, or of another shape are errors.
func (f *File) Network() (*nn.Network, error) {
	if err := f.checkKind("network"); err != nil {
		return nil, err
	}
	n, have, err := f.graph()
	if err != nil {
		return nil, err
	}
	tensors, err := n.Tensors()
	if err != nil {
		return nil, err
	}
	for _, t := range tensors {
		if *t.Data, err = take(have, t.Name, t.Shape); err != nil {
			return nil, err
		}
	}
	if err := leftOver(have); err != nil {
		return nil, err
	}
	return n, n.Validate()
}

// take removes a tensor of floats from have.
func take(have map[string]Tensor, name string, shape []int) ([]float32, error) {
	t, ok := have[name]
	if !ok || !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("tensor %q has shape %v, want %v", name, t.Shape, shape)
	}
	delete(have, name)
	return t.Floats()
}

func leftOver(have map[string]Tensor) error {
	if len(have) == 0 {
		return nil
	}
	return fmt.Errorf("tensor %q belongs to no layer", slices.Min(slices.Collect(maps.Keys(have))))
}

// Quantised gives the network in bytes of a file of FromQuantised.
func (f *File) Quantised() (*nn.Quantised, error) {
	if err := f.checkKind("quantised"); err != nil {
		return nil, err
	}
	n, have, err := f.graph()
	if err != nil {
		return nil, err
	}
	tensors, err := n.Tensors()
	if err != nil {
		return nil, err
	}
	q := &nn.Quantised{Net: n, Weights: make([][]int8, len(n.Layers)), Scales: make([][]float32, len(n.Layers))}
	for _, t := range tensors {
		stored := have[t.Name]
		if stored.Type != I8 {
			if *t.Data, err = take(have, t.Name, t.Shape); err != nil {
				return nil, err
			}
			continue
		}
		if !slices.Equal(stored.Shape, t.Shape) {
			return nil, fmt.Errorf("tensor %q has shape %v, want %v", t.Name, stored.Shape, t.Shape)
		}
		i := layerNumber(t.Name)
		delete(have, t.Name)
		if q.Weights[i], err = stored.Int8s(); err != nil {
			return nil, err
		}
		scale := strings.TrimSuffix(t.Name, "weight") + "scale"
		if q.Scales[i], err = take(have, scale, []int{t.Shape[0]}); err != nil {
			return nil, err
		}
		*t.Data = nn.Dequantise(q.Weights[i], q.Scales[i])
	}
	if q.Scale, err = take(have, "values.scale", []int{len(n.Inputs) + len(n.Layers)}); err != nil {
		return nil, err
	}
	if err := leftOver(have); err != nil {
		return nil, err
	}
	return q, q.Validate()
}

// Open gives the network in a file of any kind that can be run in floats: one
// of gx's, or ONNX. A quantised network comes as its floats; Parse and
// Quantised give the bytes.
func Open(path string, data []byte) (*nn.Network, error) {
	if len(data) > 8 && data[8] == '{' {
		f, err := Parse(path, data)
		if err != nil {
			return nil, err
		}
		if f.Kind() == "quantised" {
			q, err := f.Quantised()
			if err != nil {
				return nil, source.At(path, err)
			}
			return q.Net, nil
		}
		n, err := f.Network()
		return n, source.At(path, err)
	}
	return ParseONNX(path, data)
}
