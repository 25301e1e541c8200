package elastic

import (
	"context"
	"crypto/rand"
	"math"
	"net"
	"slices"
	"sync"
	"time"
)

// Coordinator gives the slices of steps to workers. Do is called by one
// goroutine; Server's handler by many.
type Coordinator struct {
	o        Options
	instance string

	mu      sync.Mutex
	changed chan struct{} // closed when a waiting worker may have something to do
	wake    chan struct{} // wakes Do
	workers []*member     // that are there, in the order of their joining
	joined  int
	job     *Job
	jobs    int
	run     *running
	steps   int
	leases  int
	ended   bool
	stats   Stats
}

// member is a worker as the coordinator knows it.
type member struct {
	id    int
	name  string
	conn  net.Conn
	since time.Time
	heard time.Time
	lost  bool    // until it is heard again
	turn  int     // of its requests
	pace  float64 // seconds of a slice, 0 while unknown
	busy  float64 // seconds in the step under way
	load  int     // slices in the step under way
}

// running is the step under way.
type running struct {
	*Step
	id     int
	phase  int
	takes  [][]float32 // by phase that is over
	slices []slice
	left   int // slices whose phase is not done
}

type slice struct {
	holder   *member
	lease    int
	deadline time.Time
	again    int // times that it was given away anew
	done     bool
	sums     []float32 // nil where they are part of an earlier slice's
	scalar   float64
}

