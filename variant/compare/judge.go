package compare

import (
	"strings"

	"github.com/gx-genomics/gx/variant/locus"
)

// Decision is what became of a record: field BD of the GA4GH benchmarking
// format.
type Decision byte

// The decisions.
const (
	NotJudged Decision = iota // N: no genotype, no alternate allele, or a symbolic one
	TP                        // its haplotypes are confirmed by the other side
	FN                        // of the truth, in the confident regions, not found
	FP                        // of a query, in the confident regions, not true
	Unknown                   // UNK: outside of the confident regions
)

func (d Decision) String() string { return [...]string{"N", "TP", "FN", "FP", "UNK"}[d] }

// Match is how a record is matched by the other side: field BK.
type Match byte

// The kinds of match.
const (
	NoMatch       Match = iota
	AlleleMatch         // am: the alleles are right, the genotype is not
	GenotypeMatch       // gm
)

func (m Match) String() string { return [...]string{".", "am", "gm"}[m] }

// Judged is a record with what became of it.
type Judged struct {
	Record
	Decision Decision
	Match    Match
	Type     Type
	Group    int     // within a Place: records of a number above 0 confirm each other
	GQ       float64 // of a matched truth record: the least GQ of the calls that confirm it; else the record's own

	stratum stratum
}

// Subtype is field BI of the GA4GH benchmarking format: ti, tv, or the length
// of the longest indel as in i1_5 and d16_plus; empty for what is not judged.
func (r *Judged) Subtype() string {
	switch {
	case r.Decision == NotJudged:
		return ""
	case r.stratum.size != noIndel:
		return strings.ToLower(sizeNames[r.stratum.size])
	case r.stratum.single && r.stratum.transition:
		return "ti"
	case r.stratum.single:
		return "tv"
	}
	return "*"
}

// Against is the truth and one query at a place.
type Against struct {
	Truth, Query []Judged
}

// Place is a stretch of the genome whose records may spell each other, judged
// for each query. Records with a FILTER take part.
type Place struct {
	Contig  string
	Queries []Against
}

// verdict is a Place before it is counted: the two ways to count, all records
// and those that pass, with the strata of each record.
type verdict struct {
	*cluster
	strata [][]stratum // by set and record
	inside [][]bool
	all    []Against
	pass   []Against
	cut    []int // of each query, searches that were not exhaustive
}

// judge is the scratch memory of one goroutine.
type judge struct {
	search    search
	confident *locus.Set
}

// judge compares each query of a cluster with the truth.
func (j *judge) judge(c *cluster) *verdict {
	v := &verdict{cluster: c, strata: make([][]stratum, len(c.places)), inside: make([][]bool, len(c.places)), cut: make([]int, len(c.places)-1)}
	for set := range c.places {
		v.strata[set] = make([]stratum, len(c.places[set]))
		v.inside[set] = make([]bool, len(c.places[set]))
		for i := range c.places[set] {
			p := &c.places[set][i]
			v.inside[set][i] = j.confident == nil || covers(j.confident, c.contig, p.start, p.end)
			if p.judged {
				v.strata[set][i] = stratumOf(p, c.text, c.from)
			}
		}
	}
	for q := 1; q < len(c.places); q++ {
		all := j.against(v, q, func(int, int) bool { return true })
		pass := all
		for i := range c.records[q] {
			if c.records[q][i].Filtered {
				pass = j.against(v, q, func(set, i int) bool { return set == 0 || !c.records[set][i].Filtered })
				break
			}
		}
		v.all, v.pass = append(v.all, all), append(v.pass, pass)
	}
	return v
}

// covers says whether a set has all bases of [start, end), and, of an
// insertion, the bases on either side.
func covers(set *locus.Set, contig string, start, end int) bool {
	if start == end {
		start, end = start-1, end+1
	}
	list := set.On(contig)
	lo, hi := 0, len(list)
	for lo < hi {
		if m := (lo + hi) / 2; list[m].End > max(start, 0) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo < len(list) && list[lo].Start <= max(start, 0) && list[lo].End >= end
}

// against judges the records of the truth and of a query that take part.
func (j *judge) against(v *verdict, query int, take func(set, i int) bool) Against {
	c := v.cluster
	a := Against{v.undecided(0, take), v.undecided(query, take)}
	of := [2][]Judged{a.Truth, a.Query}
	if j.isolated(c, query, of) {
		return a
	}
	events := c.events(query, diploid, take)
	groups := [2][]int{make([]int, len(a.Truth)), make([]int, len(a.Query))}
	j.search.match(events, 2, c.text, c.from, func(i, group int) {
		groups[events[i].side][events[i].index] = group
	})
	if j.search.cut {
		v.cut[query-1]++
	}
	left := 0
	for k := range of {
		for i, g := range groups[k] {
			if g > 0 {
				confirm(&of[k][i])
				of[k][i].Group = g
			} else if of[k][i].Decision != NotJudged {
				left |= 1 << k
			}
		}
	}
	leastGQ(a)
	if left == 3 { // something is left on both sides: perhaps the same alleles
		events = c.events(query, haploid, func(set, i int) bool {
			k := min(set, 1)
			return take(set, i) && groups[k][i] == 0
		})
		j.search.match(events, 1, c.text, c.from, func(i, _ int) {
			of[events[i].side][events[i].index].Match = AlleleMatch
		})
		if j.search.cut {
			v.cut[query-1]++
		}
	}
	return a
}

// undecided lists the records of a set as they are when nothing matches them.
func (v *verdict) undecided(set int, take func(set, i int) bool) []Judged {
	c := v.cluster
	out := make([]Judged, len(c.records[set]))
	for i := range out {
		p := &c.places[set][i]
		out[i] = Judged{Record: c.records[set][i], Type: p.kind, GQ: c.records[set][i].GQ, stratum: v.strata[set][i]}
		switch {
		case !p.judged || !take(set, i):
		case !v.inside[set][i]:
			out[i].Decision = Unknown
		case set == 0:
			out[i].Decision = FN
		default:
			out[i].Decision = FP
		}
	}
	return out
}

// confirm marks a record as matched, where it lies inside.
func confirm(r *Judged) {
	r.Match = GenotypeMatch
	if r.Decision != Unknown {
		r.Decision = TP
	}
}

// isolated settles the commonest case at once: one record on each side, and
// both the same.
func (j *judge) isolated(c *cluster, query int, of [2][]Judged) bool {
	if len(of[0]) != 1 || len(of[1]) != 1 || of[0][0].Decision == NotJudged || of[1][0].Decision == NotJudged {
		return false
	}
	if !c.places[0][0].same(&c.places[query][0]) {
		return false
	}
	for k := range of {
		confirm(&of[k][0])
		of[k][0].Group = 1
	}
	of[0][0].GQ = of[1][0].GQ
	return true
}

// leastGQ gives matched records of the truth the least GQ of their group's
// calls: at a threshold above it the group falls apart.
func leastGQ(a Against) {
	for i := range a.Truth {
		t := &a.Truth[i]
		if t.Group == 0 {
			continue
		}
		first := true
		for _, q := range a.Query {
			if q.Group == t.Group && (first || q.GQ < t.GQ) {
				t.GQ, first = q.GQ, false
			}
		}
	}
}
