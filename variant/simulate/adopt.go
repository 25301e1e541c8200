package simulate

import (
	"cmp"
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Dropped is a given variant that no haplotype can carry, and why.
type Dropped struct {
	Record
	Reason string
}

// Adopt makes truth of given variants of one contig, of a VCF of a real sample
// for one: alternate alleles that the genotype does not use are taken out,
// heterozygous genotypes without phase get a random one, and what cannot stand
// is dropped with a reason: no-calls, symbolic alleles, records at odds with
// the reference or overlapping another on the same haplotype. Genotypes are
// fitted to the copies that the sample has. Kept records are in order and pass
// Check; the given ones are not changed.
func Adopt(ref Sequence, given []Record, seed uint64, haploid, absent *locus.Set) (kept []Record, dropped []Dropped) {
	sorted := slices.Clone(given)
	slices.SortStableFunc(sorted, func(a, b Record) int { return cmp.Compare(a.Start, b.Start) })
	key := nameKey(ref.Name)
	var end [2]int
	for _, r := range sorted {
		reason := use(&r)
		if reason == "" && !r.GT.Phased && r.GT.A != r.GT.B && r.Ploidy == 2 && mix(mix(seed^key)^uint64(r.Start))&1 == 1 {
			r.GT.A, r.GT.B = r.GT.B, r.GT.A
		}
		r.GT.Phased = true
		if r.Class == "" {
			r.Class = "given"
		}
		if reason == "" && !ploidy(&r, haploid, absent) {
			reason = "the sample has no copy there"
		}
		if reason == "" {
			if err := fits(ref, &r); err != nil {
				reason = err.Error()
			}
		}
		for h := range end {
			if reason == "" && r.allele(h) > 0 && r.Start < end[h] {
				reason = "it overlaps another variant of the same haplotype"
			}
		}
		if reason != "" {
			dropped = append(dropped, Dropped{r, reason})
			continue
		}
		for h := range end {
			if r.allele(h) > 0 {
				end[h] = r.End
			}
		}
		kept = append(kept, r)
	}
	return kept, dropped
}

// use keeps the alternate alleles of a record that its genotype names, in
// their order, and says what makes it useless.
func use(r *Record) string {
	if r.Ploidy == 0 {
		r.Ploidy = 2
	}
	if r.Ploidy == 1 {
		r.GT.B = variant.Missing
	}
	if r.GT.A < 0 || r.Ploidy == 2 && r.GT.B < 0 {
		return "no call"
	}
	if max(r.GT.A, r.GT.B) > len(r.Alts) {
		return "the genotype names an allele that is not there"
	}
	var alts []string
	number := func(a int) int {
		if a <= 0 {
			return a
		}
		for i, x := range alts {
			if x == r.Alts[a-1] {
				return i + 1
			}
		}
		return -1
	}
	for i, a := range r.Alts {
		if i+1 != r.GT.A && i+1 != r.GT.B {
			continue
		}
		if a == "" || !known([]byte(a)) {
			return "alternate allele " + a + " is not made of bases"
		}
		if !slices.Contains(alts, a) {
			alts = append(alts, a)
		}
	}
	if len(alts) == 0 {
		return "no alternate allele in the genotype"
	}
	r.GT.A, r.GT.B, r.Alts = number(r.GT.A), number(r.GT.B), alts
	return ""
}

// Karyotype gives where a human sample has one copy of a chromosome and where
// none, by the names and lengths of the contigs (X or chrX and so on): in males
// X outside of the pseudoautosomal regions and Y, whose own such regions are
// read as those of X; in females no Y. The mitochondrion is haploid. The
// regions are those of GRCh37 and GRCh38, told apart by the length of X; of
// other references X and Y are haploid as a whole.
func Karyotype(contigs []locus.Contig, male bool) (haploid, absent *locus.Set) {
	h := locus.FindHuman(contigs)
	one, none := []locus.Region{whole(h.Mito)}, []locus.Region{}
	if male {
		onX, onY := locus.NewSet(h.PARX...), locus.NewSet(h.PARY...)
		one = append(one, locus.NewSet(whole(h.X)).Subtract(onX).On(h.X.Name)...)
		one = append(one, locus.NewSet(whole(h.Y)).Subtract(onY).On(h.Y.Name)...)
		none = append(none, onY.On(h.Y.Name)...)
	} else {
		none = append(none, whole(h.Y))
	}
	return locus.NewSet(one...), locus.NewSet(none...)
}

func whole(c locus.Contig) locus.Region { return locus.Region{Contig: c.Name, Start: 0, End: c.Length} }
