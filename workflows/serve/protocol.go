package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// binaryHeader tells how many bytes of a body are JSON, where tensors follow.
const binaryHeader = "Inference-Header-Content-Length"

// fault is an error with its status over HTTP.
type fault struct {
	status int
	err    error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func bad(format string, args ...any) error {
	return &fault{http.StatusBadRequest, fmt.Errorf(format, args...)}
}

// The request as the protocol writes it.
type (
	requestText struct {
		ID         string          `json:"id"`
		Parameters json.RawMessage `json:"parameters"`
		Inputs     []inputText     `json:"inputs"`
		Outputs    []outputText    `json:"outputs"`
	}
	inputText struct {
		Name       string          `json:"name"`
		Shape      []int64         `json:"shape"`
		Datatype   string          `json:"datatype"`
		Parameters json.RawMessage `json:"parameters"`
		Data       json.RawMessage `json:"data"`
	}
	outputText struct {
		Name       string          `json:"name"`
		Parameters json.RawMessage `json:"parameters"`
	}
	// parameters are those that mean something here.
	parameters struct {
		BinarySize     *int64          `json:"binary_data_size"`
		Binary         *bool           `json:"binary_data"`
		BinaryOutputs  *bool           `json:"binary_data_output"`
		Classification json.RawMessage `json:"classification"`
		SharedMemory   json.RawMessage `json:"shared_memory_region"`
	}
)

func readParameters(text json.RawMessage) (p parameters, err error) {
	if len(text) > 0 {
		if err = json.Unmarshal(text, &p); err != nil {
			return p, plainJSON(err)
		}
	}
	switch {
	case p.Classification != nil:
		err = errors.New("the classification extension is not served: leave the parameter classification out")
	case p.SharedMemory != nil:
		err = errors.New("shared memory is not served: send the data in the body")
	}
	return p, err
}

// question is a request that was found to be right.
type question struct {
	id   string
	rows int
	in   map[string]values
	out  []wantedOutput
}

type wantedOutput struct {
	Tensor
	binary bool
}

// decode reads a request: a model says which inputs it takes, which outputs it
// has, and how many rows are allowed.
func decode(body []byte, header string, m *Model, most int) (*question, error) {
	text, rest := body, []byte(nil)
	if header != "" {
		n, err := strconv.ParseUint(header, 10, 63)
		if err != nil || n > uint64(len(body)) {
			return nil, bad("header %s: %.40q, want a number up to the %d bytes of the body", binaryHeader, header, len(body))
		}
		text, rest = body[:n], body[n:]
	}
	var r requestText
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&r); err != nil {
		return nil, bad("the body: %w", plainJSON(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad("the body: something follows the JSON; tensors in binary form want the header %s", binaryHeader)
	}
	top, err := readParameters(r.Parameters)
	if err != nil {
		return nil, bad("parameters: %w", err)
	}
	q := &question{id: r.ID, rows: -1, in: map[string]values{}}
	for i := range r.Inputs {
		if rest, err = q.input(&r.Inputs[i], m, rest, most); err != nil {
			return nil, err
		}
	}
	if len(rest) > 0 {
		return nil, bad("%d bytes of the body belong to no input", len(rest))
	}
	for _, t := range m.Inputs {
		if _, ok := q.in[t.Name]; !ok && !t.optional {
			return nil, bad("input %s is missing: %s of shape %s", t.Name, t.Datatype, shapeText(t.Shape))
		}
	}
	return q, q.outputs(r.Outputs, m, top.BinaryOutputs != nil && *top.BinaryOutputs)
}

// input reads an input and gives what is left of the binary data.
func (q *question) input(x *inputText, m *Model, rest []byte, most int) ([]byte, error) {
	k := slices.IndexFunc(m.Inputs, func(t Tensor) bool { return t.Name == x.Name })
	if k < 0 {
		return nil, bad("input %.60q: model %s has %s", x.Name, m.Name, names(m.Inputs))
	}
	t := &m.Inputs[k]
	if _, twice := q.in[t.Name]; twice {
		return nil, bad("input %s stands twice", t.Name)
	}
	if x.Datatype != t.Datatype {
		return nil, bad("input %s: datatype %.20q, want %s", t.Name, x.Datatype, t.Datatype)
	}
	rows, err := rowsOf(t, x.Shape)
	if err != nil {
		return nil, err
	}
	if rows > most {
		return nil, &fault{http.StatusRequestEntityTooLarge, fmt.Errorf("input %s: %d rows, at most %d are taken at once; send fewer per request", t.Name, rows, most)}
	}
	if q.rows >= 0 && rows != q.rows {
		return nil, bad("input %s: %d rows, but the inputs before it have %d", t.Name, rows, q.rows)
	}
	q.rows = rows
	p, err := readParameters(x.Parameters)
	if err != nil {
		return nil, bad("input %s: %w", t.Name, err)
	}
	var v values
	switch n := rows * t.row(); {
	case p.BinarySize != nil && len(x.Data) > 0:
		return nil, bad("input %s has both data and binary_data_size, want one", t.Name)
	case p.BinarySize != nil && (*p.BinarySize < 0 || *p.BinarySize > int64(len(rest))):
		return nil, bad("input %s: binary_data_size %d, but %d bytes are left behind the JSON; is the header %s set?", t.Name, *p.BinarySize, len(rest), binaryHeader)
	case p.BinarySize != nil:
		v, err = t.fromBinary(rest[:*p.BinarySize], n)
		rest = rest[*p.BinarySize:]
	case len(x.Data) == 0:
		return nil, bad("input %s has neither data nor the parameter binary_data_size", t.Name)
	default:
		v, err = t.fromJSON(x.Data, n)
	}
	if err != nil {
		return nil, bad("input %s: %w", t.Name, err)
	}
	q.in[t.Name] = v
	return rest, nil
}

// rowsOf holds a shape against the one that is wanted.
func rowsOf(t *Tensor, shape []int64) (int, error) {
	fits := len(shape) == len(t.Shape) && shape[0] >= 1 && shape[0] <= math.MaxInt32
	for i := 1; fits && i < len(shape); i++ {
		fits = shape[i] == int64(t.Shape[i])
	}
	if !fits {
		return 0, bad("input %s: shape %s, want %s, -1 standing for any number of rows from 1", t.Name, shapeText(shape), shapeText(t.Shape))
	}
	return int(shape[0]), nil
}

func shapeText[T int | int64](shape []T) string {
	const most = 8
	var parts []string
	for i, n := range shape {
		if i == most {
			parts = append(parts, "..")
			break
		}
		parts = append(parts, fmt.Sprint(n))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func names(list []Tensor) string {
	var out []string
	for _, t := range list {
		out = append(out, t.Name)
	}
	return strings.Join(out, ", ")
}

// outputs finds out which outputs are wanted, all where none is named.
func (q *question) outputs(list []outputText, m *Model, binary bool) error {
	if len(list) == 0 {
		for _, t := range m.Outputs {
			q.out = append(q.out, wantedOutput{t, binary})
		}
	}
	for _, x := range list {
		k := slices.IndexFunc(m.Outputs, func(t Tensor) bool { return t.Name == x.Name })
		if k < 0 {
			return bad("output %.60q: model %s has %s", x.Name, m.Name, names(m.Outputs))
		}
		if slices.ContainsFunc(q.out, func(o wantedOutput) bool { return o.Name == x.Name }) {
			return bad("output %s is asked for twice", x.Name)
		}
		p, err := readParameters(x.Parameters)
		if err != nil {
			return bad("output %s: %w", x.Name, err)
		}
		o := wantedOutput{m.Outputs[k], binary}
		if p.Binary != nil {
			o.binary = *p.Binary
		}
		q.out = append(q.out, o)
	}
	return nil
}

// plainJSON says in our words what is wrong with JSON.
func plainJSON(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON: byte %d: %s", syntax.Offset, syntax.Error())
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a JSON %s, want %s", kind.Field, kind.Value, kind.Type)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("no JSON, or cut off")
	}
	return err
}

// The answer as the protocol writes it.
type (
	answerText struct {
		Model   string       `json:"model_name"`
		Version string       `json:"model_version"`
		ID      string       `json:"id,omitempty"`
		Outputs []resultText `json:"outputs"`
	}
	resultText struct {
		Name       string         `json:"name"`
		Datatype   string         `json:"datatype"`
		Shape      []int          `json:"shape"`
		Parameters map[string]int `json:"parameters,omitempty"`
		Data       any            `json:"data,omitempty"`
	}
)

// encode writes an answer; header is the length of its JSON where tensors
// follow it, 0 where none do. Numbers in JSON read back to the same bits.
func (q *question) encode(m *Model, a *answer) (body []byte, header int, err error) {
	t := answerText{Model: m.Name, Version: m.Version, ID: q.id}
	var tail []byte
	for _, o := range q.out {
		r := resultText{Name: o.Name, Datatype: o.Datatype, Shape: append([]int{q.rows}, o.Shape[1:]...)}
		if o.binary {
			before := len(tail)
			tail = a.appendBinary(tail, o.Name)
			r.Parameters = map[string]int{"binary_data_size": len(tail) - before}
			header = 1
		} else {
			r.Data = a.data(o.Name)
		}
		t.Outputs = append(t.Outputs, r)
	}
	if body, err = json.Marshal(&t); err != nil {
		return nil, 0, err
	}
	if header > 0 {
		header = len(body)
	}
	return append(body, tail...), header, nil
}

// answer is what a model says of the rows of a request.
type answer struct {
	p       [][3]float64
	decided []string // by which part of the model; nil where there is one part
}

func (a *answer) data(output string) any {
	if output == outputDecided {
		return a.decided
	}
	flat := make([]float64, 0, 3*len(a.p))
	for _, p := range a.p {
		flat = append(flat, p[:]...)
	}
	return flat
}

func (a *answer) appendBinary(dst []byte, output string) []byte {
	if output == outputDecided {
		for _, s := range a.decided {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
			dst = append(dst, s...)
		}
		return dst
	}
	for _, p := range a.p {
		for _, x := range p {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
	}
	return dst
}
