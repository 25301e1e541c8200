package train_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/elastic"
	"github.com/gx-genomics/gx/variant/train"
)

// slicer is a worker of the test.
type slicer struct{ *train.Slicer }

func (slicer) Open(context.Context, []byte) error { return nil }

// workers are those of one coordinator.
type workers struct {
	t    *testing.T
	o    train.Options
	url  string
	wg   sync.WaitGroup
	stop []context.CancelFunc
}

// be changes how many there are.
func (w *workers) be(n int) {
	for len(w.stop) > n {
		w.stop[0]()
		w.stop = w.stop[1:]
	}
	for len(w.stop) < n {
		ctx, stop := context.WithCancel(w.t.Context())
		w.stop = append(w.stop, stop)
		s, err := train.NewSlicer(makeExamples(600), shape, false, w.o, 1+len(w.stop)%2)
		if err != nil {
			w.t.Error(err)
			return
		}
		w.wg.Go(func() {
			if err := elastic.Work(ctx, slicer{s}, elastic.WorkOptions{URL: w.url, Token: "t", Wait: 10 * time.Second}); err != nil && !errors.Is(err, context.Canceled) {
				w.t.Error(err)
			}
		})
	}
}

// TestTeam: any history of workers, and a coordinator that is killed, make the
// bytes of a training without them.
func TestTeam(t *testing.T) {
	o := options()
	o.Steps, o.Bytes, o.Epoch, o.Batch, o.Light = 16, 3, 8, 16, 1
	plain := func(o train.Options) string {
		r, _, err := run(t, o, nil, -1)
		if err != nil {
			t.Fatal(err)
		}
		return written(t, r)
	}
	want := plain(o)
	history := map[int]int{1: 4, 4: 1, 6: 3, 9: 0, 10: 2} // workers from a step on
	var kept *train.State
	for round, stopAt := range []int{12, 0} { // killed once
		c := elastic.New(elastic.Options{Token: "t"})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := c.Server()
		served := make(chan struct{})
		go func() { defer close(served); server.Serve(l) }()
		w := &workers{t: t, o: o, url: "http://" + l.Addr().String()}
		if round == 1 {
			w.be(1)
		}
		ctx, stop := context.WithCancel(t.Context())
		step := 0
		team := stepTeam(func(ctx context.Context, s *elastic.Step) (float64, error) {
			step++
			if n, ok := history[step]; ok && round == 0 {
				if w.be(n); n == 0 { // nobody for a while
					time.AfterFunc(10*time.Millisecond, func() { w.be(2) })
					history[10] = 2
				}
			}
			return c.Do(ctx, s)
		})
		nets, err := train.NewNetworks(shape, o.Seed)
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.Run(ctx, makeExamples(600), shape, nets, kept, o, train.Hooks{Team: team, Save: func(state func() *train.State) error {
			if step == stopAt-4 {
				kept = state()
			}
			if step == stopAt {
				stop()
			}
			return nil
		}})
		if stopAt > 0 && !errors.Is(err, context.Canceled) || stopAt == 0 && err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		c.End()
		w.be(0)
		w.wg.Wait()
		stop()
		server.Close()
		<-served
		if stopAt == 0 && err == nil && written(t, r) != want {
			t.Error("a team makes another model")
		}
	}
}

type stepTeam func(ctx context.Context, s *elastic.Step) (float64, error)

func (f stepTeam) Do(ctx context.Context, s *elastic.Step) (float64, error) { return f(ctx, s) }
