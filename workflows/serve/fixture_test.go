package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/workflows/stage"
)

// The pictures of the tests.
const height, width, channels = 20, 23, 7

// safetensors writes a network of random weights.
func safetensors(t testing.TB, path string) {
	t.Helper()
	var b nn.Builder
	x := b.Input(nn.Shape{H: height, W: width, C: channels})
	x = b.ReLU(b.Conv(x, 8, 4, 4, 4, 4, [4]int{}))
	s, err := b.SizeOf(x)
	if err != nil {
		t.Fatal(err)
	}
	b.Softmax(b.Dense(b.GlobalPool(x, s.H, s.W), 3))
	n, err := b.Network(3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.FromNetwork(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	write(t, path, out.Bytes())
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// message is an ONNX message that is written field by field.
type message []byte

func (m message) bytes(num protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, num, protowire.BytesType), b)
}

func (m message) number(num protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, num, protowire.VarintType), v)
}

func weight(rng *rand.Rand, name string, dims ...int) message {
	var m message
	n := 1
	for _, d := range dims {
		m, n = m.number(1, uint64(d)), n*d
	}
	var raw []byte
	for range n {
		raw = protowire.AppendFixed32(raw, math.Float32bits(float32(rng.NormFloat64()/4)))
	}
	return m.number(2, 1).bytes(8, []byte(name)).bytes(9, raw)
}

// onnx writes a network of another make: of pictures with the channels first.
func onnx(t testing.TB, path string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 8))
	var graph, shape message
	for _, n := range []string{"Conv x w c", "Relu c r", "GlobalAveragePool r p", "Flatten p f", "MatMul f d m", "Softmax m y"} {
		f := strings.Fields(n)
		var node message
		for _, in := range f[1 : len(f)-1] {
			node = node.bytes(1, []byte(in))
		}
		graph = graph.bytes(1, node.bytes(2, []byte(f[len(f)-1])).bytes(4, []byte(f[0])))
	}
	graph = graph.bytes(5, weight(rng, "w", 5, channels, 3, 3)).bytes(5, weight(rng, "d", 5, 3))
	for i, d := range []int{0, channels, height, width} {
		dim := message(nil).number(1, uint64(d))
		if i == 0 {
			dim = message(nil).bytes(2, []byte("N"))
		}
		shape = shape.bytes(1, dim)
	}
	value := func(name string) message {
		return message(nil).bytes(1, []byte(name)).bytes(2, message(nil).bytes(1, message(nil).number(1, 1).bytes(2, shape)))
	}
	graph = graph.bytes(11, value("x")).bytes(12, value("y"))
	write(t, path, message(nil).bytes(7, graph).bytes(8, message(nil).number(2, 13)))
}

// pictures are n random ones.
func pictures(rng *rand.Rand, n int) []byte {
	b := make([]byte, n*height*width*channels)
	for i := range b {
		if rng.IntN(3) > 0 {
			b[i] = byte(rng.Uint32())
		}
	}
	return b
}

