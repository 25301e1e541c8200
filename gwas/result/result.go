// Package result holds the noun of association: one row, the test of one
// variant on one trait.
package result

import "github.com/gx-genomics/gx/gwas/dosage"

// A Method is how the numbers of a row were made.
type Method uint8

const (
	None        Method = iota // no test was made, the flags say why
	OLS                       // least squares, Student t
	Score                     // score test, normal
	Logistic                  // maximum likelihood, Wald
	FirthWald                 // penalised likelihood, Wald
	FirthLRT                  // penalised likelihood, likelihood ratio
	FirthApprox               // penalised likelihood of the genotype alone on the null model
	SPA                       // score test, saddlepoint approximation of its tail
	Burden                    // see package gwas for the tests of sets
	SKAT
	SKATO
	ACATV
	ACATO
	FirthSPA // estimates of FirthApprox, p of SPA
)

var methods = [...]string{"none", "ols", "score", "logistic", "firth-wald", "firth-lrt", "firth-approx", "spa",
	"burden", "skat", "skato", "acatv", "acato", "firth-spa"}

func (m Method) String() string { return methods[m] }

// Flags say what is special about a row. A row with none is as it should be.
type Flags uint16

const (
	TooFew        Flags = 1 << iota // no more samples than predictors
	Constant                        // all samples have the same genotype
	Collinear                       // the genotype is a combination of the covariates
	Separated                       // cases or controls have none of the allele
	NotConverged                    // the iterations did not end; the numbers are of the last one that did
	TestFailed                      // Firth or saddlepoint failed: beta and se are of the score test, p is NA
	LowMAC                          // below the smallest count of the rarer allele
	LowInfo                         // below the smallest information
	BadMissing                      // above the largest share of missing genotypes
	OutOfHWE                        // departs from Hardy-Weinberg proportions
	AllMissing                      // no sample has both a genotype and the trait
	ConstantTrait                   // the trait is constant where the genotype is known
	NoNull                          // the null model of the trait cannot be fitted
	OnX                             // on chromosome X, which was left out
)

var flags = [...]string{"TOO_FEW", "CONST", "COLLINEAR", "SEPARATED", "NOT_CONVERGED", "TEST_FAIL",
	"LOW_MAC", "LOW_INFO", "MISSINGNESS", "HWE", "ALL_MISSING", "CONST_TRAIT", "NO_NULL", "X_LEFT_OUT"}

// NumFlags is how many flags there are.
const NumFlags = len(flags)

// Name is the name of flag number i, from the lowest bit.
func Name(i int) string { return flags[i] }

// Append writes the names of the flags, joined by semicolons; "." for none.
func (f Flags) Append(dst []byte) []byte {
	if f == 0 {
		return append(dst, '.')
	}
	first := true
	for i, name := range flags {
		if f>>i&1 == 0 {
			continue
		}
		if !first {
			dst = append(dst, ';')
		}
		first = false
		dst = append(dst, name...)
	}
	return dst
}

func (f Flags) String() string {
	if f == 0 {
		return "."
	}
	return string(f.Append(nil))
}

// Row is the test of one variant on one trait. The effect allele is always the
// alternate one. NaN stands for a value that does not exist.
type Row struct {
	*dosage.Variant

	N               int     // samples with a genotype and the trait
	Cases, Controls int     // of them; -1 for a quantitative trait
	EAF             float64 // frequency of the alternate allele among the N samples
	EAFCases        float64 // among cases, and controls; NaN for a quantitative trait
	EAFControls     float64
	Info            float64 // quality of imputation; NaN for hard calls

	Test      string // ADD, DOM, REC, GENO_2DF, ADD-INT_SNPxE, ...
	Beta, SE  float64
	Stat      float64 // t or z; a signed root of chi-square where the test gives that. With DF > 1 chi-square itself
	DF        int     // degrees of freedom of the test, 1 for most
	NegLog10P float64
	Method    Method
	Flags     Flags
}

// Chisq is the statistic as chi-square.
func (r *Row) Chisq() float64 {
	if r.DF > 1 {
		return r.Stat
	}
	return r.Stat * r.Stat
}

// Skipped says that the variant was not tested on the trait.
func (r *Row) Skipped() bool { return r.Method == None }
