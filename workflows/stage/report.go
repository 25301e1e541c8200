package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/gwas/summary"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/variant/stats"
	"github.com/gx-genomics/gx/workflows/report"
)

// ReportPlan is a run of `gx report`.
type ReportPlan struct {
	Results []string // calls, results of gx gwas, manifests of gx run
	Out     string   // the page
	JSON    string   // the same numbers for machines; empty for none
	MultiQC string   // folder of MultiQC's custom content; empty for none
	Title   string   // empty for one by the inputs
	Traits  []string // none for all
	Summary summary.Options
	SetHit  float64 // p below which a set of variants is a hit
}

// DefaultReportPlan has the usual thresholds: 5e-8 of variants, 2.5e-6 (0.05 over
// 20,000 genes) of sets.
func DefaultReportPlan() ReportPlan { return ReportPlan{Summary: summary.Defaults(), SetHit: 2.5e-6} }

// Validate reports all faults of the plan that can be seen without its inputs.
func (p *ReportPlan) Validate() error {
	errs := []error{p.Summary.Validate()}
	if len(p.Results) == 0 {
		errs = append(errs, errors.New("nothing to report: want calls (.vcf.gz), results of gx gwas or a manifest of gx run"))
	}
	if !(p.SetHit > 0 && p.SetHit < 1) {
		errs = append(errs, fmt.Errorf("p of a hit of sets %g: want it above 0 and below 1", p.SetHit))
	}
	return errors.Join(errs...)
}

// MakeReport writes a report.
func MakeReport(ctx context.Context, env *Env, p ReportPlan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	outs := slices.DeleteFunc([]string{p.Out, p.JSON}, func(s string) bool { return s == "" })
	if err := checkOutputs(env, p.Results, outs); err != nil {
		return err
	}
	n := &nearby{env: env}
	defer n.clean()
	r, err := p.read(ctx, n)
	if err != nil {
		return n.farther(err)
	}
	return p.put(ctx, env, r)
}

// read sums up all results.
func (p *ReportPlan) read(ctx context.Context, n *nearby) (*report.Report, error) {
	env, r := n.env, &report.Report{Version: Version, Title: p.Title}
	var found []*Results
	tables := 0
	for _, name := range p.Results {
		if isManifest(name) {
			if err := reportRun(ctx, env, r, name); err != nil {
				return nil, err
			}
			continue
		}
		x, err := FindResults(ctx, env.Store, name)
		if err != nil {
			return nil, err
		}
		if x.Compare != "" {
			return nil, source.At(name, errors.New("is an evaluation by gx compare, which has no report; gx notebook shows it"))
		}
		found = append(found, x)
		tables += len(x.Tables)
	}
	for _, x := range found {
		if err := p.take(ctx, n, r, x, tables); err != nil {
			return nil, err
		}
	}
	if len(r.Inputs) == 0 {
		return nil, fmt.Errorf("none of the results is of the traits %s", strings.Join(p.Traits, ", "))
	}
	if r.Title == "" {
		r.Title = "Report of " + r.Inputs[0].Name
	}
	return r, nil
}

// isManifest says whether a name of results is that of a manifest of gx run.
func isManifest(name string) bool {
	return strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, summaryEnd)
}

// reportRun reads a manifest.
func reportRun(ctx context.Context, env *Env, r *report.Report, name string) error {
	b, err := object.ReadAll(ctx, env.Store, name, mostSummary)
	if err != nil {
		return err
	}
	m, err := report.ParseManifest(path.Base(name), b)
	if err != nil {
		return source.At(name, err)
	}
	r.Runs = append(r.Runs, m)
	return reportInput(ctx, env, r, name)
}

func reportInput(ctx context.Context, env *Env, r *report.Report, name string) error {
	in, err := digest(ctx, env.Store, name)
	if err == nil {
		r.Inputs = append(r.Inputs, report.Input{Name: in.Name, Digest: in.Digest})
	}
	return err
}

// take adds what a name of results stands for.
func (p *ReportPlan) take(ctx context.Context, n *nearby, r *report.Report, x *Results, tables int) error {
	env := n.env
	if x.VCF != "" {
		file, err := n.near(ctx, x.VCF)
		if err != nil {
			return err
		}
		c, err := countCalls(ctx, env, file)
		if err != nil {
			return err
		}
		base := path.Base(x.VCF)
		r.Calls = append(r.Calls, report.NewCalls(base, c))
		r.Advice = append(r.Advice, report.Advice{What: "Look at single calls with their reads, by igv-reports:",
			Text: "create_report " + base + " --fasta REFERENCE.fa --tracks " + base + " READS.bam --output " + base + ".igv.html"})
		return reportInput(ctx, env, r, x.VCF)
	}
	nulls, err := readNulls(ctx, env, x.Null)
	if err != nil {
		return err
	}
	for _, t := range x.Tables {
		if len(p.Traits) > 0 && !slices.Contains(p.Traits, t.Trait) {
			continue
		}
		if t.Table == "" {
			return fmt.Errorf("%s: Parquet without its table, want the table that gx gwas writes beside it", t.Parquet)
		}
		file, err := n.near(ctx, t.Table)
		if err != nil {
			return err
		}
		trait, err := p.trait(ctx, env, len(r.Traits), ResultTable{Trait: t.Trait, Table: file}, x.Sets, report.DetailFor(tables))
		if err != nil {
			return err
		}
		trait.Null = nulls[t.Trait]
		if trait.Format == table.Regenie.String() && !slices.ContainsFunc(r.Advice, func(a report.Advice) bool { return a.Text == phewebConfig }) {
			r.Advice = append(r.Advice, report.Advice{What: "PheWeb reads regenie's columns with these lines in its config.py:", Text: phewebConfig})
		}
		r.Traits = append(r.Traits, trait)
		if err := reportInput(ctx, env, r, t.Table); err != nil {
			return err
		}
	}
	return nil
}

