package gwas

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// place is how many copies of a chromosome people have.
type place uint8

const (
	diploid      place = iota // two
	chrX                      // one in males
	chrY                      // one in males, none in others
	mitochondria              // one
	places
)

// XModel is what the only allele of a male counts on chromosome X. In all the sex
// is one more covariate there.
type XModel uint8

const (
	XDouble XModel = iota // two copies, as it has the whole effect: PLINK's and regenie's default
	XSingle               // one copy
	XSkip                 // the chromosome is not tested
)

// PAR is the bounds of the parts of chromosome X that males have twice: up to
// First and from Second on, 0-based positions. The zero value has none.
type PAR struct{ First, Second int }

// Bounds of builds of the human genome; positions 1-based in PLINK and regenie are
// 2781479 and 155701383 in b38.
var (
	B38 = PAR{2781479, 155701382}
	B37 = PAR{2699520, 154931043}
	B36 = PAR{2709520, 154584237}
)

// placeOf tells a variant's place by the name of its chromosome.
func (p PAR) placeOf(chrom string, start int) place {
	name := chrom
	if len(name) > 3 && strings.EqualFold(name[:3], "chr") {
		name = name[3:]
	}
	switch name {
	case "X", "23":
		if p.Second > 0 && (start < p.First || start >= p.Second) {
			return diploid
		}
		return chrX
	case "Y", "24":
		return chrY
	case "M", "MT", "26":
		return mitochondria
	}
	return diploid
}

// view is a study as it is at a place.
type view struct {
	groups []*group
	models *models
	empty  []int    // traits without a sample
	binary int      // binary traits
	males  []bool   // in the order of genotypes; nil where sex does not matter
	words  []uint64 // the same as a mask
}

// views are made when their places are first met.
type views struct {
	of  [places]func() (*view, error)
	met [places]atomic.Bool
}

// at gives the view of a place. It may be called from many goroutines.
func (v *views) at(p place) (*view, error) {
	v.met[p].Store(true)
	return v.of[p]()
}

func newViews(s *pheno.Study, o *Options) *views {
	build := func(s *pheno.Study, males []bool) (v *view, err error) {
		v = &view{males: males}
		if males != nil {
			v.words = dosage.MaskWords(nil, males)
		}
		v.groups, v.empty = newGroups(s, v.words)
		for _, g := range v.groups {
			v.binary += len(g.binary)
		}
		v.models, err = newModels(s, v.groups, o)
		return v, err
	}
	all := sync.OnceValues(func() (*view, error) { return build(s, nil) })
	out := &views{of: [...]func() (*view, error){all, all, all, all}}
	if !sexed(s) {
		return out
	}
	males := func() []bool {
		m := make([]bool, len(s.Samples))
		for i, sample := range s.Samples {
			m[s.Column[i]] = sample.Sex == male
		}
		return m
	}
	out.of[chrX] = sync.OnceValues(func() (*view, error) { return build(ofSexes(s, true), males()) })
	out.of[chrY] = sync.OnceValues(func() (*view, error) { return build(ofSexes(s, false), males()) })
	return out
}

// faults gives the first fault of each trait, of the places that were met.
func (v *views) faults() map[int]error {
	out := map[int]error{}
	for _, p := range [...]place{diploid, chrX, chrY} {
		if !v.met[p].Load() {
			continue
		}
		if made, err := v.of[p](); err == nil {
			for t, err := range made.models.faults() {
				if out[t] == nil {
					out[t] = err
				}
			}
		}
	}
	return out
}

const (
	male   = 1
	female = 2
)

// sexed says that the sex of someone is known. Where it is not, chromosomes X
// and Y are tested like others.
func sexed(s *pheno.Study) bool {
	for _, x := range s.Samples {
		if x.Sex != 0 {
			return true
		}
	}
	return false
}

