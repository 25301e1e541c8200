package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Options are those of a Server.
type Options struct {
	Threads int           // that ask the network at once
	Batch   int           // most rows that go through it together
	Wait    time.Duration // longest time that a row waits for company
	Queue   int           // most rows that wait, and most of one request
	Body    int64         // most bytes of a request
	Bodies  int64         // most bytes of all requests that are under way
	Timeout time.Duration // of a request, from its first byte to its answer
	Drain   time.Duration // how long requests are still taken after the end was asked for
	Grace   time.Duration // how long those under way may then take

	Note func(format string, args ...any) // a line for the operator; may be nil
}

// Defaults are the usual options.
func Defaults() Options {
	return Options{Threads: 1, Batch: 24, Wait: time.Millisecond, Queue: 1024, Body: 64 << 20, Bodies: 256 << 20, Timeout: 30 * time.Second, Drain: 3 * time.Second,
		Grace: 20 * time.Second}
}

// Validate reports all faults at once.
func (o *Options) Validate() error {
	var errs []error
	for _, x := range []struct {
		name   string
		v      int64
		lo, hi int64
	}{{"threads", int64(o.Threads), 1, 4096}, {"batch", int64(o.Batch), 1, 4096}, {"queue", int64(o.Queue), 1, 1 << 20}, {"max-body", o.Body, 1 << 10, 1 << 32},
		{"max-bodies", o.Bodies, o.Body, 1 << 40}} {
		if x.v < x.lo || x.v > x.hi {
			errs = append(errs, fmt.Errorf("%s %d: want %d to %d", x.name, x.v, x.lo, x.hi))
		}
	}
	for _, x := range []struct {
		name   string
		v      time.Duration
		lo, hi time.Duration
	}{{"max-wait", o.Wait, 0, time.Minute}, {"timeout", o.Timeout, time.Millisecond, time.Hour}, {"drain", o.Drain, 0, time.Hour}, {"grace", o.Grace, 0, time.Hour}} {
		if x.v < x.lo || x.v > x.hi {
			errs = append(errs, fmt.Errorf("%s %v: want %v to %v", x.name, x.v, x.lo, x.hi))
		}
	}
	return errors.Join(errs...)
}

// Server serves one model.
type Server struct {
	model *Model
	o     Options
	queue *queue
	count *counts

	bodies   atomic.Int64 // bytes of requests under way
	stopping atomic.Bool
}

// New starts the workers of a server. Serve ends them, or Close.
func New(m *Model, o Options) (*Server, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &Server{model: m, o: o, count: newCounts()}
	s.queue = newQueue(o.Queue, o.Batch, o.Wait, o.Threads, func() func([]piece) {
		memory := &scratch{}
		return func(batch []piece) {
			begin, rows := time.Now(), 0
			for _, p := range batch {
				rows += p.rows()
			}
			m.run(live(batch), memory)
			s.count.batches.Observe(float64(rows))
			s.count.busy.Observe(time.Since(begin).Seconds())
		}
	})
	return s, nil
}

// live is the pieces for whose answer somebody waits.
func live(batch []piece) []piece {
	out := batch[:0]
	for _, p := range batch {
		if p.call.ctx.Err() != nil {
			p.call.finish(p, errLate)
			continue
		}
		out = append(out, p)
	}
	return out
}

// Close ends the workers when what waits is answered.
func (s *Server) Close() { s.queue.close() }

// Serve answers requests on a listener until ctx ends. Then it says that it is
// not ready, still takes requests for Options.Drain, so that who sends them can
// learn of it, and waits for those under way.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(noteWriter{s}, "", 0)}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		s.Close()
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.note("stopping: not ready any more; requests under way end first")
	select {
	case <-time.After(s.o.Drain):
	case err := <-failed:
		s.Close()
		return err
	}
	grace, cancel := context.WithTimeout(context.Background(), s.o.Grace)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		h.Close()
		return fmt.Errorf("requests that were under way did not end within %v: %w", s.o.Grace, err)
	}
	s.Close()
	return nil
}

func (s *Server) note(format string, args ...any) {
	if s.o.Note != nil {
		s.o.Note(format, args...)
	}
}

// noteWriter makes a note of what the HTTP server logs.
type noteWriter struct{ s *Server }

func (w noteWriter) Write(b []byte) (int, error) {
	w.s.note("%s", strings.TrimSpace(string(b)))
	return len(b), nil
}

// Handler is the server without its listener.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	get := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc("GET "+path, s.answer(f))
		mux.HandleFunc(path, s.answer(wrongMethod("GET")))
	}
	get("/v2", s.metadata)
	get("/v2/health/live", func(w http.ResponseWriter, _ *http.Request) error {
		return reply(w, http.StatusOK, map[string]bool{"live": true})
	})
	get("/v2/health/ready", func(w http.ResponseWriter, _ *http.Request) error {
		return s.ready(w, map[string]any{"ready": !s.stopping.Load()})
	})
	get("/metrics", s.metrics)
	for _, path := range []string{"/v2/models/{model}", "/v2/models/{model}/versions/{version}"} {
		get(path, s.named(s.modelMetadata))
		get(path+"/ready", s.named(func(w http.ResponseWriter, _ *http.Request) error {
			return s.ready(w, map[string]any{"name": s.model.Name, "ready": !s.stopping.Load()})
		}))
		mux.HandleFunc("POST "+path+"/infer", s.timed(s.answer(s.named(s.infer))))
		mux.HandleFunc(path+"/infer", s.answer(wrongMethod("POST")))
	}
	mux.HandleFunc("/", s.answer(func(_ http.ResponseWriter, r *http.Request) error {
		return &fault{http.StatusNotFound, fmt.Errorf("there is no %.200s here; the model is at /v2/models/%s", r.URL.Path, s.model.Name)}
	}))
	return mux
}

