package serve

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gx-genomics/gx/variant/classify"
)

var (
	errFull = errors.New("the queue is full")
	errLate = errors.New("nobody waits for the answer any more")
)

// call is a question that waits for its answer.
type call struct {
	ctx   context.Context // of who waits
	q     *question
	a     *answer
	units int
	first []int // row of each unit and, at the end, their number; nil where units are rows
	sites []*classify.Evidence

	open atomic.Int64 // units without an answer
	mu   sync.Mutex
	err  error // the first
	done chan struct{}
}

// piece is some units of a call.
type piece struct {
	call     *call
	from, to int
}

// rows is the number of rows of a piece.
func (p piece) rows() int {
	if p.call.first == nil {
		return p.to - p.from
	}
	return p.call.first[p.to] - p.call.first[p.from]
}

// finish says that a piece has its answer, or none.
func (c *call) finish(p piece, err error) {
	if err != nil {
		c.mu.Lock()
		if c.err == nil {
			c.err = err
		}
		c.mu.Unlock()
	}
	if c.open.Add(int64(p.from-p.to)) == 0 {
		close(c.done)
	}
}

// fault is the error of a call that is done.
func (c *call) fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// queue hands the rows of calls, first come first served, to workers in
// batches.
type queue struct {
	most  int           // rows that wait
	batch int           // rows of a batch: a unit may have more
	wait  time.Duration // longest time that a row waits for company

	closing sync.RWMutex // held for reading by who adds
	closed  bool
	calls   chan *call
	batches chan []piece
	waiting atomic.Int64 // rows that no worker has
	ended   sync.WaitGroup
}

// newQueue starts n workers; each calls begin once for its function.
func newQueue(most, batch int, wait time.Duration, n int, begin func() func([]piece)) *queue {
	q := &queue{most: most, batch: batch, wait: wait, calls: make(chan *call, most), batches: make(chan []piece)}
	q.ended.Go(q.dispatch)
	for range n {
		q.ended.Go(func() {
			run := begin()
			for b := range q.batches {
				run(b)
			}
		})
	}
	return q
}

// add lets a call wait; its done is closed when it is answered. Where there is
// no room it is errFull.
func (q *queue) add(c *call) error {
	q.closing.RLock()
	defer q.closing.RUnlock()
	if q.closed {
		return errLate
	}
	rows := int64(c.q.rows)
	if q.waiting.Add(rows) > int64(q.most) {
		q.waiting.Add(-rows)
		return errFull
	}
	c.open.Store(int64(c.units))
	q.calls <- c // never blocks: each has a row at least
	return nil
}

// close ends the workers when all that waits is answered. No call is taken any
// more.
func (q *queue) close() {
	q.closing.Lock()
	if !q.closed {
		q.closed = true
		close(q.calls)
	}
	q.closing.Unlock()
	q.ended.Wait()
}

// dispatch makes batches. While all workers are busy a batch grows.
func (q *queue) dispatch() {
	defer close(q.batches)
	var next []piece // the batch that is being made
	var rest piece   // of a call, what did not fit into it
	rows := 0
	ripe, timer := false, time.NewTimer(time.Hour)
	defer timer.Stop()
	calls := q.calls
	for {
		if rest.call != nil && rows < q.batch {
			var p piece
			p, rest = rest.cut(q.batch - rows)
			next, rows = append(next, p), rows+p.rows()
			continue
		}
		full := rows >= q.batch
		if calls == nil && len(next) == 0 {
			return
		}
		in, out := calls, q.batches
		if full {
			in = nil
		}
		if len(next) == 0 || !full && !ripe && calls != nil {
			out = nil
		}
		select {
		case c, ok := <-in:
			if !ok {
				calls = nil
				continue
			}
			if len(next) == 0 {
				ripe = q.wait <= 0
				timer.Reset(q.wait)
			}
			rest = piece{c, 0, c.units}
		case <-timer.C:
			ripe = true
		case out <- next:
			q.waiting.Add(-int64(rows))
			next, rows, ripe = nil, 0, true // what is left of a call has waited
		}
	}
}

// cut takes units of about n rows, one at least, from the front.
func (p piece) cut(n int) (first, rest piece) {
	first = piece{p.call, p.from, p.from + 1}
	for first.to < p.to && first.rows() < n {
		first.to++
	}
	if first.to < p.to {
		rest = piece{p.call, first.to, p.to}
	}
	return first, rest
}
