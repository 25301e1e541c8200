package serve

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/metrics"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/workflows/models"
	"github.com/gx-genomics/gx/workflows/stage"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// TestProtocol: what the protocol says of a server and its model.
func TestProtocol(t *testing.T) {
	m := picturesModel(t)
	_, h := serving(t, m, nil)
	for _, k := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/v2", 200, `{"extensions":["binary_tensor_data"],"name":"gx","version":"` + stage.Version + `"}`},
		{"GET", "/v2/health/live", 200, `{"live":true}`},
		{"GET", "/v2/health/ready", 200, `{"ready":true}`},
		{"GET", "/v2/models/net", 200, `{"name":"net","versions":["` + m.Version + `"],"platform":"gx_safetensors","inputs":[{"name":"image","datatype":"UINT8","shape":[-1,20,23,7]}],` +
			`"outputs":[{"name":"probabilities","datatype":"FP64","shape":[-1,3]}]}`},
		{"GET", "/v2/models/net/versions/" + m.Version, 200, `"versions":`},
		{"GET", "/v2/models/net/ready", 200, `{"name":"net","ready":true}`},
		{"GET", "/v2/models/net/versions/" + m.Version + "/ready", 200, `{"name":"net","ready":true}`},
		{"GET", "/v2/models/other", 404, `{"error":"there is no model \"other\" here; this is net"}`},
		{"GET", "/v2/models/net/versions/7/ready", 404, `{"error":"there is no version \"7\" of model net here; this is ` + m.Version + `"}`},
		{"POST", "/v2/models/other/infer", 404, `no model`},
		{"GET", "/v2/models/net/infer", 405, `{"error":"GET /v2/models/net/infer: want POST"}`},
		{"POST", "/v2/health/live", 405, `{"error":"POST /v2/health/live: want GET"}`},
		{"GET", "/", 404, `{"error":"there is no / here; the model is at /v2/models/net"}`},
		{"GET", "/v1/models/net:predict", 404, `{"error":`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), k.method, h.URL+k.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != k.status || !contains(string(b), k.want) || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %d %s (%v), want %d %s", k.method, k.path, resp.StatusCode, b, err, k.status, k.want)
		}
	}
}

// one is the request of a picture, with something else in place of a part.
func one(old, with string) string {
	text := `{"id":"7","inputs":[{"name":"image","shape":[1,20,23,7],"datatype":"UINT8","data":[` + strings.Repeat("9,", height*width*channels-1) + `9]}],"outputs":[{"name":"probabilities"}]}`
	return strings.Replace(text, old, with, 1)
}