func wrongMethod(want string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", want)
		return &fault{http.StatusMethodNotAllowed, fmt.Errorf("%.20s %.200s: want %s", r.Method, r.URL.Path, want)}
	}
}

// reply writes a JSON answer.
func reply(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n')) // who went away needs no answer
	return nil
}

// answer turns errors of a handler into the protocol's form.
func (s *Server) answer(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		status := http.StatusInternalServerError
		if x := new(fault); errors.As(err, &x) {
			status = x.status
		} else {
			s.note("%s %s: %v", r.Method, r.URL.Path, err)
		}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		if status >= http.StatusRequestTimeout && status != http.StatusTooManyRequests { // what is left of a body is not read
			w.Header().Set("Connection", "close")
		}
		reply(w, status, map[string]string{"error": err.Error()})
	}
}

func (s *Server) ready(w http.ResponseWriter, v any) error {
	status := http.StatusOK
	if s.stopping.Load() {
		status = http.StatusServiceUnavailable
	}
	return reply(w, status, v)
}

// named is a handler behind the check of model and version.
func (s *Server) named(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if got := r.PathValue("model"); got != s.model.Name {
			return &fault{http.StatusNotFound, fmt.Errorf("there is no model %.100q here; this is %s", got, s.model.Name)}
		}
		if got := r.PathValue("version"); got != "" && got != s.model.Version {
			return &fault{http.StatusNotFound, fmt.Errorf("there is no version %.100q of model %s here; this is %s", got, s.model.Name, s.model.Version)}
		}
		return f(w, r)
	}
}

func (s *Server) metadata(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string]any{"name": "gx", "version": stage.Version, "extensions": []string{"binary_tensor_data"}})
}

func (s *Server) modelMetadata(w http.ResponseWriter, _ *http.Request) error {
	m := s.model
	return reply(w, http.StatusOK, struct {
		Name     string   `json:"name"`
		Versions []string `json:"versions"`
		Platform string   `json:"platform"`
		Inputs   []Tensor `json:"inputs"`
		Outputs  []Tensor `json:"outputs"`
	}{m.Name, []string{m.Version}, m.Platform, m.Inputs, m.Outputs})
}

// infer answers a question.
func (s *Server) infer(w http.ResponseWriter, r *http.Request) error {
	deadline := time.Now().Add(s.o.Timeout)
	ctx, cancel := context.WithDeadline(r.Context(), deadline)
	defer cancel()
	body, release, err := s.body(w, r, deadline)
	defer release()
	if err != nil {
		return err
	}
	q, err := decode(body, r.Header.Get(binaryHeader), s.model, s.o.Queue)
	if err != nil {
		return err
	}
	c, err := s.model.begin(ctx, q)
	if err != nil {
		return err
	}
	err = s.queue.add(c)
	switch {
	case errors.Is(err, errFull):
		s.count.refused.Add(1)
		return &fault{http.StatusTooManyRequests, fmt.Errorf("%w: %d rows wait already; try again", err, s.queue.waiting.Load())}
	case err == nil:
		select {
		case <-c.done:
			err = c.fault()
		case <-ctx.Done():
			err = errLate
		}
	}
	if errors.Is(err, errLate) {
		return &fault{http.StatusServiceUnavailable, fmt.Errorf("no answer within %v; send fewer rows, or try again", s.o.Timeout)}
	}
	if err != nil {
		return err
	}
	out, header, err := q.encode(s.model, c.a)
	if err != nil {
		return err
	}
	s.count.rows.Add(q.rows)
	kind := "application/json"
	if header > 0 {
		kind = "application/octet-stream"
		w.Header().Set(binaryHeader, strconv.Itoa(header))
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.o.Timeout)) // where there is none, none is wanted
	w.Write(out)
	return nil
}

// body reads a body within its bounds; release gives its room back.
func (s *Server) body(w http.ResponseWriter, r *http.Request, deadline time.Time) (body []byte, release func(), err error) {
	release = func() {}
	size := r.ContentLength
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, release, &fault{http.StatusUnsupportedMediaType, fmt.Errorf("content encoding %.40q: want none", e)}
	}
	if size > s.o.Body {
		return nil, release, s.tooLarge()
	}
	if size < 0 {
		size = s.o.Body // as much as it may be
	}
	if s.bodies.Add(size) > s.o.Bodies {
		s.bodies.Add(-size)
		s.count.refused.Add(1)
		return nil, release, &fault{http.StatusTooManyRequests, fmt.Errorf("%w: requests of %d bytes are under way; try again", errFull, s.bodies.Load())}
	}
	release = func() { s.bodies.Add(-size) }
	http.NewResponseController(w).SetReadDeadline(deadline) // where there is none, none is wanted
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, s.o.Body))
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	var slow net.Error
	switch {
	case err == nil:
		return body, release, nil
	case errors.As(err, &large):
		return nil, release, s.tooLarge()
	case errors.As(err, &slow) && slow.Timeout():
		return nil, release, &fault{http.StatusRequestTimeout, fmt.Errorf("the body did not come within %v", s.o.Timeout)}
	}
	return nil, release, bad("the body is cut off: %w", err)
}

func (s *Server) tooLarge() error {
	return &fault{http.StatusRequestEntityTooLarge, fmt.Errorf("a body of more than %d bytes; send fewer rows per request, or in binary form", s.o.Body)}
}
