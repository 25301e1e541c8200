package genotype

import (
	"math"
	"strconv"

	"github.com/gx-genomics/gx/variant"
)

const (
	smallestP = 1.25e-10      // no probability is taken to be less, so that no Phred value is above 99
	surest    = 1 - smallestP // nor any more
)

// phred is the Phred quality of an event of probability p, at most 99.03.
func phred(p float64) float64 { return -10 * log10(1-min(p, surest)) }

// log10 is the decimal logarithm of x > 0 to about one unit in the last place.
// math.Log10 is off by up to two, which shows where a quality is truncated:
// it puts 0.001 above -3.
func log10(x float64) float64 {
	const hi, lo = 0.4342944819032518, 1.098319650216765e-17 // their sum is 1/ln 10
	ln := math.Log(x)
	y := ln * hi
	y += math.FMA(ln, hi, -y) + ln*lo
	// Between a power of ten and its nearest float64 no logarithm can tell.
	if r := math.Round(y); math.Abs(y-r) < 1e-15*max(1, -r) {
		return r
	}
	return y
}

// round7 is x rounded to 7 decimals as its decimal expansion says, ties and
// all.
func round7(x float64) float64 {
	y := x * 1e7
	f := math.Floor(y)
	if d := y - f - 0.5; math.Abs(d) > 1e-6 {
		if d > 0 {
			f++
		}
		return f / 1e7
	}
	// Too near a tie for one multiplication to decide.
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 7, 64), 64)
	if err != nil {
		return x
	}
	return r
}

// decide fills what follows from the probabilities of the genotypes: GT, GQ,
// QUAL, GL, which has its length already, and FILTER.
func (o *Options) decide(c *variant.Call, p []float64) {
	best := 0
	for i, x := range p {
		if x > p[best] {
			best = i
		}
	}
	a, b := alleles(best)
	c.GT = variant.Genotype{A: a, B: b}
	c.GQ = int(math.RoundToEven(phred(p[best])))
	c.Qual = quality(p)
	for i, x := range p {
		c.GL[i] = log10(max(x, smallestP))
	}
	reads := 0
	for _, n := range c.AD {
		reads += n
	}
	if reads == 0 {
		c.GT, c.GQ = variant.NoCall, 0
		if o.Compat {
			c.GL = []float64{0, 0}
		} else {
			clear(c.GL)
		}
	}
	o.filter(c)
}

// quality is QUAL: the Phred quality of any genotype but 0/0.
func quality(p []float64) float64 {
	sum := 0.0
	for _, x := range p[1:] {
		sum += x
	}
	return round7(phred(min(sum, 1)))
}

// filter sets FILTER, and takes the genotype from a weak reference call.
func (o *Options) filter(c *variant.Call) {
	switch {
	case c.GT.A < 0 || c.GT.B < 0:
		c.Filter = variant.NoCalls
	case c.GT.A == 0 && c.GT.B == 0:
		c.Filter = variant.RefCall
		if c.GQ < o.HomRefMinGQ {
			c.GT = variant.NoCall
		}
	case c.Qual < o.QualFilter:
		c.Filter = variant.LowQual
	default:
		c.Filter = variant.Pass
	}
}

// alleles is the pair a <= b of the genotype at place k of VCF's order.
func alleles(k int) (a, b int) {
	for k > b {
		k -= b + 1
		b++
	}
	return k, b
}
