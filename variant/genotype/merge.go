package genotype

import (
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Caller makes records of sites in memory that it cuts from large pieces. It
// belongs to one goroutine.
type Caller struct {
	o      Options
	ints   slab[int]
	floats slab[float64]
	texts  slab[string]

	keep    []int // scratch of a site
	p       []float64
	sets    []variant.Likelihoods
	numbers []int
}

// NewCaller gives a Caller for valid options.
func NewCaller(o Options) *Caller { return &Caller{o: o} }

// Call makes the record of a site, as Caller.Call does.
func (o *Options) Call(in *Input) (call variant.Call, err error) {
	err = NewCaller(*o).Call(&call, in)
	return call, err
}

// Call makes the record of a site. It puts in.Sets in order and otherwise
// leaves in alone; the record shares no memory with it but its strings.
// An error names the site and what is wrong with it.
func (c *Caller) Call(call *variant.Call, in *Input) error {
	if err := in.order(); err != nil {
		return err
	}
	c.keepAlts(in)
	p, keep := c.probabilities(in), c.keep
	if c.o.Candidates == Keep && len(keep) < len(in.Site.Alts) {
		p, keep = c.spread(p, len(in.Site.Alts))
	}
	*call = variant.Call{Methylation: methylation(in.Methylation, keep)}
	c.project(&call.Site, &in.Site, keep)
	if c.o.Candidates == Tell && len(in.Sets) > 1 {
		call.Candidates = strings.Join(in.Site.Alts, "|")
	}
	simplify(&call.Variant)
	call.Model = model(in.Sets)
	if c.o.Calibrate != nil {
		c.o.Calibrate(&call.Variant, call.Model, p)
	}
	if c.o.haploid(in.Site.Contig, in.Site.Start, in.Site.End) {
		dropHets(p, len(keep)+1)
	}
	call.GL = c.floats.take(len(p))
	c.o.decide(call, p)
	if in.Phases != nil {
		c.o.phase(call, in, keep)
	}
	return nil
}

// slab hands out slices cut from pieces of memory.
type slab[T any] struct{ free []T }

func (s *slab[T]) take(n int) []T {
	const piece = 1024
	if len(s.free) < n {
		size := piece
		if s.free == nil {
			size = 8 // a Caller of one site
		}
		s.free = make([]T, max(n, size))
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// keepAlts finds the indices of the alternate alleles that stay, ascending,
// never none.
func (c *Caller) keepAlts(in *Input) {
	n := len(in.Site.Alts)
	c.keep = c.keep[:0]
	best, most := 0, -1.0
	for i := range in.Sets {
		set := &in.Sets[i]
		if len(set.AltSet) != 1 {
			continue
		}
		if n == 1 {
			c.keep = append(c.keep, 0)
			return
		}
		q := round7(phred(min(set.P[1]+set.P[2], 1)))
		if c.o.AltQual == 0 || q >= c.o.AltQual {
			c.keep = append(c.keep, set.AltSet[0])
		}
		if q > most {
			best, most = set.AltSet[0], q
		}
	}
	if len(c.keep) == 0 {
		c.keep = append(c.keep, best)
	}
}

// probabilities is the distribution over genotypes of the reference and the
// kept alleles, in VCF order. It is scratch memory.
func (c *Caller) probabilities(in *Input) []float64 {
	if len(in.Sets) == 1 { // as it is: sums such as 0.99999999 stay
		c.p = append(c.p[:0], in.Sets[0].P[:]...)
		return c.p
	}
	c.sets, c.numbers = c.sets[:0], c.numbers[:0]
	for i := range in.Sets {
		if set, ok := c.renumber(in.Sets[i].AltSet); ok {
			c.sets = append(c.sets, variant.Likelihoods{AltSet: set, P: in.Sets[i].P})
		}
	}
	if c.o.MultiAllelic != nil && len(c.keep) == 2 {
		var x [9]float64
		for i, set := range [][]int{{0}, {1}, {0, 1}} {
			j := slices.IndexFunc(c.sets, func(l variant.Likelihoods) bool { return slices.Equal(l.AltSet, set) })
			copy(x[3*i:], c.sets[j].P[:])
		}
		p := c.o.MultiAllelic(x)
		c.p = append(c.p[:0], p[:]...)
		return c.p
	}
	if c.o.Mode == Product {
		c.p = product(c.p[:0], c.sets, len(c.keep)+1)
	} else {
		c.p = smallest(c.p[:0], c.sets, len(c.keep)+1)
	}
	return c.p
}

// spread gives the distribution over genotypes of all alleles, of which those
// that were not kept have none.
func (c *Caller) spread(p []float64, alts int) (all []float64, keep []int) {
	all = make([]float64, variant.Genotypes(alts+1))
	number := func(allele int) int {
		if allele == 0 {
			return 0
		}
		return c.keep[allele-1] + 1
	}
	for b := range len(c.keep) + 1 {
		for a := 0; a <= b; a++ {
			all[variant.Index(number(a), number(b))] = p[variant.Index(a, b)]
		}
	}
	for i := range alts {
		keep = append(keep, i)
	}
	return all, keep
}

// renumber gives a set in terms of the kept alleles, false where one is gone.
func (c *Caller) renumber(set []int) ([]int, bool) {
	from := len(c.numbers)
	for _, a := range set {
		i := slices.Index(c.keep, a)
		if i < 0 {
			return nil, false
		}
		c.numbers = append(c.numbers, i)
	}
	return c.numbers[from:], true
}

// smallest gives genotype (a,b) the smallest probability of the sets that
// speak of it: p0 of a set of 0/0, p1 of 0 with each of its alleles, p2 of
// each pair of its alleles.
func smallest(p []float64, sets []variant.Likelihoods, alleles int) []float64 {
	for range variant.Genotypes(alleles) {
		p = append(p, 2) // above every probability; each genotype is named by some set
	}
	lower := func(a, b int, x float64) {
		k := variant.Index(a, b)
		p[k] = min(p[k], x)
	}
	for i := range sets {
		set := &sets[i]
		lower(0, 0, set.P[0])
		for x, a := range set.AltSet {
			lower(0, a+1, set.P[1])
			for _, b := range set.AltSet[x:] {
				lower(a+1, b+1, set.P[2])
			}
		}
	}
	return normalise(p)
}

// product multiplies over the sets the probability of as many copies as the
// genotype has of the set's alleles.
func product(p []float64, sets []variant.Likelihoods, alleles int) []float64 {
	for b := range alleles {
		for a := 0; a <= b; a++ {
			x := 1.0
			for i := range sets {
				k := 0
				for _, alt := range sets[i].AltSet {
					if alt+1 == a {
						k++
					}
					if alt+1 == b {
						k++
					}
				}
				x *= sets[i].P[k]
			}
			p = append(p, x)
		}
	}
	if len(sets) == 1 {
		return p
	}
	return normalise(p)
}

// normalise scales p in place to sum 1; of nothing but zeros it makes equal
// shares.
func normalise(p []float64) []float64 {
	sum := 0.0
	for _, x := range p {
		sum += x
	}
	if sum == 0 {
		for i := range p {
			p[i] = 1
		}
		sum = float64(len(p))
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// dropHets takes the heterozygous genotypes out and scales the rest; where
// nothing is left the zeros stay.
func dropHets(p []float64, alleles int) {
	sum := 0.0
	for b := range alleles {
		for a := range b {
			p[variant.Index(a, b)] = 0
		}
		sum += p[variant.Index(b, b)]
	}
	if sum == 0 {
		sum = 1
	}
	for i := range p {
		p[i] /= sum
	}
}

// project is the site with the kept alternate alleles alone. Depth stays.
func (c *Caller) project(out, s *variant.Site, keep []int) {
	out.Variant, out.Depth = s.Variant, s.Depth
	out.AD, out.VAF, out.Alts = c.ints.take(len(keep)+1), c.floats.take(len(keep)), c.texts.take(len(keep))
	out.AD[0] = s.AD[0]
	for k, i := range keep {
		out.Alts[k], out.AD[k+1], out.VAF[k] = s.Alts[i], s.AD[i+1], s.VAF[i]
	}
}

// methylation is that of the kept alleles.
func methylation(m *variant.Methylation, keep []int) *variant.Methylation {
	if m == nil {
		return nil
	}
	out := &variant.Methylation{Fraction: []float64{m.Fraction[0]}, Depth: []int{m.Depth[0]}, Type: m.Type}
	for _, i := range keep {
		out.Fraction, out.Depth = append(out.Fraction, m.Fraction[i+1]), append(out.Depth, m.Depth[i+1])
	}
	return out
}

// simplify strips the longest common suffix of all alleles, leaving at least
// one base of each. The start never moves.
func simplify(v *variant.Variant) {
	shortest := len(v.Ref)
	for _, a := range v.Alts {
		shortest = min(shortest, len(a))
	}
	cut := 0
	for cut < shortest-1 && sameTail(v, cut+1) {
		cut++
	}
	if cut == 0 {
		return
	}
	v.Ref = v.Ref[:len(v.Ref)-cut]
	for i, a := range v.Alts {
		v.Alts[i] = a[:len(a)-cut]
	}
	v.End = v.Start + len(v.Ref)
}

// sameTail says whether all alleles have the same k-th base from the end.
func sameTail(v *variant.Variant, k int) bool {
	base := v.Ref[len(v.Ref)-k]
	for _, a := range v.Alts {
		if a[len(a)-k] != base {
			return false
		}
	}
	return true
}

// model is the model that decided a site, where all its sets name the same.
func model(sets []variant.Likelihoods) string {
	for i := range sets {
		if sets[i].Model != sets[0].Model {
			return ""
		}
	}
	return sets[0].Model
}

// phase orders the alleles of a heterozygous call by the haplotype of their
// reads, where these lie on different ones. DeepVariant looks the phases up by
// the numbers that alleles have once others were left out.
func (o *Options) phase(c *variant.Call, in *Input, keep []int) {
	a, b := c.GT.A, c.GT.B
	if a < 0 || b < 0 {
		return
	}
	of := func(allele int) int {
		if allele > 0 && !o.Compat {
			allele = keep[allele-1] + 1
		}
		return in.Phases[allele]
	}
	pa, pb := of(a), of(b)
	if pa == pb || pa == 0 || pb == 0 {
		return
	}
	if pa > pb {
		a, b = b, a
	}
	c.GT = variant.Genotype{A: a, B: b, Phased: true}
	c.Phase = in.PhaseSet
}
