package classify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// Params are the numbers of the counts model. Rates are probabilities.
type Params struct {
	BaseQCeiling   float64 // Phred: no base is better than this, whatever its quality says
	MapQCeiling    float64 // Phred: nor any place
	EndBases       int     // within so many bases of its end a read may be aligned wrongly
	EndError       float64 // with this probability
	IndelError     float64 // rate of indel errors of one unit outside repeats, per site
	IndelErrorTop  float64 // its largest value, in the longest repeats
	IndelCopies    float64 // copies of a one-base unit over which the rate grows tenfold
	IndelFree      float64 // copies up to which it does not grow
	IndelDecay     float64 // factor for every further unit of difference
	HetSNP         float64 // prior of a heterozygous SNP
	HetIndel       float64 // prior of a heterozygous indel outside repeats
	HetIndelTop    float64 // and in the longest
	HomRatio       float64 // homozygous variants per heterozygous
	TwoAlts        float64 // least prior of two alternate alleles together, per that of the rarer
	SpreadSNP      float64 // m of the Beta of a heterozygous SNP
	SpreadIndel    float64 // and of an indel
	SystematicSNP  float64 // probability of a systematic substitution error at a site
	SystematicIn   float64 // and of an indel error, outside repeats
	SystematicTop  float64 // and in the longest
	SystematicBeta float64 // b of the Beta of its share
}

// DefaultParams are the numbers in use, see the package's text for what they
// stand on.
func DefaultParams() Params {
	return Params{
		BaseQCeiling: 40, MapQCeiling: 40,
		EndBases: 5, EndError: 0.02,
		IndelError: 3e-5, IndelErrorTop: 0.15, IndelCopies: 3.5, IndelFree: 4, IndelDecay: 0.15,
		HetSNP: 1e-3, HetIndel: 1.25e-4, HetIndelTop: 0.2, HomRatio: 0.5, TwoAlts: 0.01,
		SpreadSNP: 100, SpreadIndel: 30,
		SystematicSNP: 1e-4, SystematicIn: 3e-5, SystematicTop: 0.05, SystematicBeta: 6,
	}
}

// Validate reports all faults at once.
func (p *Params) Validate() error {
	var errs []error
	for _, x := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"BaseQCeiling", p.BaseQCeiling, 1, 93}, {"MapQCeiling", p.MapQCeiling, 1, 93},
		{"EndError", p.EndError, 0, 0.5}, {"IndelError", p.IndelError, 1e-9, 0.2}, {"IndelErrorTop", p.IndelErrorTop, p.IndelError, 0.3},
		{"IndelCopies", p.IndelCopies, 0.1, 100}, {"IndelFree", p.IndelFree, 0, 100}, {"IndelDecay", p.IndelDecay, 0, 1},
		{"HetSNP", p.HetSNP, 1e-9, 0.1}, {"HetIndel", p.HetIndel, 1e-9, 0.1}, {"HetIndelTop", p.HetIndelTop, p.HetIndel, 0.5},
		{"HomRatio", p.HomRatio, 1e-6, 2}, {"TwoAlts", p.TwoAlts, 0, 1},
		{"SpreadSNP", p.SpreadSNP, 4, 1e6}, {"SpreadIndel", p.SpreadIndel, 4, 1e6},
		{"SystematicSNP", p.SystematicSNP, 0, 0.2}, {"SystematicIn", p.SystematicIn, 0, 0.2}, {"SystematicTop", p.SystematicTop, p.SystematicIn, 0.2},
		{"SystematicBeta", p.SystematicBeta, 1, 1000},
	} {
		if !(x.v >= x.lo && x.v <= x.hi) {
			errs = append(errs, fmt.Errorf("%s %v: want %v to %v", x.name, x.v, x.lo, x.hi))
		}
	}
	if p.EndBases < 0 {
		errs = append(errs, fmt.Errorf("EndBases %d: want 0 or more", p.EndBases))
	}
	return errors.Join(errs...)
}

// mostAlts is the number of alternate alleles whose genotypes are weighed. Of a
// site with more those with the most reads are taken.
const mostAlts = 8

