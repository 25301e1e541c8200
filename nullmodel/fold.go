package nullmodel

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Fold is what one of the K runs of a trait gave: enough to be joined with the
// others to what Predict makes, wherever each was made. Its people are those of
// the run's test fold, in the order of their identifiers.
type Fold struct {
	K        int // the validation fold
	Run      Run
	Score    []float64   // of the mixture: a mean, or a logit
	OLS      []float64   // as Prediction.OLS
	ByMember [][]float64 // as Prediction.ByMember
	Rise     []float64   // with Options.Diagnose: per covariate, what permuting it costs
	Mean     [][]float64 // and the mean predictions along its grid
}

// PredictFold makes run k of those that Predict makes.
func PredictFold(ctx context.Context, t *Table, y *Trait, o Options, k int) (*Fold, error) {
	c, err := newCrossfit(t, y, o)
	if err != nil {
		return nil, err
	}
	if k < 0 || k >= len(c.runs) {
		return nil, fmt.Errorf("fold %d of %d", k, len(c.runs))
	}
	r := c.runs[k]
	if err := c.do(ctx, []*run{r}); err != nil {
		return nil, err
	}
	f := &Fold{K: k, Run: c.p.Runs[k], ByMember: make([][]float64, len(c.p.ByMember))}
	for _, row := range c.tableRows(r.part[2]) {
		if c.p.Binary {
			f.Score = append(f.Score, c.p.Logit[row])
		} else {
			f.Score = append(f.Score, c.p.Values[row])
		}
		f.OLS = append(f.OLS, c.p.OLS[row])
		for m := range f.ByMember {
			f.ByMember[m] = append(f.ByMember[m], c.p.ByMember[m][row])
		}
	}
	for _, e := range r.effects {
		f.Rise, f.Mean = append(f.Rise, e.rise), append(f.Mean, e.mean)
	}
	return f, nil
}

// JoinFolds is what Predict makes, from all of its runs.
func JoinFolds(t *Table, y *Trait, o Options, folds []*Fold) (*Prediction, error) {
	c, err := newCrossfit(t, y, o)
	if err != nil {
		return nil, err
	}
	done := make([]bool, len(c.runs))
	for _, f := range folds {
		if f.K < 0 || f.K >= len(c.runs) || done[f.K] {
			return nil, fmt.Errorf("trait %s: fold %d of %d, or it is given twice", y.Name, f.K, len(c.runs))
		}
		done[f.K] = true
		if err := c.take(c.runs[f.K], f); err != nil {
			return nil, fmt.Errorf("trait %s, fold %d: %w", y.Name, f.K, err)
		}
	}
	if k := slices.Index(done, false); k >= 0 {
		return nil, fmt.Errorf("trait %s: fold %d is missing", y.Name, k)
	}
	return c.prediction(), nil
}

// take puts a fold in its places.
func (c *crossfit) take(r *run, f *Fold) error {
	n := len(r.part[2])
	fits := len(f.Score) == n && len(f.OLS) == n && len(f.ByMember) == len(c.p.ByMember)
	for _, m := range f.ByMember {
		fits = fits && len(m) == n
	}
	if c.o.Diagnose {
		fits = fits && len(f.Rise) == len(c.grids) && len(f.Mean) == len(c.grids)
		for k := range f.Mean {
			fits = fits && len(f.Mean[k]) == len(c.grids[k])
		}
	}
	if !fits || f.Run.Test != n {
		return errors.New("it is of other people, members or covariates")
	}
	out := c.p
	out.Runs[f.K] = f.Run
	for i, row := range c.tableRows(r.part[2]) {
		out.Run[row] = f.K
		out.Values[row] = out.onScale(f.Score[i])
		if out.Binary {
			out.Logit[row] = f.Score[i]
		}
		out.OLS[row] = f.OLS[i]
		for m := range f.ByMember {
			out.ByMember[m][row] = f.ByMember[m][i]
		}
	}
	if c.o.Diagnose {
		for k := range f.Rise {
			r.effects = append(r.effects, runEffect{f.Rise[k], f.Mean[k]})
		}
	}
	return nil
}
