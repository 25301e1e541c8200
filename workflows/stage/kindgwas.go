package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
)

// AssocKind is the stage that tests variants for association. Its shards are
// runs of variants.
func AssocKind() *Kind {
	return &Kind{
		Name:   "gwas",
		Worker: "gx-assoc",
		In: []Role{{Name: "genotypes", Direct: true}, {Name: "pheno"}, {Name: "covar", Optional: true}, {Name: "null", Optional: true},
			{Name: "keep", Optional: true}, {Name: "remove", Optional: true}, {Name: "extract", Optional: true}, {Name: "exclude", Optional: true},
			{Name: "loco", Optional: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultAssocOptions(); return &o },
		Settle: func(options any, t *Task) error {
			_, err := options.(*AssocOptions).plan()
			return errors.Join(err, noNullInPlan(t))
		},
		Beside: func(role, name string) []string {
			return append(besideGenotypes(role, name), besideList(role, name)...)
		},
		Measure: measureAssoc,
		Shard:   shardAssoc,
		Join:    joinAssoc,
	}
}

// besideGenotypes are the tables that belong to a file of genotypes.
func besideGenotypes(role, name string) []string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	if role != "genotypes" {
		return nil
	}
	switch path.Ext(name) {
	case ".bed":
		return []string{stem + ".bim", stem + ".fam"}
	case ".pgen":
		return []string{stem + ".pvar", stem + ".pvar.zst", stem + ".psam"}
	case ".bgen":
		return []string{stem + ".sample"}
	}
	return nil
}

// mostPredicted is the most traits whose predictions a plan takes.
const mostPredicted = 100

// besideList are the files of predictions that belong to a list of gx ridge.
func besideList(role, name string) (names []string) {
	stem, ok := strings.CutSuffix(name, predictionList)
	if role != "loco" || !ok {
		return nil
	}
	for k := range mostPredicted {
		names = append(names, locoName(stem, k))
	}
	return names
}

// assocTask is the plan of a task.
func assocTask(t *Task) (AssocPlan, error) {
	o := DefaultAssocOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return AssocPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	p, err := o.plan()
	p.take(t)
	p.LOCO = t.in("loco")
	return p, err
}

// take sets the files that a task names.
func (p *AssocPlan) take(t *Task) {
	p.Choice.Extract, p.Choice.Exclude = t.in("extract"), t.in("exclude")
	p.Genotypes, p.Pheno, p.Covar, p.Null, p.Keep, p.Remove, p.Prefix = t.in("genotypes"), t.in("pheno"), t.in("covar"), t.in("null"), t.in("keep"), t.in("remove"), t.Out["out"]
}

// noNullInPlan refuses a null model that every shard would make anew.
func noNullInPlan(t *Task) error {
	if t.in("null") == "deepnull" {
		return errors.New("null: want a table of predictions; make it by a step of the stage nullmodel, which is done in shards")
	}
	return nil
}

// CPU seconds of a test: per genotype, the same for a binary trait, and per
// variant and trait.
const (
	assocPerGenotype = 6e-10
	assocPerBinary   = 4e-9
	assocPerTest     = 4e-6
)

func measureAssoc(ctx context.Context, env *Env, t *Task) (*Work, error) {
	p, err := assocTask(t)
	if err != nil {
		return nil, err
	}
	p.Open.Store = env.Store
	f, err := genotype.Open(ctx, p.Genotypes, p.Open)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	study, err := makeStudy(ctx, env, &p, f)
	if err != nil {
		return nil, err
	}
	if len(study.Traits) == 0 {
		return nil, fmt.Errorf("%s: no trait can be tested", p.Pheno)
	}
	chosen, err := p.Choice.choose(ctx, env, f)
	if err != nil {
		return nil, err
	}
	n, err := chosen.Variants(ctx)
	if err != nil {
		return nil, err
	}
	samples, traits := float64(len(study.Samples)), float64(len(study.Traits))
	rows := int64(120 * float64(n) * traits)
	binary := 0.0
	for i := range study.Traits {
		if study.Traits[i].Binary {
			binary++
		}
	}
	return &Work{CPU: float64(n) * (assocPerGenotype*samples*(1+traits/4) + assocPerBinary*samples*binary + assocPerTest*traits), Memory: 200<<20 + int64(samples*(64+16*traits)), Disk: rows / 3, Out: rows / 3, Pieces: n}, nil
}

// assocHead is the first frame of a part: the traits that its rows are of.
type assocHead struct {
	Traits  []assocTrait
	Info    bool // the inputs state dosages
	Account pheno.Account
	Skipped []pheno.Skipped
}

type assocTrait struct {
	Name       string
	Binary     bool
	N, Cases   int
	Covariates string // their names, a line each
}

const (
	frameHead2 = 2
	frameRows  = 3
	frameTally = 4 // what came of the traits in a shard
	frameExact = 6 // rows with all digits, where Parquet is wanted; they come before their text
)

