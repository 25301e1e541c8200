package nullmodel

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Guards of a covariate that is, or nearly is, the phenotype.
const (
	sameAs    = 0.999 // correlation, of values or of ranks, that is an error
	nearly    = 0.9   // that is a warning
	fewPeople = 1000  // below which the user is told that little can be learned
)

// Check looks for what makes a null model wrong or useless although it can be
// computed. warnings are for the user; an error is one that the work should not
// go on after: a covariate that is the phenotype itself, which would take all
// association away.
func Check(t *Table, y *Trait, o Options) (warnings []string, err error) {
	if err := t.validate(y); err != nil {
		return nil, err
	}
	rows := t.complete(y, o.Impute)
	if n := len(rows); n < fewPeople {
		warnings = append(warnings, fmt.Sprintf("trait %s: only %d individuals: too few for a nonlinear effect to be learned well", y.Name, n))
	}
	for _, c := range t.Covariates {
		var x, v []float64
		for _, r := range rows {
			if !math.IsNaN(c.Values[r]) {
				x, v = append(x, c.Values[r]), append(v, y.Values[r])
			}
		}
		switch {
		case len(x) == 0:
			warnings = append(warnings, fmt.Sprintf("covariate %s is missing in all individuals that have trait %s: left out", c.Name, y.Name))
			continue
		case slices.Min(x) == slices.Max(x):
			warnings = append(warnings, fmt.Sprintf("covariate %s is the same in all individuals that have trait %s: left out", c.Name, y.Name))
			continue
		}
		like := likeness(c, x, v, y.Binary)
		switch {
		case c.Levels != nil && len(c.Levels) > max(len(x)/10, 2):
			return warnings, fmt.Errorf("covariate %s has %d levels among %d individuals: is it an identifier? Leave it out", c.Name, len(c.Levels), len(x))
		case like >= sameAs:
			return warnings, fmt.Errorf("covariate %s is trait %s itself, or made from it (correlation %.4f): leave it out of the covariates", c.Name, y.Name, like)
		case like >= nearly:
			warnings = append(warnings, fmt.Sprintf("covariate %s nearly is trait %s (correlation %.3f): is it made from it? Then leave it out", c.Name, y.Name, like))
		}
	}
	return warnings, nil
}

// likeness is how much a column tells of the phenotype by itself: the larger
// correlation of values and of ranks; for categories the root of the share of
// variance between levels; for a binary trait how far the area under the curve
// is from chance.
func likeness(c Covariate, x, y []float64, binary bool) float64 {
	if c.Levels != nil {
		return math.Sqrt(max(betweenLevels(x, y, len(c.Levels)), 0))
	}
	r := math.Abs(Pearson(x, y))
	if binary {
		return max(r, math.Abs(2*AUC(x, y)-1))
	}
	return max(r, math.Abs(Pearson(ranks(x), ranks(y))))
}

// betweenLevels is the share of the variance of y that lies between levels of
// x, less what chance gives.
func betweenLevels(x, y []float64, levels int) float64 {
	sum, n := make([]float64, levels), make([]float64, levels)
	for i, l := range x {
		sum[int(l)] += y[i]
		n[int(l)]++
	}
	fit := make([]float64, len(y))
	for i, l := range x {
		fit[i] = sum[int(l)] / n[int(l)]
	}
	share := float64(levels-1) / max(float64(len(y)-1), 1)
	return (R2(fit, y) - share) / max(1-share, 1e-9)
}

// ranks are those of values, from 1; ties share their mean.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}

// Acceptable is the check that DeepNull 0.2.2 makes of the validation metric of
// its runs: none at or below 0, the largest not below 0.05, and their spread at
// most a tenth of the smallest. The text says what is wrong, empty if nothing.
func Acceptable(metric []float64) string {
	lo, hi := slices.Min(metric), slices.Max(metric)
	switch {
	case !(lo > 0):
		return fmt.Sprintf("the validation metric of a run is %.3g, want more than 0", lo)
	case hi < 0.05:
		return fmt.Sprintf("the validation metric is %.3g at best, want 0.05 or more", hi)
	case (hi-lo)/lo > 0.1:
		return fmt.Sprintf("the validation metric differs from run to run by more than a tenth: %.3f to %.3f", lo, hi)
	}
	return ""
}
