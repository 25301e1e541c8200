package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/ridge"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/source"
)

// RidgePlan is a run of `gx ridge`.
type RidgePlan struct {
	// Data names the genotypes, the tables and the null model as for an association,
	// and the prefix of what is written. Its tests are not made.
	Data   AssocPlan
	Filter VariantFilter
	Ridge  ridge.Options
}

// VariantFilter is what variants must have among the people of a study to be
// predicted from.
type VariantFilter struct {
	MinMAC, MinMAF float64
	MaxMissing     float64
	MinHWE         float64
}

// DefaultVariantFilter keeps all that vary.
func DefaultVariantFilter() VariantFilter { return VariantFilter{MaxMissing: 1} }

// Validate says all that is wrong with the filter.
func (f *VariantFilter) Validate() error {
	var errs []error
	for _, x := range []struct {
		name  string
		value float64
		most  float64
	}{{"smallest allele frequency", f.MinMAF, 0.5}, {"largest share of missing genotypes", f.MaxMissing, 1}, {"smallest p of Hardy-Weinberg proportions", f.MinHWE, 1}} {
		if !(x.value >= 0 && x.value <= x.most) {
			errs = append(errs, fmt.Errorf("%s %g: want 0 to %g", x.name, x.value, x.most))
		}
	}
	if !(f.MinMAC >= 0) {
		errs = append(errs, fmt.Errorf("smallest allele count %g: want 0 or more", f.MinMAC))
	}
	return errors.Join(errs...)
}

// reads says whether the genotypes must be read to tell who passes. What does not
// vary need not be found for that: it has no weight in a prediction.
func (f *VariantFilter) reads() bool {
	return f.MinMAC > 0 || f.MinMAF > 0 || f.MaxMissing < 1 || f.MinHWE > 0
}

// predicts says whether a chromosome is predicted from: not Y and the mitochondrion.
func predicts(v *dosage.Variant) bool {
	c := gwas.OffsetName(v.Chrom)
	return v.Chrom != "24" && v.Chrom != "Y" && v.Chrom != "chrY" && c != "M" && c != "MT" && c != "26"
}

// keeps says whether a row passes; why not, otherwise.
func (f *VariantFilter) keeps(r *dosage.Row) (why string) {
	switch {
	case !predicts(&r.Variant):
		return "on chromosome Y or the mitochondrion"
	case r.N == 0 || r.Monomorphic():
		return "that do not vary"
	case r.MAC() < f.MinMAC || r.MAC() < f.MinMAF*2*float64(r.N):
		return "too rare"
	case float64(r.Missing) > f.MaxMissing*float64(r.N+r.Missing):
		return "with too many genotypes missing"
	case f.MinHWE > 0 && r.Hard() && r.HWE(false) < f.MinHWE:
		return "out of Hardy-Weinberg proportions"
	}
	return ""
}

// manyVariants is more than are of use to a prediction.
const manyVariants = 1_000_000

// ridgeRun is a run with its inputs open.
type ridgeRun struct {
	file  *genotype.File
	view  *genotype.File // the variants that are predicted from, of the people who are analysed
	study *pheno.Study
	job   *ridge.Job
}

// openRidge opens the inputs of a plan.
func openRidge(ctx context.Context, env *Env, plan *RidgePlan) (run *ridgeRun, err error) {
	data := &plan.Data
	data.Open.Store = env.Store
	f, err := genotype.Open(ctx, data.Genotypes, data.Open)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	chosen, err := data.Choice.choose(ctx, env, f)
	if err != nil {
		return nil, err
	}
	study, err := makeStudy(ctx, env, data, f)
	if err != nil {
		return nil, err
	}
	env.tellStudy(study)
	view, err := chosen.Select(study.Genotyped)
	if err != nil {
		return nil, err
	}
	if view, err = plan.Filter.choose(ctx, env, view); err != nil {
		return nil, err
	}
	plan.Ridge.Threads = env.Threads
	spans, err := ridge.Blocks(offsetNames(view.Names(ctx)), plan.Ridge.Block)
	if err != nil {
		return nil, err
	}
	job, err := ridge.NewJob(study, spans, plan.Ridge)
	if err != nil {
		return nil, source.At(data.Genotypes, err)
	}
	return &ridgeRun{f, view, study, job}, nil
}

// choose gives a view of the rows that pass, and tells of the others.
func (f *VariantFilter) choose(ctx context.Context, env *Env, view *genotype.File) (*genotype.File, error) {
	keep := func(v *dosage.Variant) bool { return predicts(v) }
	if f.reads() {
		kept, err := f.read(ctx, env, view)
		if err != nil {
			return nil, err
		}
		at := -1
		keep = func(*dosage.Variant) bool { at++; return kept[at] }
	}
	all, err := view.Variants(ctx)
	if err != nil {
		return nil, err
	}
	if view, err = view.SelectRows(ctx, keep); err != nil {
		return nil, err
	}
	switch n, err := view.Variants(ctx); {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, source.At(view.Path(), fmt.Errorf("none of %d variants is left to predict from", all))
	case n > manyVariants:
		env.note("warning: %d variants to predict from; half a million that are common and not in high linkage do as well and take less time (--extract)", n)
	}
	return view, nil
}

