package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/gx-genomics/gx/nullmodel"
)

// NullOptions are all that decides what `gx nullmodel` writes, beside its
// inputs.
type NullOptions struct {
	Traits       []string `json:"traits"`
	Covariates   []string `json:"covar_names,omitempty"`
	Categorical  []string `json:"categorical,omitempty"`
	Binary       []string `json:"binary,omitempty"`
	Quantitative []string `json:"quantitative,omitempty"`
	Missing      []string `json:"missing,omitempty"`
	Groups       string   `json:"groups,omitempty"`
	Method       string   `json:"method"`
	Recipe       string   `json:"recipe"`
	Folds        int      `json:"folds"`
	Seed         int64    `json:"seed"`
	Networks     int      `json:"networks"`
	Impute       bool     `json:"impute,omitempty"`
	Scale        string   `json:"null_scale,omitempty"` // logit or probability; none for that of the recipe
	NoEffects    bool     `json:"no_effects,omitempty"`
	WithCovars   bool     `json:"with_covariates,omitempty"`
}

// DefaultNullOptions are the defaults of `gx nullmodel`.
func DefaultNullOptions() NullOptions {
	o := nullmodel.Defaults()
	return NullOptions{Method: "mix", Recipe: "gx", Folds: o.Folds, Seed: o.Seed, Networks: o.Networks}
}

// plan is a run with these options, without names of files.
func (o *NullOptions) plan() (NullModelPlan, error) {
	p := NullModelPlan{Traits: o.Traits, Covariates: o.Covariates, Categorical: o.Categorical, Binary: o.Binary, Quantitative: o.Quantitative,
		Missing: o.Missing, Groups: o.Groups, Logit: o.Scale == "logit" || o.Scale == "" && o.Recipe != "original", WithCovariates: o.WithCovars, Options: nullmodel.Defaults()}
	n := &p.Options
	n.Folds, n.Seed, n.Networks, n.Impute, n.Diagnose = o.Folds, o.Seed, o.Networks, o.Impute, !o.NoEffects
	var errs []error
	if len(o.Traits) == 0 {
		errs = append(errs, errors.New("traits: none is named"))
	}
	if o.Method != "mix" {
		n.Members = []nullmodel.Member{nullmodel.Member(o.Method)}
	}
	switch o.Recipe {
	case "gx":
	case "original":
		if o.Method != "mix" && o.Method != string(nullmodel.Network) {
			errs = append(errs, fmt.Errorf("method %s: the original's recipe is its network alone", o.Method))
		}
		n.Original, n.Members, n.Networks = true, []nullmodel.Member{nullmodel.Network}, 1
	default:
		errs = append(errs, fmt.Errorf("recipe %q: want gx or original", o.Recipe))
	}
	if o.Scale != "" && o.Scale != "logit" && o.Scale != "probability" {
		errs = append(errs, fmt.Errorf("null_scale %q: want logit or probability", o.Scale))
	}
	errs = append(errs, p.Validate())
	return p, errors.Join(errs...)
}

