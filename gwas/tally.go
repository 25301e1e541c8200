package gwas

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/gwas/pheno"
)

// A Tally gathers what came of traits over the rows of a run. Those of parts of a
// run, merged in order, are that of the whole. It is stored as JSON.
type Tally struct {
	t      *tally
	faults map[int]error // by trait
}

// NewTally makes one for the traits of a study.
func NewTally(s *pheno.Study) *Tally { return &Tally{newTally(s), map[int]error{}} }

// Add counts the rows of a batch, those of variants that were not tested included.
func (t *Tally) Add(b *Batch) { t.t.add(b) }

// Fail says why traits, by place in the study, have no null model somewhere.
func (t *Tally) Fail(faults map[int]error) {
	for k, err := range faults {
		if t.faults[k] == nil {
			t.faults[k] = err
		}
	}
}

// Summaries says what came of the traits.
func (t *Tally) Summaries() []Summary { return t.t.summaries(t.faults) }

// Merge adds the tally of the rows that follow.
func (t *Tally) Merge(o *Tally) error {
	if len(t.t.traits) != len(o.t.traits) {
		return fmt.Errorf("tallies of %d and of %d traits", len(t.t.traits), len(o.t.traits))
	}
	for k := range t.t.traits {
		a, b := &t.t.traits[k], &o.t.traits[k]
		if a.Trait != b.Trait {
			return fmt.Errorf("tallies of trait %s and of %s", a.Trait, b.Trait)
		}
		a.Tests, a.Hits, a.Failed, a.single = a.Tests+b.Tests, a.Hits+b.Hits, a.Failed+b.Failed, a.single+b.single
		if b.Best != "" && (a.Best == "" || b.BestP > a.BestP) {
			a.Best, a.BestP = b.Best, b.BestP
		}
		for f, n := range b.reasons {
			a.reasons[f] += n
		}
		for i, n := range b.bins {
			a.bins[i] += n
		}
	}
	t.Fail(o.faults)
	return nil
}

// storedTrait is a trait's tally as it is stored; of the bins only those that hold
// something, as pairs of place and number.
type storedTrait struct {
	Trait               string
	Tests, Hits, Failed int
	Best                string
	BestP               float64
	Reasons             []int
	Bins                []uint32
	Single              int
	Fault               string
}

// MarshalJSON stores the tally.
func (t *Tally) MarshalJSON() ([]byte, error) {
	list := make([]storedTrait, len(t.t.traits))
	for k := range list {
		a := &t.t.traits[k]
		s := storedTrait{Trait: a.Trait, Tests: a.Tests, Hits: a.Hits, Failed: a.Failed, Best: a.Best, BestP: a.BestP, Reasons: a.reasons[:], Single: a.single}
		for i, n := range a.bins {
			if n > 0 {
				s.Bins = append(s.Bins, uint32(i), n)
			}
		}
		if err := t.faults[k]; err != nil {
			s.Fault = err.Error()
		}
		list[k] = s
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads one that was stored.
func (t *Tally) UnmarshalJSON(b []byte) error {
	var list []storedTrait
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*t = Tally{&tally{make([]tallyTrait, len(list))}, map[int]error{}}
	for k, s := range list {
		a := &t.t.traits[k]
		a.Summary = Summary{Trait: s.Trait, Tests: s.Tests, Hits: s.Hits, Failed: s.Failed, Best: s.Best, BestP: s.BestP}
		a.single, a.bins = s.Single, make([]uint32, numBins)
		if len(s.Reasons) > len(a.reasons) || len(s.Bins)%2 != 0 {
			return errors.New("not a tally of this version")
		}
		copy(a.reasons[:], s.Reasons)
		for i := 0; i < len(s.Bins); i += 2 {
			if s.Bins[i] >= numBins {
				return errors.New("not a tally of this version")
			}
			a.bins[s.Bins[i]] = s.Bins[i+1]
		}
		if s.Fault != "" {
			t.faults[k] = errors.New(s.Fault)
		}
	}
	return nil
}
