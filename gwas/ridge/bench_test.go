package ridge

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// drawn is genotypes at random; every 50th is missing where missing is set.
type drawn struct {
	samples, rows int
	missing       bool
}

func (d drawn) Variants(context.Context) (int, error) { return d.rows, nil }
func (d drawn) Imputed() bool                         { return false }

func (d drawn) Blocks(_ context.Context, from, to, _ int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		var b dosage.Block
		b.Reset(from, d.samples)
		for j := from; j < to; j++ {
			rng := rand.New(rand.NewPCG(7, uint64(j)))
			r := b.AddCalls(dosage.Variant{Chrom: fmt.Sprint(1 + j/40), Start: j, ID: fmt.Sprint("v", j), Ref: "G", Alt: "A", Allele: 1, Alts: 1})
			clear(r.Calls)
			f := 0.05 + 0.9*rng.Float64()
			for i := range d.samples {
				g := uint64(0)
				for range 2 {
					if rng.Float64() < f {
						g++
					}
				}
				if d.missing && rng.IntN(50) == 0 {
					g = dosage.Absent
				}
				r.Calls[i/dosage.WordSamples] |= g << (2 * (i % dosage.WordSamples))
			}
			r.Count(d.samples, 0)
		}
		yield(&b, nil)
	}
}

// drawStudy is a study of drawn people: traits, half of them binary, that two of
// the first variants act on, and two covariates.
func drawStudy(tb testing.TB, d drawn, traits int) *pheno.Study {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	s := &pheno.Study{}
	for i := range d.samples {
		s.Samples = append(s.Samples, pheno.Sample{FID: fmt.Sprint(i), IID: fmt.Sprint(i)})
		s.Column, s.Genotyped = append(s.Column, i), append(s.Genotyped, i)
	}
	rng.Shuffle(d.samples, func(i, j int) { s.Column[i], s.Column[j] = s.Column[j], s.Column[i] })
	draw := func() []float64 {
		v := make([]float64, d.samples)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	for k := range 2 {
		s.Covariates = append(s.Covariates, pheno.Covariate{Name: fmt.Sprint("c", k), Values: draw()})
	}
	for b := range d.Blocks(context.Background(), 0, 2, 2) {
		for t := range traits {
			v := draw()
			y := pheno.Trait{Name: fmt.Sprint("y", t), N: d.samples, Values: v, Binary: t%2 == 1}
			for i := range v {
				g, _ := b.Rows[t%2].Dosage(s.Column[i])
				v[i] += 1.5*g + s.Covariates[0].Values[i]
				if y.Binary {
					is := v[i] > 1.5
					if v[i] = 0; is {
						v[i] = 1
						y.Cases++
					}
				}
			}
			s.Traits = append(s.Traits, y)
		}
	}
	return s
}

// BenchmarkLevel0 is a block of 1,000 variants of 10,000 people.
func BenchmarkLevel0(b *testing.B) {
	for _, missing := range []bool{false, true} {
		b.Run(fmt.Sprint("missing ", missing), func(b *testing.B) {
			d := drawn{samples: 10_000, rows: 1000, missing: missing}
			s := drawStudy(b, d, 1)
			p := newProblem(s, []int{0}, Defaults())
			l := p.newLevel0(50_000)
			var block *dosage.Block
			for x := range d.Blocks(context.Background(), 0, d.rows, d.rows) {
				block = x
			}
			for b.Loop() {
				l.begin(block.Rows)
				l.products()
				l.residuals()
				if err := l.folds(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
