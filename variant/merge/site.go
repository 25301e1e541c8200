package merge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Site is a line of the merged table.
type Site struct {
	variant.Variant
	Qual    float64 // the best of the samples that carry an alternate allele
	Pass    bool    // some sample that carries one passed its filters
	AC      []int   // alternate alleles among the genotypes, each counted
	AN      int     // alleles of the genotypes that are not missing
	Samples []Sample
}

// Sample is what one sample has at a site.
type Sample struct {
	Ploidy    int
	GT        variant.Genotype
	GQ, Depth int     // Unknown where missing
	AD, PL    []int32 // nil where missing, Unknown for single values
}

// ErrReference is in the chain of errors about files whose REF differ.
var ErrReference = errors.New("the files are of different references")

// own is a record at a site with its alleles under the site's numbers.
type own struct {
	sample int
	rec    *Record
	number []int // of each of its alleles but the symbolic one; Unknown for one left out
}

// candidate is an alternate allele that may stand at a site.
type candidate struct {
	bases   string
	carried int
	best    int // the best support
}

// unify makes the site of the records that start at one base: its alleles, and
// their numbers in each record. It says false where no allele stays.
func (m *merger) unify(contig string, list []own) (*Site, bool, error) {
	longest := list[0].rec.Ref
	for _, x := range list[1:] {
		a, b := longest, x.rec.Ref
		if len(b) > len(a) {
			a, b = b, a
		}
		if !strings.EqualFold(a[:len(b)], b) {
			return nil, false, fmt.Errorf("%s:%d: REF is %s in sample %s and %s in sample %s: %w", contig, x.rec.Start+1,
				list[0].rec.Ref, m.names[list[0].sample], x.rec.Ref, m.names[x.sample], ErrReference)
		}
		longest = a
	}
	longest = strings.ToUpper(longest)
	seen := map[string]int{}
	var all []candidate
	for _, x := range list {
		for i, a := range x.rec.Alts {
			if !plain(a) {
				continue
			}
			bases := strings.ToUpper(a) + longest[len(x.rec.Ref):]
			k, ok := seen[bases]
			if !ok {
				k = len(all)
				seen[bases] = k
				all = append(all, candidate{bases: bases})
			}
			c := &all[k]
			c.best = max(c.best, x.rec.support(i+1))
			for _, g := range [2]int{x.rec.GT.A, x.rec.GT.B} {
				if g == i+1 {
					c.carried++
				}
			}
		}
	}
	kept := all[:0:0]
	for _, c := range all {
		if c.best >= m.o.MinAlleleQual && c.carried > 0 && c.bases != longest {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return nil, false, nil
	}
	slices.SortFunc(kept, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.carried, a.carried), cmp.Compare(len(a.bases), len(b.bases)), strings.Compare(a.bases, b.bases))
	})
	kept = kept[:min(len(kept), m.o.MaxAlts)]
	s := &Site{Variant: variant.Variant{Contig: contig, Start: list[0].rec.Start, Ref: longest}}
	for _, c := range kept {
		s.Alts = append(s.Alts, c.bases)
	}
	shorten(&s.Variant)
	s.End = s.Start + len(s.Ref)
	for i := range list {
		list[i].number = append(make([]int, 0, 1+len(list[i].rec.Alts)), 0)
		for _, a := range list[i].rec.Alts {
			bases := strings.ToUpper(a) + longest[len(list[i].rec.Ref):]
			k := slices.IndexFunc(kept, func(c candidate) bool { return c.bases == bases })
			if !plain(a) || k < 0 {
				list[i].number = append(list[i].number, Unknown)
			} else {
				list[i].number = append(list[i].number, k+1)
			}
		}
	}
	return s, true, nil
}

// shorten takes off the common end of the alleles, which they have where a long
// REF belonged to an allele that is gone.
func shorten(v *variant.Variant) {
	for len(v.Ref) > 1 {
		last := v.Ref[len(v.Ref)-1]
		for _, a := range v.Alts {
			if len(a) == 1 || a[len(a)-1] != last {
				return
			}
		}
		v.Ref = v.Ref[:len(v.Ref)-1]
		for i, a := range v.Alts {
			v.Alts[i] = a[:len(a)-1]
		}
	}
}

// renumber gives a record's genotype, counts and likelihoods under the numbers
// of the site.
func (x *own) renumber(s *Site) Sample {
	r := x.rec
	n := 1 + len(s.Alts)
	from := make([]int, n) // the record's number of each allele of the site
	for k := range from {
		from[k] = Unknown
		if r.Any {
			from[k] = 1 + len(r.Alts)
		}
	}
	for i, k := range x.number {
		if k >= 0 {
			from[k] = i
		}
	}
	out := Sample{Ploidy: r.Ploidy, GQ: r.GQ, Depth: r.Depth}
	if r.AD != nil {
		out.AD = make([]int32, n)
		for k, i := range from {
			if out.AD[k] = Unknown; i >= 0 {
				out.AD[k] = r.AD[i]
			}
		}
	}
	if r.PL != nil {
		out.PL = make([]int32, likelihoods(n, r.Ploidy))
		known, least := false, int32(0)
		eachGenotype(n, r.Ploidy, func(k, a, b int) {
			p := int32(Unknown)
			switch {
			case from[a] < 0 || b >= 0 && from[b] < 0:
			case b < 0:
				p = r.PL[from[a]]
			default:
				p = r.PL[variant.Index(min(from[a], from[b]), max(from[a], from[b]))]
			}
			if out.PL[k] = p; p >= 0 && (!known || p < least) {
				known, least = true, p
			}
		})
		for k := range out.PL {
			if out.PL[k] >= 0 {
				out.PL[k] -= least
			}
		}
	}
	out.GT = x.genotype(&out, n)
	if !out.missing() && r.empty() {
		out.GT = variant.NoCall
	}
	return out
}

