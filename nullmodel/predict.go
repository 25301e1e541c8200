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
	Folds    int
	Seed     int64
	Original bool     // DeepNull 0.2.2's own recipe, see doc.go; Members must be the network alone
	Members  []Member // which members take part in the mixture
	Networks int      // networks of a run whose scores are averaged
	Impute   bool     // predict people with missing covariates too, from the training means
	Diagnose bool     // partial dependence and importance of covariates too
	Threads  int      // members trained at once; changes no bit of the result

	epochs int // of the original's recipe where not 0, for tests
}

// Member is a kind of model in the mixture.
type Member string

// The members, in the order of the mixture.
const (
	Linear  Member = "linear"
	Spline  Member = "spline"
	Network Member = "network"
	Boost   Member = "boost"
)

// AllMembers are those of the default mixture.
func AllMembers() []Member { return []Member{Linear, Spline, Network, Boost} }

// Most folds and networks: a seed of each is derived by place.
const (
	mostFolds    = 100
	mostNetworks = 100
)

// Defaults are the options of `gx nullmodel`.
func Defaults() Options {
	return Options{Folds: 5, Seed: 318753108, Members: AllMembers(), Networks: 2, Threads: runtime.GOMAXPROCS(0)}
}

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Folds < 3 || o.Folds > mostFolds {
		errs = append(errs, fmt.Errorf("folds %d: want 3 to %d: one to predict, one to validate on, the others to train on", o.Folds, mostFolds))
	}
	if o.Seed < 0 {
		errs = append(errs, fmt.Errorf("seed %d: want 0 or more", o.Seed))
	}
	if o.Networks < 1 || o.Networks > mostNetworks {
		errs = append(errs, fmt.Errorf("networks %d: want 1 to %d", o.Networks, mostNetworks))
	}
	if len(o.Members) == 0 {
		errs = append(errs, errors.New("no member to predict with"))
	}
	for i, m := range o.Members {
		if !slices.Contains(AllMembers(), m) {
			errs = append(errs, fmt.Errorf("member %q: want linear, spline, network or boost", m))
		}
		if slices.Contains(o.Members[:i], m) {
			errs = append(errs, fmt.Errorf("member %s stands twice", m))
		}
	}
	if o.Original && (len(o.Members) != 1 || o.Members[0] != Network || o.Networks != 1 || o.Impute) {
		errs = append(errs, errors.New("the original's recipe is one network, without other members and without imputation"))
	}
	return errors.Join(errs...)
}

// Prediction is the out-of-fold prediction of one trait.
type Prediction struct {
	Trait   string
	Binary  bool
	Members []Member
	Values  []float64 // per row of the table; NaN where nothing is predicted; a probability for a binary trait
	Logit   []float64 // the same on the scale of the logit for a binary trait; nil for a quantitative one
	Run     []int     // per row: the run that predicted it, which is its validation fold; -1 for none
	Runs    []Run
	// Out-of-fold predictions of each member alone, in the order of Members, as
	// Values.
	ByMember [][]float64
	Effects  []Effect // of the covariates, with Options.Diagnose
	// OLS is the out-of-fold prediction of least squares or logistic regression
	// from the same folds, what all else is compared with; Linear's own where it
	// is a member.
	OLS []float64
}

// Run is what is told of one of the K runs.
type Run struct {
	Train, Valid, Test int       // people in each part
	Weights            []float64 // of the members, in the order of Members
	ValidLoss          float64   // of the mixture: mean squared error or cross-entropy
	ValidMetric        float64   // as the original's check takes it: correlation (see BatchPearson) or AUC
	Curves             []Curve
}

// Curve is the validation loss of one member while it learned.
type Curve struct {
	Member Member
	Part   int     // which of the networks, or of the depths of trees
	Share  float64 // in its member
	Every  int     // steps, trees, penalties or epochs between two values
	Unit   string
	Loss   []float64
	Kept   int // index of the value whose weights were kept, -1 for none
}

