package genotype

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
)

// called makes a record of the reference allele's length and genotype
// probabilities.
func called(start, length int, p ...float64) *variant.Call {
	n := 1
	for variant.Genotypes(n+1) < len(p) {
		n++
	}
	c := &variant.Call{Site: variant.Site{Variant: variant.Variant{Contig: "chr20", Start: start, End: start + length, Ref: strings.Repeat("A", length)}, Depth: 9, AD: []int{9}}}
	for i := range n {
		c.Alts = append(c.Alts, strings.Repeat("C", i+1))
		c.AD, c.VAF = append(c.AD, 1), append(c.VAF, .1)
	}
	o := Defaults()
	o.HomRefMinGQ = 0
	c.GL = make([]float64, len(p))
	o.decide(c, p)
	return c
}

// The one worked example: a deletion 0/1 over a SNP 1/1.
func TestResolveVector(t *testing.T) {
	for _, compat := range []bool{true, false} {
		del, snp := called(10, 5, .01, .9, .09), called(12, 1, .02, .48, .5)
		o := Defaults()
		o.Compat = compat
		o.Resolve([]*variant.Call{del, snp})
		for i, want := range [][3]float64{{.0217, .9744, .0039}, {.0433, .9459, .0108}} {
			c := []*variant.Call{del, snp}[i]
			if c.GT != (variant.Genotype{A: 0, B: 1}) {
				t.Errorf("compat %v: record %d is %v, want 0/1", compat, i, c.GT)
			}
			for g, w := range want {
				if p := math.Pow(10, c.GL[g]); math.Abs(p-w) > 5e-5 {
					t.Errorf("compat %v: record %d genotype %d: %v, want %v", compat, i, g, p, w)
				}
			}
		}
		gq, qual := 3, round7(phred(.98)) // of 1/1 at .5, of 1 - .02
		if !compat {
			gq, qual = 13, 13.6
		}
		if snp.GQ != gq || math.Abs(snp.Qual-qual) > .05 {
			t.Errorf("compat %v: GQ %d QUAL %.1f, want %d, %.1f", compat, snp.GQ, snp.Qual, gq, qual)
		}
	}
}

// A genotype that the settling makes 0/0 keeps PASS in DeepVariant; here it
// does not.
func TestResolveToReference(t *testing.T) {
	for _, compat := range []bool{true, false} {
		o := Defaults()
		o.Compat = compat
		o.HomRefMinGQ = 0
		del, snp := called(10, 5, 1e-6, 1e-5, .999989), called(12, 1, .3, .1, .6)
		o.Resolve([]*variant.Call{del, snp})
		want := variant.RefCall
		if compat {
			want = variant.Pass
		}
		if snp.GT != (variant.Genotype{}) || snp.Filter != want || del.GT != (variant.Genotype{A: 1, B: 1}) {
			t.Errorf("compat %v: %v %s over %v, want 0/0 %s", compat, snp.GT, snp.Filter, del.GT, want)
		}
	}
}

