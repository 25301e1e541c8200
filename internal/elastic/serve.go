package elastic

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The paths of the protocol, whose version is in them.
const (
	pathJoin  = "/v1/join"
	pathWork  = "/v1/work"
	pathLeave = "/v1/leave"
)

// maxWorkers bounds who may be there at once.
const maxWorkers = 256

type connKey struct{}

// Server is an HTTP server for workers. A worker whose connection ends is taken
// for lost at once.
func (c *Coordinator) Server() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathJoin, c.known(c.join))
	mux.HandleFunc("POST "+pathWork, c.known(c.work))
	mux.HandleFunc("POST "+pathLeave, c.known(c.leave))
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    1 << 14,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, conn)
		},
		ConnState: func(conn net.Conn, s http.ConnState) {
			if s == http.StateClosed {
				c.hungUp(conn)
			}
		},
	}
}

// known lets those in who have the token.
func (c *Coordinator) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+c.o.Token)) != 1 {
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (c *Coordinator) hungUp(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range slices.Clone(c.workers) {
		if w.conn == conn {
			c.remove(w)
		}
	}
}

func (c *Coordinator) join(w http.ResponseWriter, r *http.Request) {
	var hello struct {
		Name string `json:"name"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHeader))
	if err == nil {
		_, err = decode(body, &hello)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	c.mu.Lock()
	if len(c.workers) >= maxWorkers {
		c.mu.Unlock()
		http.Error(w, "too many workers", http.StatusServiceUnavailable)
		return
	}
	c.joined++
	now := time.Now()
	m := &member{id: c.joined, name: clean(hello.Name), since: now, heard: now}
	m.conn, _ = r.Context().Value(connKey{}).(net.Conn)
	m.lost = true // until it asks for work: it has its inputs to look at first
	c.workers = append(c.workers, m)
	c.mu.Unlock()
	c.send(w, encode(welcome{c.instance, m.id, c.o.Config}))
}

// clean is a name from outside, fit to print.
func clean(s string) string {
	b := []byte(s[:min(len(s), 64)])
	for i, x := range b {
		if x < ' ' || x > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

// send writes a message. The lock is not held: a worker may be slow to read.
func (c *Coordinator) send(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(4 * c.o.Lease)) // where there is none, leases are enough
	n, _ := w.Write(b)                                                            // who hangs up is noticed otherwise
	c.mu.Lock()
	c.stats.Out += int64(n)
	c.mu.Unlock()
}

// member is the worker of a request, nil after an answer that tells it to join
// again. The lock is held.
func (c *Coordinator) member(w http.ResponseWriter, r *http.Request) *member {
	id, err := strconv.Atoi(r.URL.Query().Get("worker"))
	i := slices.IndexFunc(c.workers, func(m *member) bool { return m.id == id })
	if err != nil || i < 0 || r.URL.Query().Get("instance") != c.instance {
		http.Error(w, "unknown worker: join again", http.StatusConflict)
		return nil
	}
	m := c.workers[i]
	m.heard = time.Now()
	return m
}

func (c *Coordinator) leave(w http.ResponseWriter, r *http.Request) {
	reason, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<10))
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.member(w, r)
	if m == nil {
		return
	}
	if err == nil && len(reason) > 0 {
		c.note("worker %d (%s) gives up: %s", m.id, m.name, clean(string(reason)))
	}
	c.remove(m)
}

// largest is the most bytes that a worker may send.
func (c *Coordinator) largest() int64 {
	most := 0
	if c.job != nil {
		most = slices.Max(c.job.Sums) * c.job.Slices
	}
	return int64(4*most + 2*maxHeader)
}

// work takes what a worker did, and answers when there is more to do.
func (c *Coordinator) work(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	m := c.member(w, r)
	most := c.largest()
	c.mu.Unlock()
	if m == nil {
		return
	}
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(4 * c.o.Lease)) // where there is none, leases are enough
	body, err := readBody(http.MaxBytesReader(w, r.Body, most), r.ContentLength, most)
	control.SetReadDeadline(time.Time{})
	var q request
	var vectors [][]float32
	if err == nil {
		vectors, err = decode(body, &q)
	}
	answer, err := c.converse(r, m, &q, vectors, int64(len(body)), err)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	c.send(w, answer)
}

// converse takes what a worker sent, or the fault of it, and gives the answer
// when there is one.
func (c *Coordinator) converse(r *http.Request, m *member, q *request, vectors [][]float32, size int64, fault error) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.In += size
	m.conn, _ = r.Context().Value(connKey{}).(net.Conn)
	if fault == nil {
		fault = c.accept(m, q, vectors)
	}
	m.heard, m.lost = time.Now(), false
	if fault != nil {
		c.stats.Damaged++
		c.note("worker %d (%s): %v; its slices are done again", m.id, m.name, fault)
		c.take(m)
		return nil, fault
	}
	m.turn++
	turn, until := m.turn, time.NewTimer(c.o.Poll)
	defer until.Stop()
	if c.run != nil {
		c.assign() // slices that waited for a worker
	}
	for {
		if b := c.next(m, q); b != nil {
			return b, nil
		}
		changed := c.changed
		c.mu.Unlock()
		out := false
		select {
		case <-changed:
		case <-until.C:
			out = true
		case <-r.Context().Done():
			out = true
		}
		c.mu.Lock()
		if out || m.turn != turn {
			m.heard = time.Now()
			return encode(reply{Kind: kindWait}), nil
		}
	}
}

// accept takes the sums that a worker hands in. Those of leases that are over
// are dropped.
func (c *Coordinator) accept(m *member, q *request, vectors [][]float32) error {
	if len(vectors) != len(q.Done) {
		return fmt.Errorf("%w: %d vectors for %d answers", ErrDamaged, len(vectors), len(q.Done))
	}
	if q.Busy > 0 && q.Busy < 1e9 {
		m.busy += q.Busy
		c.stats.Busy += q.Busy
	}
	r := c.run
	for i, a := range q.Done {
		if a.First < 0 || a.Last < a.First || len(a.Leases) != a.Last-a.First+1 {
			return fmt.Errorf("%w: slices %d to %d, %d leases", ErrDamaged, a.First, a.Last, len(a.Leases))
		}
		if r == nil || q.Step != r.id || q.Phase != r.phase || !r.leased(m, &a) {
			c.stats.Late++
			continue
		}
		if len(vectors[i]) != r.Job.Sums[r.phase] || a.Last > a.First && (a.First > 0 || !r.Job.Adds || r.phase < r.Job.Phases-1) {
			return fmt.Errorf("%w: %d numbers of slices %d to %d after phase %d", ErrDamaged, len(vectors[i]), a.First, a.Last, r.phase)
		}
		for k := a.First; k <= a.Last; k++ {
			r.slices[k].done = true
			r.left--
		}
		r.slices[a.First].sums, r.slices[a.First].scalar = vectors[i], math.Float64frombits(a.Scalar)
	}
	if r != nil && r.left == 0 {
		c.awake()
	}
	return nil
}

// leased says whether a worker has all slices of an answer, undone.
func (r *running) leased(m *member, a *answer) bool {
	for k, number := range a.Leases {
		if k += a.First; k >= len(r.slices) || r.slices[k].holder != m || r.slices[k].lease != number || r.slices[k].done {
			return false
		}
	}
	return true
}

// next is what a worker does next, nil where there is nothing yet.
func (c *Coordinator) next(m *member, q *request) []byte {
	if c.ended {
		return encode(reply{Kind: kindEnd})
	}
	r := c.run
	if r == nil || r.left == 0 {
		return nil
	}
	p := reply{Kind: kindRun, Job: c.jobs, Step: r.id, Number: r.Number, Phase: r.phase, Adds: r.Job.Adds && r.phase == r.Job.Phases-1}
	busy := false
	for i := range r.slices {
		s := &r.slices[i]
		if s.holder != m {
			continue
		}
		if s.done {
			p.Ready = append(p.Ready, i)
		} else {
			busy = true
			s.renew(c.o.Lease)
		}
		p.Slices = append(p.Slices, lease{i, s.lease})
	}
	if !busy {
		return nil
	}
	if q.Job != c.jobs {
		p.Config = r.Job.Config
	}
	var vectors [][]float32
	if p.From = q.Taken; q.Step != r.id || q.Taken < 0 || q.Taken > r.phase {
		p.From, p.Weights = 0, true
		vectors = append(vectors, r.Step.Weights)
	}
	return encode(p, append(vectors, r.takes[p.From:r.phase]...)...)
}
