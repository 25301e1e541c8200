package stage

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/nullmodel"
)

// NullModelPlan is a run of `gx nullmodel`.
type NullModelPlan struct {
	Pheno        string   // table of phenotypes
	Covar        string   // table of covariates; empty: the phenotypes' own
	Traits       []string // columns of Pheno
	Covariates   []string // columns of Covar; none: every one that is no trait and no prediction
	Categorical  []string // covariates that are categories although they look like numbers
	Binary       []string // traits that are binary, coded 0 missing, 1 control, 2 case if they have a 2
	Quantitative []string // traits that are quantitative though they have two values
	Missing      []string // further codes of a missing value; a number stands for all its spellings
	Groups       string   // a column of either table, or a table FID IID GROUP
	Logit        bool     // a binary trait's prediction is written as a logit, on whose scale it is tested
	// WithCovariates puts the covariates into the table too, before the
	// predictions: programs that read one table of covariates need no other.
	WithCovariates bool
	Parquet        bool   // the diagnostics are written as Parquet too
	Out            string // table FID IID Y_deepnull ...; the metadata go beside it
	Options        nullmodel.Options
}

// predictionSuffix ends the names of columns of predictions, as DeepNull's do.
const predictionSuffix = "_deepnull"

// Validate reports all faults of the plan that can be seen without its inputs.
func (p *NullModelPlan) Validate() error {
	errs := []error{p.Options.Validate()}
	if p.Parquet && p.Out == object.Standard {
		errs = append(errs, errors.New("diagnostics as Parquet stand beside the table, which is stdout: want a file"))
	}
	for k, name := range p.Traits {
		if slices.Contains(p.Traits[:k], name) {
			errs = append(errs, fmt.Errorf("trait %s is asked for twice", name))
		}
		if slices.Contains(p.Covariates, name) {
			errs = append(errs, fmt.Errorf("%s is both a trait and a covariate", name))
		}
		if slices.Contains(p.Binary, name) && slices.Contains(p.Quantitative, name) {
			errs = append(errs, fmt.Errorf("trait %s is declared both binary and quantitative", name))
		}
		if strings.ContainsAny(name, " ()|") {
			errs = append(errs, fmt.Errorf("trait %q: the programs that read the prediction want a name without blanks, parentheses and |", name))
		}
	}
	for k, name := range p.Covariates {
		if slices.Contains(p.Covariates[:k], name) {
			errs = append(errs, fmt.Errorf("covariate %s is asked for twice", name))
		}
	}
	for _, name := range slices.Concat(p.Binary, p.Quantitative) {
		if !slices.Contains(p.Traits, name) {
			errs = append(errs, fmt.Errorf("%s is declared binary or quantitative, but is none of the traits", name))
		}
	}
	return errors.Join(errs...)
}

// NullPrediction is the null model of one trait for the rows of the phenotypes.
type NullPrediction struct {
	Column   string // its name
	Values   []float64
	Model    *nullmodel.Prediction
	Report   *nullmodel.Report
	Warnings []string
}

// NullModel is the null models of a run.
type NullModel struct {
	FID, IID   []string // of the rows of the phenotypes, in their order
	Covariates []string
	Traits     []NullPrediction
	text       [][]string // of the covariates, where they are to be written
	account    *nullAccount
}

// PredictNull makes the null model of every trait of a plan. It writes nothing.
func PredictNull(ctx context.Context, env *Env, plan *NullModelPlan) (*NullModel, error) {
	m, in, err := openNull(env, plan)
	if err != nil {
		return nil, err
	}
	for i := range in.traits {
		p, err := nullmodel.Predict(ctx, in.table, &in.traits[i], plan.Options)
		if err != nil {
			return nil, err
		}
		m.take(env, plan, in, i, p)
	}
	return m, nil
}

// openNull reads the tables of a plan and looks at all traits before the long
// work.
func openNull(env *Env, plan *NullModelPlan) (*NullModel, *nullInputs, error) {
	if err := plan.Validate(); err != nil {
		return nil, nil, err
	}
	in, err := readNullInputs(plan)
	if err != nil {
		return nil, nil, err
	}
	for _, note := range in.notes {
		env.note("%s", note)
	}
	m := &NullModel{FID: in.fid, IID: in.iid, text: in.text, account: &in.account}
	for _, c := range in.table.Covariates {
		m.Covariates = append(m.Covariates, c.Name)
	}
	env.note("covariates: %s", strings.Join(m.Covariates, ", "))
	env.note("%s", in.account.String())
	plan.Options.Threads = env.Threads
	for i := range in.traits {
		warnings, err := nullmodel.Check(in.table, &in.traits[i], plan.Options)
		if err != nil {
			return nil, nil, err
		}
		for _, w := range warnings {
			env.note("warning: %s", w)
		}
		m.Traits = append(m.Traits, NullPrediction{Column: in.traits[i].Name + predictionSuffix, Warnings: warnings})
	}
	return m, in, nil
}

