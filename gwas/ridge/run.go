package ridge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/parallel"
)

// Prediction is what came of one trait.
type Prediction struct {
	Trait  string
	Binary bool
	Fits   [Shrinkages]Fit
	Best   int      // of Fits, whose predictions these are
	Chroms []string // in the order of the genotypes
	// Without[c][i] is the prediction of the study's sample i without chromosome
	// c, All[i] from all; NaN where the trait is missing.
	Without [][]float64
	All     []float64
	Err     error // why there is none
}

// Job is the prediction of the traits of a study from variants that Blocks has cut
// into spans.
type Job struct {
	study    *pheno.Study
	spans    []Span
	o        Options
	problems []*problem
}

// NewJob prepares the prediction of a study's traits.
func NewJob(study *pheno.Study, spans []Span, o Options) (*Job, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(spans) == 0 {
		return nil, errors.New("no variants to predict from")
	}
	if n := len(study.Samples); n < 10*o.Folds {
		return nil, fmt.Errorf("%d samples: want 10 or more in each of %d folds", n, o.Folds)
	}
	j := &Job{study: study, spans: spans, o: o}
	for _, traits := range groupsOf(study, &o) {
		j.problems = append(j.problems, newProblem(study, traits, o))
	}
	return j, nil
}

// Spans is how many blocks there are.
func (j *Job) Spans() int { return len(j.spans) }

// Columns is how many predictors a trait has.
func (j *Job) Columns() int { return Shrinkages * len(j.spans) }

// NewStore makes room for the predictors of all traits.
func (j *Job) NewStore() (*Store, error) {
	return newStore(len(j.study.Samples), j.Columns(), len(j.study.Traits), &j.o)
}

// groupsOf are the traits that are predicted together: those with a covariate of
// their own stand alone, and those that leave one out apart from others.
func groupsOf(s *pheno.Study, o *Options) [][]int {
	var groups [][]int
	shared := map[bool]int{} // by leave-one-out: place of the group, from 1
	for t := range s.Traits {
		loo := o.leavesOneOut(s, t)
		switch k := shared[loo]; {
		case len(s.Traits[t].Own) > 0:
			groups = append(groups, []int{t})
		case k == 0:
			groups = append(groups, []int{t})
			shared[loo] = len(groups)
		default:
			groups[k-1] = append(groups[k-1], t)
		}
	}
	return groups
}

// Level0 makes the predictors of spans from..to-1. put takes those of a trait of
// the study and a block, which are valid until it returns; it is called from as
// many goroutines as there are threads. step is called after each block.
func (j *Job) Level0(ctx context.Context, src gwas.Source, from, to int, put func(trait, column int, v []float64) error, step func()) error {
	variants := j.spans[len(j.spans)-1].To - j.spans[0].From
	for _, p := range j.problems {
		work := func() func(context.Context, int) (struct{}, error) {
			l := p.newLevel0(variants)
			return func(ctx context.Context, k int) (struct{}, error) {
				preds, err := l.run(ctx, src, j.spans[k])
				for i, v := range preds {
					if err == nil {
						err = put(p.traits[i%len(p.traits)], k*Shrinkages+i/len(p.traits), v)
					}
				}
				return struct{}{}, err
			}
		}
		done := func(struct{}) error { step(); return nil }
		if err := parallel.Ordered(ctx, numbers(from, to), j.o.Threads, work, done); err != nil {
			return err
		}
	}
	return nil
}

// Level1 weighs the predictors of each trait. A trait that fails does not stop the
// others.
func (j *Job) Level1(ctx context.Context, s *Store, step func()) ([]Prediction, error) {
	var chroms []string
	for _, s := range j.spans {
		if !slices.Contains(chroms, s.Chrom) {
			chroms = append(chroms, s.Chrom)
		}
	}
	out := make([]Prediction, len(j.study.Traits))
	for _, p := range j.problems {
		for t, k := range p.traits {
			r := &out[k]
			r.Trait, r.Binary, r.Chroms = j.study.Traits[k].Name, j.study.Traits[k].Binary, chroms
			if err := newLevel1(ctx, p, t, s, j.spans).predict(r); err != nil {
				return nil, err
			}
			step()
		}
	}
	return out, nil
}

// predict fills in what came of the trait.
func (l *level1) predict(r *Prediction) error {
	fit := l.quantitative
	if r.Binary {
		fit = l.binary
	}
	w, best, err := fit()
	if err != nil {
		if errors.Is(err, errStore) || l.ctx.Err() != nil {
			return err
		}
		r.Err = err
		return nil
	}
	without, all, err := l.without(w, r.Chroms)
	if err != nil {
		return err
	}
	r.Fits, r.Best, r.All = l.fits, best, l.p.back(all, l.t)
	for _, v := range without {
		r.Without = append(r.Without, l.p.back(v, l.t))
	}
	return nil
}

// Run does both levels. step is called after each block of level 0 and each trait
// of level 1; Steps says how often. The results do not depend on the number of
// threads.
func (j *Job) Run(ctx context.Context, src gwas.Source, step func()) (out []Prediction, err error) {
	s, err := j.NewStore()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := j.Level0(ctx, src, 0, len(j.spans), s.Put, step); err != nil {
		return nil, err
	}
	return j.Level1(ctx, s, step)
}

// Steps is how much Run has to do.
func (j *Job) Steps() int { return len(j.spans)*len(j.problems) + len(j.study.Traits) }

// back puts values in the order of the genotypes into that of the study; they are
// NaN for those without the trait.
func (p *problem) back(v []float64, t int) []float64 {
	out := make([]float64, p.n)
	for i, c := range p.study.Column {
		if out[i] = v[c]; !p.seen[t][c] {
			out[i] = math.NaN()
		}
	}
	return out
}

func numbers(from, to int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := from; i < to; i++ {
			if !yield(i, nil) {
				return
			}
		}
	}
}
