package label

import (
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Positional is the labeler that compares alleles at one position
// (positional_labeler): the truth of a candidate is the record that starts where
// it does. Of several it is the last one with the same alleles, else the first.
type Positional struct {
	Confident *locus.Set // where the truth is known; nil: everywhere
}

// Label labels the candidates. An allele of the truth that a candidate lacks
// counts as the reference, and so does a missing one.
func (p *Positional) Label(dst []Label, candidates []variant.Variant, truths []Truth) ([]Label, error) {
	for i := range candidates {
		c := &candidates[i]
		l := Label{Known: known(p.Confident, c)}
		if t := sameStart(p.Confident, c, truths); t != nil {
			l.GT.A, l.GT.B = matched(c, t, t.GT.A), matched(c, t, t.GT.B)
			if l.GT.A > l.GT.B {
				l.GT.A, l.GT.B = l.GT.B, l.GT.A
			}
		}
		dst = append(dst, l)
	}
	return dst, nil
}

// sameStart is the record of the truth that a candidate is held against, nil
// where there is none.
func sameStart(confident *locus.Set, c *variant.Variant, truths []Truth) (best *Truth) {
	alleles := simplifiedAlleles(c)
	for i := range truths {
		t := &truths[i]
		if t.Contig != c.Contig || t.Start != c.Start || !known(confident, &t.Variant) {
			continue
		}
		if best == nil || slices.Equal(simplifiedAlleles(&t.Variant), alleles) {
			best = t
		}
	}
	return best
}

// matched is the number that an allele of the truth has in a candidate.
func matched(c *variant.Variant, t *Truth, allele int) int {
	if allele < 1 {
		return 0
	}
	want := simplified(t.Ref, t.Alts[allele-1])
	for i, alt := range c.Alts {
		if simplified(c.Ref, alt) == want {
			return i + 1
		}
	}
	return 0
}

// change is a reference allele and an alternate one.
type change struct{ ref, alt string }

// simplified takes the bases off that both alleles end with, but for one.
func simplified(ref, alt string) change {
	for len(ref) > 1 && len(alt) > 1 && ref[len(ref)-1] == alt[len(alt)-1] {
		ref, alt = ref[:len(ref)-1], alt[:len(alt)-1]
	}
	return change{ref, alt}
}

// simplifiedAlleles is all alleles of a variant, the reference first, without
// the bases that all of them end with, but for one.
func simplifiedAlleles(v *variant.Variant) []string {
	all := append([]string{v.Ref}, v.Alts...)
	n := 0
	for slices.IndexFunc(all, func(a string) bool {
		return len(a) <= n+1 || a[len(a)-1-n] != v.Ref[len(v.Ref)-1-n]
	}) < 0 {
		n++
	}
	for i, a := range all {
		all[i] = a[:len(a)-n]
	}
	return all
}