// minPerFold is the fewest people a fold must have for its validation to mean
// anything; minCasesPerFold the fewest cases, and controls.
const (
	minPerFold      = 20
	minCasesPerFold = 5
)

// Predict makes the out-of-fold prediction of a trait for all rows that have
// the phenotype and the covariates. The order of the rows of the table does not
// matter.
func Predict(ctx context.Context, t *Table, y *Trait, o Options) (*Prediction, error) {
	c, err := newCrossfit(t, y, o)
	if err != nil {
		return nil, err
	}
	if err := c.do(ctx, c.runs); err != nil {
		return nil, err
	}
	return c.prediction(), nil
}

// prediction is what all runs together gave.
func (c *crossfit) prediction() *Prediction {
	if c.o.Diagnose {
		c.p.Effects = c.effects(c.runs)
	}
	return c.p
}

// newCrossfit makes ready the runs of a trait.
func newCrossfit(t *Table, y *Trait, o Options) (*crossfit, error) {
	if err := errors.Join(o.Validate(), t.validate(y)); err != nil {
		return nil, err
	}
	rows := t.complete(y, o.Impute)
	target := make([]float64, len(rows))
	for i, r := range rows {
		target[i] = y.Values[r]
	}
	if err := enough(y, target, o.Folds); err != nil {
		return nil, err
	}
	p := &Prediction{Trait: y.Name, Binary: y.Binary, Members: o.Members, Values: missing(len(t.IDs)), Run: make([]int, len(t.IDs)),
		Runs: make([]Run, o.Folds), OLS: missing(len(t.IDs))}
	for i := range p.Run {
		p.Run[i] = -1
	}
	if y.Binary {
		p.Logit = missing(len(t.IDs))
	}
	for range o.Members {
		p.ByMember = append(p.ByMember, missing(len(t.IDs)))
	}
	c := &crossfit{p: p, table: t, rows: rows, target: target, o: &o, fold: folds(t, rows, o.Folds, o.Seed, strata(y, target, &o))}
	if o.Diagnose {
		c.grids = effectGrids(t, rows)
	}
	for k := range o.Folds {
		r, err := c.newRun(k)
		if err != nil {
			return nil, err
		}
		c.runs = append(c.runs, r)
	}
	return c, nil
}

// do makes some of the runs.
func (c *crossfit) do(ctx context.Context, runs []*run) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(c.o.Threads, 1))
	for _, r := range runs {
		for j := range r.jobs {
			g.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				return r.do(j)
			})
		}
	}
	return g.Wait()
}

// enough checks that there are people to learn from.
func enough(y *Trait, target []float64, k int) error {
	n := len(target)
	if n < minPerFold*k {
		return fmt.Errorf("trait %s: %d individuals have it and all covariates, want at least %d for %d folds", y.Name, n, minPerFold*k, k)
	}
	if slices.Min(target) == slices.Max(target) {
		return fmt.Errorf("trait %s is %v in all %d individuals", y.Name, target[0], n)
	}
	if y.Binary {
		if rare := rarer(target); rare < minCasesPerFold*k {
			return fmt.Errorf("trait %s: %d of the rarer of cases and controls, want at least %d for %d folds", y.Name, rare, minCasesPerFold*k, k)
		}
	}
	return nil
}

// rarer counts the rarer of cases and controls.
func rarer(target []float64) int {
	cases := 0
	for _, v := range target {
		if v > 0.5 {
			cases++
		}
	}
	return min(cases, len(target)-cases)
}

// fewPerFold is below how many cases, or controls, per fold these are dealt for
// themselves. Above it chance makes shares that are equal enough, and the folds
// are those of the original.
const fewPerFold = 100

// strata are the cases, where they or the controls are so few that they must be
// spread evenly.
func strata(y *Trait, target []float64, o *Options) []bool {
	if !y.Binary || o.Original || rarer(target) >= fewPerFold*o.Folds {
		return nil
	}
	s := make([]bool, len(target))
	for i, v := range target {
		s[i] = v > 0.5
	}
	return s
}

func missing(n int) []float64 { return constant(n, math.NaN()) }
