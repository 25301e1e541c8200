package elastic

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// toy is work whose every number depends on all that came before it.
type toy struct {
	config, job string
	number      int64
	weights     []float32
	takes       [][]float32
	slices      map[int][][]float32 // sums by phase
	sleep       time.Duration       // of its first phase
	fail        error
}

const toyNumbers = 5

func mix(parts ...any) []float32 {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	v := make([]float32, toyNumbers)
	for i := range v {
		v[i] = rng.Float32() - 0.5
	}
	return v
}

func (w *toy) Open(_ context.Context, config []byte) error {
	w.config = string(config)
	return w.fail
}
func (w *toy) Job(config []byte) error { w.job = string(config); return nil }
func (w *toy) Begin(number int64, weights []float32) error {
	w.number, w.weights, w.takes, w.slices = number, weights, nil, map[int][][]float32{}
	return nil
}
func (w *toy) Hold(slice int) error { w.slices[slice] = nil; return nil }
func (w *toy) Run(phase int, slices []int) error {
	time.Sleep(w.sleep)
	w.sleep = 0
	for _, s := range slices {
		if len(w.slices[s]) != phase || len(w.takes) < phase {
			return fmt.Errorf("slice %d runs phase %d after %d, of %d that are known", s, phase, len(w.slices[s]), len(w.takes))
		}
		w.slices[s] = append(w.slices[s], mix(w.config, w.job, w.number, w.weights, w.takes[:phase], s, phase))
	}
	return nil
}
func (w *toy) Take(phase int, v []float32) error {
	if phase != len(w.takes) {
		return fmt.Errorf("takes of phase %d after %d", phase, len(w.takes))
	}
	w.takes = append(w.takes, v)
	return nil
}
func (w *toy) Sums(phase, slice int) ([]float32, float64) {
	v := w.slices[slice][phase]
	return v, float64(v[0]) / 3
}
func (w *toy) Add(sum, v []float32) {
	for i, x := range v {
		sum[i] += x
	}
}

// steps does the steps of two jobs with do, and gives the bits of all results.
func steps(n int, do func(*Step) (float64, error)) (string, error) {
	var out bytes.Buffer
	weights := mix("begin")
	jobs := []*Job{{Config: []byte("a"), Slices: 8, Phases: 4, Sums: []int{5, 5, 5, 5}, Adds: true}, {Config: []byte("b"), Slices: 16, Phases: 1, Sums: []int{5}, Adds: true}}
	for i := range n {
		job := jobs[2*i/n]
		s := &Step{Job: job, Number: int64(100 + i), Weights: weights, Join: func(phase int, sums [][]float32) []float32 {
			total := append([]float32(nil), sums[0]...)
			for _, v := range sums[1:] {
				for k, x := range v {
					total[k] += x
				}
			}
			if phase == job.Phases-1 {
				weights = mix(total)
				return nil
			}
			return total
		}}
		x, err := do(s)
		if err != nil {
			return "", err
		}
		fmt.Fprint(&out, math.Float64bits(x), weights, " ")
	}
	return out.String(), nil
}

// alone does a step without anybody.
func alone(s *Step) (float64, error) {
	w := &toy{config: "all", job: string(s.Job.Config)}
	w.Begin(s.Number, s.Weights)
	total := 0.0
	for phase := range s.Job.Phases {
		var sums [][]float32
		for k := range s.Job.Slices {
			if err := w.Run(phase, []int{k}); err != nil {
				return 0, err
			}
			v, x := w.Sums(phase, k)
			sums = append(sums, v)
			if phase == s.Job.Phases-1 {
				total += x
			}
		}
		if v := s.Join(phase, sums); v != nil {
			w.Take(phase, v)
		}
	}
	return total, nil
}

// served is a coordinator that listens.
type served struct {
	*Coordinator
	url  string
	http *http.Server
}

