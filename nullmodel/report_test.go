package nullmodel

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestIntervals: the closed forms are those of a bootstrap over individuals.
func TestIntervals(t *testing.T) {
	n := 400
	r := rand.New(rand.NewPCG(17, 1))
	y, a, b, c := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range y {
		y[i] = r.NormFloat64()
		a[i], b[i] = 0.5*y[i]+0.5*r.NormFloat64(), 0.3*y[i]+0.3*r.NormFloat64()
		c[i] = indicator(y[i]+r.NormFloat64() > 0.8)
	}
	p := make([]float64, n)
	for i, v := range a {
		p[i] = sigmoid(2*v - 1)
	}
	for _, m := range []struct {
		name string
		of   func(y, a, b []float64) Estimate
		y    []float64
		a    []float64
	}{
		{"R2", func(y, a, _ []float64) Estimate { return r2Gain(a, nil, y) }, y, a},
		{"gain in R2", func(y, a, b []float64) Estimate { return r2Gain(a, b, y) }, y, a},
		{"AUC", func(y, a, _ []float64) Estimate { return aucOf(a, y) }, c, a},
		{"log loss", func(y, a, _ []float64) Estimate { return meanOf(logLosses(a, y)) }, c, p},
	} {
		got := m.of(m.y, m.a, b)
		draws := make([]float64, 600)
		ry, ra, rb := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range draws {
			for i := range n {
				j := r.IntN(n)
				ry[i], ra[i], rb[i] = m.y[j], m.a[j], b[j]
			}
			draws[k] = m.of(ry, ra, rb).Value
		}
		_, sd := moments(draws)
		if se := (got.High - got.Low) / 2 / 1.959964; math.Abs(se/sd-1) > 0.12 || math.Abs((got.High+got.Low)/2-got.Value) > 1e-9 {
			t.Errorf("%s: %+v is a standard error of %.4f, the bootstrap's is %.4f", m.name, got, se, sd)
		}
	}
}

// TestSentence: a linear trait is said to need no more, a nonlinear one helped.
func TestSentence(t *testing.T) {
	o := Defaults()
	o.Members = []Member{Linear, Spline}
	for _, c := range []struct {
		s    scenario
		want string
	}{{scenarios[0], "suffices"}, {scenarios[1], "the covariates act nonlinearly, and the prediction helps (R2 +0.2"}, {scenario{"none", 0, 0, nil}, "suffices"}} {
		table, y := simulate(c.s, 1500, 18)
		trait := &Trait{Name: "y", Values: y}
		report := mustPredict(t, table, trait, o).Report(trait)
		if !strings.Contains(report.Sentence, c.want) {
			t.Errorf("%s: %q, want %q", c.s.name, report.Sentence, c.want)
		}
		if c.s.linear > 0 && math.Abs(report.Slope-1) > 0.15 {
			t.Errorf("%s: calibration slope %.3f, want 1", c.s.name, report.Slope)
		}
		sum := 0
		for i, b := range report.Calibration {
			sum += b.N
			if i > 0 && b.Predicted < report.Calibration[i-1].Predicted {
				t.Errorf("%s: bins fall", c.s.name)
			}
		}
		if sum != 1500 || report.N != 1500 {
			t.Errorf("%s: %d in bins of %d", c.s.name, sum, report.N)
		}
	}
	if got := (&Report{Gain: Estimate{-0.01, -0.02, 0}, GainMeasure: "R2"}).sentence("y"); !strings.Contains(got, "trait y: the linear model suffices (R2 -0.0100") {
		t.Errorf("no gain: %q", got)
	}
}
