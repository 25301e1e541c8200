package classify

import (
	"context"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/variant"
)

// Slips judges what reads show of the length of a run of one base: as a variant
// of the person, or as slips of the polymerase at the rate that was measured in
// the library, see the package's text. Of any other site it says nothing: it hands
// on no alt sets. It is a member of a Blend.
type Slips struct{}

const slipsName = "slips"

const (
	shortestRun = 6    // bases
	otherwise   = 1e-3 // probability of each number of copies for reasons that no model knows

	// How often a run has another length in a person: twofold per base from 1 in
	// 500 at six bases, up to a third, as gx simulate draws it.
	runChanged, runMost = 0.002, 0.35
	furtherStep         = 0.22 // of changes of a length, those that go on by one more base
	runHom              = 1. / 3
	runTwo              = 0.15 // of changed runs, those with two other lengths
)

// Name implements Classifier.
func (Slips) Name() string { return slipsName }

// Classify implements Classifier.
func (Slips) Classify(ctx context.Context, sites []*Evidence, emit func(int, []variant.Likelihoods) error) error {
	var s stutter
	for i, e := range sites {
		if err := ctx.Err(); err != nil {
			return err
		}
		sets, err := s.site(e)
		if err != nil {
			return err
		}
		if err := emit(i, sets); err != nil {
			return err
		}
	}
	return nil
}

// site is what Slips says of a site, nil where it says nothing.
func (s *stutter) site(e *Evidence) ([]variant.Likelihoods, error) {
	alts := variant.AltSets(len(e.Site.Alts))
	var p [][Copies]float64
	if e.Summed == nil {
		p = s.weigh(e, alts)
	} else if p = e.Summed.Slips; p != nil && len(p) != len(alts) {
		return nil, fmt.Errorf("%s:%d: %d alt sets, and what is known of slips of %d", e.Site.Contig, e.Site.Start+1, len(alts), len(p))
	}
	if p == nil {
		return nil, nil
	}
	sets := make([]variant.Likelihoods, len(alts))
	for i, set := range alts {
		sets[i] = variant.Likelihoods{AltSet: set, P: p[i], Model: slipsName}
	}
	return sets, nil
}

// weigh is the probabilities of the alt sets of a site, nil where it is no run or
// an allele is something else than another length of it.
func (s *stutter) weigh(e *Evidence, alts [][]int) [][Copies]float64 {
	rep := e.tandem()
	if rep.unit != 1 || rep.length < shortestRun || !s.observe(e, rep) {
		return nil
	}
	changed := min(runMost, runChanged*math.Exp2(float64(rep.length-shortestRun)))
	sets := make([][Copies]float64, len(alts))
	total := 0.0
	for b, y := range s.alleles {
		for a, x := range s.alleles[:b+1] {
			p := float64(s.pair(a, b) * genotypeOfRun(changed, x-farBases, y-farBases))
			total += p
			for i, set := range alts {
				sets[i][copiesOf(set, a, b)] += p
			}
		}
	}
	if total <= 0 {
		return nil
	}
	for i := range sets {
		for c := range sets[i] {
			sets[i][c] = (sets[i][c]/total + otherwise) / (1 + Copies*otherwise)
		}
	}
	return sets
}

// copiesOf is how many of two alleles, 0 the reference, are of an alt set.
func copiesOf(set []int, a, b int) (n int) {
	for _, i := range set {
		if i+1 == a {
			n++
		}
		if i+1 == b {
			n++
		}
	}
	return n
}

// genotypeOfRun is the prior of two lengths of a run, in bases more than the
// reference has, where so large a share of such runs has changed.
func genotypeOfRun(changed float64, a, b int) float64 {
	switch {
	case a == 0 && b == 0:
		return 1 - changed
	case a == b:
		return changed * (1 - runTwo) * runHom * stepOfRun(a)
	case a == 0 || b == 0:
		return changed * (1 - runTwo) * (1 - runHom) * stepOfRun(a+b)
	}
	return changed * runTwo * stepOfRun(a) * stepOfRun(b)
}

// stepOfRun is the share of changes that are of so many bases.
func stepOfRun(d int) float64 {
	return (1 - furtherStep) / 2 * math.Pow(furtherStep, math.Abs(float64(d))-1)
}
