package bgzf

import (
	"fmt"
	"io"
	"sync"
)

// ahead inflates blocks in several goroutines ahead of a Reader and hands them
// over in the order of the file. One goroutine cuts the blocks; each goes with
// its own slot into a queue, whose length bounds the memory.
type ahead struct {
	queue chan *slot
	free  chan *slot
	quit  chan struct{}
	all   sync.WaitGroup
	once  sync.Once
	held  *slot // the one whose data the reader shows
}

type slot struct {
	comp   []byte // a compressed block
	header int
	data   []byte
	pos    int64
	n      int
	err    error
	marked bool
	ready  chan struct{} // has room for one token
}

func startAhead(f *feed, threads int) *ahead {
	a := &ahead{
		queue: make(chan *slot, 4*threads),
		free:  make(chan *slot, 4*threads+2),
		quit:  make(chan struct{}),
	}
	for range cap(a.free) {
		a.free <- &slot{data: make([]byte, MaxBlock+slack), ready: make(chan struct{}, 1)}
	}
	jobs := make(chan *slot)
	a.all.Add(threads + 1)
	go func() {
		defer a.all.Done()
		defer close(a.queue)
		defer close(jobs)
		a.cut(f, jobs)
	}()
	for range threads {
		go func() {
			defer a.all.Done()
			var z inflater
			for s := range jobs {
				if s.n, s.err = z.block(s.data, s.comp, s.header); s.err != nil {
					s.err = fmt.Errorf("at byte %d: %w", s.pos, s.err)
				}
				s.ready <- struct{}{}
			}
		}()
	}
	return a
}

func (a *ahead) cut(f *feed, jobs chan<- *slot) {
	for {
		var s *slot
		select {
		case s = <-a.free:
		case <-a.quit:
			return
		}
		b, pos, header, err := f.next()
		s.comp, s.pos, s.header, s.err, s.marked = append(s.comp[:0], b...), pos, header, err, f.marked
		select {
		case a.queue <- s:
		case <-a.quit:
			return
		}
		if err != nil {
			s.ready <- struct{}{}
			return
		}
		select {
		case jobs <- s:
		case <-a.quit:
			return
		}
	}
}

// load makes the next block the reader's.
func (a *ahead) load(z *Reader) error {
	if a.held != nil {
		a.free <- a.held
		a.held = nil
	}
	s, ok := <-a.queue
	if !ok {
		return io.ErrUnexpectedEOF
	}
	<-s.ready
	if s.err != nil {
		return s.err
	}
	a.held = s
	z.block, z.at, z.pos, z.next = s.data[:s.n], 0, s.pos, s.pos+int64(len(s.comp))
	return nil
}

func (a *ahead) stop() {
	a.once.Do(func() {
		close(a.quit)
		a.all.Wait()
	})
}
