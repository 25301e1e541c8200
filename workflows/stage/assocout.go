package stage

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"path/filepath"
	"strconv"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/tabix"
	"github.com/gx-genomics/gx/io/table"
)

// traitOut is the table of one trait while it is written.
type traitOut struct {
	trait   *pheno.Trait
	columns table.Columns
	name    string
	w       io.Writer
	packed  *bgzf.Writer   // w, where the table is bgzip
	sum     hash.Hash      // MD5 of the file, where its metadata want it
	index   *tabix.Builder // of a table that is sorted; nil where there is none, or no more
	chrom   []byte         // of the last line
	pos     int
	sorted  bool
	seen    map[string]bool
	rows    int
}

// indexLayout is that of a table whose first columns are the chromosome and the
// position, behind one line of names.
var indexLayout = tabix.Layout{Seq: 1, Begin: 2, Meta: '#', Skip: 1}

func (p *AssocPlan) newTraitOut(t *pheno.Trait) *traitOut {
	o := &traitOut{trait: t, columns: p.Columns, sorted: true, seen: map[string]bool{}}
	o.columns.Binary = t.Binary
	var packed bool
	if o.name, packed = p.name(t); packed && o.columns.Placed() {
		o.index = tabix.NewBuilder(indexLayout, false, 0)
	}
	return o
}

// put opens the table, runs the body and closes it.
func (p *AssocPlan) put(ctx context.Context, env *Env, o *traitOut, head string, body func() error) error {
	return env.Store.Put(ctx, o.name, func(f io.Writer) error {
		if o.columns.Format == table.SSF {
			o.sum = md5.New()
			f = io.MultiWriter(f, o.sum)
		}
		o.w = f
		if _, packed := p.name(o.trait); packed {
			z, err := bgzf.NewWriter(f, table.Level, env.Threads)
			if err != nil {
				return err
			}
			defer z.Close()
			o.w, o.packed = z, z
		}
		if _, err := io.WriteString(o.w, head+o.columns.Header()); err != nil {
			return err
		}
		if err := body(); err != nil {
			return err
		}
		if o.packed != nil {
			return o.packed.Close()
		}
		return nil
	})
}

// Write takes whole lines.
func (o *traitOut) Write(text []byte) (int, error) {
	written := 0 // of the text
	for at := 0; at < len(text); {
		n := bytes.IndexByte(text[at:], '\n') + 1
		if n == 0 {
			return written, errors.New("a line without an end")
		}
		o.rows++
		pos, placed := o.order(text[at : at+n])
		if o.index != nil {
			from := o.packed.Place()
			if _, err := o.packed.Write(text[at : at+n]); err != nil {
				return written, err
			}
			written = at + n
			// What is not sorted, or lies too far out, has no index.
			if !placed || o.index.Add(string(o.chrom), pos-1, pos, from, o.packed.Place()) != nil {
				o.index = nil
			}
		}
		at += n
	}
	n, err := o.w.Write(text[written:])
	return written + n, err
}

// order reads chromosome and position of a line, and sees whether lines are sorted.
func (o *traitOut) order(line []byte) (pos int, ok bool) {
	a := bytes.IndexAny(line, "\t ")
	if a < 0 {
		return 0, false
	}
	chrom := line[:a]
	b := a + 1
	for ; b < len(line) && line[b] >= '0' && line[b] <= '9' && pos < 1<<40; b++ {
		pos = pos*10 + int(line[b]-'0')
	}
	if !bytes.Equal(chrom, o.chrom) {
		if o.seen[string(chrom)] {
			o.sorted = false
		}
		o.chrom = append(o.chrom[:0], chrom...)
		o.seen[string(chrom)] = true
	} else if pos < o.pos {
		o.sorted = false
	}
	o.pos = pos
	return pos, b > a+1
}

// finish writes what stands beside the closed table.
func (p *AssocPlan) finish(ctx context.Context, env *Env, o *traitOut, study *pheno.Study) error {
	if o.packed != nil && o.columns.Placed() {
		if o.index == nil {
			env.note("%s has no index: its rows are not sorted by place", filepath.Base(o.name))
			if err := env.Store.Remove(ctx, o.name+".tbi"); err != nil {
				return err
			}
		} else if err := o.putIndex(ctx, env); err != nil {
			return err
		}
	}
	if o.columns.Format != table.SSF {
		return nil
	}
	y, err := p.ssfMeta(o, study).YAML()
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, o.name+"-meta.yaml", func(f io.Writer) error { _, err := f.Write(y); return err })
}

func (o *traitOut) putIndex(ctx context.Context, env *Env) error {
	b, err := o.index.Encode(o.packed.Final)
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, o.name+".tbi", func(f io.Writer) error { _, err := f.Write(b); return err })
}

