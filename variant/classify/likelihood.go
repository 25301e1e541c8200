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

// mixture is up to four alleles and the shares of the molecules that show them.
type mixture struct {
	allele [4]int
	share  [4]float64
}

// log is the log likelihood of the reads of a strand.
func (m *mixture) log(p []float64, k int) float64 {
	log, prod := 0.0, 1.0
	for ; len(p) >= k; p = p[k:] {
		prod *= m.share[0]*p[m.allele[0]] + m.share[1]*p[m.allele[1]] + m.share[2]*p[m.allele[2]] + m.share[3]*p[m.allele[3]]
		if prod < 1e-200 {
			log += math.Log(prod)
			prod = 1
		}
	}
	return log + math.Log(prod)
}

// of is genotype a/b, a by share f of what the false alleles x and y leave.
func of(a, b, x, y int, f, fx, fy float64) mixture {
	if a == b {
		f = 1
	}
	rest := 1 - fx - fy
	return mixture{[4]int{a, b, x, y}, [4]float64{f * rest, (1 - f) * rest, fx, fy}}
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
	others := s.others[:0]
	wrong := 0.0
	for x := range k {
		if x != a && x != b {
			others = append(others, x)
			wrong += falseRate(systematic, a, b, x)
		}
	}
	s.others = others
	var total logSum
	for _, g := range shares {
		m := of(a, b, 0, 0, g.f, 0, 0)
		total.add(math.Log1p(-min(wrong, 0.9)) + g.logw + m.log(s.p[0], k) + m.log(s.p[1], k))
	}
	for i, x := range others {
		rate := falseRate(systematic, a, b, x)
		if rate == 0 {
			continue
		}
		total.add(math.Log(rate) + c.withFalse(s, k, a, b, x, x, shares))
		for _, y := range others[i+1:] {
			if two := rate * falseRate(systematic, a, b, y); two > 0 {
				total.add(math.Log(two) + c.withFalse(s, k, a, b, x, y, shares))
			}
		}
	}
	return total.value()
}

// withFalse is the log likelihood of genotype a/b beside the false alleles x
// and y, or x alone where they are one: the mean of false alleles that have the
// same shares on both strands and of such that have a share of their own on
// each.
func (c *Counts) withFalse(s *scratch, k, a, b, x, y int, shares []share) float64 {
	first, second := c.systematic, []share{{0, 0}}
	if x != y {
		first, second = c.coarse, c.coarse
	}
	f := 0.5 // the share of a heterozygote's alleles is not the matter here
	if len(shares) == 1 {
		f = 1
	}
	var same, forward, reverse logSum
	for _, fx := range first {
		for _, fy := range second {
			if fx.f+fy.f >= 1 {
				continue
			}
			m := of(a, b, x, y, f, fx.f, fy.f)
			w, u, v := fx.logw+fy.logw, m.log(s.p[0], k), m.log(s.p[1], k)
			same.add(w + u + v)
			forward.add(w + u)
			reverse.add(w + v)
		}
	}
	same.add(forward.value() + reverse.value())
	return same.value() - math.Ln2
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
