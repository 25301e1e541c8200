// Package parallel holds the one tool for parallel work that keeps order and
// bounds memory.
package parallel

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// Ordered runs work on every item of src in n goroutines (n < 1 counts as 1)
// and hands the results to emit in the order of src, one at a time. At most
// about 3n items are under way at once, so memory is bounded however long src
// is. newWorker is called once per goroutine and gives its work function, which
// may own scratch memory. The first error, of src, work or emit in that order
// of items, ends everything and is returned.
func Ordered[In, Out any](ctx context.Context, src iter.Seq2[In, error], n int,
	newWorker func() func(context.Context, In) (Out, error), emit func(Out) error) error {
	n = max(n, 1)
	type result struct {
		out Out
		err error
	}
	type job struct {
		in   In
		done chan result // one slot: a worker never waits for the emitter
	}
	g, ctx := errgroup.WithContext(ctx)
	jobs := make(chan job)
	queue := make(chan chan result, 2*n) // in the order of src; its bound is the backpressure

	g.Go(func() error {
		defer close(jobs)
		defer close(queue)
		for in, err := range src {
			done := make(chan result, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err != nil {
				done <- result{err: err} // the emitter meets it behind the results before it
				return nil
			}
			select {
			case jobs <- job{in, done}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range n {
		g.Go(func() error {
			work := newWorker()
			for j := range jobs {
				out, err := work(ctx, j.in)
				j.done <- result{out, err}
			}
			return nil
		})
	}
	g.Go(func() error {
		for done := range queue {
			select {
			case r := <-done:
				if r.err != nil {
					return r.err
				}
				if err := emit(r.out); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
