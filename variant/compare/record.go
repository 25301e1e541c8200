package compare

import (
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Record is a variant of one sample as a file gives it. Ref says how far it
// reaches; End, which in reference blocks means something else, is not read.
type Record struct {
	variant.Variant
	GT       variant.Genotype // B is variant.Missing where Ploidy is 1; NoCall for no genotype
	Ploidy   int              // 1 or 2; 0 is read as 2
	GQ       float64          // below 0: the record has none
	Qual     float64
	Filtered bool // FILTER is neither PASS nor missing
}

// Type is the kind of a record: that of the longest change among its called
// alleles.
type Type byte

// The types of records that are counted apart. A substitution of several bases
// counts as SNP, as in hap.py.
const (
	SNP Type = iota
	Indel
	types
)

func (t Type) String() string { return [...]string{"SNP", "INDEL"}[t] }

// allele is an alternate allele with what it shares with the reference at both
// ends taken off: bases instead of [start, end) of the contig.
type allele struct {
	start, end int
	bases      string
}

// trimAllele takes the common end off first and then the common front, so that
// an indel lies as far to the left as its spelling allows.
func trimAllele(start int, ref, alt string) allele {
	for len(ref) > 0 && len(alt) > 0 && ref[len(ref)-1] == alt[len(alt)-1] {
		ref, alt = ref[:len(ref)-1], alt[:len(alt)-1]
	}
	n := 0
	for n < len(ref) && n < len(alt) && ref[n] == alt[n] {
		n++
	}
	return allele{start + n, start + len(ref), alt[n:]}
}

// change is how many bases longer than the reference an allele is.
func (a allele) change() int { return len(a.bases) - (a.end - a.start) }

// place is what the search for matches needs of a record.
type place struct {
	start, end int // of all called alleles, trimmed
	left       int // where its first, and
	right      int // behind where its last base may stand in another spelling
	alleles    []allele
	a, b       int // called alleles: 0 the reference, i the i-th of alleles
	kind       Type
	judged     bool
}

// plain is whether an allele is made of bases.
func plain(s string) bool {
	return s != "" && strings.Trim(s, "ACGTNacgtn") == ""
}

// newPlace reads a record. Not judged are those that say nothing of an
// alternate allele, or not with bases.
func newPlace(r *Record) place {
	p := place{start: r.Start, end: r.End, left: r.Start, right: r.End}
	a, b := r.GT.A, r.GT.B
	switch {
	case r.Ploidy == 1:
		b = a
	case a == variant.Missing:
		a = 0
	case b == variant.Missing:
		b = 0
	}
	if a < 0 || b < 0 || a > len(r.Alts) || b > len(r.Alts) || !plain(r.Ref) {
		return p
	}
	number := func(i int) (int, bool) {
		if i == 0 || r.Alts[i-1] == "*" {
			return 0, true
		}
		alt := r.Alts[i-1]
		if !plain(alt) {
			return 0, false
		}
		t := trimAllele(r.Start, strings.ToUpper(r.Ref), strings.ToUpper(alt))
		if t.start == t.end && t.bases == "" {
			return 0, true // spelled like the reference
		}
		for k, x := range p.alleles {
			if x == t {
				return k + 1, true
			}
		}
		p.alleles = append(p.alleles, t)
		return len(p.alleles), true
	}
	var okA, okB bool
	p.a, okA = number(a)
	p.b, okB = number(b)
	if !okA || !okB || len(p.alleles) == 0 {
		p.a, p.b = 0, 0
		return p
	}
	p.judged = true
	p.start, p.end = p.alleles[0].start, p.alleles[0].end
	for _, x := range p.alleles {
		p.start, p.end = min(p.start, x.start), max(p.end, x.end)
		if x.change() != 0 {
			p.kind = Indel
		}
	}
	p.left, p.right = p.start, p.end
	return p
}

// longestRoll bounds how far an indel is followed along a repeat.
const longestRoll = 5000

// spread finds how far the indels of a record may be moved to either side
// without a change of the sequence that they make.
func (p *place) spread(ref *bases) error {
	if p.kind != Indel {
		return nil
	}
	for _, x := range p.alleles {
		left, right, err := ref.roll(x)
		if err != nil {
			return err
		}
		p.left, p.right = min(p.left, left), max(p.right, right)
	}
	return nil
}

// same says whether two records call the same alleles of the same bases.
func (p *place) same(q *place) bool {
	if len(p.alleles) != len(q.alleles) || p.start != q.start || p.end != q.end {
		return false
	}
	at := func(p *place, i int) allele {
		if i == 0 {
			return allele{}
		}
		return p.alleles[i-1]
	}
	pa, pb, qa, qb := at(p, p.a), at(p, p.b), at(q, q.a), at(q, q.b)
	return pa == qa && pb == qb || pa == qb && pb == qa
}

// het says whether the two haplotypes differ.
func (p *place) het() bool { return p.a != p.b }