// read goes through the genotypes and says which rows pass.
func (f *VariantFilter) read(ctx context.Context, env *Env, view *genotype.File) (kept []bool, err error) {
	lost := map[string]int{}
	for b, err := range view.Blocks(ctx, 0, -1, 256) {
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			why := f.keeps(&b.Rows[i])
			if kept = append(kept, why == ""); why != "" {
				lost[why]++
			}
		}
	}
	for _, why := range slices.Sorted(maps.Keys(lost)) {
		env.note("%d variants %s are left out", lost[why], why)
	}
	return kept, nil
}

// offsetNames gives variants the names of chromosomes that files of predictions
// have.
func offsetNames(names iter.Seq2[*dosage.Variant, error]) iter.Seq2[*dosage.Variant, error] {
	return func(yield func(*dosage.Variant, error) bool) {
		for v, err := range names {
			if err == nil {
				renamed := *v
				renamed.Chrom = gwas.OffsetName(v.Chrom)
				v = &renamed
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// Ridge predicts traits from the whole genome, and writes PREFIX_k.loco for trait
// k, PREFIX_cv.tsv and, last, PREFIX_pred.list.
func Ridge(ctx context.Context, env *Env, plan RidgePlan) ([]ridge.Prediction, error) {
	run, err := openRidge(ctx, env, &plan)
	if err != nil {
		return nil, err
	}
	defer run.file.Close()
	if err := checkOutputs(env, plan.Data.inputs(), ridgeOutputs(plan.Data.Prefix, len(run.study.Traits))); err != nil {
		return nil, err
	}
	env.begin(run.job.Steps())
	list, err := run.job.Run(ctx, run.view, func() { env.done(1) })
	if err != nil {
		return nil, err
	}
	return list, putRidge(ctx, env, plan.Data.Prefix, run.study, list)
}

func ridgeOutputs(prefix string, traits int) []string {
	names := []string{prefix + "_cv.tsv", prefix + predictionList}
	for k := range traits {
		names = append(names, locoName(prefix, k))
	}
	return names
}

// predictionList ends the name of the list of files of predictions.
const predictionList = "_pred.list"

func locoName(prefix string, k int) string { return fmt.Sprintf("%s_%d.loco", prefix, k+1) }

// putRidge writes the predictions; traits without are told of.
func putRidge(ctx context.Context, env *Env, prefix string, study *pheno.Study, list []ridge.Prediction) error {
	order := make([]int, len(study.Samples)) // of the IDs as texts
	ids := make([]string, len(order))
	for i, s := range study.Samples {
		order[i], ids[i] = i, s.FID+"_"+s.IID
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare([]byte(ids[a]), []byte(ids[b])) })
	var index, cv bytes.Buffer
	cv.WriteString("trait\tshare_of_variance\tr2\tmse\tmean_log_likelihood\tchosen\n")
	for k := range list {
		p := &list[k]
		if p.Err != nil {
			env.note("trait %s is not predicted: %s", p.Trait, p.Err)
			continue
		}
		for s := range p.Fits {
			f := &p.Fits[s]
			loglik, chosen := "NA", 0
			if p.Binary {
				loglik = strconv.FormatFloat(f.LogLik, 'g', 6, 64)
			}
			if s == p.Best {
				chosen = 1
			}
			fmt.Fprintf(&cv, "%s\t%g\t%.6g\t%.6g\t%s\t%d\n", p.Trait, f.Share, f.R2, f.MSE, loglik, chosen)
		}
		best := p.Fits[p.Best]
		env.note("trait %s: the genome predicts R2 %.4f out of sample, shrinkage for %g of the variance", p.Trait, best.R2, best.Share)
		name := locoName(prefix, k)
		if err := env.Store.Put(ctx, name, func(w io.Writer) error { return writeLOCO(w, p, ids, order) }); err != nil {
			return err
		}
		fmt.Fprintf(&index, "%s %s\n", p.Trait, filepath.Base(name)) // a file beside the list, wherever both are
	}
	if index.Len() == 0 {
		return errors.New("no trait could be predicted")
	}
	if err := env.Store.Put(ctx, prefix+"_cv.tsv", func(w io.Writer) error { _, err := w.Write(cv.Bytes()); return err }); err != nil {
		return err
	}
	return env.Store.Put(ctx, prefix+predictionList, func(w io.Writer) error { _, err := w.Write(index.Bytes()); return err })
}

// humanChroms is how many chromosomes a file of predictions has lines of, whatever
// the genotypes have.
const humanChroms = 23

// writeLOCO writes the predictions of a trait as regenie's step 2 reads them.
func writeLOCO(w io.Writer, p *ridge.Prediction, ids []string, order []int) error {
	line := []byte("FID_IID")
	for _, i := range order {
		line = append(append(line, ' '), ids[i]...)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	values := map[string][]float64{}
	var names []string
	for c := range humanChroms {
		names = append(names, strconv.Itoa(c+1))
	}
	for k, name := range p.Chroms {
		values[name] = p.Without[k]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		v := values[name]
		if v == nil {
			v = p.All
		}
		line = append(line[:0], name...)
		for _, i := range order {
			if line = append(line, ' '); math.IsNaN(v[i]) {
				line = append(line, "NA"...)
			} else {
				line = strconv.AppendFloat(line, v[i], 'g', 8, 64)
			}
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}