// take is what the model of a trait says.
func (m *NullModel) take(env *Env, plan *NullModelPlan, in *nullInputs, i int, p *nullmodel.Prediction) {
	t := &m.Traits[i]
	t.Model = p
	t.Report = p.Report(&in.traits[i])
	if t.Values = p.Values; plan.Logit && p.Binary {
		t.Values = p.Logit
	}
	env.note("%s", t.Report.Sentence)
	if w := tooGood(p.Trait, t.Report); w != "" {
		t.Warnings = append(t.Warnings, w)
		env.note("warning: %s", w)
	}
	if t.Report.Acceptable != "" && plan.Options.Original {
		t.Warnings = append(t.Warnings, fmt.Sprintf("trait %s: %s", in.traits[i].Name, t.Report.Acceptable))
		env.note("warning: %s", t.Warnings[len(t.Warnings)-1])
	}
}

// Above these a prediction from covariates is too good to be true.
const (
	tooGoodR2  = 0.95
	tooGoodAUC = 0.99
)

// tooGood is a warning of covariates that together make up the trait, which
// none of them does alone; empty where there is nothing to say.
func tooGood(trait string, r *nullmodel.Report) string {
	best := r.Score[0]
	switch {
	case best.R2 != nil && best.R2.Value >= tooGoodR2:
		return fmt.Sprintf("trait %s: the covariates predict it almost wholly (R2 %.3f): are some of them made from it? Then leave them out", trait, best.R2.Value)
	case best.AUC != nil && best.AUC.Value >= tooGoodAUC:
		return fmt.Sprintf("trait %s: the covariates predict it almost wholly (area under the curve %.3f): are some of them made from it? Then leave them out", trait, best.AUC.Value)
	}
	return ""
}

// RunNullModel makes the null models of a plan and writes their predictions as
// a table of covariates, and the metadata beside it.
func RunNullModel(ctx context.Context, env *Env, plan NullModelPlan) (*NullModel, error) {
	if err := checkOutputs(env, []string{plan.Pheno, plan.Covar}, plan.outputs()); err != nil {
		return nil, err
	}
	m, err := PredictNull(ctx, env, &plan)
	if err != nil {
		return nil, err
	}
	return m, m.put(ctx, env, &plan)
}

// put writes the table of predictions, and before it the metadata.
func (m *NullModel) put(ctx context.Context, env *Env, plan *NullModelPlan) error {
	if plan.Out != object.Standard {
		meta, err := m.metadata(ctx, env, plan)
		if err != nil {
			return err
		}
		if err := putBytes(ctx, env.Store, besideNull(plan.Out, ".json"), meta); err != nil {
			return err
		}
		if plan.Parquet {
			if err := env.Store.Put(ctx, besideNull(plan.Out, ".parquet"), func(w io.Writer) error { return m.sheet(w, plan) }); err != nil {
				return err
			}
		}
	}
	return env.Store.Put(ctx, plan.Out, func(w io.Writer) error {
		if !strings.HasSuffix(plan.Out, ".gz") {
			return m.write(w)
		}
		z := gzip.NewWriter(w)
		if err := m.write(z); err != nil {
			return err
		}
		return z.Close()
	})
}

// outputs are the files of a run.
func (p *NullModelPlan) outputs() []string {
	out := []string{p.Out}
	if p.Out != object.Standard {
		out = append(out, besideNull(p.Out, ".json"))
		if p.Parquet {
			out = append(out, besideNull(p.Out, ".parquet"))
		}
	}
	return out
}

// besideNull puts a suffix in the place of .tsv or .txt and .gz.
func besideNull(out, suffix string) string {
	out = strings.TrimSuffix(out, ".gz")
	return strings.TrimSuffix(strings.TrimSuffix(out, ".tsv"), ".txt") + suffix
}

// write writes the table: a header FID IID, covariates and the predictions, NA where there
// is none, as regenie and PLINK read covariates.
func (m *NullModel) write(out io.Writer) error {
	w := bufio.NewWriter(out)
	w.WriteString("FID\tIID")
	for k := range m.text {
		w.WriteString("\t" + m.Covariates[k])
	}
	for _, t := range m.Traits {
		w.WriteString("\t" + t.Column)
	}
	w.WriteByte('\n')
	for i, id := range m.IID {
		w.WriteString(m.FID[i] + "\t" + id)
		for _, column := range m.text {
			w.WriteString("\t" + column[i])
		}
		for _, t := range m.Traits {
			w.WriteByte('\t')
			w.Write(appendNull(w.AvailableBuffer(), t.Values[i]))
		}
		w.WriteByte('\n')
	}
	return w.Flush()
}