// ofSexes is the study with the traits of people of known sex only, or of males
// only, and with sex as a covariate where both are in.
func ofSexes(s *pheno.Study, females bool) *pheno.Study {
	out := *s
	sex := make([]float64, len(s.Samples))
	for i, x := range s.Samples {
		sex[i] = float64(x.Sex)
	}
	out.Traits = make([]pheno.Trait, len(s.Traits))
	for k, t := range s.Traits {
		v := make([]float64, len(t.Values))
		n, cases := 0, 0
		for i, y := range t.Values {
			if v[i] = y; sex[i] == 0 || sex[i] == female && !females {
				v[i] = math.NaN()
			}
			if !math.IsNaN(v[i]) {
				n++
				if t.Binary && y == 1 {
					cases++
				}
			}
		}
		t.Values, t.N, t.Cases = v, n, cases
		out.Traits[k] = t
	}
	if females {
		out.Covariates = append(s.Covariates[:len(s.Covariates):len(s.Covariates)], pheno.Covariate{Name: "SEX", Values: sex})
	}
	return &out
}

// copies are the counts of a row in some samples at a place.
type copies struct {
	dosage.Counts
	males dosage.Counts // of them, on chromosome X only
	place place
	x     XModel
}

// alleles is how many copies of the chromosome the samples have, and how many of
// them carry the allele.
func (c *copies) alleles() (sum, all float64) {
	sum, all = float64(c.Sum)/float64(c.scale()), 2*float64(c.N)
	switch c.place {
	case chrX:
		all -= float64(c.males.N)
		if c.x == XDouble {
			sum -= float64(c.males.Sum) / float64(2*c.scale())
		}
	case chrY, mitochondria:
		sum, all = sum/2, all/2
	}
	return sum, all
}

func (c *copies) scale() int { return max(c.Scale, 1) }

// freq is the frequency of the allele, 0 without samples.
func (c *copies) freq() float64 {
	if c.place == diploid {
		return c.Freq()
	}
	sum, all := c.alleles()
	if all == 0 {
		return 0
	}
	return sum / all
}

// mac is the copies of the rarer allele.
func (c *copies) mac() float64 {
	if c.place == diploid {
		return c.MAC()
	}
	sum, all := c.alleles()
	return min(sum, all-sum)
}

// hwe is the p of Hardy-Weinberg proportions among those with two copies, 1 where
// nobody has.
func (c *copies) hwe() float64 {
	switch c.place {
	case chrX:
		with := without(&c.Counts, &c.males)
		return with.HWE(false)
	case chrY, mitochondria:
		return 1
	}
	return c.HWE(false)
}

// without is how many samples have each genotype, less those of some of them.
func without(all, some *dosage.Counts) dosage.Counts {
	c := dosage.Counts{N: all.N - some.N, Scale: all.Scale}
	for k := range c.Genotypes {
		c.Genotypes[k] = all.Genotypes[k] - some.Genotypes[k]
	}
	return c
}

// recode gives a row as its place has it: a heterozygous call where there is one
// copy is none, and the copy of a male on X counts what the model says. It gives
// the row itself where nothing changes; else words and units are its memory.
func (v *view) recode(r *dosage.Row, p place, x XModel, samples int) dosage.Row {
	out := *r
	if p == diploid || v.males == nil && p != mitochondria {
		return out
	}
	single := p == chrX && x == XSingle
	if !r.Hard() {
		if !single {
			return out
		}
		out.Units = append([]uint16(nil), r.Units...)
		for i, u := range out.Units {
			if v.males[i] && u != dosage.Missing {
				out.Units[i] = (u + 1) / 2
			}
		}
		out.Counts = dosage.CountUnits(out.Units, nil, r.Scale)
		out.Spread = r.Spread
		return out
	}
	const low = 0x5555555555555555
	out.Calls = append([]uint64(nil), r.Calls...)
	for i, w := range out.Calls {
		haploid := uint64(math.MaxUint64)
		if v.words != nil {
			haploid = v.words[i]
		}
		one, two := w&low&haploid, w>>1&low&haploid
		w |= one &^ two << 1 // heterozygous: missing
		if single {
			w ^= (two &^ one) * 3 // two copies: one
		}
		out.Calls[i] = w
	}
	out.Counts = dosage.CountCalls(out.Calls, nil, samples)
	out.Spread = r.Spread
	return out
}
