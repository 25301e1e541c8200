package sets

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// A Set is variants that are tested together.
type Set struct {
	Name    string
	Chrom   string
	Start   int // 0-based; what the list says, not that of a variant
	Members []Member
	Domains []string // parts of the set for masks of their own; nil for none
}

// Member is a variant of a set.
type Member struct {
	Row       int32   // in the source
	Category  uint16  // its annotation in this set
	Domain    int16   // index into Set.Domains; -1 for none
	Freq      float64 // of the alternate allele; NaN for that of the samples
	Singleton int8    // 1 or 0 where it is stated, -1 for what the samples say
}

// A Mask takes the variants of some annotations.
type Mask struct {
	Name string
	Has  []bool // by Member.Category
}

// part is one mask over one domain of a set, or over all of it.
type part struct {
	mask   *Mask
	domain int // -1 for all
}

// parts lists the masks of a set, each over its domains, then over all.
func (s *Set) parts(masks []Mask) []part {
	var list []part
	for i := range masks {
		for d := range s.Domains {
			list = append(list, part{&masks[i], d})
		}
		list = append(list, part{&masks[i], -1})
	}
	return list
}

func (p part) has(m *Member) bool {
	return p.mask.Has[m.Category] && (p.domain < 0 || p.domain == int(m.Domain))
}

// bin is the name of a bound: singleton for the first, all for 1.
func binName(bins []float64, b int) string {
	switch {
	case b == 0:
		return "singleton"
	case bins[b-1] == 1:
		return "all"
	}
	return strconv.FormatFloat(bins[b-1], 'g', 6, 64)
}

// variant names a mask as if it were one: regenie's SET.DOMAIN.MASK.BIN.
func (s *Set) variant(p part, bin string) dosage.Variant {
	alt := p.mask.Name + "." + bin
	id := s.Name + "." + alt
	if p.domain >= 0 {
		id = s.Name + "." + s.Domains[p.domain] + "." + alt
	}
	return dosage.Variant{Chrom: s.Chrom, Start: s.Start, ID: id, Ref: "ref", Alt: alt, Allele: 1, Alts: 1}
}

// sameChrom says whether two names are of one chromosome: chr1 and 1, chrX and 23.
func sameChrom(a, b string) bool { return plain(a) == plain(b) }

func plain(c string) string {
	if len(c) > 3 && strings.EqualFold(c[:3], "chr") {
		c = c[3:]
	}
	switch c {
	case "X":
		return "23"
	case "Y":
		return "24"
	case "XY", "PAR1", "PAR2":
		return "25"
	case "M", "MT":
		return "26"
	}
	return strings.TrimPrefix(c, "0")
}

// SortDomains puts the domains in the order of their names.
func (s *Set) SortDomains() {
	order := make([]int, len(s.Domains))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(s.Domains[a], s.Domains[b]) })
	place := make([]int16, len(order))
	names := make([]string, len(order))
	for k, i := range order {
		place[i], names[k] = int16(k), s.Domains[i]
	}
	for i := range s.Members {
		if d := s.Members[i].Domain; d >= 0 {
			s.Members[i].Domain = place[d]
		}
	}
	if len(names) > 0 {
		s.Domains = names
	}
}
