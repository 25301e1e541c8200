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
	MinCases     int      `json:"min_cases"`
	RefFirst     bool     `json:"ref_first,omitempty"`

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
}

// Words of the options, in the order of the constants that they stand for.
var (
	assocModels  = []string{"additive", "dominant", "recessive"}
	assocForms   = []string{"ols", "score"}
	assocSeconds = []string{"score", "firth-approx", "firth-lrt", "spa", "logistic", "firth-wald"}
)

// DefaultAssocOptions are the defaults of `gx gwas`.
func DefaultAssocOptions() AssocOptions {
	s, p := gwas.Defaults(), pheno.Defaults()
	return AssocOptions{MinCases: p.MinCases, Format: "gx", Model: assocModels[s.Model], Form: assocForms[s.Form], Second: assocSeconds[s.Second],
		Threshold: s.Threshold, MinMAC: s.MinMAC, MinInfo: s.MinInfo, MaxMissing: s.MaxMissing, MinHWE: s.MinHWE}
}

// plan is a run with these options, without names of files.
func (o *AssocOptions) plan() (AssocPlan, error) {
	p := AssocPlan{Open: genotype.Options{RefFirst: o.RefFirst}, Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults(), SSF: table.DefaultMeta()}
	p.Study.Traits, p.Study.Covariates, p.Study.Categorical = o.Traits, o.Covariates, o.Categorical
	p.Study.Binary, p.Study.Quantitative, p.Study.Missing = o.Binary, o.Quantitative, o.Missing
	p.Study.RankNormal, p.Study.MinCases = o.RankNormal, o.MinCases
	s := &p.Scan
	s.Threshold, s.MinMAC, s.MinInfo, s.MaxMissing, s.MinHWE, s.KeepSkipped = o.Threshold, o.MinMAC, o.MinInfo, o.MaxMissing, o.MinHWE, o.KeepSkipped
	var err error
	p.Columns.Format, err = table.ParseFormat(o.Format)
	errs := []error{err, word("model", o.Model, &s.Model, assocModels), word("quantitative_test", o.Form, &s.Form, assocForms), word("binary_test", o.Second, &s.Second, assocSeconds)}
	errs = append(errs, s.Validate())
	return p, errors.Join(errs...)
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