// appendNull writes a prediction, NA where there is none.
func appendNull(dst []byte, v float64) []byte {
	if math.IsNaN(v) {
		return append(dst, "NA"...)
	}
	return strconv.AppendFloat(dst, v, 'g', 9, 64)
}

// figure is a number of the metadata, null where it is none.
type figure float64

func (f figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func figures(v []float64) []figure {
	out := make([]figure, len(v))
	for i, x := range v {
		out[i] = figure(x)
	}
	return out
}

type nullRunMeta struct {
	Train       int             `json:"train"`
	Valid       int             `json:"validation"`
	Test        int             `json:"test"`
	Weights     []figure        `json:"weights"`
	ValidLoss   figure          `json:"validation_loss"`
	ValidMetric figure          `json:"validation_metric"`
	Curves      []nullCurveMeta `json:"curves"`
}

type nullCurveMeta struct {
	Member nullmodel.Member `json:"member"`
	Part   int              `json:"part"`
	Share  figure           `json:"share"`
	Unit   string           `json:"unit"`
	Every  int              `json:"every"`
	Kept   int              `json:"kept"`
	Loss   []figure         `json:"validation_loss"`
}

type nullEffectMeta struct {
	Covariate  string   `json:"covariate"`
	Importance figure   `json:"importance"`
	SD         figure   `json:"sd"`
	At         []figure `json:"at,omitempty"`
	Levels     []string `json:"levels,omitempty"`
	Mean       []figure `json:"mean_prediction"`
}

type nullTraitMeta struct {
	Trait    string             `json:"trait"`
	Column   string             `json:"column"`
	Binary   bool               `json:"binary"`
	Scale    string             `json:"scale"`
	Members  []nullmodel.Member `json:"members"`
	Report   *nullmodel.Report  `json:"report"`
	Runs     []nullRunMeta      `json:"runs"`
	Effects  []nullEffectMeta   `json:"effects,omitempty"`
	Warnings []string           `json:"warnings,omitempty"`
}

type nullMeta struct {
	GX         string          `json:"gx"`
	Model      string          `json:"model"`
	Inputs     []Input         `json:"inputs"`
	Recipe     string          `json:"recipe"`
	Folds      int             `json:"folds"`
	Seed       int64           `json:"seed"`
	Networks   int             `json:"networks"`
	Impute     bool            `json:"impute"`
	Groups     string          `json:"groups,omitempty"`
	Covariates []string        `json:"covariates"`
	Account    *nullAccount    `json:"account,omitempty"`
	Traits     []nullTraitMeta `json:"traits"`
}

// metadata tells how the predictions were made and how well they do.
func (m *NullModel) metadata(ctx context.Context, env *Env, plan *NullModelPlan) ([]byte, error) {
	o := &plan.Options
	meta := nullMeta{GX: Version, Model: "deepnull", Recipe: "gx", Folds: o.Folds, Seed: o.Seed, Networks: o.Networks, Impute: o.Impute,
		Groups: baseName(plan.Groups), Covariates: m.Covariates, Account: m.account}
	if o.Original {
		meta.Recipe = "original"
	}
	for _, path := range slices.Compact([]string{plan.Pheno, plan.covar()}) {
		if path == object.Standard {
			meta.Inputs = append(meta.Inputs, Input{Name: path})
			continue
		}
		in, err := digest(ctx, env.Store, path)
		if err != nil {
			return nil, err
		}
		meta.Inputs = append(meta.Inputs, in)
	}
	for i := range m.Traits {
		meta.Traits = append(meta.Traits, m.Traits[i].metadata(plan))
	}
	b, err := json.MarshalIndent(&meta, "", " ")
	return append(b, '\n'), err
}

func (t *NullPrediction) metadata(plan *NullModelPlan) nullTraitMeta {
	p := t.Model
	out := nullTraitMeta{Trait: p.Trait, Column: t.Column, Binary: p.Binary, Scale: "phenotype", Members: p.Members, Report: t.Report, Warnings: t.Warnings}
	if p.Binary {
		out.Scale = "probability"
		if plan.Logit {
			out.Scale = "logit"
		}
	}
	for _, r := range p.Runs {
		run := nullRunMeta{r.Train, r.Valid, r.Test, figures(r.Weights), figure(r.ValidLoss), figure(r.ValidMetric), nil}
		for _, c := range r.Curves {
			run.Curves = append(run.Curves, nullCurveMeta{c.Member, c.Part, figure(c.Share), c.Unit, c.Every, c.Kept, figures(c.Loss)})
		}
		out.Runs = append(out.Runs, run)
	}
	for _, e := range p.Effects {
		effect := nullEffectMeta{Covariate: e.Covariate, Importance: figure(e.Importance), SD: figure(e.SD), Levels: e.Levels, Mean: figures(e.Mean)}
		if e.Levels == nil {
			effect.At = figures(e.At)
		}
		out.Effects = append(out.Effects, effect)
	}
	return out
}
