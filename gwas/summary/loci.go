package summary

import (
	"cmp"
	"slices"
)

// Locus is hits that lie near each other.
type Locus struct {
	Chrom    string
	From, To int // starts of the first and the last hit, 0-based
	Hits     int
	Lead     Lead
	Wide     bool // it is longer than the window: a chain of hits, maybe of several signals
	One      bool // it has hits of the region that is one by its history
}

// loci are the loci of hits that come in any order.
type loci struct {
	o    *Options
	list map[string][]Locus // by chromosome, in order; further apart than the window
}

func newLoci(o *Options) loci { return loci{o: o, list: map[string][]Locus{}} }

// inOne says whether a place lies in the region that is one.
func (o *Options) inOne(chrom string, start int) bool {
	return o.One != nil && o.One.From <= start && start < o.One.To && bare(chrom) == bare(o.One.Chrom)
}

// near says whether two loci of a chromosome, one behind the other, are one.
func (o *Options) near(a, b *Locus) bool {
	return b.From-a.To <= o.Window || a.One && b.One
}

// add takes a hit. Loci are the connected parts of a graph in which hits are joined
// that are near each other, so the order of the hits does not matter.
func (l *loci) add(hit Lead) {
	list := l.list[hit.Chrom]
	one := l.o.inOne(hit.Chrom, hit.Start)
	x := Locus{Chrom: hit.Chrom, From: hit.Start, To: hit.Start, Hits: 1, Lead: hit, One: one}
	at, _ := slices.BinarySearchFunc(list, hit.Start, func(a Locus, start int) int { return cmp.Compare(a.From, start) })
	list = slices.Insert(list, at, x)
	for at > 0 && l.o.near(&list[at-1], &list[at]) {
		at--
		list = join(list, at)
	}
	for at+1 < len(list) && l.o.near(&list[at], &list[at+1]) {
		list = join(list, at)
	}
	l.list[hit.Chrom] = list
}

// join makes one locus of that at k and the next.
func join(list []Locus, k int) []Locus {
	a, b := &list[k], &list[k+1]
	a.To, a.From = max(a.To, b.To), min(a.From, b.From)
	a.Hits += b.Hits
	a.One = a.One || b.One
	if b.Lead.compare(&a.Lead) < 0 {
		a.Lead = b.Lead
	}
	return slices.Delete(list, k+1, k+2)
}

// sorted are the loci in the order of the genome.
func (l *loci) sorted() []Locus {
	var out []Locus
	for _, list := range l.list {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b Locus) int {
		return cmp.Or(CompareChroms(a.Chrom, b.Chrom), cmp.Compare(a.From, b.From))
	})
	for i := range out {
		out[i].Wide = out[i].To-out[i].From > l.o.Window
	}
	return out
}

// Loci are the loci of the hits, in the order of the genome.
func (t *Test) Loci() []Locus { return t.hits.sorted() }

// Suggestive are the loci of all rows below the suggestive p, those of hits among
// them.
func (t *Test) Suggestive() []Locus { return t.hints.sorted() }