// cluster is a random run of overlapping records in order.
func cluster(rng *rand.Rand, n int) []*variant.Call {
	var run []*variant.Call
	start := 100
	for range n {
		p := make([]float64, variant.Genotypes(2+rng.IntN(5)/3))
		sum := 0.0
		for i := range p {
			p[i] = math.Exp(3 * rng.NormFloat64())
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		run = append(run, called(start, 1+rng.IntN(12), p...))
		start += rng.IntN(4)
	}
	return run
}

// The sweep against the enumeration that defines it, on 10,000 clusters.
func TestSweepAgainstEnumeration(t *testing.T) {
	clusters := 10000
	if testing.Short() {
		clusters = 1500
	}
	rng := rand.New(rand.NewPCG(11, 5))
	conflicts := 0
	for i := range clusters {
		run := cluster(rng, 2+rng.IntN(4)+i%40/38*3)
		best, marginals := enumerate(run)
		fast, fastMarginals := sweep(run)
		if !slices.Equal(best, fast) {
			t.Fatalf("cluster %d: best %v, enumeration %v", i, fast, best)
		}
		for r := range marginals {
			for g, want := range marginals[r] {
				if got := fastMarginals[r][g]; math.Abs(got-want) > 1e-9*max(1, -want) {
					t.Fatalf("cluster %d record %d genotype %d: %v, enumeration %v", i, r, g, got, want)
				}
			}
		}
		if !compatible(run) {
			conflicts++
		}
	}
	if conflicts < clusters/10 {
		t.Errorf("only %d clusters with a conflict: the test tests little", conflicts)
	}
}

// What is settled is compatible, what is not stays, and both modes change the
// same genotypes.
func TestResolveProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	settled, left := 0, 0
	for range 2000 {
		run := cluster(rng, 2+rng.IntN(4))
		o := Defaults()
		o.HomRefMinGQ = 0
		twin, before := clone(run), clone(run)
		o.Resolve(run)
		o.Compat = true
		o.Resolve(twin)
		changed := false
		for i := range run {
			if run[i].GT != twin[i].GT {
				t.Fatalf("record %d: %v by sweep, %v by enumeration", i, run[i].GT, twin[i].GT)
			}
			changed = changed || run[i].GT != before[i].GT
			if !slices.Equal(twin[i].GL, before[i].GL) && (twin[i].GQ != before[i].GQ || twin[i].Qual != before[i].Qual || twin[i].Filter != before[i].Filter) {
				t.Fatalf("record %d: GQ, QUAL or FILTER followed in the compatible mode", i)
			}
		}
		switch {
		case changed:
			settled++
		case !compatible(run):
			left++
		}
	}
	if settled < 100 || left < 20 {
		t.Errorf("%d clusters were settled, %d left: the test tests little", settled, left)
	}
}

func clone(run []*variant.Call) []*variant.Call {
	out := make([]*variant.Call, len(run))
	for i, c := range run {
		d := *c
		d.GL = slices.Clone(c.GL)
		out[i] = &d
	}
	return out
}

// A run of one connected conflict that was settled has no conflict any more.
func TestSettledIsCompatible(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	settled := 0
	for range 3000 {
		var run []*variant.Call
		for _, c := range cluster(rng, 5) {
			if c.GT.B > 0 {
				run = append(run, c)
			}
		}
		if len(run) < 2 || compatible(run) {
			continue
		}
		before := clone(run)
		o := Defaults()
		o.settle(run)
		if run[0].GL[0] == before[0].GL[0] {
			continue // left alone
		}
		settled++
		if !compatible(run) {
			t.Fatalf("settled, but in conflict")
		}
		for i, c := range run {
			if c.GT != variant.NoCall && pls(c.GL)[variant.Index(c.GT.A, c.GT.B)] != 0 {
				t.Fatalf("record %d: PL of its genotype is not 0", i)
			}
		}
	}
	if settled < 100 {
		t.Errorf("only %d settled", settled)
	}
}

// Long runs: DeepVariant leaves more than twelve records alone, the sweep does
// not; it in turn leaves more than 64 over one base.
func TestLongRuns(t *testing.T) {
	chain := func(n, step int) []*variant.Call {
		var run []*variant.Call
		for i := range n {
			run = append(run, called(100+step*i, 6, .01, .48, .51))
		}
		return run
	}
	for _, k := range []struct {
		n, step int
		compat  bool
		settles bool
	}{{12, 5, true, true}, {13, 5, true, false}, {13, 5, false, true}, {2000, 5, false, true}} {
		t.Run(fmt.Sprint(k.n, k.step, k.compat), func(t *testing.T) {
			run := chain(k.n, k.step)
			o := Defaults()
			o.Compat = k.compat
			o.Resolve(run)
			if run[0].GT.A == 0 != k.settles {
				t.Errorf("first of %d records: %v, settled %v", k.n, run[0].GT, k.settles)
			}
		})
	}
	for n, settles := range map[int]bool{mostOver: true, mostOver + 1: false} {
		run := []*variant.Call{called(100, 6, .0001, .0001, .9998)}
		for len(run) < n {
			run = append(run, called(100, 6, .4, .1, .5))
		}
		o := Defaults()
		if o.Resolve(run); (run[1].GT.B <= 0) != settles {
			t.Errorf("%d records over one base: the second is %v, settled %v", n, run[1].GT, settles)
		}
	}
	o := Defaults()
	o.NoResolve = true
	run := chain(2, 5)
	if o.Resolve(run); run[0].GT != (variant.Genotype{A: 1, B: 1}) {
		t.Errorf("settled though told not to: %v", run[0].GT)
	}
}