// New makes a coordinator without workers.
func New(o Options) *Coordinator {
	if o.Lease <= 0 {
		o.Lease = DefaultLease
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	return &Coordinator{o: o, instance: rand.Text(), changed: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// Do does a step: it returns when all slices have run all phases, and gives the
// sum of their scalars in order. While there is no worker it waits for one.
func (c *Coordinator) Do(ctx context.Context, s *Step) (float64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.job != s.Job {
		c.job = s.Job
		c.jobs++
	}
	c.steps++
	r := &running{Step: s, id: c.steps, slices: make([]slice, s.Job.Slices), left: s.Job.Slices}
	c.run = r
	defer func() { c.run = nil }()
	for _, w := range c.workers {
		w.busy, w.load = 0, 0
	}
	c.assign()
	c.broadcast()
	total := 0.0
	for {
		if r.left > 0 {
			if err := c.wait(ctx, c.expire(time.Now())); err != nil {
				return 0, err
			}
			continue
		}
		var sums [][]float32
		total = 0
		for i := range r.slices {
			if v := r.slices[i].sums; v != nil {
				sums = append(sums, v)
				total += r.slices[i].scalar
			}
		}
		// Nobody changes the run now: all of its slices wait for the next phase.
		c.mu.Unlock()
		takes := s.Join(r.phase, sums)
		c.mu.Lock()
		if r.phase == s.Job.Phases-1 {
			c.settle(r)
			return total, nil
		}
		r.takes, r.phase, r.left = append(r.takes, takes), r.phase+1, len(r.slices)
		for i := range r.slices {
			x := &r.slices[i]
			x.done, x.sums = false, nil
			x.renew(c.o.Lease)
		}
		c.assign()
		c.broadcast()
	}
}

// wait lets others work until something happens, or for so long.
func (c *Coordinator) wait(ctx context.Context, most time.Duration) error {
	c.mu.Unlock()
	defer c.mu.Lock()
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-c.wake:
	case <-t.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (c *Coordinator) broadcast() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Coordinator) awake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// assign gives slices that nobody has to workers: each of them to who would be
// ready with it first, and so that the slices of a worker are neighbours.
func (c *Coordinator) assign() {
	r := c.run
	var free []int
	for i := range r.slices {
		if s := &r.slices[i]; s.holder == nil && !s.done {
			free = append(free, i)
		}
	}
	live := slices.DeleteFunc(slices.Clone(c.workers), func(w *member) bool { return w.lost })
	if len(free) == 0 || len(live) == 0 {
		return
	}
	fastest := math.Inf(1)
	for _, w := range live {
		if w.pace > 0 {
			fastest = min(fastest, w.pace)
		}
	}
	if math.IsInf(fastest, 1) {
		fastest = 1
	}
	more := make([]int, len(live))
	for range free {
		best, soonest := 0, math.Inf(1)
		for i, w := range live {
			pace := w.pace
			if pace == 0 {
				pace = fastest
			}
			if at := float64(w.load+more[i]+1) * pace; at < soonest {
				best, soonest = i, at
			}
		}
		more[best]++
	}
	for i, w := range live {
		for range more[i] {
			s := &r.slices[free[0]]
			free = free[1:]
			c.leases++
			s.holder, s.lease = w, c.leases
			s.renew(c.o.Lease)
			w.load++
		}
	}
}

// renew gives the holder of a slice the time of a lease for the phase.
func (s *slice) renew(lease time.Duration) {
	s.deadline = time.Now().Add(lease << min(s.again, 6))
}

// take takes the slices of a worker away.
func (c *Coordinator) take(w *member) {
	if c.run == nil {
		return
	}
	for i := range c.run.slices {
		if s := &c.run.slices[i]; s.holder == w {
			c.free(s)
		}
	}
	c.assign()
	c.broadcast()
	c.awake()
}

// free takes a slice away from its holder. What it has done in this phase stays.
func (c *Coordinator) free(s *slice) {
	s.holder.load--
	s.holder = nil
	if !s.done || c.run.phase < c.run.Job.Phases-1 {
		s.again++
		c.stats.Again++
	}
}

// expire takes slices away from workers that are too slow, where there is
// another, and gives how long to wait for the next to be.
func (c *Coordinator) expire(now time.Time) time.Duration {
	r, next := c.run, c.o.Lease
	var slow []*member
	for i := range r.slices {
		s := &r.slices[i]
		if s.done || s.holder == nil {
			continue
		}
		if left := s.deadline.Sub(now); left > 0 {
			next = min(next, left)
		} else if !slices.Contains(slow, s.holder) {
			slow = append(slow, s.holder)
		}
	}
	for _, w := range slow {
		if !slices.ContainsFunc(c.workers, func(o *member) bool { return !o.lost && !slices.Contains(slow, o) }) {
			for i := range r.slices { // there is nobody else: it may go on
				if s := &r.slices[i]; s.holder == w && !s.done {
					s.renew(c.o.Lease)
				}
			}
			continue
		}
		c.note("worker %d (%s) has not answered in %v: others do its slices", w.id, w.name, c.o.Lease)
		w.lost = true
		c.take(w)
	}
	for _, w := range slices.Clone(c.workers) { // those without slices of whom nothing is heard
		if now.Sub(w.heard) > 3*c.o.Poll+c.o.Lease && (w.load == 0 || w.lost) {
			c.remove(w)
		}
	}
	return max(next, time.Millisecond)
}

// settle ends a step: how fast workers were decides how much they get in the
// next one. One that got nothing is forgiven a little, or it would never be
// tried again.
func (c *Coordinator) settle(r *running) {
	c.stats.Slices += len(r.slices)
	for _, w := range c.workers {
		switch {
		case w.load == 0:
			w.pace *= 0.95
		case w.pace == 0:
			w.pace = w.busy / float64(w.load)
		default:
			w.pace += 0.2 * (w.busy/float64(w.load) - w.pace)
		}
	}
}

// remove forgets a worker.
func (c *Coordinator) remove(w *member) {
	if i := slices.Index(c.workers, w); i >= 0 {
		c.workers = slices.Delete(c.workers, i, i+1)
		c.stats.Present += w.heard.Sub(w.since).Seconds()
		w.lost = true
		c.take(w)
	}
}

// Stats is how the work went so far.
func (c *Coordinator) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Joined = c.joined
	now := time.Now()
	for _, w := range c.workers {
		if !w.lost {
			s.Workers++
		}
		s.Present += now.Sub(w.since).Seconds()
	}
	return s
}

// End tells all workers, those that come too, that there is no more work.
func (c *Coordinator) End() {
	c.mu.Lock()
	c.ended = true
	c.broadcast()
	c.mu.Unlock()
}

func (c *Coordinator) note(format string, args ...any) {
	if c.o.Note != nil {
		c.o.Note(format, args...)
	}
}
