package serve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
	"github.com/gx-genomics/gx/workflows/models"
	"github.com/gx-genomics/gx/workflows/stage"
)

// TestSameAsClassify: many clients that ask at once, for few and many pictures,
// in JSON and in binary form, get what gx classify writes, bit for bit.
func TestSameAsClassify(t *testing.T) {
	const n = 40
	rng := rand.New(rand.NewPCG(1, 2))
	images := pictures(rng, n)
	size := len(images) / n
	for _, k := range []struct {
		file, scale string
		make        func(testing.TB, string)
	}{{"net.safetensors", "share", safetensors}, {"other-net.onnx", stage.DefaultScale, onnx}} {
		t.Run(k.file, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), k.file)
			k.make(t, path)
			want := classified(t, path, k.scale, images)
			if want[0] == want[1] || want[1] == want[2] {
				t.Fatalf("pictures are not told apart: %v", want[:3])
			}
			m := opened(t, path, k.scale)
			_, h := serving(t, m, func(o *Options) { o.Batch = 7 })
			var clients sync.WaitGroup
			for c := range 6 {
				clients.Go(func() {
					rng := rand.New(rand.NewPCG(uint64(c), 9))
					for round := range 6 {
						from := rng.IntN(n)
						to := from + 1 + rng.IntN(min(n-from, 1+rng.IntN(20)))
						b, header := body(t, fmt.Sprint(c, round), round%2 == 0, round%3 == 0, imageInput(images[from*size:to*size]))
						a, err := tryAsk(h.URL, m.Name, b, header)
						switch {
						case err != nil:
							t.Error(err)
						case a.status != 200 || a.ID != fmt.Sprint(c, round) || a.Model != m.Name || a.Version != m.Version:
							t.Errorf("%+v", a)
						case !reflect.DeepEqual(a.probabilities, want[from:to]):
							t.Errorf("pictures %d to %d differ from those of gx classify", from, to)
						}
					}
				})
			}
			clients.Wait()
		})
	}
}

// siteInputs are the tensors of sites with their pictures, and the sites
// themselves: of so many alternate alleles, 0 for one in a run with two.
func siteInputs(t testing.TB, m *Model, alts []int) (in []tensor, sites []*classify.Evidence) {
	t.Helper()
	f, err := classify.NewFeaturer()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var features []float32
	var counts, slips []float64
	var images []byte
	var site []int64
	for i, n := range alts {
		e := classifytest.Random(rng, max(n, 1))
		if n == 0 {
			e = classifytest.InRun(14, []int{-1, 1}, map[int]int{0: 9, -1: 4, 1: 3})
			n = 2
		} else if i%3 == 0 { // one that is sure: many good reads of one allele
			for k := range e.Reads {
				e.Reads[k].Allele, e.Reads[k].BaseQ, e.Reads[k].MapQ = 0, 40, 60
			}
		}
		sum, err := f.Sum(e)
		if err != nil {
			t.Fatal(err)
		}
		features = append(features, sum.Features...)
		drawn := map[string][]byte{}
		for k, set := range variant.AltSets(n) {
			img := make([]byte, m.image)
			for j := range 300 {
				img[rng.IntN(len(img))] = byte(j)
			}
			drawn[fmt.Sprint(set)] = img
			images = append(images, img...)
			counts = append(counts, sum.Counts[k][:]...)
			var p [classify.Copies]float64
			if sum.Slips != nil {
				p = sum.Slips[k]
			}
			slips = append(slips, p[:]...)
			site = append(site, int64(1000-i))
		}
		e.Draw = func(dst []byte, set []int) ([]byte, error) { return append(dst, drawn[fmt.Sprint(set)]...), nil }
		sites = append(sites, e)
	}
	rows := len(site)
	shape := m.Inputs[1].Shape
	return []tensor{{inputFeatures, float32Type, []int{rows, classify.Features}, features}, {inputImage, uint8Type, []int{rows, shape[1], shape[2], shape[3]}, images},
		{inputCounts, float64Type, []int{rows, classify.Copies}, counts}, {inputSlips, float64Type, []int{rows, classify.Copies}, slips}, {inputSite, int64Type, []int{rows}, site}}, sites
}

