package dosage

import "math/bits"

// MACH is the ratio of the variance of the dosages to that of alleles drawn at
// random, Hardy-Weinberg given: "r2" of MACH and minimac. It is 1 for a
// monomorphic row, and 0 without samples.
func (c *Counts) MACH() float64 {
	if c.N == 0 {
		return 0
	}
	if c.Monomorphic() {
		return 1
	}
	// (mean g^2 - mean^2) / (2a(1-a)) with mean = S/(N s), a = S/(2 N s):
	// 2 (N Q - S^2) / (S (2 N s - S)), in whole numbers but for the division.
	all := 2 * uint64(c.N) * uint64(c.Scale)
	return 2 * difference(uint64(c.N), c.SumSq, c.Sum, c.Sum) / (float64(c.Sum) * float64(all-c.Sum))
}

// difference is a*b - c*d, which is not negative, rounded once.
func difference(a, b, c, d uint64) float64 {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	lo, borrow := bits.Sub64(l1, l2, 0)
	hi, _ := bits.Sub64(h1, h2, borrow)
	return float64(hi)*(1<<64) + float64(lo)
}

// Info is IMPUTE's information: 1 less the mean variance of the genotype within
// a sample over that of alleles drawn at random (Marchini and Howie 2010). It
// is 1 for a monomorphic row, and 0 without samples.
func (c *Counts) Info() float64 {
	if c.N == 0 {
		return 0
	}
	a := c.Freq()
	if a == 0 || a == 1 {
		return 1
	}
	return 1 - c.Spread/float64(2*float64(c.N)*a*(1-a))
}

// HWE is the exact test of Hardy-Weinberg proportions of hard calls: the
// probability of heterozygote counts no more likely than the one seen, given
// the counts of alleles (Wigginton, Cutler and Abecasis 2005). With midP half
// the probability of the count seen is taken off (Graffelman and Moreno 2013).
// Without samples it is 1.
func HWE(hom1, het, hom2 int, midP bool) float64 {
	rare := 2*min(hom1, hom2) + het
	n := hom1 + het + hom2
	if n == 0 {
		return 1
	}
	// Probabilities are taken relative to that of the count seen, walking away
	// from it on both sides:
	//   P(het-2)/P(het) = het (het-1) / (4 (homr+1) (homc+1))
	//   P(het+2)/P(het) = 4 homr homc / ((het+2) (het+1))
	// A tail that rises towards the mode can outgrow a float64 when the count
	// seen is absurd; then the sum is infinite and the quotient 0, as it should.
	seen, total := 1.0, 1.0 // as likely or less; all
	if midP {
		seen = 0.5
	}
	add := func(p float64) {
		total += p
		if p <= 1+1e-9 { // equal but for rounding counts as equal
			if midP && p >= 1-1e-9 {
				p /= 2
			}
			seen += p
		}
	}
	homr, homc := float64((rare-het)/2), float64(n-het-(rare-het)/2)
	p, h, r, c := 1.0, float64(het), homr, homc
	// Past the mode each ratio is below 1 and below the one before, so what
	// follows a term far below those taken adds nothing to a float64.
	const nothing = 1e-20
	for h > 1 && p > 0 {
		ratio := h * (h - 1) / (4 * (r + 1) * (c + 1))
		p *= ratio
		h, r, c = h-2, r+1, c+1
		if add(p); ratio < 1 && p < nothing*seen {
			break
		}
	}
	p, h, r, c = 1.0, float64(het), homr, homc
	for r > 0 && p > 0 {
		ratio := 4 * r * c / ((h + 2) * (h + 1))
		p *= ratio
		h, r, c = h+2, r-1, c-1
		if add(p); ratio < 1 && p < nothing*seen {
			break
		}
	}
	return seen / total
}

// HWE is the exact test on the row's genotypes, see HWE.
func (c *Counts) HWE(midP bool) float64 {
	return HWE(c.Genotypes[0], c.Genotypes[1], c.Genotypes[2], midP)
}
