package parallel

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func count(n int, fail error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if fail != nil {
			yield(0, fail)
		}
	}
}

// slow makes later items finish first, so that order is not an accident.
func slow() func(context.Context, int) (int, error) {
	return func(_ context.Context, i int) (int, error) {
		time.Sleep(time.Duration(17*i%13) * time.Millisecond)
		return i * i, nil
	}
}

func TestOrderedKeepsOrder(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7} {
		synctest.Test(t, func(t *testing.T) {
			var got, want []int
			for i := range 100 {
				want = append(want, i*i)
			}
			err := Ordered(t.Context(), count(100, nil), n, slow, func(x int) error { got = append(got, x); return nil })
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("n = %d: %v, %v", n, got, err)
			}
		})
	}
}

// TestOrderedErrors: what came before the fault is emitted, nothing after it,
// and no goroutine stays behind (synctest fails if one does).
func TestOrderedErrors(t *testing.T) {
	bad := errors.New("bad")
	failAt := func(k int) func() func(context.Context, int) (int, error) {
		return func() func(context.Context, int) (int, error) {
			return func(_ context.Context, i int) (int, error) {
				if i == k {
					return 0, bad
				}
				return i, nil
			}
		}
	}
	cases := []struct {
		name string
		src  iter.Seq2[int, error]
		work func() func(context.Context, int) (int, error)
		emit int // fails at this item
	}{
		{"source", count(5, bad), failAt(-1), -1},
		{"work", count(50, nil), failAt(5), -1},
		{"emit", count(50, nil), failAt(-1), 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				err := Ordered(t.Context(), c.src, 3, c.work, func(x int) error {
					if x == c.emit {
						return bad
					}
					n++
					return nil
				})
				if !errors.Is(err, bad) || n != 5 {
					t.Errorf("error %v after %d items, want bad after 5", err, n)
				}
			})
		})
	}
}

func TestOrderedStopsWhenCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := Ordered(ctx, count(1000, nil), 2, slow, func(x int) error {
			if x == 9 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
