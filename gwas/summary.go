package gwas

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// GenomeWide is the p below which a variant counts as a hit.
const GenomeWide = 5e-8

// Summary says what came of a trait.
type Summary struct {
	Trait    string
	Tests    int     // variants with a p
	Hits     int     // of them below GenomeWide
	LambdaGC float64 // median chi-square over that of the null; NaN without tests
	Failed   int     // tests that gave no p
	Skipped  []Count // variants not tested, by reason, in the order of the flags
	Best     string  // the variant with the smallest p, empty without tests
	BestP    float64 // its -log10 p
	Fault    error   // why the trait has no null model on some chromosome; nil if it has
}

// Count is how many variants share a reason.
type Count struct {
	Reason string
	N      int
}

func (s *Summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d tests, lambda GC %.4f, %d below %g", s.Trait, s.Tests, s.LambdaGC, s.Hits, GenomeWide)
	if s.Best != "" {
		fmt.Fprintf(&b, ", best %s with -log10 p %.2f", s.Best, s.BestP)
	}
	for _, c := range s.Skipped {
		fmt.Fprintf(&b, "; %d skipped: %s", c.N, c.Reason)
	}
	if s.Fault != nil {
		fmt.Fprintf(&b, "; %v", s.Fault)
	}
	if s.Failed > 0 {
		fmt.Fprintf(&b, "; %d tests failed", s.Failed)
	}
	return b.String()
}

// bins divide the chi-square of a trait for its median: memory does not grow
// with the variants, and the median is good to a thousandth of itself.
const (
	binsPerE = 1000
	lowest   = 1e-9
	numBins  = 40 * binsPerE
)

type tallyTrait struct {
	Summary
	reasons [result.NumFlags]int
	bins    []uint32
	single  int // statistics in bins: those with one degree of freedom
}

type tally struct{ traits []tallyTrait }

func newTally(s *pheno.Study) *tally {
	t := &tally{traits: make([]tallyTrait, len(s.Traits))}
	for i := range t.traits {
		t.traits[i].Trait = s.Traits[i].Name
		t.traits[i].bins = make([]uint32, numBins)
	}
	return t
}

func (t *tally) add(b *Batch) {
	for k, rows := range b.Rows {
		s := &t.traits[k]
		for i := range rows {
			s.row(&rows[i])
		}
	}
}

func (t *tallyTrait) row(r *result.Row) {
	if r.Skipped() {
		for f := range t.reasons {
			if r.Flags>>f&1 != 0 {
				t.reasons[f]++
				break
			}
		}
		return
	}
	if math.IsNaN(r.NegLog10P) {
		t.Failed++
		return
	}
	t.Tests++
	if r.NegLog10P > -math.Log10(GenomeWide) {
		t.Hits++
	}
	if t.Best == "" || r.NegLog10P > t.BestP {
		t.Best, t.BestP = r.ID, r.NegLog10P
	}
	if r.DF > 1 {
		return // of another distribution
	}
	t.single++
	bin := int(math.Log(max(r.Chisq(), lowest)/lowest) * binsPerE)
	t.bins[min(bin, numBins-1)]++
}

// medianChi is the median of chi-square with one degree of freedom.
const medianChi = 0.45493642311957283

func (t *tally) summaries(faults map[int]error) []Summary {
	var list []Summary
	for i := range t.traits {
		s := t.traits[i].Summary
		s.Fault = faults[i]
		s.LambdaGC = t.traits[i].median() / medianChi
		for f, n := range t.traits[i].reasons {
			if n > 0 {
				s.Skipped = append(s.Skipped, Count{result.Name(f), n})
			}
		}
		list = append(list, s)
	}
	return slices.Clip(list)
}

// median is where half of the statistics lie below, evenly spread in its bin.
func (t *tallyTrait) median() float64 {
	half := float64(t.single) / 2
	below := 0.0
	for b, n := range t.bins {
		if below+float64(n) >= half && n > 0 {
			at := float64(b) + (half-below)/float64(n)
			return lowest * math.Exp(at/binsPerE)
		}
		below += float64(n)
	}
	return math.NaN()
}
