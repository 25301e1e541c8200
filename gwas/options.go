package gwas

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/gwas/result"
)

// Form is how a quantitative trait is tested.
type Form uint8

const (
	// LeastSquares fits the genotype with the covariates over the samples that
	// have a genotype, and tests it by Student's t: PLINK's linear regression.
	LeastSquares Form = iota
	// ScoreForm takes the residual variance from the model without the genotype,
	// puts the mean for a missing genotype and tests by the normal: regenie's
	// step 2.
	ScoreForm
)

// Second is the test of a binary trait where its score test is below the
// threshold, or instead of it.
type Second uint8

const (
	ScoreOnly   Second = iota // never
	FirthApprox               // penalised likelihood of the genotype on the null model, likelihood ratio
	FirthLRT                  // penalised likelihood of the whole model, likelihood ratio
	SPA                       // saddlepoint approximation of the score's tail
	FirthSPA                  // estimates of FirthApprox with the tail of SPA
	Logistic                  // maximum likelihood of the whole model for every variant, Firth where that fails; Wald: PLINK's default
	FirthWald                 // penalised likelihood of the whole model for every variant, Wald: PLINK's firth
)

// threshold is the p of the score test below which the second is made. Where few
// are cases the score test of a common allele finds too little at 0.05, so that
// what is to hold there must begin above; 0.05 is regenie's.
func (o *Options) threshold() float64 {
	switch {
	case o.Threshold > 0:
		return o.Threshold
	case o.Second == SPA || o.Second == FirthSPA:
		return 0.1
	}
	return 0.05
}

// Model is how a genotype counts.
type Model uint8

const (
	Additive  Model = iota
	Dominant        // carriers against others
	Recessive       // two copies against others
)

var tests = [...]string{"ADD", "DOM", "REC"}

// Options are those of a scan.
type Options struct {
	Form      Form
	Second    Second
	Threshold float64 // p of the score test below which Second is made; 0 for that of the test
	Model     Model

	// Robust takes standard errors of least squares that hold where the variance
	// of the trait is not the same for all: HC3.
	Robust bool

	// Joint asks for tests of two columns of a genotype instead; Environment is
	// the covariate of an Interaction. They are of least squares, and of maximum
	// likelihood with Firth's method where that fails.
	Joint       Joint
	Environment string

	X   XModel // what males count on chromosome X
	PAR PAR    // where they have two copies of it

	MinMAC     float64 // smallest count of the rarer allele among a trait's samples
	MinInfo    float64 // smallest information of a dosage
	MaxMissing float64 // largest share of missing genotypes
	MinHWE     float64 // smallest p of the exact test of Hardy-Weinberg proportions; 0 for none; of a binary trait in its controls
	MaxVIF     float64 // largest variance inflation of the genotype by the covariates

	// KeepSkipped emits rows without numbers for variants that are not tested;
	// without it they are only counted.
	KeepSkipped bool

	Threads int
	// Encode, if not nil, writes a row as text; it runs where the rows are made,
	// on many goroutines, and fills Batch.Text.
	Encode func(dst []byte, r *result.Row) []byte

	// Offsets are predictions by trait, whole genome less one chromosome: they
	// are taken off a quantitative trait, and added to the linear predictor of a
	// binary one.
	Offsets map[string]*Offsets
}

// Defaults are the options of a plain scan.
func Defaults() Options {
	return Options{Second: FirthSPA, PAR: B38, MinMAC: 5, MaxMissing: 1, MaxVIF: 1e4, Threads: 1}
}

// Validate says all that is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	unit := func(name string, v float64) {
		if !(v >= 0 && v <= 1) {
			errs = append(errs, fmt.Errorf("%s %g: want 0 to 1", name, v))
		}
	}
	unit("threshold", o.Threshold)
	unit("smallest information", o.MinInfo)
	unit("largest share of missing genotypes", o.MaxMissing)
	unit("smallest p of Hardy-Weinberg proportions", o.MinHWE)
	if !(o.MinMAC >= 0) {
		errs = append(errs, fmt.Errorf("smallest allele count %g: want 0 or more", o.MinMAC))
	}
	if !(o.MaxVIF > 1) {
		errs = append(errs, fmt.Errorf("largest variance inflation %g: want more than 1", o.MaxVIF))
	}
	if o.Joint != Single && (o.Model != Additive || o.Form != LeastSquares) {
		errs = append(errs, errors.New("a joint test is of additive genotypes by least squares"))
	}
	if o.Robust && o.Form != LeastSquares {
		errs = append(errs, errors.New("robust standard errors are of least squares"))
	}
	if o.Joint > Interaction || o.Form > ScoreForm || o.Second > FirthWald || o.Model > Recessive || o.X > XSkip {
		errs = append(errs, errors.New("unknown form, test or model"))
	}
	return errors.Join(errs...)
}
