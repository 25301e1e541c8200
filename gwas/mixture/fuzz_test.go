package mixture

import (
	"math"
	"testing"
)

// FuzzLogTail: whatever the weights, a tail is a number, at most 1, falls as q
// rises, and lies between those of its largest weight alone and of all weights as
// large as that.
func FuzzLogTail(f *testing.F) {
	f.Add([]byte{200, 100, 3}, 2.5)
	f.Add([]byte{255, 0, 0, 0, 17}, 1e-9)
	f.Add([]byte{128, 128}, 1e9)
	f.Add([]byte{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, 33.0)
	f.Fuzz(func(t *testing.T, b []byte, q float64) {
		if len(b) > 200 || !(q > 1e-12 && q < 1e12) {
			t.Skip()
		}
		w := make([]float64, len(b))
		for i, x := range b {
			w[i] = math.Pow(10, float64(x)/16-8) // over sixteen orders
		}
		m := New(w)
		if m.Len() == 0 {
			t.Skip()
		}
		l := m.LogTail(q)
		tol := 1e-9 + 1e-12*math.Abs(l)
		if math.IsNaN(l) || l > 0 {
			t.Fatalf("log p %g at %g of %v", l, q, w)
		}
		if more := m.LogTail(q * 1.01); more > l+tol {
			t.Errorf("log p rises from %g to %g at %g of %v", l, more, q, w)
		}
		if rough := m.LogTailRough(q); math.Abs(rough-l) > 1e-6+1e-9*math.Abs(l) {
			t.Errorf("log p %g, roughly %g at %g of %v", l, rough, q, w)
		}
		x := q / m.unit
		if low, high := LogChiSquareTail(x, 1), LogChiSquareTail(x, float64(m.Len())); l < low-tol || l > high+tol {
			t.Errorf("log p %g is not between %g and %g at %g of %v", l, low, high, q, w)
		}
	})
}
