package image

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant"
)

// Known is a variant of a population, with the frequency of each alternate
// allele (INFO/AF of a VCF).
type Known struct {
	variant.Variant
	Frequency []float32 // as many as Alts
}

// Frequencies gives the frequency in the population of each alternate allele of
// a site, 0 where it is not known, and that of the reference allele. Alleles
// are compared by the sequence that they make of the contig, so that one indel
// may be written in two ways. known are the records near the site; of several
// that match the last one counts, and what its alternate alleles leave over is
// the reference's, 1 where none matches. ref holds all their bases; a record
// that reaches beyond it, or whose frequencies are not as many as its alternate
// alleles, matches nothing.
func Frequencies(dst []float32, site *variant.Variant, known []Known, ref count.Window) (alts []float32, reference float32) {
	reference = 1
	first := len(dst)
	for range site.Alts {
		dst = append(dst, 0)
	}
	alts = dst[first:]
	for i := range known {
		k := &known[i]
		from, to := min(site.Start, k.Start), max(site.End, k.End)
		if len(k.Frequency) != len(k.Alts) || from < ref.Start || to > ref.Start+len(ref.Bases) {
			continue
		}
		sum, found := float32(0), false
		for j, theirs := range k.Alts {
			sum += k.Frequency[j]
			for a, ours := range site.Alts {
				if sameSequence(site, ours, &k.Variant, theirs, ref, from, to) {
					alts[a], found = k.Frequency[j], true
				}
			}
		}
		if found {
			reference = max(1-sum, 0)
		}
	}
	return dst, reference
}

// sameSequence says whether two alternate alleles make the same of the contig's
// bases [from, to).
func sameSequence(v *variant.Variant, a string, w *variant.Variant, b string, ref count.Window, from, to int) bool {
	n := to - from
	if n-(v.End-v.Start)+len(a) != n-(w.End-w.Start)+len(b) {
		return false
	}
	for i := range n - (v.End - v.Start) + len(a) {
		if letter(v, a, ref, from, i) != letter(w, b, ref, from, i) {
			return false
		}
	}
	return true
}

// letter is base i of the sequence from position from on with an allele in it.
func letter(v *variant.Variant, allele string, ref count.Window, from, i int) byte {
	at := from + i
	switch {
	case at < v.Start:
		return ref.Bases[at-ref.Start]
	case at < v.Start+len(allele):
		return allele[at-v.Start]
	}
	return ref.Bases[at-len(allele)+v.End-v.Start-ref.Start]
}
