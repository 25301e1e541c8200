package kern

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naive is C += alpha*A*B in float64.
func naive[T number](alpha T, a, b, c Matrix[T]) []float64 {
	out := make([]float64, c.Rows*c.Cols)
	for i := range c.Rows {
		for j := range c.Cols {
			s := float64(c.Data[i*c.Row+j*c.Col])
			for p := range a.Cols {
				s += float64(alpha) * float64(a.Data[i*a.Row+p*a.Col]) * float64(b.Data[p*b.Row+j*b.Col])
			}
			out[i*c.Cols+j] = s
		}
	}
	return out
}

func fill[T number](r *rand.Rand, rows, cols int, transposed bool) Matrix[T] {
	if transposed {
		return fill[T](r, cols, rows, false).T()
	}
	ld := cols + r.IntN(4)
	x := make([]T, rows*ld)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return Matrix[T]{x, rows, cols, ld, 1}
}

func testGemm[T number](t *testing.T, r *rand.Rand, make func(threads int) *Gemm[T], tolerance float64) {
	t.Helper()
	sizes := [][3]int{{1, 1, 1}, {13, 33, 5}, {48, 64, 70}, {125, 1060, 3}, {130, 40, 390}, {2, 50, 800}}
	for i, size := range sizes {
		a := fill[T](r, size[0], size[2], i%2 == 1)
		b := fill[T](r, size[2], size[1], i%3 == 1)
		c := fill[T](r, size[0], size[1], false)
		want := naive(-0.5, a, b, c)
		before := append([]T(nil), c.Data...)
		make(1).Add(-0.5, a, b, c)
		bound := tolerance * math.Sqrt(float64(size[2]))
		for i := range c.Rows {
			for j := range c.Cols {
				if got := float64(c.Data[i*c.Row+j]); math.Abs(got-want[i*c.Cols+j]) > bound*(1+math.Abs(got)) {
					t.Fatalf("size %v: C[%d][%d] = %v, want %v", size, i, j, got, want[i*c.Cols+j])
				}
			}
		}
		one := append([]T(nil), c.Data...)
		copy(c.Data, before)
		make(3).Add(-0.5, a, b, c)
		for i := range one {
			if one[i] != c.Data[i] {
				t.Fatalf("size %v: 3 threads give %v, one gives %v", size, c.Data[i], one[i])
			}
		}
	}
	for _, n := range []int{1, 16, 45, 300} {
		a := fill[T](r, n, 60, false)
		c := fill[T](r, n, n, false)
		want := naive(2, a, a.T(), c)
		before := append([]T(nil), c.Data...)
		make(2).Syrk(2, a, c)
		for i := range n {
			for j := range n {
				got := c.Data[i*c.Row+j]
				if j > i {
					if got != before[i*c.Row+j] {
						t.Fatalf("Syrk %d writes above the diagonal at (%d, %d)", n, i, j)
					}
				} else if math.Abs(float64(got)-want[i*n+j]) > 10*tolerance*(1+math.Abs(float64(got))) {
					t.Fatalf("Syrk %d: (%d, %d) = %v, want %v", n, i, j, got, want[i*n+j])
				}
			}
		}
	}
}

func TestGemm(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		testGemm(t, r, k.NewGemm32, 2e-6)
		testGemm(t, r, k.NewGemm64, 1e-14)
	})
}

// TestCholesky solves systems of all sizes around the width of a panel.
func TestCholesky(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for _, n := range []int{1, 2, 47, 48, 49, 97, 200} {
			a := fill[float64](r, n, n+5, false)
			s := Dense(make([]float64, n*n), n, n)
			for i := range n {
				s.Data[i*n+i] = 0.5
				for j := i + 1; j < n; j++ {
					s.Data[i*n+j] = math.NaN() // never read
				}
			}
			k.NewGemm64(1).Syrk(1, a, s)
			x := fill[float64](r, n, 3, false)
			b := Dense(make([]float64, n*3), n, 3)
			for i := range n {
				for j := range n {
					v := s.Data[max(i, j)*n+min(i, j)]
					for q := range 3 {
						b.Data[i*3+q] += v * x.Data[j*x.Row+q]
					}
				}
			}
			var first []float64
			for _, threads := range []int{1, 3} {
				l := Dense(append([]float64(nil), s.Data...), n, n)
				f := k.NewCholesky(threads)
				if err := f.Factor(l); err != nil {
					t.Fatal(err)
				}
				y := Dense(append([]float64(nil), b.Data...), n, 3)
				f.Solve(l, y)
				for i := range n {
					for q := range 3 {
						if got, want := y.Data[i*3+q], x.Data[i*x.Row+q]; math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
							t.Fatalf("n %d: x[%d][%d] = %v, want %v", n, i, q, got, want)
						}
					}
				}
				for i, v := range y.Data {
					if threads > 1 && v != first[i] {
						t.Fatalf("n %d: %d threads change x[%d] from %v to %v", n, threads, i, first[i], v)
					}
				}
				first = y.Data
			}
		}
		bad := Dense([]float64{5, 0, 2, 1}, 2, 2)
		if err := k.NewCholesky(1).Factor(bad); err != nil {
			t.Error(err)
		}
		bad = Dense([]float64{1, 0, 2, 1}, 2, 2)
		if err := k.NewCholesky(1).Factor(bad); err == nil {
			t.Error("a matrix with a negative eigenvalue was factored")
		}
	})
}
