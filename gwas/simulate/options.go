package simulate

import (
	"errors"
	"fmt"
)

// Options are what a cohort is like. Defaults gives those of a quick cohort.
type Options struct {
	Samples     int
	Variants    int
	Chromosomes int     // variants are spread evenly over 1..Chromosomes
	Seed        uint64  //
	MinMAF      float64 // frequencies are uniform between the two
	MaxMAF      float64

	Block       int     // variants of a block of linkage; 1 for none
	Correlation float64 // of neighbours in a block, at equal frequency: 0 to below 1

	Populations int     // samples are of these in equal parts, mixed
	FST         float64 // of each population, where there are several
	Families    float64 // share of samples in families of two parents and two children
	Missing     float64 // share of genotypes that are missing

	Causal int // variants behind each trait, of equal variance and random sign
	Traits []Trait
}

// Trait is one phenotype.
type Trait struct {
	Name         string
	Scenario     Scenario
	Binary       bool
	Heritability float64 // share of G, taken from or added to that of E; below 0 for that of the scenario
	Cases        float64 // share of cases in a binary trait; 0 for the protocol's intercept of -1.6
	Missing      float64 // share of samples without a value
}

// Defaults is 10,000 unrelated samples, 1,000 independent variants of which 50
// are causal, and the two kinds of trait in scenario A.
func Defaults() Options {
	return Options{
		Samples: 10_000, Variants: 1000, Chromosomes: 22, Seed: 1, MinMAF: 0.05, MaxMAF: 0.5,
		Block: 1, Correlation: 0.9, Populations: 1, FST: 0.01, Causal: 50,
		Traits: []Trait{
			{Name: "y", Scenario: Smooth, Heritability: -1},
			{Name: "b", Scenario: Smooth, Binary: true, Heritability: -1},
		},
	}
}

// Scenario says how a trait depends on the covariates.
type Scenario string

// The scenarios. z, s, b are the standardised age, sex as +-1, the standardised
// body mass index; shares are of L, N, G and E.
const (
	Linear     Scenario = "LIN"  // no N; 0.45 0 0.05 0.50
	Smooth     Scenario = "A"    // 0.6(z^2-1) + 0.5 z s + 0.3 sin 2b; 0.15 0.30 0.05 0.50
	Thresholds Scenario = "B"    // 0.8 s [z>0.3] + 0.4 z b + 0.5 exp(-b^2); 0.15 0.30 0.05 0.50
	Weak       Scenario = "WEAK" // N as of A; 0.15 0.05 0.05 0.75
	Null       Scenario = "NULL" // N as of A, no G; 0.15 0.30 0 0.55
)

// shares is the part of each in the variance of a quantitative trait.
type shares struct{ l, n, g, e float64 }

func (s Scenario) shares() (shares, bool) {
	switch s {
	case Linear:
		return shares{0.45, 0, 0.05, 0.50}, true
	case Smooth, Thresholds:
		return shares{0.15, 0.30, 0.05, 0.50}, true
	case Weak:
		return shares{0.15, 0.05, 0.05, 0.75}, true
	case Null:
		return shares{0.15, 0.30, 0, 0.55}, true
	}
	return shares{}, false
}

// Validate names all faults at once.
func (o *Options) Validate() error {
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	within := func(name string, x, low, high float64) {
		want(x >= low && x <= high, "%s %g, want %g to %g", name, x, low, high)
	}
	want(o.Samples >= 20 && o.Samples <= 1<<26, "samples %d, want 20 to %d", o.Samples, 1<<26)
	want(o.Variants >= 1 && o.Variants <= 1<<30, "variants %d, want 1 to %d", o.Variants, 1<<30)
	want(o.Chromosomes >= 1 && o.Chromosomes <= 22, "chromosomes %d, want 1 to 22", o.Chromosomes)
	within("smallest frequency", o.MinMAF, 1e-6, 0.5)
	within("largest frequency", o.MaxMAF, o.MinMAF, 0.5)
	want(o.Block >= 1, "block of %d variants, want 1 or more", o.Block)
	want(o.Correlation >= 0 && o.Correlation < 1, "correlation %g, want 0 to below 1", o.Correlation)
	want(o.Populations >= 1 && o.Populations <= 255, "populations %d, want 1 to 255", o.Populations)
	if o.Populations > 1 {
		want(o.FST > 0 && o.FST < 1, "FST %g, want between 0 and 1", o.FST)
	}
	within("share in families", o.Families, 0, 1)
	within("share of missing genotypes", o.Missing, 0, 0.99)
	want(o.Causal >= 0 && o.Causal <= o.Variants, "causal variants %d, want 0 to %d", o.Causal, o.Variants)
	names := map[string]bool{"FID": true, "IID": true}
	for _, c := range covariates {
		names[c] = true
	}
	for i := range o.Traits {
		t := &o.Traits[i]
		want(t.Name != "" && !names[t.Name], "trait %d is named %q: want a name that stands once", i+1, t.Name)
		names[t.Name] = true
		sh, known := t.Scenario.shares()
		want(known, "trait %s: scenario %q, want LIN, A, B, WEAK or NULL", t.Name, t.Scenario)
		want(t.Heritability <= sh.g+sh.e, "trait %s: heritability %g, want at most %g", t.Name, t.Heritability, sh.g+sh.e)
		want(t.Heritability <= 0 || o.Causal > 0, "trait %s: heritability %g without causal variants", t.Name, t.Heritability)
		within("trait "+t.Name+": share of cases", t.Cases, 0, 0.99)
		within("trait "+t.Name+": share of missing values", t.Missing, 0, 0.99)
	}
	return errors.Join(errs...)
}