// share is a point of an integral over the share of an allele.
type share struct{ f, logw float64 }

// Counts is the closed model of the package's text.
type Counts struct {
	p                Params
	hetSNP, hetIndel []share // of one allele of a heterozygous site
	systematic       []share // of a false allele
	coarse           []share // the same on fewer points, for two at a time
}

// NewCounts checks the numbers.
func NewCounts(p Params) (*Counts, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Counts{p: p, hetSNP: betaShares(p.SpreadSNP), hetIndel: betaShares(p.SpreadIndel),
		systematic: falseShares(p.SystematicBeta, 0, 0.04, 0.08, 0.12, 0.16, 0.21, 0.27, 0.34, 0.42, 0.51, 0.62, 0.78, 1),
		coarse:     falseShares(p.SystematicBeta, 0, 0.08, 0.18, 0.36, 1)}, nil
}

// betaShares is Beta(m/2, m/2) on nine points, four standard deviations to
// either side at most.
func betaShares(m float64) []share {
	const points = 9
	width := min(0.45, 3/(2*math.Sqrt(m+1)))
	out := make([]share, points)
	sum := 0.0
	for i := range out {
		f := 0.5 + width*(2*float64(i)/(points-1)-1)
		w := math.Exp((m/2 - 1) * math.Log(4*f*(1-f)))
		out[i] = share{f, w}
		sum += w
	}
	for i := range out {
		out[i].logw = math.Log(out[i].logw / sum)
	}
	return out
}

// falseShares is Beta(1, b) on the midpoints of pieces of 0 to 1, finer towards
// 0.
func falseShares(b float64, edges ...float64) []share {
	out := make([]share, len(edges)-1)
	for i := range out {
		lo, hi := edges[i], edges[i+1]
		out[i] = share{(lo + hi) / 2, math.Log(math.Pow(1-lo, b) - math.Pow(1-hi, b))}
	}
	return out
}

// Name is "counts".
func (c *Counts) Name() string { return countsName }

const countsName = "counts"

// Classify implements Classifier.
func (c *Counts) Classify(ctx context.Context, sites []*Evidence, emit func(int, []variant.Likelihoods) error) error {
	var s scratch
	for i, e := range sites {
		if err := ctx.Err(); err != nil {
			return err
		}
		sets, err := c.site(e, &s)
		if err != nil {
			return err
		}
		if err := emit(i, sets); err != nil {
			return err
		}
	}
	return nil
}

// scratch is the memory of one Classify.
type scratch struct {
	p      [2][]float64 // per strand: P(shown | allele), reads by alleles
	diff   []float64    // rate of the error from one allele to another
	post   []float64
	others []int
}

func (c *Counts) site(e *Evidence, s *scratch) ([]variant.Likelihoods, error) {
	n := len(e.Site.Alts)
	if e.Summed != nil {
		return e.Summed.counts(e)
	}
	if n == 0 || len(e.Site.AD) != n+1 {
		return nil, fmt.Errorf("%s:%d: %d alternate alleles and %d counts, want 1 or more and one count more", e.Site.Contig, e.Site.Start+1, n, len(e.Site.AD))
	}
	number := make([]int, n+1) // of each allele among those weighed, 0 also for those that are not
	for i := range number {
		number[i] = i
	}
	if n > mostAlts {
		e, number = foremost(e)
	}
	k := len(e.Site.Alts) + 1
	c.posterior(e, s, k)
	sets := make([]variant.Likelihoods, 0, n+n*(n-1)/2)
	for _, set := range variant.AltSets(n) {
		l := variant.Likelihoods{AltSet: set, Model: c.Name()}
		in := func(allele int) int {
			for _, i := range set {
				if allele > 0 && number[i+1] == allele {
					return 1
				}
			}
			return 0
		}
		for b := range k {
			for a := 0; a <= b; a++ {
				l.P[in(a)+in(b)] += s.post[variant.Index(a, b)]
			}
		}
		for i, p := range l.P {
			l.P[i] = min(p, 1) // a sum of shares may end a bit above
		}
		sets = append(sets, l)
	}
	return sets, nil
}

