package stage

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/gwas/ridge"
	"github.com/gx-genomics/gx/io/genotype"
)

// RidgeOptions are all that decides what `gx ridge` writes, beside its inputs.
type RidgeOptions struct {
	Traits       []string `json:"traits,omitempty"`      // columns to predict; none for all
	Covariates   []string `json:"covar_names,omitempty"` // columns to use; none for all that are no traits
	Categorical  []string `json:"categorical,omitempty"`
	Binary       []string `json:"binary,omitempty"`
	Quantitative []string `json:"quantitative,omitempty"`
	Missing      []string `json:"missing,omitempty"`
	RankNormal   bool     `json:"rank_normal,omitempty"`
	Strict       bool     `json:"strict,omitempty"`
	MinCases     int      `json:"min_cases"`
	RefFirst     bool     `json:"ref_first,omitempty"`
	Regions      []string `json:"regions,omitempty"`

	Block int  `json:"block"`
	Folds int  `json:"folds"`
	LOO   bool `json:"loocv,omitempty"`

	MinMAC     float64 `json:"min_mac"`
	MinMAF     float64 `json:"min_maf"`
	MaxMissing float64 `json:"max_missing"`
	MinHWE     float64 `json:"min_hwe"`
}

// DefaultRidgeOptions are the defaults of `gx ridge`.
func DefaultRidgeOptions() RidgeOptions {
	r, f, a := ridge.Defaults(), DefaultVariantFilter(), DefaultAssocOptions()
	return RidgeOptions{MinCases: a.MinCases, Block: r.Block, Folds: r.Folds, MinMAC: f.MinMAC, MinMAF: f.MinMAF, MaxMissing: f.MaxMissing, MinHWE: f.MinHWE}
}

// plan is a run with these options, without names of files.
func (o *RidgeOptions) plan() (RidgePlan, error) {
	a := DefaultAssocOptions()
	a.Traits, a.Covariates, a.Categorical, a.Binary, a.Quantitative, a.Missing = o.Traits, o.Covariates, o.Categorical, o.Binary, o.Quantitative, o.Missing
	a.RankNormal, a.Strict, a.MinCases, a.RefFirst, a.Regions = o.RankNormal, o.Strict, o.MinCases, o.RefFirst, o.Regions
	data, err := a.plan()
	p := RidgePlan{Data: data, Filter: VariantFilter{o.MinMAC, o.MinMAF, o.MaxMissing, o.MinHWE}, Ridge: ridge.Defaults()}
	p.Ridge.Block, p.Ridge.Folds, p.Ridge.LOO = o.Block, o.Folds, o.LOO
	return p, errors.Join(err, p.Ridge.Validate(), p.Filter.Validate())
}

// RidgeKind is the stage that predicts traits from the whole genome. Its shards are
// runs of blocks of variants, level 0; level 1 joins them.
func RidgeKind() *Kind {
	return &Kind{
		Name:   "ridge",
		Worker: "gx-ridge",
		In: []Role{{Name: "genotypes", Direct: true}, {Name: "pheno"}, {Name: "covar", Optional: true}, {Name: "null", Optional: true},
			{Name: "keep", Optional: true}, {Name: "remove", Optional: true}, {Name: "extract", Optional: true}, {Name: "exclude", Optional: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultRidgeOptions(); return &o },
		Settle: func(options any, t *Task) error {
			_, err := options.(*RidgeOptions).plan()
			if out := t.Out["out"]; out != "" && !strings.HasSuffix(out, predictionList) {
				err = errors.Join(err, fmt.Errorf("out: %s: want the name of the list of predictions, PREFIX%s", out, predictionList))
			}
			return errors.Join(err, noNullInPlan(t))
		},
		Beside:  besideGenotypes,
		Measure: measureRidge,
		Shard:   shardRidge,
		Join:    joinRidge,
	}
}

func ridgeTask(t *Task) (RidgePlan, error) {
	o := DefaultRidgeOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return RidgePlan{}, fmt.Errorf("options of the task: %w", err)
	}
	p, err := o.plan()
	p.Data.take(t)
	p.Data.Prefix = strings.TrimSuffix(p.Data.Prefix, predictionList)
	return p, err
}

// CPU seconds of level 0: per product of two numbers of blocks by samples and
// block, and per cube of a block and fold; and of level 1 per sample and pair of
// predictors.
const (
	ridgePerProduct = 1.5e-11
	ridgePerCube    = 9e-12
	ridgePerPair    = 4e-11
)