// NullModelKind is the stage that predicts phenotypes from covariates. Its
// shards are folds: run k of trait t is piece t x folds + k.
func NullModelKind() *Kind {
	return &Kind{
		Name:    "nullmodel",
		Worker:  "gx-nullmodel",
		In:      []Role{{Name: "pheno"}, {Name: "covar", Optional: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultNullOptions(); return &o },
		Settle: func(options any, _ *Task) error {
			_, err := options.(*NullOptions).plan()
			return err
		},
		Files: func(options any) []string {
			groups := options.(*NullOptions).Groups
			if st, err := os.Stat(groups); groups != "" && err == nil && st.Mode().IsRegular() {
				return []string{groups}
			}
			return nil
		},
		Measure: measureNull,
		Shard:   shardNull,
		Join:    joinNull,
	}
}

func nullTask(t *Task) (NullModelPlan, error) {
	o := DefaultNullOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return NullModelPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	p, err := o.plan()
	p.Pheno, p.Covar, p.Out = t.in("pheno"), t.in("covar"), t.Out["out"]
	return p, err
}

// nullPerPerson is the CPU seconds of a null model per person and fold.
const nullPerPerson = 2.2e-4

func measureNull(_ context.Context, env *Env, t *Task) (*Work, error) {
	p, err := nullTask(t)
	if err != nil {
		return nil, err
	}
	if err := checkOutputs(env, []string{p.Pheno, p.Covar}, []string{p.Out}); err != nil {
		return nil, err
	}
	m, in, err := openNull(env, &p)
	if err != nil {
		return nil, err
	}
	people, pieces := len(m.IID), len(in.traits)*p.Options.Folds
	return &Work{CPU: nullPerPerson * float64(people) * float64(pieces), Memory: 150<<20 + int64(people)*int64(64*(8+len(m.Covariates))),
		Disk: int64(people) * 64 * int64(len(in.traits)), Out: int64(people) * int64(20+12*len(in.traits)), Pieces: pieces}, nil
}

// storedFold is a fold as a frame of a part: numbers as their bits, for they
// may be no number.
type storedFold struct {
	Trait      int
	K          int
	Counts     [3]int
	Numbers    []uint64 // weights, loss, metric
	Curves     []storedCurve
	Score, OLS []uint64
	ByMember   [][]uint64
	Rise       []uint64
	Mean       [][]uint64
}

type storedCurve struct {
	Member            nullmodel.Member
	Part, Every, Kept int
	Share             uint64
	Unit              string
	Loss              []uint64
}

const frameFold = 4

func bits(v []float64) []uint64 {
	out := make([]uint64, len(v))
	for i, x := range v {
		out[i] = math.Float64bits(x)
	}
	return out
}

func floats(v []uint64) []float64 {
	if v == nil {
		return nil
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Float64frombits(x)
	}
	return out
}

// each turns a list of lists.
func each[A, B any](list [][]A, f func([]A) []B) [][]B {
	var out [][]B
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

func storeFold(trait int, f *nullmodel.Fold) storedFold {
	r := &f.Run
	s := storedFold{Trait: trait, K: f.K, Counts: [3]int{r.Train, r.Valid, r.Test}, Numbers: bits(append(append([]float64(nil), r.Weights...), r.ValidLoss, r.ValidMetric)),
		Score: bits(f.Score), OLS: bits(f.OLS), ByMember: each(f.ByMember, bits), Rise: bits(f.Rise), Mean: each(f.Mean, bits)}
	for _, c := range r.Curves {
		s.Curves = append(s.Curves, storedCurve{c.Member, c.Part, c.Every, c.Kept, math.Float64bits(c.Share), c.Unit, bits(c.Loss)})
	}
	return s
}

func (s *storedFold) fold() (*nullmodel.Fold, error) {
	n := len(s.Numbers) - 2
	if n < 0 {
		return nil, fmt.Errorf("%w: a fold of %d numbers", errPart, n+2)
	}
	v := floats(s.Numbers)
	f := &nullmodel.Fold{K: s.K, Score: floats(s.Score), OLS: floats(s.OLS), ByMember: each(s.ByMember, floats), Rise: floats(s.Rise), Mean: each(s.Mean, floats),
		Run: nullmodel.Run{Train: s.Counts[0], Valid: s.Counts[1], Test: s.Counts[2], Weights: v[:n:n], ValidLoss: v[n], ValidMetric: v[n+1]}}
	for _, c := range s.Curves {
		f.Run.Curves = append(f.Run.Curves, nullmodel.Curve{Member: c.Member, Part: c.Part, Share: math.Float64frombits(c.Share), Every: c.Every, Kept: c.Kept, Unit: c.Unit, Loss: floats(c.Loss)})
	}
	return f, nil
}

// shardNull makes the runs of a shard.
func shardNull(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := nullTask(t)
	if err != nil {
		return nil, err
	}
	_, in, err := openNull(env, &p)
	if err != nil {
		return nil, err
	}
	folds := p.Options.Folds
	n := len(in.traits) * folds
	return &Report{}, putPart(ctx, env, t.Out[partRole], func(w *partWriter) error {
		for i := share(n, t.Shard, t.Shards); i < share(n, t.Shard+1, t.Shards); i++ {
			f, err := nullmodel.PredictFold(ctx, in.table, &in.traits[i/folds], p.Options, i%folds)
			if err != nil {
				return err
			}
			if err := w.frame(frameFold, storeFold(i/folds, f)); err != nil {
				return err
			}
		}
		return nil
	})
}

// joinNull writes the predictions of all folds.
func joinNull(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := nullTask(t)
	if err != nil {
		return nil, err
	}
	m, in, err := openNull(env, &p)
	if err != nil {
		return nil, err
	}
	folds := make([][]*nullmodel.Fold, len(in.traits))
	for _, name := range t.In[partsRole] {
		err := openPart(ctx, env.Store, name, func(kind byte, b []byte) error {
			var s storedFold
			if kind != frameFold || json.Unmarshal(b, &s) != nil || s.Trait < 0 || s.Trait >= len(folds) {
				return fmt.Errorf("%w: not a fold of %d traits", errPart, len(folds))
			}
			f, err := s.fold()
			folds[s.Trait] = append(folds[s.Trait], f)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range in.traits {
		pred, err := nullmodel.JoinFolds(in.table, &in.traits[i], p.Options, folds[i])
		if err != nil {
			return nil, err
		}
		m.take(env, &p, in, i, pred)
	}
	r := &Report{}
	for i := range m.Traits {
		r.Notes = append(r.Notes, m.Traits[i].Report.Sentence)
	}
	return r, m.put(ctx, env, &p)
}
