package simulate

import (
	"math/rand/v2"
	"strconv"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// Cohort is a simulated cohort. It holds what is known of the people; genotypes
// are made as they are asked for. Its methods may be called from many
// goroutines at once.
type Cohort struct {
	o      Options
	people []Person
	births []birth // children, in order
	blocks []span
}

// Person is one sample.
type Person struct {
	FID, IID       string
	Father, Mother string // IID, "0" where not in the cohort
	Male           bool
	Population     int // from 0
}

// birth is a child and its parents, by number.
type birth struct{ child, father, mother int }

// span is the variants from..to-1, of one block of linkage.
type span struct{ from, to int }

// Streams of random numbers, one for each purpose.
const (
	streamPeople = iota + 1
	streamCovariates
	streamTraits            // and one for each trait behind it
	streamBlocks  = 1 << 32 // and one for each block of linkage
	streamMissing = 1 << 33 // and one for each variant
)

func (o *Options) rng(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(o.Seed, stream))
}

// New lays out a cohort: its people, their families and populations.
func New(o Options) (*Cohort, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	c := &Cohort{o: o, people: make([]Person, o.Samples)}
	rng := o.rng(streamPeople)
	families := int(o.Families * float64(o.Samples) / 4)
	for i := range c.people {
		p := &c.people[i]
		p.IID = strconv.Itoa(i + 1)
		p.FID, p.Father, p.Mother = p.IID, "0", "0"
		p.Male = rng.IntN(2) == 0
		p.Population = rng.IntN(o.Populations)
		f, role := i/4, i%4
		if f >= families {
			continue
		}
		p.FID = strconv.Itoa(4*f + 1)
		p.Population = c.people[4*f].Population
		if role < 2 {
			p.Male = role == 0
			continue
		}
		p.Father, p.Mother = c.people[4*f].IID, c.people[4*f+1].IID
		c.births = append(c.births, birth{i, 4 * f, 4*f + 1})
	}
	for v := 0; v < o.Variants; {
		to := min(v+o.Block, o.Variants)
		for w := v + 1; w < to; w++ {
			if c.chromosome(w) != c.chromosome(v) {
				to = w
				break
			}
		}
		c.blocks = append(c.blocks, span{v, to})
		v = to
	}
	return c, nil
}

// People are the samples of every row, in order; the caller does not change
// them.
func (c *Cohort) People() []Person { return c.people }

// Variants is how many rows the cohort has.
func (c *Cohort) Variants() int { return c.o.Variants }

// chromosome is that of a variant, from 1.
func (c *Cohort) chromosome(v int) int { return v*c.o.Chromosomes/c.o.Variants + 1 }

// name is the variant's place and alleles; the reference is drawn with it.
func (c *Cohort) name(v int, rng *rand.Rand) dosage.Variant {
	const bases = "ACGT"
	chrom := c.chromosome(v)
	first := ((chrom-1)*c.o.Variants + c.o.Chromosomes - 1) / c.o.Chromosomes // of the chromosome
	step := max(1, min(10_000, 200_000_000/c.o.Variants))
	ref := rng.IntN(4)
	alt := (ref + 1 + rng.IntN(3)) % 4
	return dosage.Variant{
		Chrom: strconv.Itoa(chrom), Start: (v-first+1)*step - 1, ID: "rs" + strconv.Itoa(v+1),
		Ref: bases[ref : ref+1], Alt: bases[alt : alt+1], Allele: 1, Alts: 1,
	}
}
