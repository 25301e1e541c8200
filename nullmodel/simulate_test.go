package nullmodel

import (
	"math"
	"math/rand/v2"
	"strconv"
)

// scenario is how the covariates of a simulated cohort act: shares of the
// variance of the linear and the nonlinear part; the rest is noise.
type scenario struct {
	name              string
	linear, nonlinear float64
	form              func(z, b, s, pc float64) float64
}

var (
	smooth     = func(z, b, s, _ float64) float64 { return 0.6*(z*z-1) + 0.5*z*s + 0.3*math.Sin(2*b) }
	thresholds = func(z, b, s, _ float64) float64 {
		return 0.8*s*indicator(z > 0.3) + 0.4*z*b + 0.5*math.Exp(-b*b)
	}
	scenarios = []scenario{
		{"linear", 0.45, 0, nil},
		{"smooth", 0.15, 0.30, smooth},
		{"thresholds", 0.15, 0.30, thresholds},
		{"weak", 0.15, 0.05, smooth},
	}
)

// simulate draws a cohort: age, sex, array, bmi and four components, and a
// phenotype of variance 1 that is made of them as the scenario says.
func simulate(sc scenario, n int, seed uint64) (*Table, []float64) {
	r := rand.New(rand.NewPCG(seed, 0x73696d))
	t := &Table{IDs: make([]string, n)}
	for _, name := range []string{"age", "sex", "genotyping_array", "bmi", "PC1", "PC2", "PC3", "PC4"} {
		t.Covariates = append(t.Covariates, Covariate{Name: name, Values: make([]float64, n)})
	}
	linear, nonlinear := make([]float64, n), make([]float64, n)
	x := make([][]float64, len(t.Covariates))
	for i := range n {
		t.IDs[i] = strconv.Itoa(i + 1)
		row := []float64{float64(40 + r.IntN(30)), float64(r.IntN(2)), indicator(r.Float64() < 0.11), 27 + 4.5*r.NormFloat64(),
			r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		for k, v := range row {
			t.Covariates[k].Values[i] = v
		}
		z, b, s := (row[0]-54.5)/8.655, (row[3]-27)/4.5, 2*row[1]-1
		linear[i] = 0.5*z + 0.3*s + 0.25*b + 0.1*row[4] + 0.05*row[2]
		if sc.form != nil {
			nonlinear[i] = sc.form(z, b, s, row[4])
		}
	}
	for k := range x {
		x[k] = standard(t.Covariates[k].Values)
	}
	if sc.form != nil {
		fit := fitLinear(x, nonlinear, false).eta(x, n)
		for i, v := range fit {
			nonlinear[i] -= v
		}
		nonlinear = standard(nonlinear)
	}
	linear = standard(linear)
	y := make([]float64, n)
	for i := range y {
		y[i] = math.Sqrt(sc.linear)*linear[i] + math.Sqrt(sc.nonlinear)*nonlinear[i] + math.Sqrt(1-sc.linear-sc.nonlinear)*r.NormFloat64()
	}
	return t, y
}

func standard(v []float64) []float64 {
	mean, sd := moments(v)
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = (x - mean) / sd
	}
	return out
}
