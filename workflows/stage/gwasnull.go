package stage

import (
	"cmp"
	"context"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/nullmodel"
)

// predictNull makes the null models of a study that is about to be tested, and
// writes beside its results PREFIX.nullmodel.tsv, which can be given to --null
// again, and PREFIX.nullmodel.json, which tells how they were made and how well
// they do.
func (p *AssocPlan) predictNull(ctx context.Context, env *Env, s *pheno.Study) (*pheno.Table, error) {
	m, err := nullOfStudy(ctx, env, s, p.NullModel)
	if err != nil {
		return nil, err
	}
	return m.asTable(), m.put(ctx, env, &NullModelPlan{Pheno: p.Pheno, Covar: p.Covar, Out: p.Prefix + ".nullmodel.tsv", Logit: true, Options: p.NullModel})
}

// nullOfStudy makes the out-of-fold predictions of all traits of a study.
// People are told apart as in gx nullmodel, so that the folds are the same.
func nullOfStudy(ctx context.Context, env *Env, s *pheno.Study, o nullmodel.Options) (*NullModel, error) {
	o.Threads = env.Threads
	m, t := &NullModel{}, &nullmodel.Table{}
	both, families := make([]string, len(s.Samples)), map[string]bool{}
	for i, x := range s.Samples {
		m.FID, m.IID = append(m.FID, cmp.Or(x.FID, "0")), append(m.IID, x.IID)
		both[i] = m.FID[i] + "\t" + x.IID
		if m.FID[i] != "0" {
			families[x.FID] = true
		}
	}
	if t.IDs = m.IID; len(t.IDs) > 0 {
		if _, more := twice(t.IDs); more {
			t.IDs = both
		}
	}
	if n := len(families); n > 1 && n < len(s.Samples) {
		env.note("warning: %d individuals are of %d families: relatives may fall into different folds of the null model; gx nullmodel --groups FID makes one that keeps families together, for --null", len(s.Samples), n)
	}
	for _, c := range s.Covariates {
		t.Covariates = append(t.Covariates, nullmodel.Covariate{Name: c.Name, Values: c.Values})
		m.Covariates = append(m.Covariates, c.Name)
	}
	for i := range s.Traits {
		y := &s.Traits[i]
		trait := &nullmodel.Trait{Name: y.Name, Values: y.Values, Binary: y.Binary}
		warnings, err := nullmodel.Check(t, trait, o)
		if err != nil {
			return nil, err
		}
		for _, w := range warnings {
			env.note("warning: %s", w)
		}
		p, err := nullmodel.Predict(ctx, t, trait, o)
		if err != nil {
			return nil, err
		}
		out := NullPrediction{Column: y.Name + predictionSuffix, Values: p.Values, Model: p, Report: p.Report(trait), Warnings: warnings}
		if y.Binary { // on the scale of the model of the test
			out.Values = p.Logit
		}
		m.Traits = append(m.Traits, out)
		mixture := out.Report.Score[0]
		if y.Binary {
			env.note("null model of %s: out-of-fold AUC %.4f", y.Name, mixture.AUC.Value)
		} else {
			env.note("null model of %s: out-of-fold R2 %.4f", y.Name, mixture.R2.Value)
		}
		env.note("%s", out.Report.Sentence)
		if w := tooGood(y.Name, out.Report); w != "" {
			m.Traits[i].Warnings = append(warnings, w)
			env.note("warning: %s", w)
		}
	}
	return m, nil
}

// asTable is the predictions as a test of association takes them.
func (m *NullModel) asTable() *pheno.Table {
	t := &pheno.Table{Path: "the null model", FID: m.FID, IID: m.IID}
	for _, y := range m.Traits {
		column := make([]string, len(y.Values))
		for i, v := range y.Values {
			column[i] = string(appendNull(nil, v))
		}
		t.Names, t.Columns = append(t.Names, y.Column), append(t.Columns, column)
	}
	return t
}