func measureRidge(ctx context.Context, env *Env, t *Task) (*Work, error) {
	p, err := ridgeTask(t)
	if err != nil {
		return nil, err
	}
	p.Data.Open.Store = env.Store
	f, err := genotype.Open(ctx, p.Data.Genotypes, p.Data.Open)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	chosen, err := p.Data.Choice.choose(ctx, env, f)
	if err != nil {
		return nil, err
	}
	study, err := makeStudy(ctx, env, &p.Data, f)
	if err != nil {
		return nil, err
	}
	spans, err := ridge.Blocks(offsetNames(chosen.Names(ctx)), p.Ridge.Block)
	if err != nil {
		return nil, err
	}
	samples, traits, block, blocks := float64(len(study.Samples)), float64(len(study.Traits)), float64(p.Ridge.Block), float64(len(spans))
	columns := blocks * float64(ridge.Shrinkages)
	cpu := blocks*(ridgePerProduct*samples*block*block+ridgePerCube*block*block*block*float64(5*p.Ridge.Folds)) + traits*ridgePerPair*samples*columns*columns
	parts := int64(8 * columns * samples * traits)
	return &Work{CPU: cpu, Memory: 200<<20 + int64(8*block*block*float64(p.Ridge.Folds+3)), Disk: parts, Out: int64(samples * traits * 23 * 12), Pieces: len(spans)}, nil
}

// ridgeHead is the first frame of a part.
type ridgeHead struct {
	Traits  []string
	Samples int
	Columns int
}

func (r *ridgeRun) head() ridgeHead {
	h := ridgeHead{Samples: len(r.study.Samples), Columns: r.job.Columns()}
	for i := range r.study.Traits {
		h.Traits = append(h.Traits, r.study.Traits[i].Name)
	}
	return h
}

const frameColumn = 5 // trait and column as two uint32, and a predictor

// shardRidge makes and stores the predictors of some blocks, in the order of the
// blocks.
func shardRidge(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := ridgeTask(t)
	if err != nil {
		return nil, err
	}
	run, err := openRidge(ctx, env, &p)
	if err != nil {
		return nil, err
	}
	defer run.file.Close()
	n := run.job.Spans()
	from, to := share(n, t.Shard, t.Shards), share(n, t.Shard+1, t.Shards)
	err = putPart(ctx, env, t.Out[partRole], func(w *partWriter) error {
		if err := w.frame(frameHead2, run.head()); err != nil {
			return err
		}
		var mu sync.Mutex
		waiting := map[int][][]byte{} // by block: frames; blocks end in order
		var failed error
		next := from
		put := func(trait, column int, v []float64) error {
			b := make([]byte, 8, 8+8*len(v))
			binary.LittleEndian.PutUint32(b, uint32(trait))
			binary.LittleEndian.PutUint32(b[4:], uint32(column))
			for _, x := range v {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
			}
			mu.Lock()
			defer mu.Unlock()
			k := column / ridge.Shrinkages
			waiting[k] = append(waiting[k], b)
			return failed
		}
		step := func() {
			mu.Lock()
			frames := waiting[next]
			delete(waiting, next)
			mu.Unlock()
			for _, b := range frames {
				if failed == nil {
					err := w.bytes(frameColumn, b)
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
			if next++; next == to { // traits with covariates of their own begin anew
				next = from
			}
			env.done(1)
		}
		if err := run.job.Level0(ctx, run.view, from, to, put, step); err != nil {
			return err
		}
		return failed
	})
	return &Report{Notes: run.skipped()}, err
}

// skipped are the traits that cannot be analysed.
func (r *ridgeRun) skipped() (notes []string) {
	for _, s := range r.study.Skipped {
		notes = append(notes, fmt.Sprintf("trait %s is not analysed: %s", s.Trait, s.Reason))
	}
	return notes
}

// joinRidge weighs the predictors of all parts.
func joinRidge(ctx context.Context, env *Env, t *Task) (report *Report, err error) {
	p, err := ridgeTask(t)
	if err != nil {
		return nil, err
	}
	run, err := openRidge(ctx, env, &p)
	if err != nil {
		return nil, err
	}
	defer run.file.Close()
	store, err := run.job.NewStore()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	want, seen := run.head(), 0
	values := make([]float64, want.Samples)
	for _, name := range t.In[partsRole] {
		if err := openPart(ctx, env.Store, name, func(kind byte, b []byte) error {
			if kind == frameHead2 {
				var head ridgeHead
				if err := json.Unmarshal(b, &head); err != nil {
					return fmt.Errorf("%w: %w", errPart, err)
				}
				if head.Samples != want.Samples || head.Columns != want.Columns || !slices.Equal(head.Traits, want.Traits) {
					return fmt.Errorf("%s: it is of other traits, people or variants than the inputs", name)
				}
				return nil
			}
			if kind != frameColumn || len(b) != 8+8*want.Samples {
				return fmt.Errorf("%w: not predictors of %d people", errPart, want.Samples)
			}
			trait, column := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
			if trait >= len(want.Traits) || column >= want.Columns {
				return fmt.Errorf("%w: predictor %d of trait %d", errPart, column, trait)
			}
			for i := range values {
				values[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8+8*i:]))
			}
			seen++
			return store.Put(trait, column, values)
		}); err != nil {
			return nil, err
		}
	}
	if all := want.Columns * len(want.Traits); seen != all {
		return nil, fmt.Errorf("%w: %d predictors in all parts, want %d", errPart, seen, all)
	}
	list, err := run.job.Level1(ctx, store, func() { env.done(1) })
	if err != nil {
		return nil, err
	}
	return &Report{Notes: run.skipped()}, putRidge(ctx, env, p.Data.Prefix, run.study, list)
}
