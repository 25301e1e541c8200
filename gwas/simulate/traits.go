package simulate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// covariates are the columns of every cohort, in order.
var covariates = []string{"age", "sex", "genotyping_array", "bmi", "PC1", "PC2", "PC3", "PC4"}

// Table is what is measured of the people: columns of one value a sample, NaN
// where missing.
type Table struct {
	Covariates, Traits []Column
	Causal             []Causal
}

// Column is one variable. Whole says that its values are integers.
type Column struct {
	Name   string
	Values []float64
	Whole  bool
}

// Causal is the true effect of a variant on a trait.
type Causal struct {
	Trait string
	ID    string
	Freq  float64 // of the alternate allele in the cohort
	Beta  float64 // per copy of it: of a quantitative trait, or of the logit
}

// Table draws covariates and traits: protocol S, with the genotypes of Blocks.
func (c *Cohort) Table(ctx context.Context) (*Table, error) {
	x := c.covariates()
	t := &Table{}
	for j, name := range covariates {
		t.Covariates = append(t.Covariates, Column{name, x[j], j < 3})
	}
	z, s, b := standard(x)
	n := c.o.Samples
	linear := make([]float64, n)
	for i := range linear {
		linear[i] = 0.5*z[i] + 0.3*s[i] + 0.25*b[i] + 0.1*x[4][i] + 0.05*x[2][i]
	}
	for k := range c.o.Traits {
		tr := &c.o.Traits[k]
		rng := c.o.rng(streamTraits + uint64(k))
		genetic, causal, err := c.genetic(ctx, rng)
		if err != nil {
			return nil, err
		}
		l := slices.Clone(linear)
		nonlinear := nonlinearPart(tr.Scenario, z, s, b)
		orthogonalise(nonlinear, x)
		sh, _ := tr.Scenario.shares()
		if tr.Heritability >= 0 {
			sh.e += sh.g - tr.Heritability
			sh.g = tr.Heritability
		}
		y := make([]float64, n)
		var beta float64
		if tr.Binary {
			beta = binary(rng, y, l, nonlinear, genetic, sh, tr.Cases)
		} else {
			noise := make([]float64, n)
			for i := range noise {
				noise[i] = rng.NormFloat64()
			}
			scale(l, sh.l)
			scale(nonlinear, sh.n)
			beta = scale(genetic, sh.g)
			scale(noise, sh.e)
			for i := range y {
				y[i] = l[i] + nonlinear[i] + genetic[i] + noise[i]
			}
		}
		if tr.Missing > 0 {
			skip(rng, 1-tr.Missing, n, func(i int) { y[i] = math.NaN() })
		}
		t.Traits = append(t.Traits, Column{tr.Name, y, tr.Binary})
		for _, v := range causal {
			v.Trait, v.Beta = tr.Name, v.Beta*beta
			t.Causal = append(t.Causal, v)
		}
	}
	return t, nil
}

// covariates draws them, in the order of their names.
func (c *Cohort) covariates() [][]float64 {
	rng := c.o.rng(streamCovariates)
	x := make([][]float64, len(covariates))
	for j := range x {
		x[j] = make([]float64, c.o.Samples)
	}
	for i := range c.people {
		p := &c.people[i]
		x[0][i] = float64(40 + rng.IntN(30))
		x[1][i] = float64(one(p.Male))
		x[2][i] = float64(one(rng.Float64() < 0.11))
		x[3][i] = math.Round(100*(27+4.5*rng.NormFloat64())) / 100
		for j := range 4 {
			x[4+j][i] = rng.NormFloat64()
			if c.o.Populations > 1 { // components tell populations apart, the first best
				far := math.Cos(math.Pi * float64(j+1) * (float64(p.Population) + 0.5) / float64(c.o.Populations))
				x[4+j][i] = 0.3*x[4+j][i] + 1.35*far
			}
		}
	}
	return x
}

// standard is age and body mass index standardised, and sex as +-1.
func standard(x [][]float64) (z, s, b []float64) {
	n := len(x[0])
	z, s, b = make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range z {
		z[i] = (x[0][i] - 54.5) / 8.655
		s[i] = 2*x[1][i] - 1
		b[i] = (x[3][i] - 27) / 4.5
	}
	return z, s, b
}