// TestRefuses: one clear line in the protocol's form for every kind of bad body.
func TestRefuses(t *testing.T) {
	m := picturesModel(t)
	_, h := serving(t, m, func(o *Options) { o.Queue = 5 })
	head := `{"inputs":[{"name":"image","shape":[1,20,23,7],"datatype":"UINT8","parameters":{"binary_data_size":3220}}]}`
	raw := string(make([]byte, height*width*channels))
	for _, k := range []struct {
		name, body, header string
		status             int
		want               string
	}{
		{"right", one("", ""), "", 200, ""},
		{"right, by row", one(`[9,9`, `[[9],[[9 ]]`), "", 200, ""},
		{"right, binary", head + raw, fmt.Sprint(len(head)), 200, ""},
		{"nothing", "", "", 400, "the body: no JSON, or cut off"},
		{"no JSON", "hello", "", 400, "the body: no JSON: byte 1: invalid character 'h' looking for beginning of value"},
		{"cut off", one("", "")[:100], "", 400, "the body: no JSON, or cut off"},
		{"something behind it", one("", "") + "{", "", 400, "something follows the JSON; tensors in binary form want the header Inference-Header-Content-Length"},
		{"another kind", `{"inputs":{}}`, "", 400, "the body: inputs is a JSON object, want []serve.inputText"},
		{"no inputs", `{}`, "", 400, "input image is missing: UINT8 of shape [-1,20,23,7]"},
		{"another input", one(`"image"`, `"picture"`), "", 400, `input "picture": model net has image`},
		{"twice", one(`"inputs":[`, `"inputs":[`+head[11:len(head)-2]+","), "", 400, "input image: binary_data_size 3220, but 0 bytes are left behind the JSON; is the header Inference-Header-Content-Length set?"},
		{"datatype", one(`"UINT8"`, `"FP32"`), "", 400, `input image: datatype "FP32", want UINT8`},
		{"shape", one(`[1,20,23,7]`, `[1,20,23]`), "", 400, "input image: shape [1,20,23], want [-1,20,23,7], -1 standing for any number of rows from 1"},
		{"shape of none", one(`[1,20,23,7]`, `[0,20,23,7]`), "", 400, "input image: shape [0,20,23,7], want"},
		{"shape below none", one(`[1,20,23,7]`, `[-1,20,23,7]`), "", 400, "input image: shape [-1,20,23,7], want"},
		{"no shape", one(`"shape":[1,20,23,7],`, ``), "", 400, "input image: shape [], want"},
		{"long shape", one(`[1,20,23,7]`, `[1,1,1,1,1,1,1,1,1,1]`), "", 400, "input image: shape [1,1,1,1,1,1,1,1,..], want"},
		{"too many rows", one(`[1,20,23,7]`, `[6,20,23,7]`), "", 413, "input image: 6 rows, at most 5 are taken at once; send fewer per request"},
		{"enormous", one(`[1,20,23,7]`, `[9000000000000000000,20,23,7]`), "", 400, "input image: shape [9000000000000000000,20,23,7], want"},
		{"too few values", one(`9,9`, `9`), "", 400, "input image: 3219 values, want the 3220 of the shape"},
		{"far too few values", one(`[1,20`, `[5,20`), "", 400, "input image: data of 6441 bytes, want 16100 values"},
		{"too many values", one(`9,9`, `9,9,9`), "", 400, "input image: more than the 3220 values of the shape"},
		{"too large a value", one(`9,9`, `9,256`), "", 400, "input image: value 1 is 256, want a whole number from 0 to 255"},
		{"below none", one(`9,9`, `9,-1`), "", 400, "input image: value 1 is -1, want a whole number from 0 to 255"},
		{"a fraction", one(`9,9`, `9,1.5`), "", 400, "input image: value 1 is 1.5, want a whole number from 0 to 255"},
		{"a word", one(`9,9`, `9,"9"`), "", 400, `input image: value 1 begins with '"', want numbers in an array`},
		{"null", one(`9,9`, `9,null`), "", 400, `input image: value 1 begins with 'n', want numbers in an array`},
		{"too deep", one(`9,9`, `9,[[[[9]]]]`), "", 400, "input image: arrays 5 deep, want at most 4"},
		{"no array", `{"inputs":[{"name":"image","shape":[1,20,23,7],"datatype":"UINT8","data":5}]}`, "", 400, "input image: data of 1 bytes, want 3220 values"},
		{"no data", one(`"data"`, `"dada"`), "", 400, "input image has neither data nor the parameter binary_data_size"},
		{"both", one(`"data"`, `"parameters":{"binary_data_size":1},"data"`), "", 400, "input image has both data and binary_data_size, want one"},
		{"output", one(`"probabilities"`, `"logits"`), "", 400, `output "logits": model net has probabilities`},
		{"output twice", one(`[{"name":"prob`, `[{"name":"probabilities"},{"name":"prob`), "", 400, "output probabilities is asked for twice"},
		{"classification", one(`"probabilities"`, `"probabilities","parameters":{"classification":1}`), "", 400, "output probabilities: the classification extension is not served"},
		{"shared memory", one(`"data"`, `"parameters":{"shared_memory_region":"x"},"data"`), "", 400, "input image: shared memory is not served: send the data in the body"},
		{"parameters", one(`"id":"7"`, `"parameters":{"binary_data_output":"yes"}`), "", 400, "parameters: binary_data_output is a JSON string, want bool"},
		{"header", head + raw, "x", 400, `header Inference-Header-Content-Length: "x", want a number up to the 3327 bytes of the body`},
		{"header too long", head + raw, "99999", 400, `header Inference-Header-Content-Length: "99999", want`},
		{"header below none", head + raw, "-1", 400, `header Inference-Header-Content-Length: "-1", want`},
		{"too little behind it", head + raw[1:], fmt.Sprint(len(head)), 400, "input image: binary_data_size 3220, but 3219 bytes are left behind the JSON"},
		{"too much behind it", head + raw + "x", fmt.Sprint(len(head)), 400, "1 bytes of the body belong to no input"},
		{"another size", strings.Replace(head, "3220", "3219", 1) + raw, fmt.Sprint(len(head)), 400, "input image: 3219 bytes, want 3220: 3220 values of UINT8"},
	} {
		t.Run(k.name, func(t *testing.T) {
			a := ask(t, h.URL, m.Name, []byte(k.body), k.header)
			if a.status != k.status || !contains(a.Error, k.want) || contains(a.Error, "\n") {
				t.Errorf("%d %s, want %d %s", a.status, a.Error, k.status, k.want)
			}
		})
	}
}

