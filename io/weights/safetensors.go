// Package weights reads and writes networks: safetensors files, which PyTorch
// and JAX read as they are, and ONNX files of other programs.
package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/gx-genomics/gx/io/source"
)

// A File is the content of a safetensors file: an 8-byte little-endian length,
// a JSON header, and the arrays one after the other without a gap.
type File struct {
	Metadata map[string]string
	Tensors  []Tensor
}

// Tensor is one array, little-endian, the last dimension fastest.
type Tensor struct {
	Name  string
	Type  Type
	Shape []int
	Data  []byte
}

// Type is that of the numbers of a Tensor.
type Type string

// The types that gx writes. Others are read as bytes of their size.
const (
	F32 Type = "F32"
	I8  Type = "I8"
	U8  Type = "U8"
	I64 Type = "I64"
)

var sizes = map[Type]int{"F64": 8, F32: 4, "F16": 2, "BF16": 2, I64: 8, "I32": 4, "I16": 2, I8: 1, "U64": 8, "U32": 4, "U16": 2, U8: 1, "BOOL": 1}

// maxHeader bounds the header of a file.
const maxHeader = 16 << 20

// maxDims bounds the dimensions of a tensor.
const maxDims = 16

// Parse reads the safetensors file data, which path names in errors. The
// tensors are parts of data. Headers that name a key twice, arrays that overlap,
// leave a gap or differ from their shape in size are errors.
func Parse(path string, data []byte) (*File, error) {
	f, err := parse(data)
	if err != nil {
		return nil, source.At(path, err)
	}
	return f, nil
}