// classified is what gx classify says of pictures, through files.
func classified(t testing.TB, model, scale string, images []byte) [][3]float64 {
	t.Helper()
	dir := t.TempDir()
	size := height * width * channels
	var in bytes.Buffer
	w, err := tfrecord.NewWriter(&in, tfrecord.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(images); i += size {
		site := example.FromSite(&variant.Site{Variant: variant.Variant{Contig: "c", Start: i, End: i + 1, Ref: "A", Alts: []string{"C"}}, AD: []int{1, 1}, VAF: []float64{0.5}, Depth: 2}, "s")
		if err := w.Write(example.New(site, []int{0}, images[i:i+size], [3]int{height, width, channels}).Append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	plan := stage.ClassifyPlan{Examples: filepath.Join(dir, "e.tfrecord"), Out: filepath.Join(dir, "c.tfrecord"), Model: model, Scale: scale}
	write(t, plan.Examples, in.Bytes())
	if _, err := stage.Classify(t.Context(), &stage.Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(plan.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, plan.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out [][3]float64
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		c, err := example.DecodeCall(rec)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, [3]float64(c.Probabilities))
	}
	return out
}

// opened is a model that is served under its own name.
func opened(t testing.TB, file, scale string) *Model {
	t.Helper()
	m, err := Open(t.Context(), object.Files{}, file, "", scale)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// picturesModel is a model of random weights.
func picturesModel(t testing.TB) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "net.safetensors")
	safetensors(t, path)
	return opened(t, path, stage.DefaultScale)
}

// serving starts a server.
func serving(t testing.TB, m *Model, edit func(*Options)) (*Server, *httptest.Server) {
	t.Helper()
	o := Defaults()
	o.Threads, o.Timeout = 3, 10*time.Minute // of a busy machine
	if edit != nil {
		edit(&o)
	}
	s, err := New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	return s, h
}

// tensor is an input as a client has it.
type tensor struct {
	name, datatype string
	shape          []int
	data           any
}

// body writes a request. Its header is empty where nothing is in binary form.
func body(t testing.TB, id string, binaryIn, binaryOut bool, in ...tensor) (b []byte, header string) {
	t.Helper()
	var list []map[string]any
	var tail bytes.Buffer
	for _, x := range in {
		m := map[string]any{"name": x.name, "datatype": x.datatype, "shape": x.shape}
		if binaryIn {
			before := tail.Len()
			if err := binary.Write(&tail, binary.LittleEndian, x.data); err != nil {
				t.Fatal(err)
			}
			m["parameters"] = map[string]any{"binary_data_size": tail.Len() - before}
		} else {
			m["data"] = x.data
			if bytes, ok := x.data.([]byte); ok {
				whole := make([]int, len(bytes))
				for i, c := range bytes {
					whole[i] = int(c)
				}
				m["data"] = whole
			}
		}
		list = append(list, m)
	}
	b, err := json.Marshal(map[string]any{"id": id, "inputs": list, "parameters": map[string]any{"binary_data_output": binaryOut}})
	if err != nil {
		t.Fatal(err)
	}
	if binaryIn {
		header = strconv.Itoa(len(b))
	}
	return append(b, tail.Bytes()...), header
}

// reply is an answer as a client reads it.
type replyText struct {
	Error   string `json:"error"`
	Model   string `json:"model_name"`
	Version string `json:"model_version"`
	ID      string `json:"id"`
	Outputs []struct {
		Name, Datatype string
		Shape          []int
		Parameters     struct {
			Size int `json:"binary_data_size"`
		}
		Data json.RawMessage
	}

	status        int
	header        http.Header
	probabilities [][3]float64
	decided       []string
}

// ask sends a request and reads its answer.
func ask(t testing.TB, url, model string, b []byte, header string) *replyText {
	t.Helper()
	a, err := tryAsk(url, model, b, header)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryAsk(url, model string, b []byte, header string) (*replyText, error) {
	r, err := http.NewRequest("POST", url+"/v2/models/"+model+"/infer", bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if header != "" {
		r.Header.Set(binaryHeader, header)
	}
	client := http.Client{Timeout: 10 * time.Minute}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	a := &replyText{status: resp.StatusCode, header: resp.Header}
	tail := []byte(nil)
	if n, err := strconv.Atoi(resp.Header.Get(binaryHeader)); err == nil {
		text, tail = text[:n], text[n:]
	}
	if err := json.Unmarshal(text, a); err != nil {
		return nil, fmt.Errorf("%w in %.200s", err, text)
	}
	for _, o := range a.Outputs {
		var flat []float64
		part := tail[:o.Parameters.Size]
		tail = tail[o.Parameters.Size:]
		switch {
		case o.Name == outputDecided && part == nil || o.Name == outputDecided && len(part) == 0:
			err = json.Unmarshal(o.Data, &a.decided)
		case o.Name == outputDecided:
			for len(part) > 0 {
				n := binary.LittleEndian.Uint32(part)
				a.decided = append(a.decided, string(part[4:4+n]))
				part = part[4+n:]
			}
		case len(part) > 0:
			for ; len(part) > 0; part = part[8:] {
				flat = append(flat, math.Float64frombits(binary.LittleEndian.Uint64(part)))
			}
		default:
			err = json.Unmarshal(o.Data, &flat)
		}
		if err != nil {
			return nil, err
		}
		for ; len(flat) > 0; flat = flat[3:] {
			a.probabilities = append(a.probabilities, [3]float64(flat))
		}
	}
	return a, nil
}

// imageInput is the input of pictures.
func imageInput(images []byte) tensor {
	return tensor{inputImage, uint8Type, []int{len(images) / (height * width * channels), height, width, channels}, images}
}
