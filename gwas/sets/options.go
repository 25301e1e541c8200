package sets

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/gwas"
)

// Rule is how the sites of a mask make one genotype.
type Rule uint8

const (
	Max     Rule = iota // the largest number of copies at a site
	Sum                 // the sum over the sites; effects are per copy
	CompHet             // the sum, at most two
)

// Kinds are the tests of variance, as bits.
type Kinds uint8

const (
	SKAT Kinds = 1 << iota
	SKATO
	SKATOACAT // the Cauchy combination over SKAT-O's grid
	ACATV
	ACATO
)

// Options are those of a run.
type Options struct {
	Bins             []float64 // largest allele frequencies of masks, a mask for each; besides there is one of singletons
	Rule             Rule
	SingletonCarrier bool // a singleton has one carrier, rather than one copy

	Kinds       Kinds
	MaxAAF      float64 // largest allele frequency of variants in the tests of variance, a bin of its own if it is none of Bins
	CollapseMAC float64 // variants of so few copies of the rarer allele are collapsed
	A1, A2      float64 // of the beta density that weighs variants
	Rho         []float64
	FullGrid    bool // ACAT-O takes SKAT-O's grid, also where SKAT-O is not made
	Joint       bool // combine the masks of a set by ACAT

	// Scan is how burdens are tested, and which variants are left out of masks: by
	// information, missing genotypes and Hardy-Weinberg proportions. MinMAC is of
	// masks.
	Scan gwas.Options
}

// Defaults are the options of a run of burden tests.
func Defaults() Options {
	return Options{Bins: []float64{0.01}, MaxAAF: 1, CollapseMAC: 10, A1: 1, A2: 25, Scan: gwas.Defaults()}
}

// bothEnds and grid are the rho of ACAT-O alone, and of SKAT-O.
var (
	bothEnds = []float64{0, 1}
	grid     = []float64{0, 0.01, 0.04, 0.09, 0.16, 0.25, 0.5, 1}
)

// rhos gives the grid of the tests asked for, nil if none needs one.
func (o *Options) rhos() []float64 {
	var list []float64
	switch {
	case len(o.Rho) > 0 && o.Kinds&(SKATO|SKATOACAT|ACATO) != 0:
		list = slices.Clone(o.Rho)
	case o.Kinds&(SKATO|SKATOACAT) != 0, o.Kinds&ACATO != 0 && o.FullGrid:
		list = slices.Clone(grid)
	case o.Kinds&ACATO != 0:
		list = slices.Clone(bothEnds)
	}
	for i := range list {
		list[i] = min(list[i], largestRho)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// bins are the bounds ascending, with that of the tests of variance.
func (o *Options) bins() []float64 {
	list := slices.Clone(o.Bins)
	if o.Kinds != 0 {
		list = append(list, o.MaxAAF)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Validate says all that is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	say := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if len(o.Bins) == 0 {
		say("no bound of allele frequencies")
	}
	for _, b := range o.Bins {
		if !(b > 0 && b <= 1) {
			say("bound of allele frequencies %g: want above 0, at most 1", b)
		}
	}
	if !(o.MaxAAF > 0 && o.MaxAAF <= 1) {
		say("largest allele frequency of tests of variance %g: want above 0, at most 1", o.MaxAAF)
	}
	if !(o.CollapseMAC >= 0) {
		say("count of alleles to collapse at %g: want 0 or more", o.CollapseMAC)
	}
	if !(o.A1 > 0 && o.A2 > 0) {
		say("weights by the beta density of %g and %g: want both above 0", o.A1, o.A2)
	}
	for _, r := range o.Rho {
		if !(r >= 0 && r <= 1) {
			say("rho %g: want 0 to 1", r)
		}
	}
	if o.Scan.Joint != gwas.Single {
		say("masks have no joint tests")
	}
	if o.Scan.Model != gwas.Additive && (o.Rule == Sum || o.Kinds != 0) {
		say("sums of sites and tests of variance are of additive genotypes")
	}
	if o.Rule > CompHet {
		errs = append(errs, errors.New("unknown rule of masks"))
	}
	errs = append(errs, o.Scan.Validate())
	return errors.Join(errs...)
}
