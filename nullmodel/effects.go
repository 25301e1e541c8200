package nullmodel

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Effect is what one covariate does to the predictions of people whom the
// models have not seen.
type Effect struct {
	Covariate string
	// Importance is how much the mean loss of the mixture (squared error, or
	// cross-entropy) rises when the covariate is permuted among the people of
	// the test folds, and SD the deviation of that between the runs.
	Importance, SD float64
	// The mean prediction with the covariate set to each value of At, for
	// people of all test folds: for a categorical covariate these are its Levels.
	At, Mean []float64
	Levels   []string
}

const (
	effectPeople = 1000 // of a test fold that importance is measured on, at the most
	curvePeople  = 400  // of these that curves are drawn for, at the most
	effectPoints = 20   // of a curve
)

// runEffect is an Effect of one run.
type runEffect struct {
	rise float64
	mean []float64
}

// effectGrids are the values at which each covariate's effect is looked at:
// quantiles over the rows.
func effectGrids(t *Table, rows []int) [][]float64 {
	grids := make([][]float64, len(t.Covariates))
	for k, c := range t.Covariates {
		var v []float64
		for _, r := range rows {
			if x := c.Values[r]; !math.IsNaN(x) {
				v = append(v, x)
			}
		}
		slices.Sort(v)
		distinct := slices.Compact(slices.Clone(v))
		if len(distinct) > effectPoints && c.Levels == nil {
			distinct = distinct[:0]
			for q := range effectPoints {
				distinct = append(distinct, v[(2*q+1)*len(v)/(2*effectPoints)])
			}
			distinct = slices.Compact(distinct)
		}
		grids[k] = distinct
	}
	return grids
}

// measureEffects looks at a run's models on people of its test fold.
func (r *run) measureEffects(d *design, rng *rand.Rand) ([]runEffect, error) {
	c := r.c
	picked := slices.Clone(r.part[2])
	rng.Shuffle(len(picked), func(i, j int) { picked[i], picked[j] = picked[j], picked[i] })
	picked = picked[:min(effectPeople, len(picked))]
	n := len(picked)
	small := &Table{Covariates: slices.Clone(c.table.Covariates)}
	y := make([]float64, n)
	for i, j := range picked {
		y[i] = c.target[j]
	}
	rows, few := make([]int, n), min(n, curvePeople)
	for k := range small.Covariates {
		v := make([]float64, n)
		for i, j := range picked {
			v[i], rows[i] = c.table.Covariates[k].Values[c.rows[j]], i
		}
		small.Covariates[k].Values = v
	}
	scores := func(n int) ([]float64, error) {
		jobs, err := r.jobScores(d.matrix(small, rows[:n]), n)
		if err != nil {
			return nil, err
		}
		m, _ := r.memberScores(jobs)
		return blend(m, c.p.Runs[r.k].Weights), nil
	}
	plain, err := scores(n)
	if err != nil {
		return nil, err
	}
	effects := make([]runEffect, len(small.Covariates))
	for k := range small.Covariates {
		own := small.Covariates[k].Values
		permuted := make([]float64, n)
		for i, j := range rng.Perm(n) {
			permuted[i] = own[j]
		}
		small.Covariates[k].Values = permuted
		s, err := scores(n)
		if err != nil {
			return nil, err
		}
		effects[k].rise = loss(s, y, c.p.Binary) - loss(plain, y, c.p.Binary)
		for _, at := range c.grids[k] {
			small.Covariates[k].Values = constant(few, at)
			s, err := scores(few)
			if err != nil {
				return nil, err
			}
			sum := 0.0
			for _, v := range s {
				sum += c.p.onScale(v)
			}
			effects[k].mean = append(effects[k].mean, sum/float64(few))
		}
		small.Covariates[k].Values = own
	}
	return effects, nil
}

// effects averages those of the runs.
func (c *crossfit) effects(runs []*run) []Effect {
	out := make([]Effect, len(c.table.Covariates))
	for k, cov := range c.table.Covariates {
		e := &out[k]
		e.Covariate, e.At, e.Mean = cov.Name, c.grids[k], make([]float64, len(c.grids[k]))
		if cov.Levels != nil {
			for _, at := range e.At {
				e.Levels = append(e.Levels, cov.Levels[int(at)])
			}
		}
		rises := make([]float64, len(runs))
		for i, r := range runs {
			rises[i] = r.effects[k].rise
			for j, v := range r.effects[k].mean {
				e.Mean[j] += v / float64(len(runs))
			}
		}
		e.Importance, e.SD = moments(rises)
	}
	return out
}
