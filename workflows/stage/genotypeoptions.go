package stage

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
)

// GenotypeOptions are all that decides what `gx genotype` writes, beside its
// inputs.
type GenotypeOptions struct {
	Compat       string  `json:"compat,omitempty"`
	Sample       string  `json:"sample,omitempty"` // empty: that of the calls
	GVCFStyle    string  `json:"gvcf_style"`       // deepvariant or gatk: the symbolic allele
	QualFilter   float64 `json:"qual_filter"`
	HomRefMinGQ  int     `json:"cnn_homref_call_min_gq"`
	AltQual      float64 `json:"multi_allelic_qual_filter"`
	Mode         string  `json:"multiallelic_mode"`
	OnlyPass     bool    `json:"only_keep_pass,omitempty"`
	Candidates   string  `json:"debug_output_all_candidates,omitempty"` // INFO, ALT
	NoResolution bool    `json:"disable_haplotype_resolution,omitempty"`
	Alone        bool    `json:"no_group_variants,omitempty"` // every output is a site of its own
	Ploidy
}

// DefaultGenotypeOptions are the defaults of `gx genotype`.
func DefaultGenotypeOptions() GenotypeOptions {
	g := genotype.Defaults()
	return GenotypeOptions{GVCFStyle: "deepvariant", QualFilter: g.QualFilter, HomRefMinGQ: g.HomRefMinGQ, AltQual: g.AltQual, Mode: g.Mode.String()}
}

// Validate reports all faults of the options at once.
func (o *GenotypeOptions) Validate() error {
	_, err := pileup.ParseCompat(o.Compat)
	errs := []error{err}
	if o.GVCFStyle != "deepvariant" && o.GVCFStyle != "gatk" {
		errs = append(errs, fmt.Errorf("gvcf-style %q: want deepvariant or gatk", o.GVCFStyle))
	}
	if strings.ContainsAny(o.Sample, "\t\n\r") {
		errs = append(errs, fmt.Errorf("sample %q: a name has no tabs and no line ends", o.Sample))
	}
	errs = append(errs, o.Ploidy.validate())
	g, err := o.genotype()
	if errs = append(errs, err); err == nil {
		errs = append(errs, g.Validate())
	}
	return errors.Join(errs...)
}

// genotype gives the options without what follows from the contigs of the
// reference: see Ploidy.on.
func (o *GenotypeOptions) genotype() (genotype.Options, error) {
	g := genotype.Defaults()
	mode, err := genotype.ParseMode(o.Mode)
	g.Mode, g.AltQual, g.QualFilter, g.HomRefMinGQ = mode, o.AltQual, o.QualFilter, o.HomRefMinGQ
	g.NoResolve, g.Compat = o.NoResolution, o.Compat != ""
	var bad error
	g.Candidates, bad = genotype.ParseCandidates(o.Candidates)
	return g, errors.Join(err, bad)
}

// any is the symbolic allele of the gVCF.
func (o *GenotypeOptions) any() string {
	if o.GVCFStyle == "gatk" {
		return variant.NonRef
	}
	return variant.AnyAllele
}