// nonlinearPart is N before it is scaled; all 0 without one.
func nonlinearPart(sc Scenario, z, s, b []float64) []float64 {
	out := make([]float64, len(z))
	for i := range out {
		switch z, s, b := z[i], s[i], b[i]; sc {
		case Smooth, Weak, Null:
			out[i] = 0.6*(z*z-1) + 0.5*z*s + 0.3*math.Sin(2*b)
		case Thresholds:
			if z > 0.3 {
				out[i] = 0.8 * s
			}
			out[i] += 0.4*z*b + 0.5*math.Exp(-b*b)
		}
	}
	return out
}

// orthogonalise takes from v all that is linear in the columns and a constant,
// by Gram and Schmidt, twice for precision.
func orthogonalise(v []float64, x [][]float64) {
	basis := make([][]float64, 0, len(x)+1)
	ones := make([]float64, len(v))
	for i := range ones {
		ones[i] = 1
	}
	for _, col := range append([][]float64{ones}, x...) {
		u := slices.Clone(col)
		before := dot(u, u)
		project(u, basis)
		if norm := dot(u, u); norm > 1e-12*before {
			for i := range u {
				u[i] /= math.Sqrt(norm)
			}
			basis = append(basis, u)
		}
	}
	project(v, basis)
}

// project makes v orthogonal to an orthonormal basis.
func project(v []float64, basis [][]float64) {
	for range 2 {
		for _, u := range basis {
			d := dot(u, v)
			for i := range v {
				v[i] -= float64(d * u[i])
			}
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

// scale centres v and gives it the variance wanted; it returns what it was
// multiplied by. A constant stays 0.
func scale(v []float64, variance float64) float64 {
	mean := 0.0
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	sum := 0.0
	for i := range v {
		v[i] -= mean
		sum += float64(v[i] * v[i])
	}
	factor := 0.0
	if sum > 0 {
		factor = math.Sqrt(variance / (sum / float64(len(v))))
	}
	for i := range v {
		v[i] *= factor
	}
	return factor
}

// genetic is G before it is scaled: causal variants of equal variance and
// random sign.
func (c *Cohort) genetic(ctx context.Context, rng *rand.Rand) ([]float64, []Causal, error) {
	chosen := choose(rng, c.o.Causal, c.o.Variants)
	out := make([]float64, c.o.Samples)
	var causal []Causal
	g := c.generator()
	for len(chosen) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		for v := range g.block(c.blockOf(chosen[0])) {
			if v.number != chosen[0] {
				continue
			}
			sum := uint64(0)
			for i := range out {
				sum += v.copies(i)
			}
			q := float64(sum) / float64(2*len(out))
			effect := 1 / math.Sqrt(2*q*(1-q))
			if rng.Uint32()&1 != 0 {
				effect = -effect
			}
			if q == 0 || q == 1 { // drawn in nobody, or in all
				effect = 0
			}
			for i := range out {
				out[i] += float64(effect * float64(v.copies(i)))
			}
			causal = append(causal, Causal{ID: v.name.ID, Freq: q, Beta: effect})
			if chosen = chosen[1:]; len(chosen) == 0 {
				break
			}
		}
	}
	return out, causal, nil
}

// choose draws k of the numbers below n, in increasing order.
func choose(rng *rand.Rand, k, n int) []int {
	taken := make(map[int]bool, k)
	list := make([]int, 0, k)
	for i := n - k; i < n; i++ { // Floyd's way, each set as likely
		x := rng.IntN(i + 1)
		if taken[x] {
			x = i
		}
		taken[x] = true
		list = append(list, x)
	}
	slices.Sort(list)
	return list
}

// intercept is that of the protocol's binary trait, where no share of cases is
// asked for.
const intercept = -1.6

// binary draws a trait whose logit is the sum of L of variance 0.6, N of 1.2
// and 1.5 times G; N and G in proportion to their shares of 0.30 and 0.05. It
// gives the factor of G.
func binary(rng *rand.Rand, y, l, nonlinear, genetic []float64, sh shares, cases float64) float64 {
	scale(l, 0.6)
	scale(nonlinear, 4*sh.n)
	factor := 1.5 * scale(genetic, sh.g)
	logit := l
	for i := range logit {
		logit[i] += nonlinear[i] + float64(1.5*genetic[i])
	}
	at := intercept
	if cases > 0 {
		low, high := -40.0, 40.0
		for range 60 {
			at = (low + high) / 2
			sum := 0.0
			for _, x := range logit {
				sum += expit(at + x)
			}
			if sum < cases*float64(len(logit)) {
				low = at
			} else {
				high = at
			}
		}
	}
	for i, x := range logit {
		y[i] = float64(one(rng.Float64() < expit(at+x)))
	}
	return factor
}

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
