package sets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// form makes the scores of m columns with a random covariance.
func form(rng *rand.Rand, m int, scale float64) *scores {
	x := mat.NewDense(m, m+3, nil)
	for i := range m {
		shared := rng.NormFloat64()
		for j := range m + 3 {
			x.Set(i, j, rng.NormFloat64()+0.5*shared)
		}
	}
	var k mat.Dense
	k.Mul(x, x.T())
	out := &scores{make([]float64, m), newSpectrum(append([]float64(nil), k.RawMatrix().Data...), m)}
	var s mat.VecDense
	z := mat.NewVecDense(m+3, nil)
	for j := range m + 3 {
		z.SetVec(j, scale*rng.NormFloat64())
	}
	s.MulVec(x, z)
	copy(out.s, s.RawVector().Data)
	return out
}

// TestBurdenEnd: at rho 1 the statistic is a chi-square of one degree.
func TestBurdenEnd(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, m := range []int{2, 7, 30} {
		for _, scale := range []float64{0.5, 3, 40} {
			x := form(rng, m, scale)
			_, total := x.sums()
			want := negLog10Chi(x.statistic(1) / total)
			if got := x.component(1); math.Abs(got-want) > 1e-9*(1+want) {
				t.Errorf("%d columns: -log10 p %.12g, want %.12g", m, got, want)
			}
		}
	}
}

// TestSKATOBounds: the p is between the smallest of the grid and that times its
// size, however small.
func TestSKATOBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	o := Options{Kinds: SKATO}
	rhos := o.rhos()
	for _, m := range []int{1, 2, 5, 40} {
		for _, scale := range []float64{0.1, 1, 3, 10, 37, 200} {
			x := form(rng, m, scale)
			var list []float64
			most := 0.0
			for _, r := range rhos {
				list = append(list, x.component(r))
				most = max(most, list[len(list)-1])
			}
			got := x.skatO(rhos, list)
			if !(got <= most+1e-6*most+1e-9 && got >= max(most-math.Log10(float64(len(rhos))), 0)-1e-9) {
				t.Errorf("%d columns, scale %g: -log10 p %g of a grid up to %g", m, scale, got, most)
			}
			if scale == 200 && !(got > 300) {
				t.Errorf("%d columns: -log10 p %g, want one that a float64 cannot hold", m, got)
			}
		}
	}
}

// TestSKATODraws compares SKAT-O with the share of draws under the null whose
// smallest p is as small.
func TestSKATODraws(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred thousand draws")
	}
	rng := rand.New(rand.NewPCG(3, 3))
	o := Options{Kinds: SKATO}
	rhos := o.rhos()
	m := 6
	x := form(rng, m, 1)
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(m, x.k)) {
		t.Fatal("covariance without a root")
	}
	var root mat.TriDense
	chol.LTo(&root)
	smallest := func() float64 {
		z, s := mat.NewVecDense(m, nil), mat.NewVecDense(m, nil)
		for i := range m {
			z.SetVec(i, rng.NormFloat64())
		}
		s.MulVec(&root, z)
		copy(x.s, s.RawVector().Data)
		most := 0.0
		for _, r := range rhos {
			most = max(most, x.lambdas(r).NegLog10Tail(x.statistic(r)))
		}
		return most
	}
	const n = 8000
	draws := make([]float64, n)
	for i := range draws {
		draws[i] = smallest()
	}
	for _, level := range []float64{0.5, 0.1, 0.02} { // of the p of the grid
		most := -math.Log10(level)
		want := math.Pow(10, -x.skatO(rhos, []float64{most}))
		share := 0.0
		for _, d := range draws {
			if d >= most {
				share += 1.0 / n
			}
		}
		if se := math.Sqrt(want * (1 - want) / n); math.Abs(share-want) > 4*se+0.06*want {
			t.Errorf("smallest p %g: SKAT-O %.4f, of the draws %.4f", level, want, share)
		}
	}
}

func TestIntegrateLog(t *testing.T) {
	for _, shift := range []float64{0, -700, -1e5} {
		got := integrateLog(func(x float64) float64 { return shift - x*x/2 }, []float64{0, 0.3, 12})
		if want := shift + 0.5*math.Log(math.Pi/2); math.Abs(got-want) > 1e-7*max(1, math.Abs(want)*1e-8) {
			t.Errorf("shift %g: %.12g, want %.12g", shift, got, want)
		}
	}
	if v := integrateLog(func(float64) float64 { return math.Inf(-1) }, []float64{0, 1}); !math.IsInf(v, -1) {
		t.Errorf("of nothing %g", v)
	}
}

func BenchmarkSKATO(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 4))
	o := Options{Kinds: SKATO}
	rhos := o.rhos()
	for _, m := range []int{10, 50, 200} {
		x := form(rng, m, 1.5)
		b.Run(fmt.Sprint(m), func(b *testing.B) {
			for b.Loop() {
				y := &scores{x.s, newSpectrum(x.k, m)}
				var list []float64
				for _, r := range rhos {
					list = append(list, y.component(r))
				}
				y.skatO(rhos, list)
			}
		})
	}
}
