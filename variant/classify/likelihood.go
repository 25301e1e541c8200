package classify

import "math"

// fill computes P(shown | allele) of every read that can tell the alleles
// apart, by strand.
func (c *Counts) fill(e *Evidence, s *scratch, rep repeat) {
	n := len(e.Site.Alts)
	k := n + 1
	indel := c.indelErrors(e, s, rep)
	reach := 0
	for i, alt := range e.Site.Alts {
		if isIndel(&e.Site.Variant, i) {
			reach = max(reach, e.reach(alt))
		}
	}
	s.p[0], s.p[1] = s.p[0][:0], s.p[1][:0]
	for i := range e.Reads {
		r := &e.Reads[i]
		fits := len(r.Fit) == k
		if !fits && (r.Allele < 0 || r.Allele > n) {
			continue // it says nothing for any allele against another
		}
		if !fits && r.Allele == 0 && r.Right < reach {
			continue // it ends within the repeat: the allele may lie behind its end
		}
		strand := 0
		if r.Reverse {
			strand = 1
		}
		substitution := math.Pow(10, -min(float64(r.BaseQ), c.p.BaseQCeiling)/10) / 3
		astray := math.Pow(10, -min(float64(r.MapQ), c.p.MapQCeiling)/10)
		if min(r.Left, r.Right) < c.p.EndBases {
			astray += c.p.EndError
		}
		astray = min(astray, 1)
		for h := range k {
			p := 0.0
			if fits {
				own := 1.0
				for o := range k {
					if o != h {
						x := max(indel[h*k+o], 1e-5) // substitutions are in the fit already
						own -= x
						p += x * float64(r.Fit[o])
					}
				}
				p += max(own, 0.3) * float64(r.Fit[h])
			} else {
				p = c.shown(indel, k, h, r.Allele, substitution)
			}
			s.p[strand] = append(s.p[strand], (1-astray)*p+astray/float64(k))
		}
	}
}

// shown is the probability that a molecule with allele h shows allele o.
func (c *Counts) shown(indel []float64, k, h, o int, substitution float64) float64 {
	rate := func(o int) float64 {
		if x := indel[h*k+o]; x >= 0 {
			return x
		}
		return substitution
	}
	if o != h {
		return rate(o)
	}
	right := 1.0
	for x := range k {
		if x != h {
			right -= rate(x)
		}
	}
	return max(right, 0.3)
}

// indelErrors is, for each pair of alleles from h to o at h*k+o, the rate of
// the indel error between them, and -1 where they have one length.
func (c *Counts) indelErrors(e *Evidence, s *scratch, rep repeat) []float64 {
	n := len(e.Site.Alts)
	k := n + 1
	length := func(a int) int {
		if a == 0 {
			return len(e.Site.Ref)
		}
		return len(e.Site.Alts[a-1])
	}
	slips := func(a int) bool { return a == 0 || e.slips(e.Site.Alts[a-1], rep) }
	s.diff = s.diff[:0]
	for h := range k {
		for o := range k {
			d := length(o) - length(h)
			if d == 0 {
				s.diff = append(s.diff, -1)
				continue
			}
			d = max(d, -d)
			rate := c.p.IndelError
			units := float64(d)
			if rep.unit > 0 && slips(h) && slips(o) {
				rate = c.grown(c.p.IndelError, c.p.IndelErrorTop, rep)
				units = float64(d / rep.unit)
			}
			s.diff = append(s.diff, max(rate*math.Pow(c.p.IndelDecay, units-1), 1e-6))
		}
	}
	return s.diff
}

// mix is the log likelihood of the reads of a strand when the alleles a, b
// and x are shown by shares fa, fb and fx of the molecules.
func mix(p []float64, k, a, b, x int, fa, fb, fx float64) float64 {
	log, prod := 0.0, 1.0
	for ; len(p) >= k; p = p[k:] {
		prod *= fa*p[a] + fb*p[b] + fx*p[x]
		if prod < 1e-200 {
			log += math.Log(prod)
			prod = 1
		}
	}
	return log + math.Log(prod)
}

// likelihood is the log likelihood of all reads under genotype a/b.
func (c *Counts) likelihood(e *Evidence, s *scratch, k, a, b int, systematic []float64) float64 {
	shares := []share{{1, 0}}
	if a != b {
		shares = c.hetSNP
		if a > 0 && isIndel(&e.Site.Variant, a-1) || isIndel(&e.Site.Variant, b-1) {
			shares = c.hetIndel
		}
	}
	false_ := 0.0
	for x := range k {
		if x != a && x != b {
			false_ += falseRate(systematic, a, b, x)
		}
	}
	var total logSum
	for _, g := range shares {
		total.add(math.Log1p(-min(false_, 0.9)) + g.logw + c.both(s, k, a, b, 0, g.f, 0))
	}
	for x := range k {
		if x == a || x == b {
			continue
		}
		rate := math.Log(falseRate(systematic, a, b, x) / 2)
		if math.IsInf(rate, -1) {
			continue
		}
		var same, strands logSum
		for _, g := range thin(shares) {
			var forward, reverse logSum
			for _, f := range c.systematic {
				y, z := c.one(s, 0, k, a, b, x, g.f, f.f), c.one(s, 1, k, a, b, x, g.f, f.f)
				same.add(g.logw + f.logw + y + z)
				forward.add(f.logw + y)
				reverse.add(f.logw + z)
			}
			strands.add(g.logw + forward.value() + reverse.value())
		}
		total.add(rate + same.value())
		total.add(rate + strands.value())
	}
	return total.value()
}

// falseRate is the probability of a systematic error that shows allele x where
// the molecules have a and b. The reference is shown for an alternate allele as
// often as the other way about.
func falseRate(systematic []float64, a, b, x int) float64 {
	if x == 0 {
		return (systematic[a-1] + systematic[b-1]) / 2
	}
	return systematic[x-1]
}

// thin is one point for a heterozygote's shares where they are not the matter.
func thin(s []share) []share {
	if len(s) == 1 {
		return s
	}
	return []share{{0.5, 0}}
}

func (c *Counts) one(s *scratch, strand, k, a, b, x int, fa, fx float64) float64 {
	fb := 1 - fa
	if a == b {
		fa, fb = 1, 0
	}
	return mix(s.p[strand], k, a, b, x, fa*(1-fx), fb*(1-fx), fx)
}

func (c *Counts) both(s *scratch, k, a, b, x int, fa, fx float64) float64 {
	return c.one(s, 0, k, a, b, x, fa, fx) + c.one(s, 1, k, a, b, x, fa, fx)
}

// logSum adds numbers given by their natural logarithms. The zero value is the
// empty sum.
type logSum struct{ top, sum float64 }

func (s *logSum) add(x float64) {
	switch {
	case math.IsInf(x, -1):
	case s.sum == 0:
		s.top, s.sum = x, 1
	case x <= s.top:
		s.sum += math.Exp(x - s.top)
	default:
		s.sum = s.sum*math.Exp(s.top-x) + 1
		s.top = x
	}
}

func (s *logSum) value() float64 {
	if s.sum == 0 {
		return math.Inf(-1)
	}
	return s.top + math.Log(s.sum)
}
