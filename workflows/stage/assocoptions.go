package stage

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
)

// AssocOptions are all that decides what `gx gwas` writes, beside its inputs,
// in words.
type AssocOptions struct {
	Traits       []string `json:"traits,omitempty"`      // columns to test; none for all
	Covariates   []string `json:"covar_names,omitempty"` // columns to use; none for all that are no traits
	Categorical  []string `json:"categorical,omitempty"`
	Binary       []string `json:"binary,omitempty"`
	Quantitative []string `json:"quantitative,omitempty"`
	Missing      []string `json:"missing,omitempty"`
	RankNormal   bool     `json:"rank_normal,omitempty"`
	Strict       bool     `json:"strict,omitempty"` // only people with all traits
	MinCases     int      `json:"min_cases"`
	RefFirst     bool     `json:"ref_first,omitempty"`
	Regions      []string `json:"regions,omitempty"` // CHROM or CHROM:FROM-TO; none for all

	Format      string  `json:"format"`
	Model       string  `json:"model"`
	Form        string  `json:"quantitative_test"`
	Second      string  `json:"binary_test"`
	Threshold   float64 `json:"p_threshold"`
	MinMAC      float64 `json:"min_mac"`
	MinInfo     float64 `json:"min_info"`
	MaxMissing  float64 `json:"max_missing"`
	MinHWE      float64 `json:"min_hwe"`
	KeepSkipped bool    `json:"keep_skipped,omitempty"`

	Interaction string   `json:"interaction,omitempty"` // a covariate
	Condition   []string `json:"condition,omitempty"`   // variants
	Robust      bool     `json:"robust,omitempty"`
	Parquet     bool     `json:"parquet,omitempty"`
	XModel      string   `json:"x_model"`
	PAR         string   `json:"par"`
}

// Words of the options and flags, in the order of the constants that they stand
// for. Of the models genotypic is a joint test besides.
var (
	assocModels  = []string{"additive", "dominant", "recessive", "genotypic"}
	assocForms   = []string{"ols", "score"}
	assocSeconds = []string{"score", "firth-approx", "firth-lrt", "spa", "firth-spa", "logistic", "firth-wald"}
	assocXModels = []string{"double", "single", "skip"}
	assocPARs    = []string{"b38", "b37", "b36", "none"}
	parBounds    = []gwas.PAR{gwas.B38, gwas.B37, gwas.B36, {}}
)

// DefaultAssocOptions are the defaults of `gx gwas`.
func DefaultAssocOptions() AssocOptions {
	s, p := gwas.Defaults(), pheno.Defaults()
	return AssocOptions{MinCases: p.MinCases, Format: "gx", Model: assocModels[s.Model], Form: assocForms[s.Form], Second: assocSeconds[s.Second],
		Threshold: s.Threshold, MinMAC: s.MinMAC, MinInfo: s.MinInfo, MaxMissing: s.MaxMissing, MinHWE: s.MinHWE,
		XModel: assocXModels[s.X], PAR: assocPARs[slices.Index(parBounds, s.PAR)]}
}

// plan is a run with these options, without names of files.
func (o *AssocOptions) plan() (AssocPlan, error) {
	p := AssocPlan{Open: genotype.Options{RefFirst: o.RefFirst}, Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults(), SSF: table.DefaultMeta()}
	p.Study.Traits, p.Study.Covariates, p.Study.Categorical = o.Traits, o.Covariates, o.Categorical
	p.Study.Binary, p.Study.Quantitative, p.Study.Missing = o.Binary, o.Quantitative, o.Missing
	p.Study.RankNormal, p.Study.Strict, p.Study.MinCases = o.RankNormal, o.Strict, o.MinCases
	s := &p.Scan
	s.Threshold, s.MinMAC, s.MinInfo, s.MaxMissing, s.MinHWE, s.KeepSkipped = o.Threshold, o.MinMAC, o.MinInfo, o.MaxMissing, o.MinHWE, o.KeepSkipped
	s.Robust, p.Parquet = o.Robust, o.Parquet
	p.Condition, p.Choice.Regions = o.Condition, o.Regions
	err := p.SetWords(AssocWords{Format: o.Format, Model: o.Model, Form: o.Form, Second: o.Second, XModel: o.XModel, PAR: o.PAR, Interaction: o.Interaction})
	return p, errors.Join(err, s.Validate())
}

// AssocWords are options of a plan in words.
type AssocWords struct{ Format, Model, Form, Second, XModel, PAR, Interaction string }

// DefaultAssocWords are those of `gx gwas`.
func DefaultAssocWords() AssocWords {
	o := DefaultAssocOptions()
	return AssocWords{Format: o.Format, Model: o.Model, Form: o.Form, Second: o.Second, XModel: o.XModel, PAR: o.PAR}
}

// SetWords sets what words say, and tells all that mean nothing.
func (p *AssocPlan) SetWords(w AssocWords) error {
	s := &p.Scan
	var err error
	p.Columns.Format, err = table.ParseFormat(w.Format)
	build := uint8(0)
	errs := []error{err, word("model", w.Model, &s.Model, assocModels), word("quantitative test", w.Form, &s.Form, assocForms),
		word("binary test", w.Second, &s.Second, assocSeconds), word("x model", w.XModel, &s.X, assocXModels), word("par", w.PAR, &build, assocPARs)}
	s.PAR = parBounds[build]
	if s.Model > gwas.Recessive {
		s.Model, s.Joint = gwas.Additive, gwas.Genotypic
	}
	if w.Interaction != "" {
		if s.Joint != gwas.Single {
			errs = append(errs, errors.New("an interaction and the model genotypic exclude each other"))
		}
		s.Joint, s.Environment = gwas.Interaction, w.Interaction
	}
	return errors.Join(errs...)
}

// word sets a value to the place of a word in a list.
func word[T ~uint8](name, text string, to *T, list []string) error {
	k := slices.Index(list, text)
	if k < 0 {
		return fmt.Errorf("%s %q: want %s", name, text, strings.Join(list, ", "))
	}
	*to = T(k)
	return nil
}
