package genotype

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Output is what a classifier says of one alt set of one site: one record of
// a file of classified examples.
type Output struct {
	Site variant.Site
	variant.Likelihoods
	Further
}

// Further is what some files tell of a site beside its counts.
type Further struct {
	Phases      []int  // phase 0 (none), 1 or 2 per allele, reference first; nil where reads are not phased
	PhaseSet    string // the name of the phase set
	Methylation *variant.Methylation
}

// Input is a site with what was said of all its alt sets, in any order.
type Input struct {
	Site variant.Site
	Sets []variant.Likelihoods
	Further
}

// Gather makes in a site of the outputs of all its alt sets, in memory of in
// that is used again. Outputs that describe the site differently are ErrDiffer.
func (in *Input) Gather(outputs []Output) error {
	in.Sets = in.Sets[:0]
	for i := range outputs {
		out := &outputs[i]
		if i == 0 {
			in.Site, in.Further = out.Site, out.Further
		} else if !sameSite(&in.Site, &out.Site) {
			return fmt.Errorf("%s and %s: %w", place(&in.Site), place(&out.Site), ErrDiffer)
		}
		in.Sets = append(in.Sets, out.Likelihoods)
	}
	return nil
}

// Errors of sites whose outputs do not fit together. The usual cause is a pair
// of overlapping regions, or shards of two runs in one set.
var (
	ErrDuplicate = errors.New("the same alt set was classified twice (do regions overlap, or are shards of two runs mixed?)")
	ErrMissing   = errors.New("alt sets are missing (is a shard missing?)")
	ErrDiffer    = errors.New("two descriptions of one site (are shards of two runs mixed?)")
)

// place is a site as a person would search for it.
func place(s *variant.Site) string {
	alts := ""
	for i, a := range s.Alts {
		if i > 0 {
			alts += ","
		}
		alts += a
	}
	return fmt.Sprintf("%s:%d %s>%s", s.Contig, s.Start+1, s.Ref, alts)
}

// Sort puts outputs in the order that Sites wants: by contig, start and end;
// equal ones keep their order.
func Sort(outputs []Output, contigs *locus.Contigs) {
	slices.SortStableFunc(outputs, func(a, b Output) int {
		return contigs.Compare(region(&a.Site), region(&b.Site))
	})
}

func region(s *variant.Site) locus.Region {
	return locus.Region{Contig: s.Contig, Start: s.Start, End: s.End}
}

// Sites groups consecutive outputs of equal contig, start and end into sites.
// With alone every output is a site of its own, as a list of variants to be
// genotyped wants it. The Input is the caller's to keep. Outputs of one site
// that describe it differently end the sequence with ErrDiffer.
func Sites(outputs iter.Seq2[*Output, error], alone bool) iter.Seq2[*Input, error] {
	return func(yield func(*Input, error) bool) {
		var in *Input
		for out, err := range outputs {
			if err != nil {
				yield(nil, err)
				return
			}
			if in != nil && !alone && region(&in.Site) == region(&out.Site) {
				if !sameSite(&in.Site, &out.Site) {
					yield(nil, fmt.Errorf("%s and %s: %w", place(&in.Site), place(&out.Site), ErrDiffer))
					return
				}
				in.Sets = append(in.Sets, out.Likelihoods)
				continue
			}
			if in != nil && !yield(in, nil) {
				return
			}
			in = &Input{Site: out.Site, Sets: []variant.Likelihoods{out.Likelihoods}, Further: out.Further}
		}
		if in != nil {
			yield(in, nil)
		}
	}
}

func sameSite(a, b *variant.Site) bool {
	return a.Ref == b.Ref && slices.Equal(a.Alts, b.Alts) && a.Depth == b.Depth && slices.Equal(a.AD, b.AD) && slices.Equal(a.VAF, b.VAF)
}

// order sorts the sets of a site and checks that they are those of
// variant.AltSets, each once, and that all numbers can be probabilities.
func (in *Input) order() error {
	s := &in.Site
	n := len(s.Alts)
	switch {
	case s.Ref == "" || n == 0:
		return fmt.Errorf("%s: a site needs a reference and an alternate allele", place(s))
	case s.Start < 0 || s.End != s.Start+len(s.Ref):
		return fmt.Errorf("%s: the site ends at %d, want start + length of the reference allele", place(s), s.End)
	case len(s.AD) != n+1 || len(s.VAF) != n:
		return fmt.Errorf("%s: %d counts (AD) and %d fractions (VAF), want %d and %d", place(s), len(s.AD), len(s.VAF), n+1, n)
	case in.Phases != nil && len(in.Phases) != n+1:
		return fmt.Errorf("%s: %d phases, want one per allele, %d", place(s), len(in.Phases), n+1)
	}
	if m := in.Methylation; m != nil && (len(m.Fraction) != n+1 || len(m.Depth) != n+1) {
		return fmt.Errorf("%s: methylation of %d and %d alleles (MF, MD), want %d", place(s), len(m.Fraction), len(m.Depth), n+1)
	}
	if len(in.Sets) > 1 {
		slices.SortStableFunc(in.Sets, func(a, b variant.Likelihoods) int { return slices.Compare(a.AltSet, b.AltSet) })
	}
	for i := range in.Sets {
		set := &in.Sets[i]
		if i > 0 && slices.Equal(set.AltSet, in.Sets[i-1].AltSet) {
			return fmt.Errorf("%s: alt set %v: %w", place(s), set.AltSet, ErrDuplicate)
		}
		if !validSet(set.AltSet, n) {
			return fmt.Errorf("%s: alt set %v of %d alternate alleles", place(s), set.AltSet, n)
		}
		sum := 0.0
		for _, p := range set.P {
			if !(p >= 0 && p <= 1+1e-6) { // rounding apart
				return fmt.Errorf("%s: alt set %v: probability %v, want 0 to 1", place(s), set.AltSet, p)
			}
			sum += p
		}
		if math.Abs(sum-1) > 1e-3 {
			return fmt.Errorf("%s: alt set %v: probabilities sum to %v, want 1", place(s), set.AltSet, sum)
		}
	}
	if want := n + n*(n-1)/2; len(in.Sets) != want {
		return fmt.Errorf("%s: %d alt sets, want %d: %w", place(s), len(in.Sets), want, ErrMissing)
	}
	return nil
}

func validSet(set []int, n int) bool {
	switch len(set) {
	case 1:
		return 0 <= set[0] && set[0] < n
	case 2:
		return 0 <= set[0] && set[0] < set[1] && set[1] < n
	}
	return false
}