// genotype is the record's genotype under the site's numbers; where it has an
// allele that was left out, the likeliest of the others, and its quality.
func (x *own) genotype(out *Sample, n int) variant.Genotype {
	r := x.rec
	to := func(a int) int {
		if a < 0 || a >= len(x.number) {
			return Unknown
		}
		return x.number[a]
	}
	g := variant.Genotype{A: to(r.GT.A), B: Unknown}
	if r.Ploidy == 2 {
		g.B = to(r.GT.B)
	}
	switch {
	case r.noCall() || r.unspelled(r.GT.A) || r.Ploidy == 2 && r.unspelled(r.GT.B):
		return variant.NoCall
	case g.A >= 0 && r.Ploidy == 1:
		return g
	case g.A >= 0 && g.B >= 0:
		return variant.Genotype{A: min(g.A, g.B), B: max(g.A, g.B)}
	}
	// An allele is gone.
	out.GQ = Unknown
	best, next := Unknown, Unknown
	if out.PL != nil && !slices.Contains(out.PL, Unknown) {
		for k, p := range out.PL {
			switch {
			case best < 0 || p < out.PL[best]:
				best, next = k, best
			case next < 0 || p < out.PL[next]:
				next = k
			}
		}
	}
	if best < 0 || next < 0 || out.PL[next] == 0 {
		return variant.NoCall
	}
	out.GQ = int(min(out.PL[next], 99))
	g = variant.NoCall
	eachGenotype(n, r.Ploidy, func(k, a, b int) {
		if k == best {
			g = variant.Genotype{A: a, B: b}
		}
	})
	return g
}

func (s *Sample) missing() bool { return s.GT.A < 0 }

// cover is what the records of a sample that has none at a site say of it.
// records overlap the site and are in order.
func cover(s *Site, records []Record) Sample {
	none := Sample{Ploidy: 2, GT: variant.NoCall, GQ: Unknown, Depth: Unknown}
	out := Sample{Ploidy: 2, GQ: Unknown, Depth: Unknown}
	reached, weakest := s.Start, -1
	missing := false
	for i := range records {
		r := &records[i]
		if r.End <= s.Start || r.Start >= s.End {
			continue
		}
		if r.Start <= reached {
			reached = max(reached, r.End)
		}
		if r.Depth >= 0 && (out.Depth < 0 || r.Depth < out.Depth) {
			out.Depth = r.Depth
		}
		switch {
		case r.noCall() || r.empty():
			missing = true
		case r.called() && r.Start < s.Start:
			missing = missing || r.changes(r.GT.A, s.Start) || r.Ploidy == 2 && r.changes(r.GT.B, s.Start)
		}
		if r.GQ >= 0 && (out.GQ < 0 || r.GQ < out.GQ) {
			out.GQ, weakest = r.GQ, i
		}
		out.Ploidy = r.Ploidy
	}
	if reached < s.End {
		return none
	}
	if missing {
		out.GT, out.GQ = variant.NoCall, Unknown
		return out
	}
	if out.Ploidy == 1 {
		out.GT.B = Unknown
	}
	if weakest >= 0 {
		out.PL = blockPL(&records[weakest], 1+len(s.Alts), out.Ploidy)
	}
	return out
}

// blockPL is the likelihoods of a reference block for n alleles: each stands
// for the block's symbolic one. Records with alleles of their own have none.
func blockPL(r *Record, n, ploidy int) []int32 {
	if r.PL == nil || len(r.Alts) > 0 || !r.Any || r.Ploidy != ploidy {
		return nil
	}
	pl := make([]int32, likelihoods(n, ploidy))
	eachGenotype(n, ploidy, func(k, a, b int) {
		copies := 0
		if a > 0 {
			copies++
		}
		if b > 0 {
			copies++
		}
		pl[k] = r.PL[copies]
	})
	return pl
}

// count fills AC and AN.
func (s *Site) count() {
	s.AC = make([]int, len(s.Alts))
	for i := range s.Samples {
		x := &s.Samples[i]
		if x.missing() {
			continue
		}
		pair := [2]int{x.GT.A, x.GT.B}
		for _, a := range pair[:x.Ploidy] {
			s.AN++
			if a > 0 {
				s.AC[a-1]++
			}
		}
	}
}
