package stage

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/nullmodel"
)

// AssocPlan is a run of `gx gwas`.
type AssocPlan struct {
	Genotypes string
	Open      genotype.Options
	Choice    VariantChoice
	Pheno     string
	Covar     string // empty: no covariates, unless Study.Covariates names columns of Pheno
	Keep      string // tables of samples; empty for all
	Remove    string
	Study     pheno.Options
	Null      string // deepnull, a table of predictions, or empty for none
	NullModel nullmodel.Options
	LOCO      string   // list of predictions; empty for none
	Condition []string // variants to test beside; see gwas.Condition
	// ConditionList is a file of more of them, one a line; empty for none.
	ConditionList string
	Scan          gwas.Options
	Columns       table.Columns
	Parquet       bool       // write Parquet beside the tables
	SSF           table.Meta // of GWAS-SSF: what the inputs do not tell
	Sets          *SetPlan   // test sets instead of single variants
	Prefix        string
}

// Assoc tests all variants, or sets of them, on all traits and writes a file per
// trait, and a summary of all. The
// summaries are in the order of the traits.
func Assoc(ctx context.Context, env *Env, plan AssocPlan) ([]gwas.Summary, error) {
	run, err := openAssoc(ctx, env, &plan)
	if err != nil {
		return nil, err
	}
	defer run.close()
	if plan.Sets != nil {
		return assocSets(ctx, env, &plan, run)
	}
	return plan.test(ctx, env, run.study, "", func(emit func(*gwas.Batch) error) ([]gwas.Summary, error) {
		return gwas.Scan(ctx, run.view, run.study, plan.Scan, emit)
	})
}

// assocRun is a run with its inputs open.
type assocRun struct {
	file  *genotype.File // of the variants that are tested
	view  *genotype.File // the same of the people who are analysed
	study *pheno.Study
}

func (r *assocRun) close() { r.file.Close() }

// openAssoc opens the inputs of a plan, and completes it by what they are.
func openAssoc(ctx context.Context, env *Env, plan *AssocPlan) (run *assocRun, err error) {
	plan.Open.Store = env.Store
	f, err := genotype.Open(ctx, plan.Genotypes, plan.Open)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	chosen, err := plan.Choice.choose(ctx, env, f)
	if err != nil {
		return nil, err
	}
	study, err := makeStudy(ctx, env, plan, f)
	if err != nil {
		return nil, err
	}
	env.tellStudy(study)
	if plan.LOCO != "" {
		if plan.Scan.Offsets, err = readOffsets(plan.LOCO, study); err != nil {
			return nil, err
		}
	}
	people, err := f.Select(study.Genotyped)
	if err != nil {
		return nil, err
	}
	view, err := chosen.Select(study.Genotyped)
	if err != nil {
		return nil, err
	}
	if err := plan.condition(ctx, people, study); err != nil {
		return nil, err
	}
	for _, d := range pheno.NewBasis(study.Covariates, nil, len(study.Samples)).Dropped {
		env.note("%s", d)
	}
	plan.Scan.Threads = env.Threads
	plan.Columns.Info = plan.Columns.Info || view.Imputed()
	quantitative, binary := plan.Columns, plan.Columns
	binary.Binary = true
	plan.Scan.Encode = func(dst []byte, r *result.Row) []byte {
		if r.Cases >= 0 {
			return binary.Append(dst, r)
		}
		return quantitative.Append(dst, r)
	}
	return &assocRun{chosen, view, study}, nil
}

// tellStudy says who and what is analysed.
func (e *Env) tellStudy(study *pheno.Study) {
	e.note("%s", &study.Account)
	for _, n := range study.Notes {
		e.note("%s", n)
	}
	for _, s := range study.Skipped {
		e.note("trait %s is not analysed: %s", s.Trait, s.Reason)
	}
}

// condition makes covariates of the variants to test beside.
func (p *AssocPlan) condition(ctx context.Context, src gwas.Source, study *pheno.Study) error {
	names := p.Condition
	if p.ConditionList != "" {
		if err := eachLine(p.ConditionList, func(f []string) { names = append(names, f[0]) }); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		return nil
	}
	p.Columns.Conditional = true
	return gwas.Condition(ctx, src, study, names)
}

