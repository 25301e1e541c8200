// Package label says what is true of candidates: it holds them against the
// records of a truth set and gives each its true genotype, from which a network
// learns.
//
// Two spellings of one change need not look alike, so the usual labeler,
// Haplotype, compares sequences: it looks for genotypes of the candidates that
// make the same two haplotypes as the truth does (Krusche et al. 2019,
// doi:10.1038/s41587-019-0054-x, tell why). Positional compares the alleles at
// one position; Classes reads a class of the user's own out of the truth. The
// rules, and with them every label, are those of DeepVariant 1.9.
package label

import (
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Truth is a record of the truth set.
type Truth struct {
	variant.Variant
	GT    variant.Genotype // a haploid genotype is its allele twice
	Class string           // of the variant, for Classes; empty where the record tells none
}

// Label is what the truth says of a candidate.
type Label struct {
	// Known says whether the truth is known where the candidate starts. Where it
	// is not, nothing else counts.
	Known bool

	// GT is the true genotype, in alleles of the candidate, in ascending order.
	// It is variant.NoCall where classes are told.
	GT variant.Genotype

	class, alt int // of Classes: the class of the alternate allele with index alt
}

// Of is the label of an alt set, given as indices into the alternate alleles:
// how many copies of its alleles there are in truth, or the class.
func (l *Label) Of(altSet []int) int {
	if l.GT == variant.NoCall {
		if slices.Contains(altSet, l.alt) {
			return l.class
		}
		return 0
	}
	n := 0
	for _, a := range [2]int{l.GT.A, l.GT.B} {
		if a > 0 && slices.Contains(altSet, a-1) {
			n++
		}
	}
	return n
}

// A Labeler labels the candidates of a stretch of a contig, in order of their
// starts, by the records of the truth that overlap it, in order of their starts
// too. It appends one label per candidate to dst. It is safe for concurrent
// use.
type Labeler interface {
	Label(dst []Label, candidates []variant.Variant, truths []Truth) ([]Label, error)
}

// known says whether the truth is known where a variant starts; what lies
// behind the start does not matter. A nil set is everywhere.
func known(confident *locus.Set, v *variant.Variant) bool {
	return confident == nil || confident.Contains(v.Contig, v.Start)
}

// spelled says whether an allele is written in bases, so that it can stand in a
// sequence.
func spelled(allele string) bool {
	for i := range len(allele) {
		if c := allele[i] &^ 0x20; c < 'A' || c > 'Z' {
			return false
		}
	}
	return allele != ""
}