func serve(t *testing.T, o Options, wrap func(http.Handler) http.Handler) *served {
	t.Helper()
	o.Config, o.Token = []byte("all"), "secret"
	c := New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := c.Server()
	if wrap != nil {
		s.Handler = wrap(s.Handler)
	}
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
	return &served{c, "http://" + l.Addr().String(), s}
}

// team starts and stops workers.
type team struct {
	t    *testing.T
	url  string
	wg   sync.WaitGroup
	stop []context.CancelFunc
}

func (m *team) start(w *toy) {
	ctx, cancel := context.WithCancel(m.t.Context())
	m.stop = append(m.stop, cancel)
	m.wg.Go(func() {
		if err := Work(ctx, w, WorkOptions{URL: m.url, Token: "secret", Name: "toy", Wait: 5 * time.Second}); err != nil && !errors.Is(err, context.Canceled) {
			m.t.Error(err)
		}
	})
}

func (m *team) end() {
	for _, stop := range m.stop {
		stop()
	}
	m.wg.Wait()
}

// until waits for something that must happen.
func until(t *testing.T, happened func() bool) {
	t.Helper()
	for range 3000 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it did not happen")
}

// TestAnyHistory: workers that come, go, are slow and damaged give the bits of
// one that is undisturbed.
func TestAnyHistory(t *testing.T) {
	const n = 60
	want, err := steps(n, alone)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	var mu sync.Mutex
	hurt := 0
	c := serve(t, Options{Lease: 100 * time.Millisecond, Poll: 5 * time.Second}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			mu.Lock()
			if len(b) > 300 && rng.IntN(25) == 0 { // a bit is lost on the way
				b[rng.IntN(len(b))] ^= 16
				hurt++
			}
			mu.Unlock()
			r.Body = io.NopCloser(bytes.NewReader(b))
			next.ServeHTTP(w, r)
		})
	})
	m := &team{t: t, url: c.url}
	step := 0
	got, err := steps(n, func(s *Step) (float64, error) {
		switch step++; step {
		case 1:
			go func() { // nobody is there when it begins
				time.Sleep(20 * time.Millisecond)
				for range 4 {
					m.start(&toy{})
				}
			}()
		case 10:
			for _, stop := range m.stop[:3] {
				stop()
			}
		case 20:
			m.start(&toy{sleep: 300 * time.Millisecond}) // its leases end before it answers
			m.start(&toy{})
			until(t, func() bool { return c.Stats().Workers >= 2 })
		case 29:
			until(t, func() bool { return c.Stats().Late > 0 })
		case 30:
			m.end()
			go func() {
				time.Sleep(20 * time.Millisecond)
				for range 2 {
					m.start(&toy{})
				}
			}()
		}
		return c.Do(t.Context(), s)
	})
	if err != nil || got != want {
		t.Errorf("another result than alone: %v", err)
	}
	c.End()
	m.end()
	s := c.Stats()
	if s.Slices != 30*8+30*16 || s.Joined < 8 || s.Again == 0 || s.Late == 0 || s.Damaged < hurt || hurt == 0 || s.Utilisation() <= 0 || s.In == 0 || s.Out == 0 {
		t.Errorf("%+v: %s; %d messages were damaged", s, &s, hurt)
	}
}

