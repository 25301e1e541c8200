package serve

import (
	"bytes"
	"net/http"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/metrics"
	"github.com/gx-genomics/gx/workflows/stage"
)

// counts is what a server tells of itself.
type counts struct {
	rows, refused metrics.Count
	latency       *metrics.Histogram // of requests
	batches, busy *metrics.Histogram // rows, seconds

	mu       sync.Mutex
	byStatus map[int]int // requests for inference
}

func newCounts() *counts {
	return &counts{byStatus: map[int]int{}, latency: metrics.NewHistogram(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
		batches: metrics.NewHistogram(1, 2, 4, 8, 16, 24, 32, 64, 128, 256), busy: metrics.NewHistogram(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)}
}

// statusWriter knows the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines be set on the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// timed counts requests by status, and their time.
func (s *Server) timed(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		sw := &statusWriter{w, http.StatusOK}
		f(sw, r)
		s.count.latency.Observe(time.Since(begin).Seconds())
		s.count.mu.Lock()
		defer s.count.mu.Unlock()
		s.count.byStatus[sw.status]++
	}
}

// metrics answers a scrape.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) error {
	var text bytes.Buffer // a slow scraper holds nobody up
	s.writeMetrics(metrics.NewWriter(&text))
	w.Header().Set("Content-Type", metrics.ContentType)
	w.Write(text.Bytes()) // who went away needs no answer
	return nil
}

func (s *Server) writeMetrics(t *metrics.Writer) {
	c := s.count
	t.Family("gx_build_info", metrics.Gauge, "what runs")
	t.Sample("gx_build_info", 1, metrics.Label{Name: "version", Value: stage.Version}, metrics.Label{Name: "go", Value: runtime.Version()},
		metrics.Label{Name: "kernels", Value: kern.Active().Name()}, metrics.Label{Name: "model", Value: s.model.Name}, metrics.Label{Name: "model_version", Value: s.model.Version})
	t.Family("gx_serve_requests_total", metrics.Counter, "requests for inference by HTTP status")
	c.mu.Lock()
	var list []int
	for status := range c.byStatus {
		list = append(list, status)
	}
	sort.Ints(list)
	for _, status := range list {
		t.Sample("gx_serve_requests_total", float64(c.byStatus[status]), metrics.Label{Name: "code", Value: strconv.Itoa(status)})
	}
	c.mu.Unlock()
	t.Family("gx_serve_rows_total", metrics.Counter, "rows that were answered")
	t.Sample("gx_serve_rows_total", c.rows.Value())
	t.Family("gx_serve_refused_total", metrics.Counter, "requests that found no room")
	t.Sample("gx_serve_refused_total", c.refused.Value())
	t.Family("gx_serve_waiting_rows", metrics.Gauge, "rows in the queue")
	t.Sample("gx_serve_waiting_rows", float64(s.queue.waiting.Load()))
	t.Family("gx_serve_body_bytes", metrics.Gauge, "bytes of requests under way")
	t.Sample("gx_serve_body_bytes", float64(s.bodies.Load()))
	ready := 1.0
	if s.stopping.Load() {
		ready = 0
	}
	t.Family("gx_serve_ready", metrics.Gauge, "1 unless it is stopping")
	t.Sample("gx_serve_ready", ready)
	c.latency.Write(t, "gx_serve_request_seconds", "time of a request for inference, from its headers to its answer")
	c.batches.Write(t, "gx_serve_batch_rows", "rows of a batch")
	c.busy.Write(t, "gx_serve_batch_seconds", "time of a batch in the network")
}