func parse(data []byte) (*File, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("%d bytes: want a safetensors file, which begins with 8 bytes of length", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return nil, fmt.Errorf("header of %d bytes: want at most %d in a file of %d", n, maxHeader, len(data))
	}
	header, body := data[8:8+n], data[8+n:]
	f := &File{}
	var spans []span
	err := object(header, func(key string, value json.RawMessage) error {
		if key == "__metadata__" {
			return f.parseMetadata(value)
		}
		t, s, err := parseTensor(key, value, body)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		f.Tensors = append(f.Tensors, t)
		spans = append(spans, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, f.checkSpans(spans, uint64(len(body)))
}

// object calls f for the members of a JSON object, each key once.
func object(text []byte, f func(key string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("header is not a JSON object: %v", open)
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		key, ok := token.(string)
		if !ok || seen[key] {
			return fmt.Errorf("header: key %v twice", token)
		}
		seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("header: %q: %w", key, err)
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
		return errors.New("header: text behind the JSON object")
	}
	return nil
}

func (f *File) parseMetadata(text []byte) error {
	f.Metadata = map[string]string{}
	return object(text, func(key string, value json.RawMessage) error {
		var s *string
		if err := json.Unmarshal(value, &s); err != nil || s == nil {
			return fmt.Errorf("__metadata__: value of %q is not a string", key)
		}
		f.Metadata[key] = *s
		return nil
	})
}

// span is where a tensor lies in the body.
type span struct{ from, to uint64 }

func parseTensor(name string, text []byte, body []byte) (Tensor, span, error) {
	var h struct {
		Type    *Type    `json:"dtype"`
		Shape   []uint64 `json:"shape"`
		Offsets []uint64 `json:"data_offsets"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return Tensor{}, span{}, err
	}
	if h.Type == nil || h.Shape == nil || len(h.Offsets) != 2 || len(h.Shape) > maxDims {
		return Tensor{}, span{}, fmt.Errorf("want dtype, shape of at most %d dimensions, and two data_offsets", maxDims)
	}
	size, known := uint64(sizes[*h.Type]), sizes[*h.Type] > 0
	if !known {
		return Tensor{}, span{}, fmt.Errorf("unknown dtype %q", *h.Type)
	}
	t := Tensor{Name: name, Type: *h.Type, Shape: make([]int, len(h.Shape))}
	s := span{h.Offsets[0], h.Offsets[1]}
	if s.from > s.to || s.to > uint64(len(body)) {
		return t, s, fmt.Errorf("data_offsets %v outside of the %d bytes of data", h.Offsets, len(body))
	}
	for i, n := range h.Shape {
		if n > math.MaxInt32 || n > 0 && size > math.MaxInt64/n {
			return t, s, fmt.Errorf("shape %v is out of bounds", h.Shape)
		}
		size *= n
		t.Shape[i] = int(n)
	}
	if size != s.to-s.from {
		return t, s, fmt.Errorf("%d bytes of data, want %d for %s %v", s.to-s.from, size, t.Type, t.Shape)
	}
	t.Data = body[s.from:s.to:s.to]
	return t, s, nil
}

// checkSpans demands that the tensors fill the body without overlap or gap.
func (f *File) checkSpans(spans []span, size uint64) error {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := spans[order[a]], spans[order[b]]
		return x.from < y.from || x.from == y.from && x.to < y.to
	})
	at := uint64(0)
	for _, i := range order {
		if spans[i].from != at {
			return fmt.Errorf("tensor %q begins at byte %d of the data, the one before it ends at %d", f.Tensors[i].Name, spans[i].from, at)
		}
		at = spans[i].to
	}
	if at != size {
		return fmt.Errorf("%d bytes of data, of which the tensors fill %d", size, at)
	}
	return nil
}

// Write writes the file: metadata in the order of their keys, tensors as they
// stand, the header padded to a multiple of 8 bytes. The same file gives the
// same bytes.
func (f *File) Write(w io.Writer) error {
	header, err := f.header()
	if err != nil {
		return err
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(header)))
	for _, b := range [][]byte{length[:], header} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	for _, t := range f.Tensors {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) header() ([]byte, error) {
	var b bytes.Buffer
	seen := map[string]bool{"__metadata__": true}
	b.WriteByte('{')
	if len(f.Metadata) > 0 {
		b.WriteString(`"__metadata__":`)
		text, err := json.Marshal(f.Metadata) // in the order of keys
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	at := 0
	for _, t := range f.Tensors {
		size, known := sizes[t.Type]
		for _, n := range t.Shape {
			size *= n
		}
		if seen[t.Name] || !known || size != len(t.Data) {
			return nil, fmt.Errorf("tensor %q: %d bytes of %s %v", t.Name, len(t.Data), t.Type, t.Shape)
		}
		seen[t.Name] = true
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteString(`:{"dtype":"` + string(t.Type) + `","shape":[`)
		for i, n := range t.Shape {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(n))
		}
		fmt.Fprintf(&b, `],"data_offsets":[%d,%d]}`, at, at+len(t.Data))
		at += len(t.Data)
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, fmt.Errorf("header of %d bytes: want at most %d", b.Len(), maxHeader)
	}
	return b.Bytes(), nil
}

// Floats makes a tensor of float32.
func Floats(name string, shape []int, x []float32) Tensor {
	data := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return Tensor{name, F32, slices.Clone(shape), data}
}

// Floats gives the numbers of a tensor of F32.
func (t Tensor) Floats() ([]float32, error) {
	if t.Type != F32 {
		return nil, fmt.Errorf("tensor %q is %s, want F32", t.Name, t.Type)
	}
	x := make([]float32, len(t.Data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return x, nil
}

// Int8s makes a tensor of signed bytes.
func Int8s(name string, shape []int, x []int8) Tensor {
	data := make([]byte, len(x))
	for i, v := range x {
		data[i] = uint8(v)
	}
	return Tensor{name, I8, slices.Clone(shape), data}
}

// Int8s gives the numbers of a tensor of I8.
func (t Tensor) Int8s() ([]int8, error) {
	if t.Type != I8 {
		return nil, fmt.Errorf("tensor %q is %s, want I8", t.Name, t.Type)
	}
	x := make([]int8, len(t.Data))
	for i, v := range t.Data {
		x[i] = int8(v)
	}
	return x, nil
}
