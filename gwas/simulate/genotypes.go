package simulate

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// Blocks makes the rows from..to-1 in blocks of size rows and a last one of
// fewer; to may be negative for all that follow. A block is valid until the
// next one is asked for. The error is that of the context, and ends the loop.
func (c *Cohort) Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		if to < 0 || to > c.o.Variants {
			to = c.o.Variants
		}
		if from < 0 || size < 1 {
			yield(nil, fmt.Errorf("rows from %d in blocks of %d: want 0 or more in blocks of 1 or more", from, size))
			return
		}
		var b dosage.Block
		b.Reset(from, c.o.Samples)
		g := c.generator()
		for k := c.blockOf(from); k < len(c.blocks) && c.blocks[k].from < to; k++ {
			for v := range g.block(k) {
				if v.number < from || v.number >= to {
					continue
				}
				if err := ctx.Err(); err != nil {
					yield(nil, err)
					return
				}
				v.row(b.AddCalls(v.name))
				if len(b.Rows) == size {
					if !yield(&b, nil) {
						return
					}
					b.Reset(v.number+1, c.o.Samples)
				}
			}
		}
		if len(b.Rows) > 0 {
			yield(&b, nil)
		}
	}
}

// blockOf is the block of linkage that has a variant.
func (c *Cohort) blockOf(v int) int {
	return sort.Search(len(c.blocks), func(i int) bool { return c.blocks[i].to > v })
}

// generator makes genotypes of one block of linkage after another. It belongs
// to one goroutine.
type generator struct {
	*Cohort
	rank   []uint32 // of each haplotype, two a sample
	passed []bool   // which haplotype of a parent each haplotype of a child is of
	pop    []uint8
}

func (c *Cohort) generator() *generator {
	g := &generator{Cohort: c, rank: make([]uint32, 2*c.o.Samples), passed: make([]bool, 2*len(c.births)),
		pop: make([]uint8, c.o.Samples)}
	for i := range c.people {
		g.pop[i] = uint8(c.people[i].Population)
	}
	return g
}

// drawn is a variant whose ranks stand in its generator.
type drawn struct {
	*generator
	number int
	name   dosage.Variant
	freq   float64  // of the alternate allele, over all populations
	below  []uint64 // a rank below carries it, by population
	flip   uint32   // what ranks are xored with before
}

// recombine is the chance that a parent's haplotype is left for the other one
// between neighbours in a block.
const recombine = 0.001

// block draws the variants of the k-th block of linkage.
func (g *generator) block(k int) iter.Seq[*drawn] {
	return func(yield func(*drawn) bool) {
		rng := g.o.rng(streamBlocks + uint64(k))
		v := &drawn{generator: g, below: make([]uint64, g.o.Populations)}
		for v.number = g.blocks[k].from; v.number < g.blocks[k].to; v.number++ {
			first := v.number == g.blocks[k].from
			g.step(rng, first)
			v.name = g.name(v.number, rng)
			v.freq = g.o.MinMAF + rng.Float64()*(g.o.MaxMAF-g.o.MinMAF)
			v.flip = -(rng.Uint32() & 1)
			v.frequencies(rng)
			if !yield(v) {
				return
			}
		}
	}
}

// step moves ranks to the next variant.
func (g *generator) step(rng *rand.Rand, first bool) {
	switch rho := g.o.Correlation; {
	case first || rho == 0:
		for i := 0; i+1 < len(g.rank); i += 2 {
			x := rng.Uint64()
			g.rank[i], g.rank[i+1] = uint32(x), uint32(x>>32)
		}
	default:
		skip(rng, rho, len(g.rank), func(i int) { g.rank[i] = rng.Uint32() })
	}
	if first {
		for i := range g.passed {
			g.passed[i] = rng.Uint32()&1 != 0
		}
	} else if len(g.passed) > 0 {
		skip(rng, 1-recombine, len(g.passed), func(i int) { g.passed[i] = !g.passed[i] })
	}
	for i, b := range g.births {
		g.rank[2*b.child] = g.rank[2*b.father+one(g.passed[2*i])]
		g.rank[2*b.child+1] = g.rank[2*b.mother+one(g.passed[2*i+1])]
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// skip calls do for the numbers below n that chance picks, each with
// probability 1-keep, going from one to the next in one draw.
func skip(rng *rand.Rand, keep float64, n int, do func(i int)) {
	rate := -math.Log(keep)
	for i := 0; ; i++ {
		gap := rng.ExpFloat64() / rate
		if gap >= float64(n-i) {
			return
		}
		i += int(gap)
		do(i)
	}
}

// frequencies draws the frequency in each population: beta with the mean of all
// and variance FST p (1-p).
func (v *drawn) frequencies(rng *rand.Rand) {
	p := v.freq
	for k := range v.below {
		q := p
		if len(v.below) > 1 {
			f := (1 - v.o.FST) / v.o.FST
			q = distuv.Beta{Alpha: p * f, Beta: (1 - p) * f, Src: rng}.Rand()
		}
		v.below[k] = uint64(q * (1 << 32))
	}
}

// row sets the calls of a row, all of them, and counts.
func (v *drawn) row(r *dosage.Row) {
	n := v.o.Samples
	for w := range r.Calls {
		var word uint64
		from, to := w*dosage.WordSamples, min((w+1)*dosage.WordSamples, n)
		for i := to - 1; i >= from; i-- {
			word = word<<2 | v.copies(i)
		}
		r.Calls[w] = word
	}
	if v.o.Missing > 0 {
		skip(v.o.rng(streamMissing+uint64(v.number)), 1-v.o.Missing, n, func(i int) {
			r.Calls[i/dosage.WordSamples] |= dosage.Absent << (2 * (i % dosage.WordSamples))
		})
	}
	r.Count(n, 0)
}

// copies is how many alternate alleles a sample carries.
func (v *drawn) copies(i int) uint64 {
	t := v.below[v.pop[i]]
	a, b := uint64(v.rank[2*i]^v.flip), uint64(v.rank[2*i+1]^v.flip)
	return (a-t)>>63 + (b-t)>>63 // a-t wraps below 0
}
