package nullmodel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Options say how a null model is made. Defaults is the only home of their
// defaults.
type Options struct {
	Folds   int
	Seed    int64
	Members []Member // which members take part in the mixture
	Impute  bool     // predict people with missing covariates too, from the training means
	Threads int      // runs at once; changes no bit of the result
}

// Member is a kind of model in the mixture.
type Member string

// The members, in the order of the mixture.
const (
	Linear  Member = "linear"
	Network Member = "network"
	Boost   Member = "boost"
)

// Defaults are the options of `gx nullmodel`.
func Defaults() Options {
	return Options{Folds: 5, Seed: 318753108, Members: []Member{Linear, Network, Boost}, Threads: runtime.GOMAXPROCS(0)}
}

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Folds < 3 {
		errs = append(errs, fmt.Errorf("folds %d: want 3 or more: one to predict, one to validate on, the others to train on", o.Folds))
	}
	if len(o.Members) == 0 {
		errs = append(errs, errors.New("no member to predict with"))
	}
	for _, m := range o.Members {
		if m != Linear && m != Network && m != Boost {
			errs = append(errs, fmt.Errorf("member %q: want linear, network or boost", m))
		}
	}
	return errors.Join(errs...)
}

// Prediction is the out-of-fold prediction of one trait.
type Prediction struct {
	Trait  string
	Binary bool
	Values []float64 // per row of the table; NaN where nothing is predicted; a probability for a binary trait
	Run    []int     // per row: the run that predicted it, which is its validation fold; -1 for none
	Runs   []Run
	// Out-of-fold predictions of each member alone, in the order of
	// Options.Members, as Values.
	ByMember [][]float64
}

// Run is what is told of one of the K runs.
type Run struct {
	Train, Valid, Test int       // people in each part
	Weights            []float64 // of the members, in the order of Options.Members
	ValidLoss          float64   // of the mixture, see Options
	Curves             [][]float64
}

// minPerFold is the fewest people a fold must have for its validation to mean
// anything.
const minPerFold = 20

// Predict makes the out-of-fold prediction of a trait for all rows that have
// the phenotype and the covariates.
func Predict(ctx context.Context, t *Table, y *Trait, o Options) (*Prediction, error) {
	if err := errors.Join(o.Validate(), t.validate(y)); err != nil {
		return nil, err
	}
	rows := t.complete(y, o.Impute)
	if len(rows) < minPerFold*o.Folds {
		return nil, fmt.Errorf("trait %s: %d individuals have it and all covariates, want at least %d for %d folds", y.Name, len(rows), minPerFold*o.Folds, o.Folds)
	}
	target := make([]float64, len(rows))
	for i, r := range rows {
		target[i] = y.Values[r]
	}
	var strata []bool
	if y.Binary {
		strata = make([]bool, len(rows))
		for i, v := range target {
			strata[i] = v > 0.5
		}
	}
	if slices.Min(target) == slices.Max(target) {
		return nil, fmt.Errorf("trait %s has the same value in all %d individuals", y.Name, len(rows))
	}
	fold := folds(t, rows, o.Folds, o.Seed, strata)
	p := &Prediction{Trait: y.Name, Binary: y.Binary, Values: missing(len(t.IDs)), Run: make([]int, len(t.IDs)), Runs: make([]Run, o.Folds)}
	for i := range p.Run {
		p.Run[i] = -1
	}
	for range o.Members {
		p.ByMember = append(p.ByMember, missing(len(t.IDs)))
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(o.Threads, 1))
	for k := range o.Folds {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return p.run(t, rows, target, fold, k, &o)
		})
	}
	return p, g.Wait()
}

func missing(n int) []float64 { return constant(n, math.NaN()) }

// run trains on all folds but k and k+1, validates on k and predicts k+1. Runs
// write to different rows.
func (p *Prediction) run(t *Table, rows []int, target []float64, fold []int, k int, o *Options) error {
	var part [3][]int // indices into rows: train, validation, test
	for i, f := range fold {
		switch f {
		case k:
			part[1] = append(part[1], i)
		case (k + 1) % o.Folds:
			part[2] = append(part[2], i)
		default:
			part[0] = append(part[0], i)
		}
	}
	r := &p.Runs[k]
	r.Train, r.Valid, r.Test = len(part[0]), len(part[1]), len(part[2])
	if min(r.Train, r.Valid, r.Test) == 0 {
		return fmt.Errorf("trait %s: fold %d is empty: too few groups for %d folds", p.Trait, k+1, o.Folds)
	}
	of := func(idx []int) []int {
		out := make([]int, len(idx))
		for i, j := range idx {
			out[i] = rows[j]
		}
		return out
	}
	d := fitDesign(t, of(part[0]), o.Impute)
	var s [3]sample
	for q := range s {
		s[q].x = d.matrix(t, of(part[q]))
		s[q].y = make([]float64, len(part[q]))
		for i, j := range part[q] {
			s[q].y[i] = target[j]
		}
	}
	valid, test := make([][]float64, len(o.Members)), make([][]float64, len(o.Members))
	r.Curves = make([][]float64, len(o.Members))
	for m, kind := range o.Members {
		switch kind {
		case Linear:
			l := fitLinear(s[0].x, s[0].y, p.Binary)
			valid[m], test[m] = l.scores(s[1].x, r.Valid), l.scores(s[2].x, r.Test)
		case Network:
			n, curve, err := fitNetwork(s[0], s[1], p.Binary, uint64(o.Seed)<<8|uint64(k))
			if err != nil {
				return fmt.Errorf("trait %s, run %d: %w", p.Trait, k+1, err)
			}
			r.Curves[m] = curve
			if valid[m], err = n.scores(s[1].x, r.Valid); err != nil {
				return err
			}
			if test[m], err = n.scores(s[2].x, r.Test); err != nil {
				return err
			}
		case Boost:
			b, curve := fitBoost(s[0], s[1], p.Binary)
			r.Curves[m] = curve
			valid[m], test[m] = b.scores(s[1].x, r.Valid), b.scores(s[2].x, r.Test)
		}
	}
	r.Weights = mix(valid, s[1].y, p.Binary)
	r.ValidLoss = loss(blend(valid, r.Weights), s[1].y, p.Binary)
	final := blend(test, r.Weights)
	for i, j := range part[2] {
		row := rows[j]
		p.Run[row] = k
		p.Values[row] = p.onScale(final[i])
		for m := range o.Members {
			p.ByMember[m][row] = p.onScale(test[m][i])
		}
	}
	return nil
}

// onScale turns a score into what is written: a probability for a binary trait.
func (p *Prediction) onScale(score float64) float64 {
	if p.Binary {
		return sigmoid(score)
	}
	return score
}
