package summary

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	exact     = 8192 // largest values that are kept
	perUnit   = 4096 // bins of a unit of -log10 p
	evenUnits = 16   // above, bins grow with the value
	perE      = 400  // so many for each factor e
	largest   = 1e6  // larger ones are one bin
)

// numBins is all bins: log(largest/evenUnits) is below 11.1.
const numBins = perUnit*evenUnits + perE*12

// tail is -log10 p of all tests: the largest exactly, all of them in bins.
type tail struct {
	n    int
	top  []float64 // a heap, the smallest first
	bins []uint32
}

func binOf(l float64) int {
	if l < evenUnits {
		return int(l * perUnit)
	}
	return perUnit*evenUnits + int(math.Log(min(l, largest)/evenUnits)*perE)
}

// binFrom is where a bin begins.
func binFrom(k int) float64 {
	if k <= perUnit*evenUnits {
		return float64(k) / perUnit
	}
	return evenUnits * math.Exp(float64(k-perUnit*evenUnits)/perE)
}

func (t *tail) add(l float64) {
	if t.bins == nil {
		t.bins = make([]uint32, numBins)
	}
	t.n++
	t.bins[binOf(l)]++
	if len(t.top) < exact {
		t.top = append(t.top, l)
		for k := len(t.top) - 1; k > 0 && t.top[k] < t.top[(k-1)/2]; k = (k - 1) / 2 {
			t.top[k], t.top[(k-1)/2] = t.top[(k-1)/2], t.top[k]
		}
		return
	}
	if l <= t.top[0] {
		return
	}
	t.top[0] = l
	for k := 0; ; {
		least := k
		for c := 2*k + 1; c <= 2*k+2 && c < len(t.top); c++ {
			if t.top[c] < t.top[least] {
				least = c
			}
		}
		if least == k {
			return
		}
		t.top[k], t.top[least] = t.top[least], t.top[k]
		k = least
	}
}

// ranks gives the values of the given ranks, which rise; rank 1 is the largest
// value.
func (t *tail) ranks(list []int) []float64 {
	top := slices.Clone(t.top)
	slices.SortFunc(top, func(a, b float64) int { return cmp.Compare(b, a) })
	out := make([]float64, len(list))
	bin, above := len(t.bins)-1, 0 // values in bins above this one
	for i, r := range list {
		if r <= len(top) {
			out[i] = top[r-1]
			continue
		}
		for above+int(t.bins[bin]) < r {
			above += int(t.bins[bin])
			bin--
		}
		from, to := binFrom(bin), binFrom(bin+1)
		out[i] = to - (to-from)*(float64(r-above)-0.5)/float64(t.bins[bin])
	}
	return out
}

// medianChi is the median of chi-square with one degree of freedom.
const medianChi = 0.45493642311957283

// chi is the chi-square with one degree of freedom whose p is 10^-l.
func chi(l float64) float64 {
	p := math.Pow(10, -l)
	if p > 0.5 { // precise near p = 1
		z := distuv.UnitNormal.Quantile(0.5 + (1-p)/2)
		return z * z
	}
	z := distuv.UnitNormal.Quantile(max(p, 1e-300) / 2)
	return z * z
}

// Lambda is the genomic inflation: the median of the chi-squares that have the p of
// the tests, over that of chi-square with one degree of freedom. NaN without tests.
func (t *Test) Lambda() float64 {
	n := t.tail.n
	if n == 0 {
		return math.NaN()
	}
	mid := t.tail.ranks([]int{(n + 1) / 2, n/2 + 1})
	return (chi(mid[0]) + chi(mid[1])) / 2 / medianChi
}

// Lambda1000 is the inflation that a study of 1,000 cases and 1,000 controls would
// have; NaN for a quantitative trait.
func (t *Test) Lambda1000() float64 {
	if t.Cases <= 0 || t.Controls <= 0 {
		return math.NaN()
	}
	return 1 + (t.Lambda()-1)*(1/float64(t.Cases)+1/float64(t.Controls))/(2/1000.0)
}

// Quantile is a point of a QQ plot, all -log10 p.
type Quantile struct {
	Rank               int // 1 is the smallest p
	Expected, Observed float64
	LowBand, HighBand  float64 // 95 % of such a rank lie between, where nothing is associated
}

// mostQuantiles is about how many points a QQ plot has.
const mostQuantiles = 200

// Quantiles are points of a QQ plot from the smallest p to the largest: the first
// 40 ranks, then some evenly by logarithm.
func (t *Test) Quantiles() []Quantile {
	var ranks []int
	const first = 40
	for r := 1; r <= min(t.tail.n, first); r++ {
		ranks = append(ranks, r)
	}
	if t.tail.n > first {
		steps := mostQuantiles - first
		for k := 1; k <= steps; k++ {
			r := int(math.Round(first * math.Pow(float64(t.tail.n)/first, float64(k)/float64(steps))))
			if r > ranks[len(ranks)-1] {
				ranks = append(ranks, r)
			}
		}
	}
	observed := t.tail.ranks(ranks)
	out := make([]Quantile, len(ranks))
	for i, r := range ranks {
		out[i] = Quantile{Rank: r, Expected: -math.Log10((float64(r) - 0.5) / float64(t.tail.n)), Observed: observed[i],
			LowBand: betaTail(r, t.tail.n, 0.975), HighBand: betaTail(r, t.tail.n, 0.025)}
	}
	return out
}

// betaTail is -log10 of the p below which rank r of n uniform p lies with the given
// probability: a quantile of Beta(r, n-r+1).
func betaTail(r, n int, probability float64) float64 {
	a, b := float64(r), float64(n-r+1)
	low, high := 0.0, 20+math.Log10(float64(n)) // -log10 p
	for range 60 {
		mid := (low + high) / 2
		if mathext.RegIncBeta(a, b, math.Pow(10, -mid)) > probability {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}
