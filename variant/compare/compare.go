package compare

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/variant/locus"
)

// Input is what is compared.
type Input struct {
	Reference Reference
	Contigs   *locus.Contigs // of the reference; all streams are in their order
	Confident *locus.Set     // where the truth is known; nil: everywhere
	Truth     Records
	Queries   []Query
}

// Query is a set of calls to judge.
type Query struct {
	Name  string // of its file, for errors
	Calls Records
}

// Filter says which records of a query are counted.
type Filter byte

// The filters that are counted apart.
const (
	All  Filter = iota // every record
	Pass               // those whose FILTER is PASS or missing
	filters
)

func (f Filter) String() string { return [...]string{"ALL", "PASS"}[f] }

// Result is the counts of one query.
type Result struct {
	Name   string
	Counts [types][filters]Counts
	Curves [types]Curve // of the records that pass

	Dense int // places too dense for an exhaustive search, see Place

	strata [types][filters][contexts][sizes]Counts
}

// Run judges all queries against the truth in n goroutines and hands each
// place, in order, to emit, which may be nil. Memory is bounded by the size of
// the densest place. The results do not depend on n.
func Run(ctx context.Context, in Input, n int, emit func(*Place) error) ([]Result, error) {
	if in.Truth == nil || len(in.Queries) == 0 {
		return nil, errors.New("nothing to compare: want a truth and a query")
	}
	names, streams := []string{"truth"}, []Records{in.Truth}
	results := make([]Result, len(in.Queries))
	for i, q := range in.Queries {
		names, streams = append(names, q.Name), append(streams, q.Calls)
		results[i].Name = q.Name
	}
	worker := func() func(context.Context, []*cluster) ([]*verdict, error) {
		j := judge{confident: in.Confident}
		return func(_ context.Context, batch []*cluster) ([]*verdict, error) {
			out := make([]*verdict, len(batch))
			for i, c := range batch {
				out[i] = j.judge(c)
			}
			return out, nil
		}
	}
	err := parallel.Ordered(ctx, batches(clusters(in.Reference, in.Contigs, names, streams)), n, worker, func(batch []*verdict) error {
		for _, v := range batch {
			for q := range results {
				results[q].add(v, q)
			}
			if emit == nil {
				continue
			}
			if err := emit(&Place{Contig: v.contig, Queries: v.all}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("comparing: %w", err)
	}
	return results, nil
}

// perBatch is how many clusters cross a channel at once.
const perBatch = 256

func batches(src iter.Seq2[*cluster, error]) iter.Seq2[[]*cluster, error] {
	return func(yield func([]*cluster, error) bool) {
		var batch []*cluster
		for c, err := range src {
			if err != nil {
				yield(nil, err)
				return
			}
			if batch = append(batch, c); len(batch) == perBatch {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

// add counts a place.
func (r *Result) add(v *verdict, q int) {
	r.Dense += v.cut[q]
	for f, a := range [filters]*Against{All: &v.all[q], Pass: &v.pass[q]} {
		for i := range a.Truth {
			t := &a.Truth[i]
			r.Counts[t.Type][f].truth(t)
			r.strata[t.Type][f][t.stratum.context][t.stratum.size].truth(t)
			if c := &r.Curves[t.Type]; Filter(f) == Pass && (t.Decision == TP || t.Decision == FN) {
				c.Truth++
				if t.Decision == TP {
					c.Found[bin(t.GQ)]++
				}
			}
		}
		for i := range a.Query {
			c := &a.Query[i]
			r.Counts[c.Type][f].query(c)
			r.strata[c.Type][f][c.stratum.context][c.stratum.size].query(c)
			if Filter(f) == Pass && c.Decision == TP {
				r.Curves[c.Type].TP[bin(c.GQ)]++
			}
			if Filter(f) == Pass && c.Decision == FP {
				r.Curves[c.Type].FP[bin(c.GQ)]++
			}
		}
	}
}

// Stratum is the counts of a part of the records.
type Stratum struct {
	Type    Type
	Filter  Filter
	Subtype string // length of the longest indel, or "*"
	Context string // unique, homopolymer_6_9, ..., tandem_repeat, or "*"
	Counts  Counts
}

// Strata lists the counts by length of indel, by context, and by both, for
// either type and filter; parts without a record are left out.
func (r *Result) Strata() []Stratum {
	var out []Stratum
	for t := range types {
		for f := range filters {
			cells := &r.strata[t][f]
			put := func(subtype, context string, take func(setting, size) bool) {
				s := Stratum{Type: t, Filter: f, Subtype: subtype, Context: context}
				for c := range contexts {
					for z := range sizes {
						if take(c, z) {
							s.Counts.add(&cells[c][z])
						}
					}
				}
				if s.Counts.Truth+s.Counts.Query > 0 {
					out = append(out, s)
				}
			}
			for c := range contexts {
				put("*", contextNames[c], func(x setting, _ size) bool { return x == c })
			}
			if t != Indel {
				continue
			}
			for z := range sizes {
				put(sizeNames[z], "*", func(_ setting, y size) bool { return y == z })
				for c := range contexts {
					put(sizeNames[z], contextNames[c], func(x setting, y size) bool { return x == c && y == z })
				}
			}
		}
	}
	return out
}

// add sums counts.
func (c *Counts) add(o *Counts) {
	c.Truth, c.TP, c.FN = c.Truth+o.Truth, c.TP+o.TP, c.FN+o.FN
	c.Query, c.FP, c.Unknown = c.Query+o.Query, c.FP+o.FP, c.Unknown+o.Unknown
	c.WrongGenotype, c.WrongAllele = c.WrongGenotype+o.WrongGenotype, c.WrongAllele+o.WrongAllele
	c.MissedGenotype += o.MissedGenotype
	for _, k := range [2][2]*Kinds{{&c.TruthKinds, &o.TruthKinds}, {&c.QueryKinds, &o.QueryKinds}} {
		k[0].Transitions, k[0].Transversions = k[0].Transitions+k[1].Transitions, k[0].Transversions+k[1].Transversions
		k[0].Het, k[0].HomAlt = k[0].Het+k[1].Het, k[0].HomAlt+k[1].HomAlt
	}
}