// shardAssoc tests the variants of a shard and stores the rows as text.
func shardAssoc(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := assocTask(t)
	if err != nil {
		return nil, err
	}
	run, err := openAssoc(ctx, env, &p)
	if err != nil {
		return nil, err
	}
	defer run.close()
	n, err := run.file.Variants(ctx)
	if err != nil {
		return nil, err
	}
	src := &rowsOf{Source: run.view, from: share(n, t.Shard, t.Shards), to: share(n, t.Shard+1, t.Shards)}
	head := assocHead{Info: p.Columns.Info, Account: run.study.Account, Skipped: run.study.Skipped}
	for i := range run.study.Traits {
		x := &run.study.Traits[i]
		head.Traits = append(head.Traits, assocTrait{x.Name, x.Binary, x.N, x.Cases, strings.Join(covariateNames(run.study, x), "\n")})
	}
	var counts contigCounts
	var exact []byte
	err = putPart(ctx, env, t.Out[partRole], func(w *partWriter) error {
		if err := w.frame(frameHead2, head); err != nil {
			return err
		}
		if src.from == src.to {
			return nil
		}
		tally, err := gwas.ScanTally(ctx, src, run.study, p.Scan, func(b *gwas.Batch) error {
			for i := range b.Rows[0] {
				counts.add(b.Rows[0][i].Chrom, 0, 1)
			}
			env.done(len(b.Rows[0]))
			if p.Parquet {
				exact = appendRows(exact[:0], b.Rows)
				if err := w.bytes(frameExact, exact); err != nil {
					return err
				}
			}
			return w.frame(frameRows, b.Text)
		})
		if err != nil {
			return err
		}
		return w.frame(frameTally, tally)
	})
	r := counts.report()
	for _, s := range run.study.Skipped {
		r.Notes = append(r.Notes, fmt.Sprintf("trait %s is not analysed: %s", s.Trait, s.Reason))
	}
	return r, err
}

// share is where piece i of k begins among n.
func share(n, i, k int) int { return n/k*i + n%k*i/k }

// joinAssoc writes a file per trait of the rows of all parts.
func joinAssoc(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := assocTask(t)
	if err != nil {
		return nil, err
	}
	parts := t.In[partsRole]
	head, err := assocPartHead(ctx, env, parts[0])
	if err != nil {
		return nil, err
	}
	p.Columns.Info = head.Info
	study := &pheno.Study{Account: head.Account, Skipped: head.Skipped}
	for _, x := range head.Traits {
		t := pheno.Trait{Name: x.Name, Binary: x.Binary, N: x.N, Cases: x.Cases}
		for name := range strings.SplitSeq(x.Covariates, "\n") {
			if name != "" {
				t.Own = append(t.Own, pheno.Covariate{Name: name})
			}
		}
		study.Traits = append(study.Traits, t)
	}
	var counts contigCounts
	tally := gwas.NewTally(study)
	var done []*traitOut
	err = p.writeRows(ctx, env, study, "", func(outs []*traitOut) error {
		done = outs
		return p.withParquet(ctx, env, outs, func(parquet []*table.Parquet) error {
			for _, name := range parts {
				err := openPart(ctx, env.Store, name, func(kind byte, b []byte) error {
					switch kind {
					case frameHead2:
						return sameHead(name, b, head)
					case frameTally:
						return mergeTally(tally, b)
					case frameExact:
						return joinExact(parquet, b)
					}
					var texts [][]byte
					if kind != frameRows || json.Unmarshal(b, &texts) != nil || len(texts) != len(outs) {
						return fmt.Errorf("%w: not rows of %d traits", errPart, len(outs))
					}
					countRows(&counts, texts[0])
					for i, text := range texts {
						if _, err := outs[i].Write(text); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return counts.report(), p.putSummary(ctx, env, study, done, tally.Summaries())
}

// joinExact adds rows of a part to the files of Parquet.
func joinExact(parquet []*table.Parquet, b []byte) error {
	rows, err := parseRows(b, len(parquet))
	for t := range rows {
		err = errors.Join(err, parquet[t].Write(rows[t]))
	}
	return err
}

func mergeTally(t *gwas.Tally, b []byte) error {
	var more gwas.Tally
	if err := json.Unmarshal(b, &more); err != nil {
		return fmt.Errorf("%w: %w", errPart, err)
	}
	return t.Merge(&more)
}

func sameHead(name string, b []byte, want *assocHead) error {
	var got assocHead
	if err := json.Unmarshal(b, &got); err != nil {
		return fmt.Errorf("%w: %w", errPart, err)
	}
	if got.Info != want.Info || !slices.Equal(got.Traits, want.Traits) {
		return fmt.Errorf("%s: it is of other traits than the parts before it: parts of two runs are mixed", name)
	}
	return nil
}

func assocPartHead(ctx context.Context, env *Env, name string) (*assocHead, error) {
	var head *assocHead
	enough := errors.New("enough")
	err := openPart(ctx, env.Store, name, func(kind byte, b []byte) error {
		head = &assocHead{}
		if kind != frameHead2 || json.Unmarshal(b, head) != nil {
			return fmt.Errorf("%w: it does not begin with its traits", errPart)
		}
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	return head, nil
}

// countRows counts lines by their first column, which in every format is the
// chromosome.
func countRows(c *contigCounts, text []byte) {
	for line := range strings.Lines(string(text)) {
		k := strings.IndexAny(line, "\t ")
		if k > 0 {
			c.add(line[:k], 0, 1)
		}
	}
}

// rowsOf is a stretch of a source as a source.
type rowsOf struct {
	gwas.Source
	from, to int
}

// Variants is how many rows the stretch has.
func (r *rowsOf) Variants(context.Context) (int, error) { return r.to - r.from, nil }

// Blocks reads rows of the stretch.
func (r *rowsOf) Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	if to < 0 {
		to = r.to - r.from
	}
	return r.Source.Blocks(ctx, r.from+from, r.from+to, size)
}
