package genotype

import (
	"math"

	"github.com/gx-genomics/gx/variant"
)

// Overlapping records can contradict each other: a deletion called 1/1 takes
// both copies of the bases under it, so a 1/1 inside it has nothing to stand
// on. Records of one overlapping run are compatible when over no base more
// than two copies of alternate alleles are called. Where they are not, the
// likeliest compatible assignment of genotypes is sought; it is taken when it
// agrees, record by record, with the likeliest genotype of each marginal
// distribution over compatible assignments, and those marginals become the
// likelihoods. Otherwise nothing changes (DeepVariant haplotypes.py).

const (
	mostEnumerated = 12 // records DeepVariant enumerates; a longer run it leaves alone
	mostOver       = 64 // records over one base that the sweep settles; more it leaves alone
)

// Resolve settles the calls of one run of overlapping records of a contig in
// place. They are in order of their starts.
func (o *Options) Resolve(run []*variant.Call) {
	if o.NoResolve || len(run) < 2 {
		return
	}
	var called []*variant.Call // with an alternate allele
	for _, c := range run {
		if c.GT.A > 0 || c.GT.B > 0 {
			called = append(called, c)
		}
	}
	for len(called) > 0 {
		end, n := called[0].End, 1
		for n < len(called) && called[n].Start < end {
			end = max(end, called[n].End)
			n++
		}
		o.settle(called[:n])
		called = called[n:]
	}
}

func (o *Options) settle(calls []*variant.Call) {
	if len(calls) < 2 || compatible(calls) {
		return
	}
	var best []int
	var marginals [][]float64
	if o.Compat {
		if len(calls) > mostEnumerated {
			return
		}
		best, marginals = enumerate(calls)
	} else {
		if mostOverlapping(calls) > mostOver {
			return
		}
		best, marginals = sweep(calls)
	}
	if best == nil {
		return
	}
	for i, m := range marginals {
		if firstMax(m) != best[i] {
			return
		}
	}
	for i, c := range calls {
		o.assign(c, best[i], marginals[i])
	}
}

// assign gives a call its settled genotype and likelihoods.
func (o *Options) assign(c *variant.Call, genotype int, gl []float64) {
	a, b := alleles(genotype)
	if a != min(c.GT.A, c.GT.B) || b != max(c.GT.A, c.GT.B) {
		c.GT, c.Phase = variant.Genotype{A: a, B: b}, ""
	}
	c.GL = gl
	if o.Compat {
		return // GT 0/0 may stand beside PASS
	}
	p := make([]float64, len(gl))
	for i, x := range gl {
		p[i] = math.Pow(10, x)
		c.GL[i] = max(x, log10(smallestP))
	}
	c.GQ = int(math.RoundToEven(phred(p[genotype])))
	c.Qual = quality(p)
	o.filter(c)
}

// copies is the number of alternate alleles in a genotype of VCF's order.
func copies(genotype int) int {
	a, b := alleles(genotype)
	return min(a, 1) + min(b, 1)
}

// compatible says whether the called alternate alleles are at most two over
// every base. It is enough to look where a record starts.
func compatible(calls []*variant.Call) bool {
	for i, c := range calls {
		sum := 0
		for _, d := range calls[:i+1] {
			if d.End > c.Start {
				sum += max(0, min(d.GT.A, 1)) + max(0, min(d.GT.B, 1))
			}
		}
		if sum > 2 {
			return false
		}
	}
	return true
}

func mostOverlapping(calls []*variant.Call) int {
	most := 0
	for i, c := range calls {
		over := 0
		for _, d := range calls[:i+1] {
			if d.End > c.Start {
				over++
			}
		}
		most = max(most, over)
	}
	return most
}

func firstMax(x []float64) int {
	best := 0
	for i := range x {
		if x[i] > x[best] {
			best = i
		}
	}
	return best
}

// enumerate tries every compatible assignment in the order of the original:
// vectors of copy numbers, the first record slowest, and for each the
// genotypes with these copies. Of equal ones the first is best.
func enumerate(calls []*variant.Call) (best []int, marginals [][]float64) {
	n := len(calls)
	byCopies := make([][3][]int, n) // genotypes with 0, 1, 2 copies
	for i, c := range calls {
		for g := range c.GL {
			k := copies(g)
			byCopies[i][k] = append(byCopies[i][k], g)
		}
	}
	sums := make([][]logSum, n)
	for i, c := range calls {
		sums[i] = make([]logSum, len(c.GL))
	}
	vector, chosen := make([]int, n), make([]int, n)
	most := math.Inf(-1)
	var genotypes func(i int, joint float64)
	genotypes = func(i int, joint float64) {
		if i == n {
			if joint > most {
				most, best = joint, append(best[:0], chosen...)
			}
			for j, g := range chosen {
				sums[j][g].add(joint)
			}
			return
		}
		for _, g := range byCopies[i][vector[i]] {
			chosen[i] = g
			genotypes(i+1, joint+calls[i].GL[g])
		}
	}
	var vectors func(i int)
	vectors = func(i int) {
		if i == n {
			genotypes(0, 0)
			return
		}
		over := 0
		for j := range i {
			if calls[j].End > calls[i].Start {
				over += vector[j]
			}
		}
		for k := 0; k <= 2-over; k++ {
			vector[i] = k
			vectors(i + 1)
		}
	}
	vectors(0)
	marginals = make([][]float64, n)
	for i := range sums {
		marginals[i] = make([]float64, len(sums[i]))
		for g := range sums[i] {
			marginals[i][g] = sums[i][g].value()
		}
		scale(marginals[i])
	}
	return best, marginals
}

// scale takes the decimal logarithm of the sum of 10^x from each x; none stays
// above 0.
func scale(x []float64) {
	var total logSum
	for _, v := range x {
		total.add(v)
	}
	t := total.value()
	for i := range x {
		x[i] = min(x[i]-t, 0)
	}
}

// logSum adds numbers given by their decimal logarithms. The zero value is
// the empty sum.
type logSum struct {
	top float64 // the largest so far
	sum float64 // of 10^(x - top)
}

func (s *logSum) add(x float64) {
	switch {
	case math.IsInf(x, -1):
	case s.sum == 0:
		s.top, s.sum = x, 1
	case x <= s.top:
		s.sum += math.Pow(10, x-s.top)
	default:
		s.sum = s.sum*math.Pow(10, s.top-x) + 1
		s.top = x
	}
}

func (s *logSum) value() float64 {
	if s.sum == 0 {
		return math.Inf(-1)
	}
	return s.top + math.Log10(s.sum)
}
