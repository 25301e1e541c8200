package nullmodel

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// mix finds weights for the members' scores, none negative and summing to one,
// that have the smallest loss on the validation rows. Ties go to the members
// that come first: linear before the others. For squares the minimum is exact;
// for cross-entropy it is the best point of a grid of twentieths.
func mix(scores [][]float64, y []float64, binary bool) []float64 {
	switch {
	case len(scores) == 1:
		return []float64{1}
	case binary:
		return mixOnGrid(scores, y)
	}
	return mixSquares(scores, y)
}

// mixSquares tries every subset of members and keeps the best that has no
// negative weight: the minimum over the simplex is the unconstrained one of the
// subset of members that it uses.
func mixSquares(scores [][]float64, y []float64) []float64 {
	m := len(scores)
	best, bestLoss := []float64(nil), math.Inf(1)
	for set := 1; set < 1<<m; set++ {
		w, ok := onSubset(scores, y, set)
		if !ok {
			continue
		}
		if l := loss(blend(scores, w), y, false); l < bestLoss*(1-1e-9) {
			best, bestLoss = w, l
		}
	}
	return best
}

// onSubset minimises the squares over weights of the members of a set that sum
// to one (Lagrange's equations).
func onSubset(scores [][]float64, y []float64, set int) ([]float64, bool) {
	var use []int
	for k := range scores {
		if set>>k&1 == 1 {
			use = append(use, k)
		}
	}
	m := len(use)
	a, b := mat.NewDense(m+1, m+1, nil), mat.NewVecDense(m+1, nil)
	b.SetVec(m, 1)
	for p, k := range use {
		a.Set(p, m, 1)
		a.Set(m, p, 1)
		for q, l := range use {
			sum := 0.0
			for i := range y {
				sum += float64((scores[k][i] - y[i]) * (scores[l][i] - y[i]))
			}
			a.Set(p, q, sum)
		}
	}
	var x mat.VecDense
	if err := x.SolveVec(a, b); err != nil {
		return nil, false
	}
	w := make([]float64, len(scores))
	for p, k := range use {
		if w[k] = x.AtVec(p); !(w[k] >= 0) {
			return nil, false
		}
	}
	return w, true
}

func mixOnGrid(scores [][]float64, y []float64) []float64 {
	const steps = 20
	m := len(scores)
	best, bestLoss := []float64(nil), math.Inf(1)
	parts := make([]int, m)
	var walk func(k, left int)
	walk = func(k, left int) {
		if k > 0 {
			for parts[k] = 0; parts[k] <= left; parts[k]++ {
				walk(k-1, left-parts[k])
			}
			return
		}
		parts[0] = left
		w := make([]float64, m)
		for i, p := range parts {
			w[i] = float64(p) / steps
		}
		if l := loss(blend(scores, w), y, true); l < bestLoss*(1-1e-9) {
			best, bestLoss = w, l
		}
	}
	walk(m-1, steps)
	return best
}

// certain says whether scores a have a smaller loss than scores b by more than
// mixErrors standard errors of the difference.
func certain(a, b, y []float64, binary bool) bool {
	saved := make([]float64, len(y))
	for i := range y {
		saved[i] = loss(b[i:i+1], y[i:i+1], binary) - loss(a[i:i+1], y[i:i+1], binary)
	}
	mean, sd := moments(saved)
	return mean > mixErrors*sd/math.Sqrt(float64(len(y)))
}

// mixErrors is how far, in standard errors, a mixture must do better on the
// validation rows than the linear member alone. Where covariates act linearly,
// chance then seldom puts another in its place; what is worth having is far
// beyond it.
const mixErrors = 1.5

// blend is the weighted sum of the members' scores.
func blend(scores [][]float64, w []float64) []float64 {
	out := make([]float64, len(scores[0]))
	for k, s := range scores {
		if w[k] == 0 {
			continue
		}
		for i, v := range s {
			out[i] += float64(w[k] * v)
		}
	}
	return out
}