// TestLost: a worker that vanishes without a word is noticed by the end of its
// connection, long before its lease ends.
func TestLost(t *testing.T) {
	c := serve(t, Options{Lease: time.Hour}, nil)
	p, err := newPoster(c.url, "secret")
	if err != nil {
		t.Fatal(err)
	}
	cl := &client{http: p, w: &toy{}}
	if err := cl.join(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := &team{t: t, url: c.url}
	asked := make(chan error)
	go func() {
		_, err := cl.post(t.Context(), fmt.Sprintf("%s?instance=%s&worker=%d", pathWork, cl.welcome.Instance, cl.welcome.Worker), encode(request{}))
		p.close() // with the slices of the step
		m.start(&toy{})
		asked <- err
	}()
	if _, err := steps(2, func(s *Step) (float64, error) { return c.Do(t.Context(), s) }); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err != nil {
		t.Error(err)
	}
	c.End()
	m.end()
	if s := c.Stats(); s.Again == 0 {
		t.Errorf("%+v", s)
	}
}

// TestAnotherCoordinator: one that is started again at the same address is
// joined again.
func TestAnotherCoordinator(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	m := &team{t: t, url: "http://" + addr}
	m.start(&toy{})
	for round := range 2 {
		if round > 0 {
			if l, err = net.Listen("tcp", addr); err != nil {
				t.Fatal(err)
			}
		}
		c := New(Options{Config: []byte("all"), Token: "secret"})
		s := c.Server()
		done := make(chan struct{})
		go func() { defer close(done); s.Serve(l) }()
		if _, err := steps(4, func(s *Step) (float64, error) { return c.Do(t.Context(), s) }); err != nil {
			t.Error(err)
		}
		if round == 1 {
			c.End()
			m.wg.Wait()
		}
		s.Close()
		<-done
	}
}

func TestRefused(t *testing.T) {
	c := serve(t, Options{}, nil)
	for _, k := range []struct {
		name string
		o    WorkOptions
		w    *toy
		want string
	}{
		{"token", WorkOptions{URL: c.url, Token: "other"}, &toy{}, "401"},
		{"no token", WorkOptions{URL: c.url}, &toy{}, "401"},
		{"address", WorkOptions{URL: "ftp://x"}, &toy{}, "want http://HOST:PORT"},
		{"nobody", WorkOptions{URL: "http://127.0.0.1:1"}, &toy{}, "does not answer"},
		{"no coordinator", WorkOptions{URL: c.url + "/other", Token: "secret"}, &toy{}, "404"},
		{"inputs", WorkOptions{URL: c.url, Token: "secret"}, &toy{fail: errors.New("other inputs")}, "other inputs"},
	} {
		t.Run(k.name, func(t *testing.T) {
			if err := Work(t.Context(), k.w, k.o); err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v: no word of %q", err, k.want)
			}
		})
	}
	if s := c.Stats(); s.Workers != 0 {
		t.Errorf("%d workers are there", s.Workers)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := steps(1, func(s *Step) (float64, error) { return c.Do(ctx, s) }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v: want it to be stopped", err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(encode(request{Job: 1, Step: 2, Done: []answer{{0, 1, []int{3, 4}, 5}}}, []float32{1, 2}), false)
	f.Add(encode(reply{Kind: kindRun, Config: []byte("x"), Slices: []lease{{1, 2}}, Weights: true}, []float32{1}, nil), true)
	f.Add(encode(reply{Kind: kindWait})[:9], true)
	f.Fuzz(func(t *testing.T, b []byte, toWorker bool) {
		if len(b) > sumLength { // with a checksum that is right, or nothing behind it is tried
			binary.LittleEndian.PutUint32(b[len(b)-sumLength:], checksum(b[:len(b)-sumLength]))
		}
		var header any = &request{}
		if toWorker {
			header = &reply{}
		}
		vectors, err := decode(b, header)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v is not said to be damaged", err)
			}
			return
		}
		again := encode(header, vectors...)
		var second any = &request{}
		if toWorker {
			second = &reply{}
		}
		if v, err := decode(again, second); err != nil || !bytes.Equal(encode(second, v...), again) {
			t.Errorf("what was read is not what is written: %v", err)
		}
		c := New(Options{})
		c.run = &running{Step: &Step{Job: &Job{Slices: 2, Phases: 1, Sums: []int{2}, Adds: true}}, id: 2, slices: make([]slice, 2), left: 2}
		m := &member{}
		c.run.slices[0].holder, c.run.slices[0].lease = m, 3
		if q, ok := header.(*request); ok { // whatever it says, nothing breaks
			if c.accept(m, q, vectors) == nil && c.run.left < 1 {
				t.Error("a slice that it does not have is done")
			}
			c.next(m, q)
		}
	})
}
