package ranged

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func content(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// counted fetches from b and counts.
func counted(b []byte, calls, fetched *atomic.Int64) Fetch {
	return func(_ context.Context, off int64, n int) ([]byte, error) {
		calls.Add(1)
		fetched.Add(int64(n))
		return bytes.Clone(b[off : off+int64(n)]), nil
	}
}

// TestReads: whatever is read, by whatever number of goroutines, is what stands
// there.
func TestReads(t *testing.T) {
	for _, size := range []int{0, 1, Page - 1, Page, Page + 1, 100*Page + 7} {
		b := content(size)
		var calls, fetched atomic.Int64
		r := New(t.Context(), int64(size), counted(b, &calls, &fetched))
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(g), 3))
				for range 200 {
					off, p := rng.Int64N(int64(size)+10), make([]byte, rng.IntN(3*Page))
					n, err := r.ReadAt(p, off)
					want := b[min(off, int64(size)):min(off+int64(len(p)), int64(size))]
					if !bytes.Equal(p[:n], want) || (n < len(p)) != (err == io.EOF) || err != nil && err != io.EOF {
						t.Errorf("size %d: %d bytes at %d: %d, %v", size, len(p), off, n, err)
					}
				}
			})
		}
		wg.Wait()
	}
}

// TestAhead: going through asks seldom, jumping about fetches little.
func TestAhead(t *testing.T) {
	b := content(6000 * Page)
	var calls, fetched atomic.Int64
	r := New(t.Context(), int64(len(b)), counted(b, &calls, &fetched))
	got, err := io.ReadAll(io.NewSectionReader(r, 0, int64(len(b))))
	if err != nil || !bytes.Equal(got, b) {
		t.Fatal(len(got), err)
	}
	if calls.Load() > 40 || fetched.Load() != int64(len(b)) {
		t.Errorf("%d fetches of %d bytes to go through %d", calls.Load(), fetched.Load(), len(b))
	}
	calls.Store(0)
	fetched.Store(0)
	r = New(t.Context(), int64(len(b)), counted(b, &calls, &fetched))
	for k := range 20 {
		if _, err := r.ReadAt(make([]byte, 100), int64(k)*150*Page+50); err != nil {
			t.Fatal(err)
		}
	}
	if calls.Load() != 20 || fetched.Load() != 20*Page {
		t.Errorf("%d fetches of %d bytes for 20 places", calls.Load(), fetched.Load())
	}
}

// TestFault: an error reaches who reads there, and the next one tries again.
func TestFault(t *testing.T) {
	b, boom := content(3*Page), errors.New("boom")
	fail := atomic.Bool{}
	fail.Store(true)
	r := New(t.Context(), int64(len(b)), func(_ context.Context, off int64, n int) ([]byte, error) {
		if fail.Swap(false) {
			return nil, boom
		}
		return b[off : off+int64(n)], nil
	})
	p := make([]byte, len(b))
	if n, err := r.ReadAt(p, 0); n != 0 || !errors.Is(err, boom) {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := r.ReadAt(p, 0); n != len(b) || err != nil || !bytes.Equal(p, b) {
		t.Errorf("%d, %v", n, err)
	}
}