// ssfMeta is what GWAS-SSF wants to know of a trait's table.
func (p *AssocPlan) ssfMeta(o *traitOut, study *pheno.Study) *table.Meta {
	m := p.SSF
	m.File, m.MD5 = filepath.Base(o.name), hex.EncodeToString(o.sum.Sum(nil))
	m.Trait, m.Samples, m.Sorted = o.trait.Name, o.trait.N, o.sorted
	m.Software = "gx " + Version
	m.Covariates = covariateNames(study, o.trait)
	if o.trait.Binary {
		m.Cases, m.Controls = o.trait.Cases, o.trait.N-o.trait.Cases
	}
	return &m
}

// covariateNames are the columns of a trait's model beside the intercept.
func covariateNames(study *pheno.Study, t *pheno.Trait) []string {
	names := []string{}
	for _, list := range [][]pheno.Covariate{study.Covariates, t.Own} {
		for i := range list {
			names = append(names, list[i].Name)
		}
	}
	return names
}

// writeRows writes a table per trait and what belongs beside it; feed writes the
// lines of each, whole ones.
func (p *AssocPlan) writeRows(ctx context.Context, env *Env, study *pheno.Study, head string, feed func(outs []*traitOut) error) error {
	outs := make([]*traitOut, len(study.Traits))
	var names []string
	for t := range outs {
		o := p.newTraitOut(&study.Traits[t])
		outs[t] = o
		names = append(names, o.name)
		if o.columns.Format == table.SSF {
			names = append(names, o.name+"-meta.yaml")
		}
		if p.Parquet {
			names = append(names, p.parquetName(o.trait))
		}
	}
	if err := checkOutputs(env, p.inputs(), append(names, p.summaryName())); err != nil {
		return err
	}
	body := func() error { return feed(outs) }
	for _, o := range outs {
		inner := body
		body = func() error { return p.put(ctx, env, o, head, inner) }
	}
	if err := body(); err != nil {
		return err
	}
	for _, o := range outs {
		if err := p.finish(ctx, env, o, study); err != nil {
			return err
		}
	}
	return nil
}

// test writes what a test emits: tables, Parquet beside them, and the summary.
func (p *AssocPlan) test(ctx context.Context, env *Env, study *pheno.Study, head string, run func(emit func(*gwas.Batch) error) ([]gwas.Summary, error)) ([]gwas.Summary, error) {
	var summaries []gwas.Summary
	var done []*traitOut
	err := p.writeRows(ctx, env, study, head, func(outs []*traitOut) error {
		done = outs
		return p.withParquet(ctx, env, outs, func(parquet []*table.Parquet) (err error) {
			summaries, err = run(func(b *gwas.Batch) error {
				for t, o := range outs {
					if _, err := o.Write(b.Text[t]); err != nil {
						return err
					}
					if parquet != nil {
						if err := parquet[t].Write(b.Rows[t]); err != nil {
							return err
						}
					}
				}
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return summaries, p.putSummary(ctx, env, study, done, summaries)
}

func (p *AssocPlan) parquetName(t *pheno.Trait) string {
	if p.Sets != nil {
		return p.Prefix + "." + t.Name + ".sets.parquet"
	}
	return p.Prefix + "." + t.Name + ".parquet"
}

// withParquet opens a file of Parquet per trait, where they are wanted.
func (p *AssocPlan) withParquet(ctx context.Context, env *Env, outs []*traitOut, body func([]*table.Parquet) error) error {
	if !p.Parquet {
		return body(nil)
	}
	list := make([]*table.Parquet, len(outs))
	rows := "variants"
	if p.Sets != nil {
		rows = "sets"
	}
	open := func() error { return body(list) }
	for t, o := range outs {
		inner := open
		open = func() error {
			return env.Store.Put(ctx, p.parquetName(o.trait), func(f io.Writer) (err error) {
				list[t], err = table.NewParquet(f, []table.Pair{{Key: "gx.version", Value: Version}, {Key: "gx.rows", Value: rows},
					{Key: "trait", Value: o.trait.Name}, {Key: "n", Value: strconv.Itoa(o.trait.N)}})
				if err != nil {
					return err
				}
				if err := inner(); err != nil {
					return err
				}
				return list[t].Close()
			})
		}
	}
	return open()
}

// inputs are the files that no output may take the place of.
func (p *AssocPlan) inputs() []string {
	list := []string{p.Genotypes, p.Open.Variants, p.Open.Samples, p.Pheno, p.Covar, p.Keep, p.Remove, p.LOCO, p.ConditionList}
	list = append(list, p.Choice.inputs()...)
	if p.Null != "deepnull" {
		list = append(list, p.Null)
	}
	if p.Sets != nil {
		list = append(list, p.Sets.List, p.Sets.Annotations, p.Sets.Masks, p.Sets.Frequencies, p.Sets.OnlyFile, p.Sets.WithoutFile)
	}
	return list
}