// phewebConfig tells PheWeb what regenie calls its columns.
const phewebConfig = "pval_is_neglog10 = True; field_aliases = {'LOG10P':'pval','GENPOS':'pos','ALLELE0':'ref','ALLELE1':'alt'}"

// countCalls counts the records of a VCF.
func countCalls(ctx context.Context, env *Env, name string) (*stats.Calls, error) {
	r, err := vcf.OpenParallel(name, env.Threads)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := stats.NewCalls(r.Header().Samples, r.Header().ContigList())
	row := stats.Record{Samples: make([]stats.Sample, len(r.Header().Samples))}
	n := 0
	for rec, err := range r.All() {
		if n++; err == nil && n%4096 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = statsRecord(&row, rec)
		}
		if err != nil {
			return nil, err
		}
		if len(row.Samples) > 0 {
			row.Samples[0].Model = ""
			if b, ok := rec.Value(0, "MID"); ok && string(b) != "." {
				row.Samples[0].Model = string(b)
			}
		}
		c.Add(&row, rec.End())
	}
	return c, nil
}

// mostReported is how many tests of a table are summed up.
const mostReported = 16

// trait sums up a table, each of its tests apart; ADD is the main one where there is
// one, else the first.
func (p *ReportPlan) trait(ctx context.Context, env *Env, k int, x ResultTable, sets bool, d report.Detail) (*report.Trait, error) {
	rows, err := table.OpenRows(x.Table, env.Threads)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	o := p.Summary
	if sets {
		o.Hit, o.Suggestive = p.SetHit, max(p.SetHit, o.Suggestive)
	}
	var tests []*summary.Test
	unread, n := 0, 0
	add := func(row *result.Row) error {
		at := slices.IndexFunc(tests, func(t *summary.Test) bool { return t.Name == row.Test })
		if at < 0 {
			if len(tests) == mostReported {
				unread++
				return nil
			}
			at, tests = len(tests), append(tests, summary.New(row.Test, o))
		}
		return tests[at].Add(row)
	}
	for row, err := range rows.All() {
		if n++; err == nil && n%4096 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = add(row)
		}
		if err != nil {
			return nil, source.At(x.Table, err)
		}
	}
	if len(tests) == 0 {
		tests = []*summary.Test{summary.New("ADD", o)}
	}
	if at := slices.IndexFunc(tests, func(t *summary.Test) bool { return t.Name == "ADD" }); at > 0 {
		tests[0], tests[at] = tests[at], tests[0]
	}
	t := report.NewTrait(fmt.Sprintf("t%d", k), x.Trait, path.Base(x.Table), tests, d)
	t.Sets, t.Unread, t.Format = sets, unread, rows.Format().String()
	return t, nil
}

// readNulls reads how well null models do, by trait.
func readNulls(ctx context.Context, env *Env, name string) (map[string]*report.Null, error) {
	out := map[string]*report.Null{}
	if name == "" {
		return out, nil
	}
	b, err := object.ReadAll(ctx, env.Store, name, mostSummary)
	if err != nil {
		return nil, err
	}
	var meta struct {
		Traits []struct {
			Trait  string            `json:"trait"`
			Report *nullmodel.Report `json:"report"`
		} `json:"traits"`
	}
	if err := json.Unmarshal(b, &meta); err != nil {
		return nil, source.At(name, fmt.Errorf("not what gx nullmodel tells of a model: %w", err))
	}
	for _, t := range meta.Traits {
		if t.Report != nil {
			out[t.Trait] = report.NewNull(t.Report)
		}
	}
	return out, nil
}

// put writes the page and what was asked for beside it, the page last.
func (p *ReportPlan) put(ctx context.Context, env *Env, r *report.Report) error {
	page := r.HTML()
	if p.JSON != "" {
		b, err := r.JSON()
		if err != nil {
			return err
		}
		if err := putBytes(ctx, env.Store, p.JSON, b); err != nil {
			return err
		}
	}
	if p.MultiQC != "" {
		files, err := r.MultiQC()
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := putBytes(ctx, env.Store, joinName(p.MultiQC, f.Name), f.Text); err != nil {
				return err
			}
		}
	}
	for _, a := range r.Advice {
		env.note("%s %s", a.What, a.Text)
	}
	return env.Store.Put(ctx, p.Out, func(w io.Writer) error { _, err := w.Write(page); return err })
}
