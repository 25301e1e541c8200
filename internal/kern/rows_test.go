package kern

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRows: every kernel of rows gives the bits of its plain twin, on widths
// with and without a rest.
func TestRows(t *testing.T) {
	names := []string{"sum", "max", "moment", "affine", "add", "mask", "normSums", "normGrad", "tap", "tapSums", "adam", "exp", "logit", "firth"}
	used := []int{2, 2, 4, 4, 2, 2, 6, 7, 3, 3, 4, 1, 8, 6}
	perChannel := []int{1, 1, 3, 2, 0, 0, 3, 3, 1, 1, 0, 0, 2, 2}
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for op := opSumRows; op <= opFirthRows; op++ {
			for _, c := range []int{1, 7, 8, 16, 24, 35, 64} {
				n := 1 + r.IntN(9)
				scalar := [maxScalars]float32{-0.5, 0.9, 0.3, 0.2, 0.1, 0.05, 0.01}
				if op >= opExpRows {
					scalar = [...][maxScalars]float32{expScalars, {1}, {1, 0.5}}[op-opExpRows]
				}
				var got, want operands
				for i := range used[op] {
					stride := 0
					if i >= perChannel[op] {
						stride = c + r.IntN(4)
					}
					x := randomF32(r, (n-1)*stride+c)
					for j := range x {
						switch op {
						case opAdamRows, opLogitRows, opFirthRows:
							x[j] = float32(math.Abs(float64(x[j])))
						case opExpRows:
							x[j] *= 30
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

// TestExpRows compares with the exponential of float64, at ends and beyond too.
func TestExpRows(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		x := []float32{0, 1, -1, 80, -80, 1e9, -1e9, float32(math.Inf(1)), float32(math.Inf(-1)), 1e-30, 0.34657, -0.34658}
		for range 5000 {
			x = append(x, float32(r.NormFloat64()*20))
		}
		got := append([]float32(nil), x...)
		k.ExpRows(1, len(x), Rows{got, len(x)})
		for i, v := range x {
			v := min(max(float64(v), -expBound), expBound)
			want := math.Exp(v)
			if d := math.Abs(float64(got[i])-want) / want; d > 1.5e-7+2e-8*math.Abs(v) {
				t.Errorf("exp(%v) = %v, want %v, off by %.2g", x[i], got[i], want, d)
			}
		}
	})
}

func TestLogitRows(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, _ *rand.Rand) {
		e := []float32{float32(math.Exp(2)), 1, float32(math.Exp(-80))} // eta -2, 0 and 80
		g, v, vg, s1, s2 := []float32{2, 1, 0}, make([]float32, 3), make([]float32, 3), make([]float32, 3), make([]float32, 3)
		k.LogitRows(1, 3, Rows{e, 3}, Rows{g, 3}, []float32{0.25}, []float32{0.125}, Rows{v, 3}, Rows{vg, 3}, s1, s2)
		for i, eta := range []float64{-2, 0, 80} {
			p := 1 / (1 + math.Exp(-eta))
			w := math.Exp(-eta)*p*p - 0.125
			copies := float64(g[i])
			for name, pair := range map[string][2]float64{"p": {float64(e[i]), p - 0.25}, "w": {float64(v[i]), w}, "wg": {float64(vg[i]), w * copies},
				"s1": {float64(s1[i]), (p - 0.25) * copies}, "s2": {float64(s2[i]), w * copies * copies}} {
				if math.Abs(pair[0]-pair[1]) > 1e-6 {
					t.Errorf("eta %g: %s is %g, want %g", eta, name, pair[0], pair[1])
				}
			}
		}
	})
}

func TestFirthRows(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, _ *rand.Rand) {
		e, s := []float32{float32(math.Exp(1.5))}, []float32{0} // eta -1.5
		k.FirthRows(1, 1, Rows{e, 1}, Rows{[]float32{2}, 1}, Rows{[]float32{0.3}, 1}, Rows{[]float32{0.1}, 1}, []float32{0.05}, s)
		p := 1 / (1 + math.Exp(1.5))
		want := p * (1 - p) * (0.3 + 2*(0.1+0.05*2)) * (0.5 - p)
		if math.Abs(float64(e[0])-want) > 1e-7 || math.Abs(float64(s[0])-2*want) > 2e-7 {
			t.Errorf("%v and %v, want %v and %v", e[0], s[0], want, 2*want)
		}
	})
}
