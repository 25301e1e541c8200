package dosage

import "math/bits"

// Counts are the sums over the samples of one row, exact in integers.
type Counts struct {
	N       int    // samples with a value
	Missing int    // samples without one
	Scale   int    // units of an allele; 1 for hard calls
	Sum     uint64 // of units
	SumSq   uint64 // of squared units

	// Genotypes counts hard calls of 0, 1 and 2 copies. Of a row of dosages it
	// counts those nearest to each, half ways upwards.
	Genotypes [3]int

	// Spread is the variance of the genotype within a sample, summed over the
	// samples, in copies squared: f-e^2 of the IMPUTE information. It is 0
	// where a file states no probabilities.
	Spread float64
}

const low = 0x5555555555555555 // the lower bit of each pair

// CountCalls counts packed hard calls of so many samples. With a mask only
// samples whose two bits are set in it count (see MaskWords), the rest are
// neither called nor missing.
func CountCalls(calls, mask []uint64, samples int) Counts {
	n1, n2, n3 := 0, 0, 0 // lower bits, upper bits, both
	if mask == nil {
		n1, n2, n3 = countPairs(calls)
	} else {
		samples = 0
		for i, m := range mask[:len(calls)] {
			w := calls[i] & m
			n1 += bits.OnesCount64(w & low)
			n2 += bits.OnesCount64(w &^ low)
			n3 += bits.OnesCount64(w & (w >> 1) & low)
			samples += bits.OnesCount64(m & low)
		}
	}
	het, hom := n1-n3, n2-n3
	return Counts{
		N: samples - n3, Missing: n3, Scale: 1,
		Sum: uint64(het + 2*hom), SumSq: uint64(het + 4*hom),
		Genotypes: [3]int{samples - n3 - het - hom, het, hom},
	}
}

// countPairs counts lower bits, upper bits and pairs with both set. Two words
// share a popcount, as each kind fills only half of a word.
func countPairs(calls []uint64) (n1, n2, n3 int) {
	for ; len(calls) >= 2; calls = calls[2:] {
		a, b := calls[0], calls[1]
		lo := a&low | b&low<<1
		hi := a>>1&low | b&^low
		n1 += bits.OnesCount64(lo)
		n2 += bits.OnesCount64(hi)
		n3 += bits.OnesCount64(lo & hi)
	}
	for _, w := range calls {
		n1 += bits.OnesCount64(w & low)
		n2 += bits.OnesCount64(w &^ low)
		n3 += bits.OnesCount64(w & (w >> 1) & low)
	}
	return n1, n2, n3
}

// CountUnits counts dosages in units of 1/scale. With a mask as of CountCalls
// only the samples in it count.
func CountUnits(units []uint16, mask []uint64, scale int) Counts {
	c := Counts{Scale: scale}
	half := int32(scale)
	het, hom := 0, 0
	for i, u := range units {
		if mask != nil && mask[i/WordSamples]>>(2*(i%WordSamples))&1 == 0 {
			continue
		}
		if u == Missing {
			c.Missing++
			continue
		}
		v := uint64(u)
		c.N++
		c.Sum += v
		c.SumSq += v * v
		w := 2 * int32(u)
		het += int(uint32(half-1-w) >> 31) // 1 from half a copy on: no branch, which would be guessed wrongly
		hom += int(uint32(3*half-1-w) >> 31)
	}
	c.Genotypes = [3]int{c.N - het, het - hom, hom}
	return c
}

// MaskWords makes the mask of the samples for which keep is true: both bits of
// their pairs set. dst is used where it is long enough.
func MaskWords(dst []uint64, keep []bool) []uint64 {
	n := Words(len(keep))
	if cap(dst) < n {
		dst = make([]uint64, n)
	}
	dst = dst[:n]
	clear(dst)
	for i, k := range keep {
		if k {
			dst[i/WordSamples] |= 3 << (2 * (i % WordSamples))
		}
	}
	return dst
}

// Mean is the mean number of copies, 0 without samples.
func (c *Counts) Mean() float64 {
	if c.N == 0 {
		return 0
	}
	return float64(c.Sum) / (float64(c.Scale) * float64(c.N))
}

// Freq is the frequency of the alternate allele, 0 without samples.
func (c *Counts) Freq() float64 {
	if c.N == 0 {
		return 0
	}
	return float64(c.Sum) / (2 * float64(c.Scale) * float64(c.N))
}

// MAC is the copies of the rarer allele.
func (c *Counts) MAC() float64 {
	alt := c.Sum
	all := 2 * uint64(c.N) * uint64(c.Scale)
	return float64(min(alt, all-alt)) / float64(c.Scale)
}

// Monomorphic says that all samples with a value have the same.
func (c *Counts) Monomorphic() bool {
	h1, l1 := bits.Mul64(uint64(c.N), c.SumSq)
	h2, l2 := bits.Mul64(c.Sum, c.Sum)
	return h1 == h2 && l1 == l2
}
