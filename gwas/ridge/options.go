package ridge

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/gwas/pheno"
)

// Options are those of a run.
type Options struct {
	Block   int  // most variants of a block
	Folds   int  // runs of samples that are predicted from the others
	LOO     bool // every sample is predicted from all others instead
	AutoLOO bool // so it is for binary traits of fewer than 5,000 samples: regenie's default
	Threads int
	// Scratch is a folder for predictors of level 0 that are more than InMemory
	// bytes; empty for the system's.
	Scratch  string
	InMemory int64
}

// Defaults are the options of a plain run.
func Defaults() Options {
	return Options{Block: 1000, Folds: 5, AutoLOO: true, Threads: 1, InMemory: 256 << 20}
}

// Validate says all that is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Block < 1 || o.Block > 10_000 {
		errs = append(errs, fmt.Errorf("blocks of %d variants: want 1 to 10000", o.Block))
	}
	if o.Folds < 2 || o.Folds > 100 {
		errs = append(errs, fmt.Errorf("%d folds: want 2 to 100", o.Folds))
	}
	return errors.Join(errs...)
}

// shares are the shares of the variance that the shrinkages stand for.
var shares = [...]float64{0.01, 0.25, 0.5, 0.75, 0.99}

// Shrinkages are how many there are at either level.
const Shrinkages = len(shares)

// shrinkage is the penalty on each of n coefficients that together explain a
// share of the variance.
func shrinkage(n int, share float64) float64 { return float64(n) * (1 - share) / share }

// fewSamples is below how many the folds of a binary trait are too small.
const fewSamples = 5000

func (o *Options) leavesOneOut(s *pheno.Study, trait int) bool {
	return o.LOO || o.AutoLOO && s.Traits[trait].Binary && len(s.Samples) < fewSamples
}
