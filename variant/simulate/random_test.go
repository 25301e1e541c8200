package simulate

import (
	"math"
	"testing"
)

// TestAlias compares frequencies with weights by chi-square: 63 degrees of
// freedom exceed 120 once in 50,000 times.
func TestAlias(t *testing.T) {
	r := newRandom(1, 1)
	var w [64]float64
	sum := 0.0
	for i := range w {
		if i%3 != 0 {
			w[i] = float64(i*i%17) + 0.01
		}
		sum += w[i]
	}
	a := newAlias(&w)
	const n = 1_000_000
	var seen [64]int
	for range n {
		seen[a.draw(uint32(r.pcg.Uint64()))]++
	}
	chi := 0.0
	for i, k := range seen {
		if w[i] == 0 {
			if k > 0 {
				t.Errorf("value %d of no weight was drawn %d times", i, k)
			}
			continue
		}
		e := w[i] / sum * n
		chi += (float64(k) - e) * (float64(k) - e) / e
	}
	if chi > 120 {
		t.Errorf("chi-square %.1f", chi)
	}
	if newAlias(&[64]float64{}).draw(12345) != 0 {
		t.Error("no weights: want 0")
	}
}

func TestPoisson(t *testing.T) {
	r := newRandom(2, 2)
	for _, mean := range []float64{0, 0.2, 3, 16.5, 90, 2000} {
		const n = 20_000
		sum, squares := 0.0, 0.0
		for range n {
			x := float64(r.poisson(mean))
			sum, squares = sum+x, squares+x*x
		}
		m := sum / n
		v := squares/n - m*m
		if se := math.Sqrt(mean / n); math.Abs(m-mean) > 5*se {
			t.Errorf("mean %g: got %.3f, more than five standard errors of %.4f off", mean, m, se)
		}
		if math.Abs(v-mean) > 0.06*mean {
			t.Errorf("mean %g: variance %.3f", mean, v)
		}
	}
}

func TestPowerLength(t *testing.T) {
	r := newRandom(3, 3)
	const n = 200_000
	var seen [51]int
	for range n {
		seen[r.powerLength(50)]++
	}
	if seen[0] > 0 {
		t.Error("drew length 0")
	}
	// The chance of n is the fall of x^-0.75 from n to n+1, cut off at 51.
	for _, k := range []int{1, 2, 5, 20} {
		want := n * (math.Pow(float64(k), -0.75) - math.Pow(float64(k+1), -0.75)) / (1 - math.Pow(51, -0.75))
		if got := float64(seen[k]); math.Abs(got-want) > 5*math.Sqrt(want) {
			t.Errorf("length %d: %g times, want %.0f", k, got, want)
		}
	}
}
