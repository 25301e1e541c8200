package gvcf

import "math"

// log10 is the decimal logarithm of a number of 1 to 3, rounded as the exact
// one is but where that lies within 1e-24 of halfway between two numbers.
// math.Log10 can be off by two units in the last place, which the last digit of
// a likelihood shows.
func log10(x float64) float64 {
	// ln x = 2 (z + z^3/3 + z^5/5 + ...) with z = (x-1)/(x+1), at most 1/2.
	sum := twoSum(x, 1)
	z := double{x - 1, 0}.over(sum)
	square := z.times(z)
	power, total := z, z
	for k := 3.0; math.Abs(power.hi) > 1e-26*math.Abs(total.hi); k += 2 {
		power = power.times(square)
		total = total.plus(power.over(double{k, 0}))
	}
	return total.over(double{math.Ln10, -2.1707562233822494e-16}.times(double{0.5, 0})).hi
}

// double is a number as the sum of two, of which lo is too small to change hi
// (T. J. Dekker, Numerische Mathematik 18 (1971), 224-242).
type double struct{ hi, lo float64 }

func twoSum(a, b float64) double {
	s := a + b
	t := s - a
	return double{s, (a - (s - t)) + (b - t)}
}

func (a double) plus(b double) double {
	s := twoSum(a.hi, b.hi)
	return twoSum(s.hi, s.lo+a.lo+b.lo)
}

func (a double) times(b double) double {
	p := float64(a.hi * b.hi) // never fused with what follows
	low := math.FMA(a.hi, b.hi, -p)
	return twoSum(p, low+(float64(a.hi*b.lo)+float64(a.lo*b.hi)))
}

func (a double) over(b double) double {
	q := a.hi / b.hi
	back := b.times(double{q, 0})
	rest := a.plus(double{-back.hi, -back.lo})
	return twoSum(q, (rest.hi+rest.lo)/b.hi)
}
