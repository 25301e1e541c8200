package nullmodel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// oneColumn is a sample of one standardised column and f of it plus noise.
func oneColumn(n int, seed uint64, f func(x float64) float64, noise float64) sample {
	r := rand.New(rand.NewPCG(seed, 3))
	s := sample{x: [][]float64{make([]float64, n)}, y: make([]float64, n)}
	for i := range n {
		x := 4*r.Float64() - 2
		s.x[0][i], s.y[i] = x, f(x)+noise*r.NormFloat64()
	}
	return s
}

// TestMembersLearn: each nonlinear member finds a curve, from values and from
// cases alone.
func TestMembersLearn(t *testing.T) {
	curve := func(x float64) float64 { return math.Sin(2 * x) }
	n := sized(1500, 1000)
	train, valid, test := oneColumn(n, 1, curve, 0.3), oneColumn(n, 2, curve, 0.3), oneColumn(n, 3, curve, 0)
	cases := func(s sample, seed uint64) sample {
		r := rand.New(rand.NewPCG(seed, 4))
		out := sample{x: s.x, y: make([]float64, len(s.y))}
		for i := range out.y {
			out.y[i] = indicator(r.Float64() < sigmoid(2*curve(s.x[0][i])))
		}
		return out
	}
	bt, bv := cases(train, 5), cases(valid, 6)
	for _, c := range []struct {
		member Member
		fit    func(a, b sample, binary bool) (scorer, Curve)
	}{
		{Spline, func(a, b sample, binary bool) (scorer, Curve) { return fitSpline(a, b, binary) }},
		{Boost, func(a, b sample, binary bool) (scorer, Curve) { return fitBoost(a, b, binary, boostDepths[0], 1) }},
		{Network, func(a, b sample, binary bool) (scorer, Curve) {
			n, curve, err := fitNetwork(newLesson(a, fitEncoder(a.x), !binary), b, binary, 1)
			if err != nil {
				t.Fatal(err)
			}
			return n, curve
		}},
	} {
		s, learned := c.fit(train, valid, false)
		got, err := s.scores(test.x, n)
		if err != nil {
			t.Fatal(err)
		}
		if r := R2(got, test.y); !(r > 0.97) {
			t.Errorf("%s: R2 %.3f with the curve, want 0.97", c.member, r)
		}
		if k := learned.Kept; k < 0 || k >= len(learned.Loss) {
			t.Errorf("%s: kept %d of %d", c.member, k, len(learned.Loss))
		} else {
			for _, l := range learned.Loss {
				if l < learned.Loss[k] {
					t.Errorf("%s: kept a loss of %v although there was %v", c.member, learned.Loss[k], l)
				}
			}
		}
		s, _ = c.fit(bt, bv, true)
		if got, err = s.scores(test.x, n); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i] /= 2
		}
		if r := R2(got, test.y); !(r > 0.7) {
			t.Errorf("%s: R2 %.3f of half the logit with the curve, want 0.7", c.member, r)
		}
	}
}

// TestSplineBounds: beyond the people it was fitted on a spline is flat, and
// products of columns are among its terms.
func TestSplineBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	n := 3000
	s := sample{x: [][]float64{make([]float64, n), make([]float64, n)}, y: make([]float64, n)}
	for i := range n {
		a, b := r.NormFloat64(), r.NormFloat64()
		s.x[0][i], s.x[1][i], s.y[i] = a, b, a*b+0.1*r.NormFloat64()
	}
	m, _ := fitSpline(s, s, false)
	got, _ := m.scores([][]float64{{1, 1, -1, m.hi[0], m.hi[0] + 50}, {1, -1, -1, 0, 0}}, 5)
	for i, want := range []float64{1, -1, 1} {
		if math.Abs(got[i]-want) > 0.05 {
			t.Errorf("place %d: %v, want the product %v", i, got[i], want)
		}
	}
	if got[3] != got[4] {
		t.Errorf("%v at the border, %v beyond it", got[3], got[4])
	}
}

// TestMix: weights are the best of the simplex, and linear has them all where
// the others add nothing.
func TestMix(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	n := 500
	y, a, b := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range y {
		y[i] = r.NormFloat64()
		a[i], b[i] = y[i]+r.NormFloat64(), y[i]+0.5*r.NormFloat64()
	}
	w := mix([][]float64{a, b}, y, false)
	best := loss(blend([][]float64{a, b}, w), y, false)
	for k := 0.0; k <= 1; k += 0.01 {
		if l := loss(blend([][]float64{a, b}, []float64{k, 1 - k}), y, false); l < best-1e-12 {
			t.Fatalf("weights %v have a loss of %v, %v has %v", w, best, k, l)
		}
	}
	if w := mix([][]float64{y, a, a, y}, y, false); w[0] != 1 {
		t.Errorf("weights %v, want all on the first", w)
	}
}
