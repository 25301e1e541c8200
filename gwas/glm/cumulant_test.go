package glm

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCumulant compares the series with the sum as it is, and its derivatives
// with differences.
func TestCumulant(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const n = 800
	x, p := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], p[i] = 0.3*rng.NormFloat64(), math.Pow(rng.Float64(), 3)
		if i%40 == 0 {
			x[i] += 2
		}
	}
	var series, plain cumulant
	plain.set(x, p, math.Inf(1))
	if len(plain.x) != n {
		t.Fatalf("%d samples as they are, want all", len(plain.x))
	}
	for _, reach := range []float64{0.01, 0.3, 1, 4} {
		series.set(x, p, reach)
		if reach <= 1 && len(series.x) > n/4 || len(series.x) == 0 && reach > 1 {
			t.Errorf("reach %g: %d of %d samples as they are", reach, len(series.x), n)
		}
		for _, s := range []float64{-reach, -reach / 3, 0, reach / 2, reach} {
			a0, a1, a2, a3 := series.at(s)
			b0, b1, b2, b3 := plain.at(s)
			for k, pair := range [4][2]float64{{a0, b0}, {a1, b1}, {a2, b2}, {a3, b3}} {
				// Worst at the reach, and each derivative loses a digit or two.
				if d := math.Abs(pair[0] - pair[1]); d > [4]float64{1e-8, 1e-7, 1e-6, 2e-5}[k]*b2 {
					t.Errorf("reach %g, derivative %d at %g: %.12g, want %.12g", reach, k, s, pair[0], pair[1])
				}
			}
			const h = 1e-4
			u0, u1, u2, _ := plain.at(s + h)
			l0, l1, l2, _ := plain.at(s - h)
			for k, pair := range [3][2]float64{{(u0 - l0) / (2 * h), b1}, {(u1 - l1) / (2 * h), b2}, {(u2 - l2) / (2 * h), b3}} {
				if math.Abs(pair[0]-pair[1]) > 1e-5*(1+math.Abs(b2)) {
					t.Errorf("derivative %d at %g: %g, by differences %g", k+1, s, pair[1], pair[0])
				}
			}
		}
	}
	far := cumulant{}
	far.set([]float64{400, -400, 300}, []float64{0.5, 0.2, 0.9}, math.Inf(1))
	if k0, k1, _, _ := far.at(1.5); math.Abs(k0-(600+math.Log(0.5)+math.Log(0.8)+450+math.Log(0.9))) > 1e-9 || k1 != 700 {
		t.Errorf("far out: %g with slope %g", k0, k1)
	}
}

// TestApproximateFixedPoint: the penalised score vanishes at the estimate, and
// the statistic is the fall of the penalised deviance.
func TestApproximateFixedPoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	var s Scratch
	for trial := range 40 {
		n := 30 + rng.IntN(300)
		x, y, p := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			x[i], p[i] = rng.NormFloat64(), 0.02+0.4*rng.Float64()
			if rng.Float64() < p[i]*math.Exp(0.3*x[i]) {
				y[i] = 1
			}
		}
		deviance := func(b float64) float64 {
			ll, info := 0.0, 0.0
			for i := range n {
				eta := math.Log(p[i]/(1-p[i])) + b*x[i]
				q := 1 / (1 + math.Exp(-eta))
				ll += y[i]*math.Log(q) + (1-y[i])*math.Log(1-q)
				info += x[i] * x[i] * q * (1 - q)
			}
			return -2*ll - math.Log(info)
		}
		f, err := s.Approximate(x, y, p, []float64{0.5, 1e-3, -4}[trial%3])
		if err != nil {
			t.Fatal(err)
		}
		const h = 1e-4
		if slope := (deviance(f.Beta+h) - deviance(f.Beta-h)) / (2 * h); math.Abs(slope) > 1e-4 {
			t.Errorf("trial %d: the penalised deviance at %g has slope %g", trial, f.Beta, slope)
		}
		if fall := deviance(0) - deviance(f.Beta); math.Abs(fall-f.Stat*f.Stat) > 1e-6 {
			t.Errorf("trial %d: statistic %g, want %g", trial, f.Stat*f.Stat, fall)
		}
	}
}