// makeStudy matches the tables with the genotypes, and makes the null model
// where it is wanted.
func makeStudy(ctx context.Context, env *Env, plan *AssocPlan, f *genotype.File) (*pheno.Study, error) {
	phenotypes, err := openTable(plan.Pheno)
	if err != nil {
		return nil, err
	}
	covariates := phenotypes
	if plan.Covar != "" && plan.Covar != plan.Pheno {
		if covariates, err = openTable(plan.Covar); err != nil {
			return nil, err
		}
	}
	if plan.Covar == "" && len(plan.Study.Covariates) == 0 {
		covariates = nil
	}
	o := plan.Study
	for _, list := range []struct {
		path string
		to   *[]pheno.Sample
	}{{plan.Keep, &o.Keep}, {plan.Remove, &o.Remove}} {
		if list.path == "" {
			continue
		}
		if *list.to, err = readSampleList(list.path); err != nil {
			return nil, err
		}
	}
	var genotyped []pheno.Sample
	for _, s := range f.Samples() {
		genotyped = append(genotyped, pheno.Sample{FID: s.FID, IID: s.IID, Sex: uint8(s.Sex)})
	}
	switch plan.Null {
	case "":
	case "deepnull":
		without, err := pheno.NewStudy(genotyped, phenotypes, covariates, o)
		if err != nil {
			return nil, err
		}
		if o.Null, err = plan.predictNull(ctx, env, without); err != nil {
			return nil, err
		}
	default:
		if o.Null, err = openTable(plan.Null); err != nil {
			return nil, err
		}
	}
	return pheno.NewStudy(genotyped, phenotypes, covariates, o)
}

func openTable(path string) (*pheno.Table, error) {
	t, err := table.OpenSamples(path)
	if err != nil {
		return nil, err
	}
	return &pheno.Table{Path: t.Path, FID: t.FID, IID: t.IID, Names: t.Names, Columns: t.Columns}, nil
}

// readSampleList reads a list of people, one a line: FID and IID, or IID alone.
// A line that begins with #, or with FID or IID, is a header.
func readSampleList(path string) ([]pheno.Sample, error) {
	list := []pheno.Sample{} // an empty list keeps nobody, which nil does not say
	err := eachLine(path, func(f []string) {
		switch {
		case f[0] == "FID" || f[0] == "IID":
		case len(f) == 1:
			list = append(list, pheno.Sample{IID: f[0]})
		default:
			list = append(list, pheno.Sample{FID: f[0], IID: f[1]})
		}
	})
	return list, err
}

// eachLine calls f with the fields of each line that has any and does not begin
// with #.
func eachLine(path string, f func(fields []string)) error {
	r, err := text.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		line, err := r.Line()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if fields := strings.Fields(string(line)); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			f(fields)
		}
	}
}

// readOffsets reads the predictions of the traits of a study.
func readOffsets(list string, study *pheno.Study) (map[string]*gwas.Offsets, error) {
	r, err := text.Open(list)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	entries, err := table.ReadPredictions(r, func(path string) bool { _, err := os.Stat(path); return err == nil })
	if err != nil {
		return nil, err
	}
	out := map[string]*gwas.Offsets{}
	for i := range study.Traits {
		name := study.Traits[i].Name
		for _, e := range entries {
			if e.Trait != name {
				continue
			}
			l, err := table.OpenLOCO(e.Path)
			if err != nil {
				return nil, err
			}
			out[name] = &gwas.Offsets{Path: l.Path, IDs: l.IDs, Chroms: l.Chroms, Values: l.Values}
		}
		if out[name] == nil {
			return nil, fmt.Errorf("%s: no predictions of trait %s", list, name)
		}
	}
	return out, nil
}

// name is that of a trait's file, as the program names it whose columns it has.
func (p *AssocPlan) name(t *pheno.Trait) (name string, packed bool) {
	switch p.Columns.Format {
	case table.Regenie:
		return p.Prefix + "_" + t.Name + ".regenie", false
	case table.PLINK2:
		switch {
		case !t.Binary:
			return p.Prefix + "." + t.Name + ".glm.linear", false
		case p.Scan.Second == gwas.FirthWald:
			return p.Prefix + "." + t.Name + ".glm.firth", false
		}
		return p.Prefix + "." + t.Name + ".glm.logistic.hybrid", false
	}
	if p.Sets != nil {
		return p.Prefix + "." + t.Name + ".sets.tsv.gz", true
	}
	return p.Prefix + "." + t.Name + ".tsv.gz", true
}
