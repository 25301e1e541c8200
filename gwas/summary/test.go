package summary

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas/result"
)

// Options say what counts as a hit and as a locus.
type Options struct {
	Hit        float64 // p below which a row is a hit
	Suggestive float64 // p below which it is named where hits are few
	Window     int     // bases; hits no further apart are one locus
	One        *Region // hits inside are one locus; nil for none
	Best       int     // rows to keep, the smallest p first
}

// Region is a part of a chromosome, 0-based and half-open.
type Region struct {
	Chrom    string // with or without chr before it
	From, To int
}

// Defaults are the usual ones of people: 5e-8, 1e-5, 500 kb, and the MHC as one
// (6:25-34 Mb, in builds 37 and 38).
func Defaults() Options {
	return Options{Hit: 5e-8, Suggestive: 1e-5, Window: 500_000, One: &Region{"6", 25_000_000, 34_000_000}, Best: 20}
}

// LeastWindow is the smallest window: shorter ones make more loci than anybody reads.
const LeastWindow = 1000

// Validate reports all faults of the options at once.
func (o *Options) Validate() error {
	var errs []error
	for _, x := range []struct {
		name string
		p    float64
	}{{"p of a hit", o.Hit}, {"suggestive p", o.Suggestive}} {
		if !(x.p > 0 && x.p < 1) {
			errs = append(errs, fmt.Errorf("%s %g: want it above 0 and below 1", x.name, x.p))
		}
	}
	if o.Suggestive < o.Hit {
		errs = append(errs, fmt.Errorf("suggestive p %g: want at least the p of a hit, %g", o.Suggestive, o.Hit))
	}
	if o.Window < LeastWindow {
		errs = append(errs, fmt.Errorf("window of a locus %d: want at least %d bases", o.Window, LeastWindow))
	}
	if r := o.One; r != nil && (r.Chrom == "" || r.From < 0 || r.To <= r.From) {
		errs = append(errs, fmt.Errorf("region of one locus %s:%d-%d: want a chromosome and an end behind its begin", r.Chrom, r.From+1, r.To))
	}
	return errors.Join(errs...)
}

// Lead is a row that is named. The effect allele is the alternate one.
type Lead struct {
	Chrom, ID, Ref, Alt, Test string
	Start                     int // 0-based
	N, Cases                  int // Cases -1 for a quantitative trait, or where not told
	EAF, Beta, SE, NegLog10P  float64
	Flags                     result.Flags
}

func leadOf(r *result.Row) Lead {
	c := strings.Clone // rows of a reader live no longer than its lines
	return Lead{c(r.Chrom), c(r.ID), c(r.Ref), c(r.Alt), c(r.Test), r.Start, r.N, r.Cases, r.EAF, r.Beta, r.SE, r.NegLog10P, r.Flags}
}

// compare orders rows by p, equal ones by place and alleles: a total order, so that
// the rows named do not depend on the order in which they come.
func (l *Lead) compare(m *Lead) int {
	return cmp.Or(-cmp.Compare(l.NegLog10P, m.NegLog10P), CompareChroms(l.Chrom, m.Chrom), cmp.Compare(l.Start, m.Start),
		strings.Compare(l.Ref, m.Ref), strings.Compare(l.Alt, m.Alt), strings.Compare(l.ID, m.ID), strings.Compare(l.Test, m.Test))
}

// Test sums up one test of one trait.
type Test struct {
	Name     string // of the test: ADD, ...
	Rows     int
	Tests    int // rows with a p
	Hits     int
	Failed   int                  // tests that were made and gave no p
	Skipped  [result.NumFlags]int // rows not tested, by the first of their flags
	Other    int                  // rows without a p that say no reason
	Zero     int                  // rows whose p is 0: it underflowed
	LeastN   int                  // samples, of the rows with a p
	MostN    int
	Cases    int // the most of a row; -1 where none tells
	Controls int
	Best     []Lead // the smallest p first

	o             Options
	hitAt, hintAt float64 // -log10 p
	tail          tail
	shape         shape
	hits          loci
	hints         loci // by the suggestive p
}

// New is a test without rows.
func New(name string, o Options) *Test {
	return &Test{Name: name, Cases: -1, Controls: -1, o: o, hitAt: -math.Log10(o.Hit), hintAt: -math.Log10(o.Suggestive), shape: newShape(), hits: newLoci(&o), hints: newLoci(&o)}
}

// ErrChroms is of a table that is not of one genome.
var ErrChroms = fmt.Errorf("more than %d names of chromosomes: is the first column the chromosome?", mostChroms)

// Add takes a row. A p that is missing is NaN; one that underflowed is +Inf, and
// counts as the smallest that a double holds.
func (t *Test) Add(r *result.Row) error {
	t.Rows++
	if math.IsNaN(r.NegLog10P) {
		t.untested(r)
		return nil
	}
	l := r.NegLog10P
	if math.IsInf(l, 1) {
		t.Zero++
		l = leastDouble
	}
	l = max(l, 0)
	t.Tests++
	if t.LeastN == 0 || r.N < t.LeastN {
		t.LeastN = r.N
	}
	t.MostN = max(t.MostN, r.N)
	t.Cases, t.Controls = max(t.Cases, r.Cases), max(t.Controls, r.Controls)
	t.tail.add(l)
	if err := t.shape.add(r.Chrom, r.Start, l); err != nil {
		return err
	}
	hit, hint := l > t.hitAt, l > t.hintAt
	if hit {
		t.Hits++
	}
	if !hint && len(t.Best) == t.o.Best && (t.o.Best == 0 || l < t.Best[len(t.Best)-1].NegLog10P) {
		return nil
	}
	lead := leadOf(r)
	lead.NegLog10P = l
	t.keep(lead)
	if hit {
		t.hits.add(lead)
	}
	if hint {
		t.hints.add(lead)
	}
	return nil
}

// leastDouble is -log10 of the smallest double.
const leastDouble = 323.30621534311575

func (t *Test) untested(r *result.Row) {
	if r.Method != result.None {
		t.Failed++
		return
	}
	for f := range t.Skipped {
		if r.Flags>>f&1 != 0 {
			t.Skipped[f]++
			return
		}
	}
	t.Other++
}

// keep puts a row among the best.
func (t *Test) keep(l Lead) {
	at, _ := slices.BinarySearchFunc(t.Best, &l, func(a Lead, b *Lead) int { return a.compare(b) })
	if at >= t.o.Best {
		return
	}
	t.Best = slices.Insert(t.Best, at, l)
	if len(t.Best) > t.o.Best {
		t.Best = t.Best[:t.o.Best]
	}
}

// Options are those that the test was made with.
func (t *Test) Options() Options { return t.o }