// TestRefusesSites: rows that are no sites, and values that are no numbers.
func TestRefusesSites(t *testing.T) {
	m := opened(t, models.WGS, stage.DefaultScale)
	_, h := serving(t, m, nil)
	for _, k := range []struct {
		name string
		edit func(in []tensor)
		want string
	}{
		{"two rows of a site", func(in []tensor) { in[4].data = []int64{1, 1, 2, 3, 4} }, "input site: rows 0 to 1 are one site, but 2 are not its alt sets"},
		{"apart", func(in []tensor) { in[4].data = []int64{1, 2, 1, 3, 4} }, "input site: the rows of site 1 do not lie together: row 2"},
		{"no probabilities", func(in []tensor) { in[2].data.([]float64)[4] = 7 }, "input counts: row 1 is ["},
		{"no probabilities of slips", func(in []tensor) { in[3].data.([]float64)[4] = 7 }, "input slips: row 1 is ["},
		{"NaN", func(in []tensor) { in[2].data.([]float64)[4] = math.NaN() }, "input counts: value 4 is NaN, want a finite number"},
		{"infinite feature", func(in []tensor) { in[0].data.([]float32)[5] = float32(math.Inf(-1)) }, "input features: value 5 is -Inf, want a finite number"},
		{"fewer rows", func(in []tensor) {
			in[2].shape = []int{4, classify.Copies}
			in[2].data = in[2].data.([]float64)[:12]
		}, "input counts: 4 rows, but the inputs before it have 5"},
		{"an input is missing", func(in []tensor) { in[0] = in[4] }, "input site stands twice"},
	} {
		t.Run(k.name, func(t *testing.T) {
			in, _ := siteInputs(t, m, []int{1, 1, 1, 1, 1})
			k.edit(in)
			b, header := body(t, "", true, true, in...)
			if a := ask(t, h.URL, m.Name, b, header); a.status != 400 || !contains(a.Error, k.want) {
				t.Errorf("%d %s, want %s", a.status, a.Error, k.want)
			}
		})
	}
}

