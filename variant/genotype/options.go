package genotype

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Mode says how the alt sets of a site with several alternate alleles are
// joined into one distribution over genotypes.
type Mode int

const (
	Min     Mode = iota // the smallest probability any set gives (DeepVariant up to 1.9)
	Product             // the product over the sets (DeepVariant 1.10)
)

// ParseMode reads "min" or "product".
func ParseMode(s string) (Mode, error) {
	switch s {
	case "min":
		return Min, nil
	case "product":
		return Product, nil
	}
	return Min, fmt.Errorf("multiallelic mode %q: want min or product", s)
}

// String is the mode as ParseMode reads it.
func (m Mode) String() string {
	if m == Product {
		return "product"
	}
	return "min"
}

// Candidates says what becomes of alternate alleles that are left out.
type Candidates int

const (
	Forget Candidates = iota
	Tell              // all alleles of a site stand in INFO/CANDIDATES
	Keep              // they stay as alleles, in no genotype
)

// ParseCandidates reads "", "INFO" or "ALT" in either case.
func ParseCandidates(s string) (Candidates, error) {
	switch strings.ToUpper(s) {
	case "":
		return Forget, nil
	case "INFO":
		return Tell, nil
	case "ALT":
		return Keep, nil
	}
	return Forget, fmt.Errorf("all candidates as %q: want INFO or ALT", s)
}

// Options are the rules that may be changed. Defaults gives DeepVariant's.
type Options struct {
	Mode        Mode
	AltQual     float64    // an alternate allele of several goes below this Phred quality; 0 keeps all
	QualFilter  float64    // a variant call below this QUAL is LowQual
	HomRefMinGQ int        // a RefCall below this GQ loses its genotype
	Haploid     []string   // contigs of which the sample has one copy
	PAR         *locus.Set // regions of the haploid contigs that are diploid all the same; nil for none
	NoResolve   bool       // leave overlapping calls as they are
	Compat      bool       // keep DeepVariant's quirks, see the package's text
	Candidates  Candidates // what becomes of alleles below AltQual

	// MultiAllelic, where not nil, gives the six genotype probabilities in VCF
	// order of sites left with two alternate alleles, from the probabilities of
	// the sets {first}, {second} and {first, second} one after the other.
	MultiAllelic func(p [9]float64) [6]float64

	// Calibrate, where not nil, changes in place the probabilities of the
	// genotypes of a site, in VCF order, once its alt sets are joined, so that
	// qualities are the error rates of the model that decided.
	Calibrate func(v *variant.Variant, model string, p []float64)
}

// Defaults are the options of DeepVariant 1.9.
func Defaults() Options {
	return Options{Mode: Min, AltQual: 1, QualFilter: 1, HomRefMinGQ: 20}
}

// Validate reports all faults at once.
func (o *Options) Validate() error {
	var errs []error
	if o.Mode != Min && o.Mode != Product {
		errs = append(errs, fmt.Errorf("multiallelic mode %d: want min or product", o.Mode))
	}
	if !(o.AltQual >= 0) || math.IsInf(o.AltQual, 0) {
		errs = append(errs, fmt.Errorf("quality filter of alternate alleles %v: want 0 or more", o.AltQual))
	}
	if !(o.QualFilter >= 0) || math.IsInf(o.QualFilter, 0) {
		errs = append(errs, fmt.Errorf("quality filter %v: want 0 or more", o.QualFilter))
	}
	if o.MultiAllelic != nil && o.Candidates == Keep {
		errs = append(errs, errors.New("a multi-allelic model decides between two alleles: want no further ones kept"))
	}
	if o.HomRefMinGQ < 0 {
		errs = append(errs, fmt.Errorf("smallest GQ of a reference call %d: want 0 or more", o.HomRefMinGQ))
	}
	return errors.Join(errs...)
}

// haploid says whether the sample has one copy of the bases [start, end).
func (o *Options) haploid(contig string, start, end int) bool {
	if !slices.Contains(o.Haploid, contig) {
		return false
	}
	return o.PAR == nil || !o.PAR.Overlaps(locus.Region{Contig: contig, Start: start, End: end})
}
