package sets

import (
	"math"
	"testing"
)

func TestCombineCauchy(t *testing.T) {
	l := func(p ...float64) []float64 {
		out := make([]float64, len(p))
		for i, v := range p {
			out[i] = -math.Log10(v)
		}
		return out
	}
	for _, c := range []struct {
		name    string
		p, w    []float64
		want    float64 // -log10
		relates float64
	}{
		{"three", l(0.01, 0.5, 0.03), nil, -math.Log10(0.022488), 1e-4},
		{"one", l(0.037), nil, -math.Log10(0.037), 1e-12},
		{"one far out", []float64{12345.678}, nil, 12345.678, 1e-12},
		{"two alike far out", []float64{300, 300}, nil, 300, 1e-12},
		{"one of two far out", []float64{300, 0.1}, nil, 300 - math.Log10(2), 1e-12},
		{"beyond a float64", []float64{5000, 4999, 1}, []float64{1, 1, 2}, 5000 + math.Log10(1.1/4), 1e-12},
		{"weight 0", []float64{50, 0.3}, []float64{0, 2}, 0.3, 1e-12},
		{"NaN", []float64{math.NaN(), 0.7}, nil, 0.7, 1e-12},
		{"p of 1", []float64{0, 0}, nil, 0, 1},
		{"near 1", []float64{1e-12}, nil, 1e-12, 1e-3},
		{"p of 1 against a small one", []float64{0, 20}, nil, 20 - math.Log10(2), 1e-3},
		{"where the ways meet", []float64{7.99999999}, nil, 7.99999999, 1e-12},
		{"where the ways meet, above", []float64{8.00000001}, nil, 8.00000001, 1e-12},
		{"where the scale changes", []float64{200, 200.0000001}, nil, 200.00000005, 1e-12},
	} {
		got := CombineCauchy(c.p, c.w)
		if math.Abs(got-c.want) > c.relates*max(c.want, 1e-12) {
			t.Errorf("%s: %.15g, want %.15g", c.name, got, c.want)
		}
	}
	for _, none := range [][]float64{nil, {math.NaN()}} {
		if v := CombineCauchy(none, nil); !math.IsNaN(v) {
			t.Errorf("of %v: %g, want NaN", none, v)
		}
	}
}
