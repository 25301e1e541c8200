package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/gwas/summary"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant/stats"
	"github.com/gx-genomics/gx/workflows/notebook"
)

// NotebookPlan is a run of `gx notebook`.
type NotebookPlan struct {
	Results string // calls, a prefix, a folder or a table: see FindResults
	Out     string
	Traits  []string // to show; none for all
	Embed   bool     // put the files into the notebook
	Options notebook.Options
	Summary summary.Options
}

// DefaultNotebookPlan has the defaults of `gx notebook`.
func DefaultNotebookPlan() NotebookPlan {
	return NotebookPlan{Options: notebook.Options{Branch: "main"}, Summary: summary.Defaults()}
}

// mostEmbedded bounds the files inside a notebook, in bytes: Colab, GitHub and people
// open notebooks of a few megabytes gladly, no larger ones.
const mostEmbedded = 1 << 20

// Validate says all that is wrong with a plan before anything is read, and
// completes what follows from the name of the notebook.
func (p *NotebookPlan) Validate() error {
	o := &p.Options
	if o.Repo != "" && o.Path == "" {
		o.Path = path.Base(p.Out)
	}
	errs := []error{o.Validate(), p.Summary.Validate()}
	if p.Out != "" && p.Out != object.Standard && path.Ext(p.Out) != ".ipynb" {
		errs = append(errs, fmt.Errorf("out %s: want NAME.ipynb", p.Out))
	}
	if p.Embed && o.Data != "" {
		errs = append(errs, errors.New("embed and data exclude each other: files lie in the notebook or elsewhere"))
	}
	return errors.Join(errs...)
}

// Notebook makes a notebook of results.
func Notebook(ctx context.Context, env *Env, plan NotebookPlan) error {
	if err := plan.Validate(); err != nil {
		return err
	}
	found, err := FindResults(ctx, env.Store, plan.Results)
	if err != nil {
		return err
	}
	if err := checkOutputs(env, found.Files(), []string{plan.Out}); err != nil {
		return err
	}
	m := &notebookMaker{nearby: nearby{env: env}, plan: &plan}
	defer m.clean()
	cells, err := m.cells(ctx, found)
	if err != nil {
		return m.farther(err)
	}
	b, err := notebook.Encode(cells)
	if err != nil {
		return err
	}
	return putBytes(ctx, env.Store, plan.Out, b)
}

// notebookMaker reads results.
type notebookMaker struct {
	nearby
	plan   *NotebookPlan
	inside []notebook.Embedded
	size   int64 // of them
}

func (m *notebookMaker) cells(ctx context.Context, r *Results) ([]notebook.Cell, error) {
	switch {
	case r.VCF != "":
		return m.calls(ctx, r.VCF)
	case r.Compare != "":
		return m.comparison(ctx, r.Compare)
	}
	return m.association(ctx, r)
}

// source is a file that the notebook reads; it is put into it where that is wanted.
func (m *notebookMaker) source(ctx context.Context, name string) (notebook.Source, error) {
	d, err := digest(ctx, m.env.Store, name)
	if err != nil {
		return notebook.Source{}, err
	}
	s := notebook.Source{Name: path.Base(name), Digest: d.Digest}
	if !m.plan.Embed {
		return s, nil
	}
	info, err := m.env.Store.Stat(ctx, name)
	if err != nil {
		return s, err
	}
	if m.size += info.Size; m.size > mostEmbedded {
		return s, fmt.Errorf("%s: the files are more than the %d bytes that a notebook may hold: leave out --embed and put them beside it, or say with --data where they are", name, mostEmbedded)
	}
	b, err := object.ReadAll(ctx, m.env.Store, name, mostEmbedded)
	m.inside = append(m.inside, notebook.Embedded{Name: s.Name, Data: b})
	return s, err
}

// calls reads a VCF. Stretches without variants, of a gVCF, are passed over.
func (m *notebookMaker) calls(ctx context.Context, name string) ([]notebook.Cell, error) {
	if strings.HasSuffix(name, ".bcf") {
		return nil, fmt.Errorf("%s: a notebook reads text: make a VCF of it, by bcftools view -Oz", name)
	}
	file, err := m.near(ctx, name)
	if err != nil {
		return nil, err
	}
	r, err := vcf.OpenParallel(file, m.env.Threads)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := stats.New(slices.Clone(r.Header().Samples))
	row := stats.Record{Samples: make([]stats.Sample, len(s.Samples))}
	seen := 0
	for rec, err := range r.All() {
		if seen++; err == nil && seen%4096 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = statsRecord(&row, rec)
		}
		if err != nil {
			return nil, err
		}
		if k := len(row.Alts); k > 0 && (row.Alts[k-1] == "<*>" || row.Alts[k-1] == "<NON_REF>") {
			if row.Alts = row.Alts[:k-1]; k == 1 {
				continue
			}
		}
		s.Add(&row)
	}
	c := &notebook.Calls{Stats: s}
	if c.Source, err = m.source(ctx, name); err != nil {
		return nil, err
	}
	return notebook.OfCalls(c, m.inside, &m.plan.Options), nil
}

