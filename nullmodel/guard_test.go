package nullmodel

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	table, y := simulate(scenarios[0], 1200, 14)
	n := len(y)
	r := rand.New(rand.NewPCG(15, 1))
	column := func(f func(i int) float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = f(i)
		}
		return v
	}
	levels := make([]string, n)
	for i := range levels {
		levels[i] = strconv.Itoa(i)
	}
	binary := cases(y, 0)
	for _, c := range []struct {
		name      string
		covariate Covariate
		binary    bool
		warning   string
		err       string
	}{
		{"harmless", Covariate{Values: column(func(int) float64 { return r.NormFloat64() })}, false, "", ""},
		{"the phenotype", Covariate{Values: y}, false, "", "covariate x is trait y itself, or made from it (correlation 1.0000)"},
		{"its opposite in other units", Covariate{Values: column(func(i int) float64 { return 3 - 100*y[i] })}, false, "", "covariate x is trait y itself"},
		{"a curve of it", Covariate{Values: column(func(i int) float64 { return math.Exp(3 * y[i]) })}, false, "", "covariate x is trait y itself"},
		{"the phenotype with some noise", Covariate{Values: column(func(i int) float64 { return y[i] + 0.2*r.NormFloat64() })}, false, "covariate x nearly is trait y (correlation 0.9", ""},
		{"the cases", Covariate{Values: column(func(i int) float64 { return 2 - binary[i] })}, true, "", "covariate x is trait y itself"},
		{"what the cases were made from", Covariate{Values: y}, true, "", "covariate x is trait y itself"},
		{"the cases as categories", Covariate{Values: binary, Levels: []string{"no", "yes"}}, true, "", "covariate x is trait y itself"},
		{"an identifier", Covariate{Values: column(func(i int) float64 { return float64(i) }), Levels: levels}, false, "", "covariate x has 1200 levels among 1200 individuals: is it an identifier?"},
		{"categories of chance", Covariate{Values: column(func(i int) float64 { return float64(i % 100) }), Levels: levels[:100]}, false, "", ""},
		{"constant", Covariate{Values: constant(n, 2)}, false, "covariate x is the same in all individuals that have trait y: left out", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.covariate.Name = "x"
			with := *table
			with.Covariates = append(with.Covariates[:len(with.Covariates):len(with.Covariates)], c.covariate)
			trait := &Trait{Name: "y", Values: y}
			if c.binary {
				trait.Values, trait.Binary = binary, true
			}
			warnings, err := Check(&with, trait, Defaults())
			all := strings.Join(warnings, "\n")
			if (c.warning == "") != (all == "") || !strings.Contains(all, c.warning) {
				t.Errorf("warnings %q, want %q", all, c.warning)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
	table, y = simulate(scenarios[0], 300, 16)
	if warnings, err := Check(table, &Trait{Name: "y", Values: y}, Defaults()); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "only 300 individuals") {
		t.Errorf("300 individuals: %v, %q", err, warnings)
	}
}

// TestAcceptable: the cases of DeepNull's own rule.
func TestAcceptable(t *testing.T) {
	for _, c := range []struct {
		metric []float64
		good   bool
	}{
		{[]float64{0.03, 0.02, 0.04}, false},
		{[]float64{0.03, 0.9}, false},
		{[]float64{0.8, 0.82, 0.85}, true},
		{[]float64{0.8, -0.1, 0.85}, false},
		{[]float64{0.8, 0, 0.8}, false},
		{[]float64{0.8, math.NaN()}, false},
		{[]float64{0.5, 0.5499}, true},
		{[]float64{0.5, 0.5501}, false},
	} {
		if why := Acceptable(c.metric); (why == "") != c.good {
			t.Errorf("%v: %q", c.metric, why)
		}
	}
}
