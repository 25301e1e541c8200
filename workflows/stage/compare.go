package stage

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/compare"
	"github.com/gx-genomics/gx/variant/locus"
)

// ComparePlan is a run of `gx compare`.
type ComparePlan struct {
	Ref       string
	Truth     string
	Queries   []string
	Confident string // BED; empty: everywhere
	Regions   []string
	Prefix    string // Prefix.summary.csv and more; with several queries Prefix.1, Prefix.2 and so on
}

// Compare judges calls by the truth and writes, for each query,
// summary.csv, strata.csv and gq.csv, and the judged records as vcf.gz.
func Compare(ctx context.Context, env *Env, plan ComparePlan) ([]compare.Result, error) {
	var outs []string
	for i := range plan.Queries {
		for _, suffix := range []string{".vcf.gz", ".summary.csv", ".strata.csv", ".gq.csv"} {
			outs = append(outs, plan.prefix(i)+suffix)
		}
	}
	if err := checkOutputs(env, append([]string{plan.Ref, plan.Truth, plan.Confident}, plan.Queries...), outs); err != nil {
		return nil, err
	}
	fa, err := fasta.Open(plan.Ref, fasta.Options{Notice: func(s string) { env.note("%s", s) }})
	if err != nil {
		return nil, err
	}
	defer fa.Close()
	in := compare.Input{Reference: fa, Contigs: fa.Contigs()}
	wanted, err := regionSet(fa.Contigs(), plan.Regions)
	if err != nil {
		return nil, err
	}
	if plan.Confident != "" {
		if in.Confident, err = bed.Set(plan.Confident, bed.Options{Contigs: fa.Contigs()}); err != nil {
			return nil, err
		}
	}
	if in.Confident == nil {
		in.Confident = wanted
	} else if wanted != nil {
		in.Confident = in.Confident.Intersect(wanted)
	}
	paths := append([]string{plan.Truth}, plan.Queries...)
	for i, path := range paths {
		r, err := vcf.Open(path)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		switch samples := r.Header().Samples; len(samples) {
		case 0:
			return nil, fmt.Errorf("%s: it has no sample, so there are no genotypes to compare", path)
		case 1:
		default:
			env.note("%s: of its %d samples the first, %s, is compared", path, len(samples), samples[0])
		}
		if records := judgedRecords(r, wanted); i == 0 {
			in.Truth = records
		} else {
			in.Queries = append(in.Queries, compare.Query{Name: path, Calls: records})
		}
	}
	results, err := writeJudged(ctx, env, plan, fa.Contigs(), in)
	if err != nil {
		return nil, err
	}
	for i := range results {
		if n := results[i].Dense; n > 0 {
			env.note("%s: in %d places too dense to search through, more may match than was found", results[i].Name, n)
		}
		if err := writeTables(ctx, env, plan.prefix(i), &results[i]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// prefix is what the names of the outputs of query i begin with.
func (p *ComparePlan) prefix(i int) string {
	if len(p.Queries) == 1 {
		return p.Prefix
	}
	return p.Prefix + "." + strconv.Itoa(i+1)
}

// judgedRecords reads the first sample of a VCF, within the wanted regions.
func judgedRecords(r *vcf.Reader, wanted *locus.Set) compare.Records {
	return func(yield func(compare.Record, error) bool) {
		for rec, err := range r.All() {
			var out compare.Record
			if err == nil {
				out, err = judgedRecord(rec)
			}
			if err == nil && wanted != nil && !wanted.Contains(out.Contig, out.Start) {
				continue
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

func judgedRecord(rec *vcf.Record) (compare.Record, error) {
	out := compare.Record{Variant: rec.Variant(), GT: variant.NoCall, GQ: -1, Filtered: !rec.Passed()}
	alleles, phased, err := rec.Alleles(nil, 0)
	if err != nil {
		return out, err
	}
	switch len(alleles) {
	case 0:
	case 1, 2:
		out.Ploidy = len(alleles)
		out.GT = variant.Genotype{A: alleles[0], B: variant.Missing, Phased: phased}
		if len(alleles) == 2 {
			out.GT.B = alleles[1]
		}
	default:
		return out, rec.Bad(fmt.Errorf("a genotype of %d alleles, want at most 2", len(alleles)))
	}
	if gq, ok := rec.Value(0, "GQ"); ok {
		if x, err := strconv.ParseFloat(string(gq), 64); err == nil {
			out.GQ = x
		}
	}
	return out, nil
}

// writeJudged runs the comparison and writes the judged records of each query.
func writeJudged(ctx context.Context, env *Env, plan ComparePlan, contigs *locus.Contigs, in compare.Input) (results []compare.Result, err error) {
	writers := make([]*vcf.Writer, len(plan.Queries))
	run := func() error {
		results, err = compare.Run(ctx, in, env.Threads, func(p *compare.Place) error {
			for q := range p.Queries {
				if err := writePlace(writers[q], &p.Queries[q]); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	}
	for i := range plan.Queries {
		inner := run
		run = func() error {
			h, err := judgedHeader(contigs)
			if err != nil {
				return err
			}
			return putVCF(ctx, env, plan.prefix(i)+".vcf.gz", h, func(w *vcf.Writer) error {
				writers[i] = w
				return inner()
			})
		}
	}
	return results, run()
}

func judgedHeader(contigs *locus.Contigs) (*vcf.Header, error) {
	h := vcf.NewHeader("VCFv4.2", "TRUTH", "QUERY")
	h.AddText("source", "gx "+Version)
	h.AddFilter("Filtered", "The record has a FILTER in its own file")
	h.AddFormat("GT", "1", "String", "Genotype")
	h.AddFormat("BD", "1", "String", "Decision: TP, FP, FN, UNK or N")
	h.AddFormat("BK", "1", "String", "Kind of match: gm genotype, am allele")
	h.AddFormat("BI", "1", "String", "Subtype of the variant")
	h.AddFormat("BVT", "1", "String", "SNP, INDEL or NOCALL")
	h.AddFormat("QQ", "1", "Float", "GQ")
	return h, h.AddContigs(contigs)
}

// writePlace writes the records of a place by position, the truth first.
func writePlace(w *vcf.Writer, a *compare.Against) error {
	var row vcf.Row
	i, k := 0, 0
	for i < len(a.Truth) || k < len(a.Query) {
		// A record that both sides spell alike is one line.
		var of [2]*compare.Judged
		switch {
		case k == len(a.Query), i < len(a.Truth) && a.Truth[i].Start < a.Query[k].Start:
			of[0] = &a.Truth[i]
		case i == len(a.Truth), a.Query[k].Start < a.Truth[i].Start:
			of[1] = &a.Query[k]
		case a.Truth[i].Ref == a.Query[k].Ref && slices.Equal(a.Truth[i].Alts, a.Query[k].Alts):
			of[0], of[1] = &a.Truth[i], &a.Query[k]
		default:
			of[0] = &a.Truth[i]
		}
		r := of[0]
		if r != nil {
			i++
		}
		if of[1] != nil {
			k++
			r = of[1]
		}
		row.Site(r.Contig, r.Start, r.Ref, r.Alts...)
		if r.Filtered {
			row.Filter("Filtered")
		}
		row.Format("GT", "BD", "BK", "BI", "BVT", "QQ")
		for _, judged := range of {
			row.Sample()
			if judged == nil {
				row.Missing()
				continue
			}
			writeJudgedSample(&row, judged)
		}
		if err := w.Write(&row); err != nil {
			return err
		}
	}
	return nil
}

func writeJudgedSample(row *vcf.Row, r *compare.Judged) {
	if r.Ploidy == 1 {
		row.Haploid(r.GT.A)
	} else {
		row.GT(r.GT)
	}
	row.Text(r.Decision.String())
	row.Text(r.Match.String())
	row.Text(r.Subtype())
	kind := r.Type.String()
	if r.Decision == compare.NotJudged {
		kind = "NOCALL"
	}
	row.Text(kind)
	if r.GQ < 0 {
		row.Missing()
	} else {
		row.Float(r.GQ)
	}
}

func writeTables(ctx context.Context, env *Env, prefix string, r *compare.Result) error {
	var strata [][]string
	for _, s := range r.Strata() {
		strata = append(strata, s.Row())
	}
	var errs []error
	for _, t := range []struct {
		suffix string
		header []string
		rows   [][]string
	}{
		{".summary.csv", compare.SummaryHeader, r.Summary()},
		{".strata.csv", compare.StrataHeader, strata},
		{".gq.csv", compare.CurveHeader, r.CurveRows()},
	} {
		errs = append(errs, env.Store.Put(ctx, prefix+t.suffix, func(f io.Writer) error {
			w := csv.NewWriter(f)
			if err := w.Write(t.header); err != nil {
				return err
			}
			if err := w.WriteAll(t.rows); err != nil {
				return err
			}
			return w.Error()
		}))
	}
	return errors.Join(errs...)
}

// CompareTable is the result of several queries side by side, as lines of
// columns for a terminal.
func CompareTable(results []compare.Result) [][]string {
	lines := [][]string{{"query", "type", "truth", "TP", "FN", "FP", "FP.gt", "recall", "precision", "F1"}}
	for i := range results {
		for _, t := range []compare.Type{compare.SNP, compare.Indel} {
			c := &results[i].Counts[t][compare.Pass]
			line := []string{results[i].Name, t.String()}
			for _, n := range []int{c.Truth, c.TP, c.FN, c.FP, c.WrongGenotype} {
				line = append(line, strconv.Itoa(n))
			}
			for _, x := range []float64{c.Recall(), c.Precision(), c.F1()} {
				line = append(line, strings.TrimSuffix(strconv.FormatFloat(x, 'f', 5, 64), "NaN"))
			}
			lines = append(lines, line)
		}
	}
	return lines
}
