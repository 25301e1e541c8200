package kern

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRows: every kernel of rows gives the bits of its plain twin, on widths
// with and without a rest.
func TestRows(t *testing.T) {
	names := []string{"sum", "max", "moment", "affine", "add", "mask", "normSums", "normGrad", "tap", "tapSums", "adam"}
	used := []int{2, 2, 4, 4, 2, 2, 6, 7, 3, 3, 4}
	perChannel := []int{1, 1, 3, 2, 0, 0, 3, 3, 1, 1, 0}
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for op := opSumRows; op <= opAdamRows; op++ {
			for _, c := range []int{1, 7, 8, 16, 24, 35, 64} {
				n := 1 + r.IntN(9)
				scalar := [8]float32{-0.5, 0.9, 0.3, 0.2, 0.1, 0.05, 0.01}
				var got, want operands
				for i := range used[op] {
					stride := 0
					if i >= perChannel[op] {
						stride = c + r.IntN(4)
					}
					x := randomF32(r, (n-1)*stride+c)
					if op == opAdamRows {
						for j := range x {
							x[j] = float32(math.Abs(float64(x[j])))
						}
					}
					got[i] = Rows{x, stride}
					want[i] = Rows{append([]float32(nil), x...), stride}
				}
				k.rows(op, n, c, used[op], &got, scalar)
				plainRows(op, n, 0, c, &want, scalar)
				for i := range used[op] {
					for j := range got[i].X {
						if a, b := got[i].X[j], want[i].X[j]; a != b {
							t.Fatalf("%s, %d x %d: operand %d [%d] = %v, want %v", names[op], n, c, i, j, a, b)
						}
					}
				}
			}
		}
	})
}

// The meaning of the calls that have one sentence each.
func TestRowsByHand(t *testing.T) {
	k := Active()
	y := []float32{1, -2, 9}
	k.AddRows(1, 3, Rows{[]float32{1, 1, 1}, 3}, Rows{y, 3}, 0, 6)
	if y[0] != 2 || y[1] != 0 || y[2] != 6 {
		t.Errorf("AddRows gives %v", y)
	}
	g := []float32{5, 5, 5}
	k.MaskRows(1, 3, Rows{g, 3}, Rows{y, 3}, 0, 6)
	if g[0] != 5 || g[1] != 0 || g[2] != 0 {
		t.Errorf("MaskRows gives %v", g)
	}
	w, m, v := []float32{1}, []float32{0}, []float32{0}
	k.AdamStep(w, m, v, []float32{2}, 0.9, 0.99, 0.1, 0, 0)
	if math.Abs(float64(w[0])-(1-0.1*0.2/0.2)) > 1e-6 {
		t.Errorf("AdamStep moves 1 to %v", w[0])
	}
}