// TestSites: the model that is part of the program says of sites over HTTP what
// it says in process, bit for bit, whichever of its parts decides.
func TestSites(t *testing.T) {
	m := opened(t, models.WGS, stage.DefaultScale)
	_, h := serving(t, m, func(o *Options) { o.Batch = 4 })
	data, _ := models.Embedded(models.WGS)
	own, err := models.Parse(models.WGS, data)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := own.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	in, sites := siteInputs(t, m, []int{1, 2, 1, 3, 1, 0, 1, 2, 1})
	var want, first []variant.Likelihoods // of all alt sets, of the first of each site
	err = inside.Classify(t.Context(), sites, func(_ int, sets []variant.Likelihoods) error {
		want, first = append(want, sets...), append(first, sets[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]int{}
	for _, binary := range []bool{true, false} {
		b, header := body(t, "", binary, binary, in...)
		a := ask(t, h.URL, m.Name, b, header)
		if a.status != 200 || len(a.probabilities) != len(want) || len(a.decided) != len(want) {
			t.Fatalf("binary %v: status %d, %s, %d rows of %d", binary, a.status, a.Error, len(a.probabilities), len(want))
		}
		for i, l := range want {
			parts[l.Model]++
			if a.probabilities[i] != l.P || a.decided[i] != l.Model {
				t.Errorf("binary %v: row %d is %v of %s, want %v of %s", binary, i, a.probabilities[i], a.decided[i], l.P, l.Model)
			}
		}
	}
	if len(parts) != 2 {
		t.Errorf("parts that decided: %v, want both", parts)
	}
	in, _ = siteInputs(t, m, []int{1})
	b, header := body(t, "", true, true, in[:4]...)
	if a := ask(t, h.URL, m.Name, b, header); len(a.probabilities) != 1 || a.probabilities[0] != first[0].P {
		t.Errorf("without the input site every row is a site: %v, want %v", a.probabilities, first[0].P)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	bad, odd := filepath.Join(dir, "x.onnx"), filepath.Join(dir, "a b.safetensors")
	write(t, bad, []byte("hello"))
	safetensors(t, odd)
	for _, k := range []struct{ file, name, scale, want string }{
		{stage.ModelCounts, "", stage.DefaultScale, "model counts looks at reads one by one"},
		{filepath.Join(dir, "no.onnx"), "", stage.DefaultScale, "no.onnx: no such file"},
		{bad, "", stage.DefaultScale, "x.onnx: "},
		{odd, "", stage.DefaultScale, `model name "a b"`},
		{odd, "a", "big", `scale "big"`},
	} {
		if _, err := Open(t.Context(), object.Files{}, k.file, k.name, k.scale); err == nil || !contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", k.file, err, k.want)
		}
	}
	o := Options{Timeout: -1, Batch: 1 << 20}
	if _, err := New(nil, o); err == nil || !contains(err.Error(), "batch 1048576: want 1 to 4096") || !contains(err.Error(), "timeout -1ns") {
		t.Errorf("%v", err)
	}
}

// TestStop: when the end is asked for the server is not ready at once, the
// request under way is answered, and then nobody listens.
func TestStop(t *testing.T) {
	m := picturesModel(t)
	o := Defaults()
	o.Drain, o.Wait, o.Batch = 2*time.Second, 300*time.Millisecond, 4096 // so that a request waits for company
	s, err := New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	status := func(path string) int {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := status("/v2/health/ready"); got != 200 {
		t.Errorf("ready: %d", got)
	}
	b, header := body(t, "", true, false, imageInput(pictures(rand.New(rand.NewPCG(1, 1)), 2)))
	answered := make(chan *replyText, 1)
	go func() {
		a, err := tryAsk(url, m.Name, b, header)
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	for s.queue.waiting.Load() == 0 { // it is under way
		time.Sleep(time.Millisecond)
	}
	cancel()
	for !s.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	for _, path := range []string{"/v2/health/ready", "/v2/models/net/ready"} {
		if got := status(path); got != http.StatusServiceUnavailable {
			t.Errorf("%s while it stops: %d", path, got)
		}
	}
	if got := status("/v2/health/live"); got != 200 {
		t.Errorf("live while it stops: %d", got)
	}
	if a := <-answered; a == nil || a.status != 200 || len(a.probabilities) != 2 {
		t.Errorf("the request under way got %+v", a)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := tryAsk(url, m.Name, b, header); err == nil {
		t.Error("somebody still listens")
	}
	if c := (&call{ctx: t.Context(), q: &question{rows: 1}, units: 1}); s.queue.add(c) != errLate {
		t.Error("a call was taken after the end")
	}
}

// TestQueue: batches have the rows of calls in their order, each once, and no
// more than they may.
func TestQueue(t *testing.T) {
	var mu sync.Mutex
	var sizes []int
	got := map[*call][]int{}
	q := newQueue(1000, 10, time.Millisecond, 2, func() func([]piece) {
		return func(batch []piece) {
			mu.Lock()
			rows := 0
			for _, p := range batch {
				rows += p.rows()
				for u := p.from; u < p.to; u++ {
					got[p.call] = append(got[p.call], u)
				}
			}
			sizes = append(sizes, rows)
			mu.Unlock()
			for _, p := range batch {
				p.call.finish(p, nil)
			}
		}
	})
	var calls []*call
	for i := range 60 {
		n := 1 + i*7%29
		c := &call{ctx: t.Context(), q: &question{rows: n}, units: n, done: make(chan struct{})}
		if i%3 == 0 { // units of three rows
			c.q.rows, c.first = 3*n, []int{0}
			for u := range n {
				c.first = append(c.first, 3*u+3)
			}
		}
		for q.add(c) == errFull {
			time.Sleep(time.Millisecond)
		}
		calls = append(calls, c)
	}
	for _, c := range calls {
		<-c.done
	}
	q.close()
	q.close() // twice is once
	most := slices.Max(sizes)
	if most > 12 || most < 10 { // a unit of three rows may reach over the end
		t.Errorf("the largest batch has %d rows", most)
	}
	for _, c := range calls {
		list := got[c]
		slices.Sort(list)
		for u := range c.units {
			if len(list) != c.units || list[u] != u {
				t.Fatalf("units %v of %d", list, c.units)
			}
		}
	}
	if n := q.waiting.Load(); n != 0 {
		t.Errorf("%d rows still wait", n)
	}
}