// TestFull: who finds no room is told when to try again, and the bounds hold for
// bodies of no stated length too.
func TestFull(t *testing.T) {
	m := picturesModel(t)
	size := int64(height * width * channels)
	s, h := serving(t, m, func(o *Options) {
		o.Queue, o.Wait, o.Batch, o.Timeout, o.Body, o.Bodies = 3, time.Minute, 4096, 2*time.Second, 4*size, 6*size
	})
	images := pictures(rand.New(rand.NewPCG(1, 1)), 3)
	b, header := body(t, "", true, false, imageInput(images[:2*size]))
	first := make(chan *replyText, 1)
	go func() { // it waits for company that does not come
		a, _ := tryAsk(h.URL, m.Name, b, header)
		first <- a
	}()
	for s.queue.waiting.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	a := ask(t, h.URL, m.Name, b, header)
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" || !contains(a.Error, "the queue is full: 2 rows wait already; try again") {
		t.Errorf("full: %d %s", a.status, a.Error)
	}
	if a = <-first; a == nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" || !contains(a.Error, "no answer within 2s") {
		t.Errorf("timed out: %+v", a)
	}
	large := make([]byte, 5*size)
	if a := ask(t, h.URL, m.Name, large, ""); a.status != http.StatusRequestEntityTooLarge || !contains(a.Error, "a body of more than 12880 bytes") {
		t.Errorf("large: %d %s", a.status, a.Error)
	}
	// No stated length: more than may be, and then a body that does not come.
	post := func(r io.Reader) (int, string) {
		resp, err := http.Post(h.URL+"/v2/models/net/infer", "application/json", r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	if status, text := post(io.MultiReader(bytes.NewReader(large))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("large, of no stated length: %d %s", status, text)
	}
	slow, hold := io.Pipe()
	defer hold.Close()
	late := make(chan string, 1)
	go func() {
		status, text := post(slow)
		late <- fmt.Sprint(status, text)
	}()
	for s.bodies.Load() < 4*size {
		time.Sleep(time.Millisecond)
	}
	three, header := body(t, "", true, false, imageInput(images))
	if a := ask(t, h.URL, m.Name, three, header); a.status != http.StatusTooManyRequests || !contains(a.Error, "requests of 12880 bytes are under way") {
		t.Errorf("bodies: %d %s", a.status, a.Error)
	}
	if got := <-late; !contains(got, "408") || !contains(got, "did not come within 2s") {
		t.Errorf("slow: %s", got)
	}
	// A body that ends before its stated length, and one that is packed.
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}")
	conn.(*net.TCPConn).CloseWrite()
	if text, _ := io.ReadAll(conn); !contains(string(text), "400 Bad Request") || !contains(string(text), "the body is cut off: unexpected EOF") {
		t.Errorf("cut off: %s", text)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/v2/models/net/infer", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Encoding", "gzip")
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("packed: %v %v", resp, err)
	}
	resp.Body.Close()
	for s.bodies.Load() != 0 { // all room comes back
		time.Sleep(time.Millisecond)
	}
}

// TestMetrics: the text is right by a strict reader, counts grow, and they are
// those of what was asked.
func TestMetrics(t *testing.T) {
	m := picturesModel(t)
	_, h := serving(t, m, nil)
	scrape := func() map[string]float64 {
		resp, err := http.Get(h.URL + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.Header.Get("Content-Type") != metrics.ContentType {
			t.Fatal(resp.Header, err)
		}
		got, err := metrics.Read(string(b))
		if err != nil {
			t.Fatalf("%v in\n%s", err, b)
		}
		return got
	}
	before := scrape()
	b, header := body(t, "", true, false, imageInput(pictures(rand.New(rand.NewPCG(1, 1)), 5)))
	ask(t, h.URL, m.Name, b, header)
	ask(t, h.URL, m.Name, b, header)
	ask(t, h.URL, m.Name, b[1:], header)
	after := scrape()
	for name, want := range map[string]float64{`gx_serve_requests_total{code="200"}`: 2, `gx_serve_requests_total{code="400"}`: 1, "gx_serve_rows_total": 10, "gx_serve_waiting_rows": 0,
		"gx_serve_body_bytes": 0, "gx_serve_ready": 1, "gx_serve_request_seconds_count": 3, "gx_serve_batch_rows_sum": 10, "gx_serve_refused_total": 0} {
		if after[name] != want {
			t.Errorf("%s is %v, want %v", name, after[name], want)
		}
	}
	for name, x := range before {
		if y, ok := after[name]; !ok || y < x {
			t.Errorf("%s fell from %v to %v", name, x, y)
		}
	}
}