// posterior leaves in s.post the probabilities of the genotypes of k alleles in
// VCF order.
func (c *Counts) posterior(e *Evidence, s *scratch, k int) {
	rep := e.tandem()
	c.fill(e, s, rep)
	het, systematic := c.rates(e, rep)
	s.post = s.post[:0]
	top := math.Inf(-1)
	for b := range k {
		for a := 0; a <= b; a++ {
			x := math.Log(c.prior(het, a, b)) + c.likelihood(e, s, k, a, b, systematic)
			s.post = append(s.post, x)
			top = max(top, x)
		}
	}
	sum := 0.0
	for i, x := range s.post {
		s.post[i] = math.Exp(x - top)
		sum += s.post[i]
	}
	for i := range s.post {
		s.post[i] /= sum
	}
}

// foremost is the evidence of the alternate alleles with the most reads, the
// first of equals, in their order; number maps allele numbers to theirs, 0 for
// those left out.
func foremost(e *Evidence) (out *Evidence, number []int) {
	n := len(e.Site.Alts)
	byReads := make([]int, n)
	for i := range byReads {
		byReads[i] = i
	}
	slices.SortStableFunc(byReads, func(a, b int) int { return e.Site.AD[b+1] - e.Site.AD[a+1] })
	taken := slices.Sorted(slices.Values(byReads[:mostAlts]))
	part := *e
	part.Site.Alts, part.Site.AD, part.Reads = nil, []int{e.Site.AD[0]}, slices.Clone(e.Reads)
	number = make([]int, n+1)
	for k, i := range taken {
		part.Site.Alts, part.Site.AD = append(part.Site.Alts, e.Site.Alts[i]), append(part.Site.AD, e.Site.AD[i+1])
		number[i+1] = k + 1
	}
	for j := range part.Reads {
		r := &part.Reads[j]
		if len(r.Fit) == n+1 {
			fit := []float32{r.Fit[0]}
			for _, i := range taken {
				fit = append(fit, r.Fit[i+1])
			}
			r.Fit = fit
		}
		switch {
		case r.Allele > n:
			r.Allele = Other
		case r.Allele > 0:
			if r.Allele = number[r.Allele]; r.Allele == 0 {
				r.Allele = Other
			}
		}
	}
	return &part, number
}

// grown is a rate in a repeat: base up to IndelFree copies, tenfold for every
// IndelCopies more of a one-base unit (longer units slip less often per copy),
// never above top.
func (c *Counts) grown(base, top float64, rep repeat) float64 {
	more := float64(rep.copies()) - c.p.IndelFree
	if rep.unit > 1 {
		more = float64(rep.copies()) - c.p.IndelFree/2
	}
	if more <= 0 {
		return base
	}
	return min(top, base*math.Pow(10, more/c.p.IndelCopies))
}

// rates is the prior of a heterozygote with each alternate allele and the
// probability of a systematic error to it.
func (c *Counts) rates(e *Evidence, rep repeat) (het, systematic []float64) {
	n := len(e.Site.Alts)
	het, systematic = make([]float64, n), make([]float64, n)
	for i := range n {
		switch {
		case !isIndel(&e.Site.Variant, i):
			het[i], systematic[i] = c.p.HetSNP, c.p.SystematicSNP
		case e.slips(e.Site.Alts[i], rep):
			het[i] = c.grown(c.p.HetIndel, c.p.HetIndelTop, rep)
			systematic[i] = c.grown(c.p.SystematicIn, c.p.SystematicTop, rep)
		default:
			het[i], systematic[i] = c.p.HetIndel, c.p.SystematicIn
		}
	}
	return het, systematic
}

func (c *Counts) prior(het []float64, a, b int) float64 {
	switch {
	case a == 0 && b == 0:
		sum := 0.0
		for _, h := range het {
			sum += h * (1 + c.p.HomRatio)
		}
		return max(1-sum, 0.05)
	case a == 0:
		return het[b-1]
	case a == b:
		return het[a-1] * c.p.HomRatio
	}
	return max(het[a-1]*het[b-1], c.p.TwoAlts*min(het[a-1], het[b-1]))
}