// strataEnd is what gx compare has beside a summary.
const strataEnd = ".strata.csv"

func (m *notebookMaker) comparison(ctx context.Context, name string) ([]notebook.Cell, error) {
	c := &notebook.Comparison{}
	s, err := m.sheet(ctx, name, notebook.SummaryColumns)
	if err != nil {
		return nil, err
	}
	c.Summary = *s
	strata := strings.TrimSuffix(name, compareEnd) + strataEnd
	switch there, err := exists(ctx, m.env.Store, strata); {
	case err != nil:
		return nil, err
	case there:
		if c.Strata, err = m.sheet(ctx, strata, notebook.StrataColumns); err != nil {
			return nil, err
		}
	}
	cells, err := notebook.OfComparison(c, m.inside, &m.plan.Options)
	return cells, source.At(strata, err)
}

// mostSheet bounds a table of a comparison, in bytes.
const mostSheet = 1 << 24

func (m *notebookMaker) sheet(ctx context.Context, name string, columns []string) (*notebook.Sheet, error) {
	b, err := object.ReadAll(ctx, m.env.Store, name, mostSheet)
	if err != nil {
		return nil, err
	}
	from, err := m.source(ctx, name)
	if err != nil {
		return nil, err
	}
	s, err := notebook.ParseSheet(from, b, columns...)
	return s, source.At(name, err)
}

// association sums up tables of traits.
func (m *notebookMaker) association(ctx context.Context, r *Results) ([]notebook.Cell, error) {
	a := &notebook.Association{Sets: r.Sets}
	tables, err := m.chosen(r)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		x, err := m.trait(ctx, t)
		if err != nil {
			return nil, err
		}
		a.Traits = append(a.Traits, x)
	}
	a.FindRegion(m.plan.Summary.Window)
	if k := a.Region.Trait; k >= 0 && !a.Sets {
		err := m.rows(ctx, tables[k].Table, func(row *result.Row) error {
			a.Region.Add(row.Chrom, row.Test, row.Start, row.NegLog10P)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if r.Null != "" {
		if a.Null, err = m.null(ctx, r.Null); err != nil {
			return nil, err
		}
	}
	return notebook.OfAssociation(a, m.plan.Summary, m.inside, &m.plan.Options), nil
}

// chosen are the tables of the traits that are asked for.
func (m *notebookMaker) chosen(r *Results) ([]ResultTable, error) {
	var list []ResultTable
	names := make([]string, len(r.Tables))
	for i, t := range r.Tables {
		names[i] = t.Trait
	}
	for _, name := range m.plan.Traits {
		k := slices.Index(names, name)
		if k < 0 {
			return nil, fmt.Errorf("%s: no results of trait %q; there are %s", r.Name, name, strings.Join(names, ", "))
		}
		list = append(list, r.Tables[k])
	}
	if len(m.plan.Traits) == 0 {
		list = r.Tables
	}
	for _, t := range list {
		if t.Table == "" {
			return nil, fmt.Errorf("%s: no table of text is beside it, which gx reads to draw what the notebook shows; keep what gx gwas writes together", t.Parquet)
		}
	}
	return list, nil
}

// trait sums up a table.
func (m *notebookMaker) trait(ctx context.Context, t ResultTable) (x notebook.Trait, err error) {
	x.Name = t.Trait
	reads := t.Table
	if t.Parquet != "" {
		reads = t.Parquet
	}
	if x.Source, err = m.source(ctx, reads); err != nil {
		return x, err
	}
	err = m.rows(ctx, t.Table, func(row *result.Row) error {
		there := row.NegLog10P == row.NegLog10P
		switch {
		case x.Test == nil && there:
			x.Test = summary.New(row.Test, m.plan.Summary)
		case !there:
			return nil
		case row.Test != x.Test.Name:
			if !slices.Contains(x.Others, row.Test) && len(x.Others) < mostTests {
				x.Others = append(x.Others, strings.Clone(row.Test))
			}
			return nil
		}
		return x.Test.Add(row)
	})
	return x, err
}

// mostTests is how many other tests of a table are named.
const mostTests = 20

// rows goes through a table.
func (m *notebookMaker) rows(ctx context.Context, name string, each func(*result.Row) error) error {
	file, err := m.near(ctx, name)
	if err != nil {
		return err
	}
	r, err := table.OpenRows(file, m.env.Threads)
	if err != nil {
		return err
	}
	defer r.Close()
	n := 0
	for row, err := range r.All() {
		if n++; err == nil && n%4096 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = each(row)
		}
		if err != nil {
			return source.At(name, err)
		}
	}
	return nil
}

// mostNull bounds the metadata of a null model, in bytes.
const mostNull = 1 << 28

func (m *notebookMaker) null(ctx context.Context, name string) (*notebook.NullModel, error) {
	b, err := object.ReadAll(ctx, m.env.Store, name, mostNull)
	if err != nil {
		return nil, err
	}
	from, err := m.source(ctx, name)
	if err != nil {
		return nil, err
	}
	n, err := notebook.ParseNullModel(from, bytes.TrimSpace(b))
	return n, source.At(name, err)
}
