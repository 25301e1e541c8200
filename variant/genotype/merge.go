package genotype

import (
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// Call makes the record of a site. It puts in.Sets in order and otherwise
// leaves in alone; the record shares no memory with it but its strings.
// An error names the site and what is wrong with it.
func (o *Options) Call(in *Input) (variant.Call, error) {
	if err := in.order(); err != nil {
		return variant.Call{}, err
	}
	keep := o.keep(in)
	p := o.probabilities(in, keep)
	c := variant.Call{Site: project(&in.Site, keep)}
	simplify(&c.Variant)
	c.Model = model(in.Sets)
	if o.Calibrate != nil {
		o.Calibrate(&c.Variant, c.Model, p)
	}
	if o.haploid(in.Site.Contig, in.Site.Start, in.Site.End) {
		dropHets(p, len(keep)+1)
	}
	o.decide(&c, p)
	if in.Phases != nil {
		phase(&c, in, keep)
	}
	return c, nil
}

// keep is the indices of the alternate alleles that stay, ascending, never
// none.
func (o *Options) keep(in *Input) []int {
	n := len(in.Site.Alts)
	keep := make([]int, 0, n)
	best, most := 0, -1.0
	for i := range in.Sets {
		set := &in.Sets[i]
		if len(set.AltSet) != 1 {
			continue
		}
		q := round7(phred(min(set.P[1]+set.P[2], 1)))
		if n == 1 || o.AltQual == 0 || q >= o.AltQual {
			keep = append(keep, set.AltSet[0])
		}
		if q > most {
			best, most = set.AltSet[0], q
		}
	}
	if len(keep) == 0 {
		keep = append(keep, best)
	}
	return keep
}

// probabilities is the distribution over genotypes of the reference and the
// kept alleles, in VCF order.
func (o *Options) probabilities(in *Input, keep []int) []float64 {
	if len(in.Sets) == 1 { // as it is: sums such as 0.99999999 stay
		return slices.Clone(in.Sets[0].P[:])
	}
	sets := make([]variant.Likelihoods, 0, len(in.Sets))
	for i := range in.Sets {
		if set, ok := renumber(in.Sets[i].AltSet, keep); ok {
			sets = append(sets, variant.Likelihoods{AltSet: set, P: in.Sets[i].P})
		}
	}
	if o.MultiAllelic != nil && len(keep) == 2 {
		var x [9]float64
		for i, set := range [][]int{{0}, {1}, {0, 1}} {
			j := slices.IndexFunc(sets, func(l variant.Likelihoods) bool { return slices.Equal(l.AltSet, set) })
			copy(x[3*i:], sets[j].P[:])
		}
		p := o.MultiAllelic(x)
		return p[:]
	}
	if o.Mode == Product {
		return product(sets, len(keep)+1)
	}
	return smallest(sets, len(keep)+1)
}

// renumber gives a set in terms of the kept alleles, false where one is gone.
func renumber(set, keep []int) ([]int, bool) {
	out := make([]int, len(set))
	for i, a := range set {
		if out[i] = slices.Index(keep, a); out[i] < 0 {
			return nil, false
		}
	}
	return out, true
}

// smallest gives genotype (a,b) the smallest probability of the sets that
// speak of it: p0 of a set of 0/0, p1 of 0 with each of its alleles, p2 of
// each pair of its alleles.
func smallest(sets []variant.Likelihoods, alleles int) []float64 {
	p := make([]float64, variant.Genotypes(alleles))
	for i := range p {
		p[i] = 2 // above every probability; each genotype is named by some set
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
func product(sets []variant.Likelihoods, alleles int) []float64 {
	p := make([]float64, 0, variant.Genotypes(alleles))
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
func project(s *variant.Site, keep []int) variant.Site {
	out := variant.Site{Variant: s.Variant, Depth: s.Depth,
		AD: make([]int, 1, len(keep)+1), VAF: make([]float64, 0, len(keep))}
	out.Alts = make([]string, 0, len(keep))
	out.AD[0] = s.AD[0]
	for _, i := range keep {
		out.Alts = append(out.Alts, s.Alts[i])
		out.AD = append(out.AD, s.AD[i+1])
		out.VAF = append(out.VAF, s.VAF[i])
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
// reads, where these lie on different ones.
func phase(c *variant.Call, in *Input, keep []int) {
	a, b := c.GT.A, c.GT.B
	if a < 0 || b < 0 {
		return
	}
	of := func(allele int) int {
		if allele == 0 {
			return in.Phases[0]
		}
		return in.Phases[keep[allele-1]+1]
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
