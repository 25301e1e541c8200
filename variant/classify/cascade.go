package classify

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/variant"
)

// Cascade asks a quick classifier first and a thorough one only about the sites
// that the quick one is not sure of, as DeepVariant's small model does from
// version 1.8 on. It is a Classifier.
type Cascade struct {
	First, Then Classifier

	// A site is settled by First where the Phred quality of the likeliest number
	// of copies of every alt set is at least this: sites with SNPs only, others.
	SNP, Indel float64
}

// surest is the Phred quality above which no classifier is told from another.
const surest = 70

// Validate reports all faults at once.
func (c *Cascade) Validate() error {
	var errs []error
	if c.First == nil || c.Then == nil {
		errs = append(errs, errors.New("a cascade wants two classifiers"))
	}
	for _, q := range []float64{c.SNP, c.Indel} {
		if !(q >= 0 && q <= surest) {
			errs = append(errs, fmt.Errorf("quality from which a site is settled %v: want 0 to %d", q, surest))
		}
	}
	return errors.Join(errs...)
}

// Name is the two names with a plus between them. Which of the two decided a
// site stands in its Likelihoods.
func (c *Cascade) Name() string { return c.First.Name() + "+" + c.Then.Name() }

// Classify implements Classifier.
func (c *Cascade) Classify(ctx context.Context, sites []*Evidence, emit func(int, []variant.Likelihoods) error) error {
	settled := make([][]variant.Likelihoods, len(sites))
	var open []*Evidence
	var place []int // of open in sites
	err := c.First.Classify(ctx, sites, func(i int, sets []variant.Likelihoods) error {
		if c.sure(&sites[i].Site.Variant, sets) {
			settled[i] = sets
			return nil
		}
		open, place = append(open, sites[i]), append(place, i)
		return nil
	})
	if err != nil {
		return err
	}
	next := 0
	upTo := func(end int) error { // emits the settled sites before end
		for ; next < end; next++ {
			if err := emit(next, settled[next]); err != nil {
				return err
			}
			settled[next] = nil
		}
		return nil
	}
	err = c.Then.Classify(ctx, open, func(k int, sets []variant.Likelihoods) error {
		if err := upTo(place[k]); err != nil {
			return err
		}
		next++
		return emit(place[k], sets)
	})
	if err != nil {
		return err
	}
	return upTo(len(sites))
}

func (c *Cascade) sure(v *variant.Variant, sets []variant.Likelihoods) bool {
	least := c.SNP
	for i := range v.Alts {
		if isIndel(v, i) {
			least = c.Indel
		}
	}
	for i := range sets {
		p := max(sets[i].P[0], sets[i].P[1], sets[i].P[2])
		if min(-10*math.Log10(max(1-p, 0)), surest) < least {
			return false
		}
	}
	return true
}
