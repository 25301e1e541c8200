//go:build verify

package gwas_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/verify"
)

// nullSource is a source of variants that have to do with nothing: allele counts are
// spread evenly by their logarithm from 20 copies to a frequency of 0.3.
type nullSource struct{ samples, rows int }

func (s nullSource) Variants(context.Context) (int, error) { return s.rows, nil }
func (s nullSource) Imputed() bool                         { return false }

func (s nullSource) Blocks(_ context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	if to < 0 {
		to = s.rows
	}
	return func(yield func(*dosage.Block, error) bool) {
		var b dosage.Block
		copies := make([]uint8, s.samples)
		for ; from < to; from += size {
			b.Reset(from, s.samples)
			for j := from; j < min(from+size, to); j++ {
				rng := rand.New(rand.NewPCG(11, uint64(j)))
				clear(copies)
				least, most := math.Log(20), math.Log(0.6*float64(s.samples))
				for n := int(math.Exp(least + rng.Float64()*(most-least))); n > 0; {
					if i := rng.IntN(s.samples); copies[i] < 2 {
						copies[i]++
						n--
					}
				}
				r := b.AddCalls(dosage.Variant{Chrom: "1", Start: j, ID: fmt.Sprint(j), Ref: "G", Alt: "A", Allele: 1, Alts: 1})
				clear(r.Calls)
				for i, c := range copies {
					r.Calls[i/dosage.WordSamples] |= uint64(c) << (2 * (i % dosage.WordSamples))
				}
				r.Count(s.samples, 0)
			}
			if !yield(&b, nil) {
				return
			}
		}
	}
}

// TestVerifyTypeOne is a million tests where there is nothing to find: how often
// p falls below a level, over the level. Binary traits have 1 case in 100.
func TestVerifyTypeOne(t *testing.T) {
	const samples, traits, variants = 10_000, 10, 100_000
	src := nullSource{samples, variants}
	rates := func(binary bool, o gwas.Options) [4]float64 {
		rng := rand.New(rand.NewPCG(12, 13))
		tab := &pheno.Table{Path: "drawn"}
		var people []pheno.Sample
		opt := pheno.Defaults()
		for i := range samples {
			id := fmt.Sprint(100_000 + i)
			people = append(people, pheno.Sample{FID: id, IID: id})
			tab.FID, tab.IID = append(tab.FID, id), append(tab.IID, id)
		}
		for k := range traits + 3 {
			col := make([]string, samples)
			for i := range col {
				switch {
				case k >= traits:
					col[i] = fmt.Sprint(rng.NormFloat64())
				case !binary:
					col[i] = fmt.Sprint(rng.NormFloat64())
				case rng.Float64() < 0.01:
					col[i] = "1"
				default:
					col[i] = "0"
				}
			}
			name := fmt.Sprint("c", k)
			if k < traits {
				opt.Traits = append(opt.Traits, name)
			}
			tab.Names, tab.Columns = append(tab.Names, name), append(tab.Columns, col)
		}
		study, err := pheno.NewStudy(people, tab, tab, opt)
		if err != nil {
			t.Fatal(err)
		}
		o.Threads = 2
		var below [4]float64
		n := 0.0
		_, err = gwas.Scan(t.Context(), src, study, o, func(b *gwas.Batch) error {
			for _, rows := range b.Rows {
				for i := range rows {
					if p := rows[i].NegLog10P; !math.IsNaN(p) {
						n++
						for k, level := range levels {
							if p > -math.Log10(level) {
								below[k]++
							}
						}
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for k, level := range levels {
			below[k] /= n * level
		}
		return below
	}
	options := func(second gwas.Second) gwas.Options {
		o := gwas.Defaults()
		o.MinMAC, o.Second = 20, second
		return o
	}
	linear, score := rates(false, options(gwas.ScoreOnly)), rates(true, options(gwas.ScoreOnly))
	spa, firthSPA := rates(true, options(gwas.SPA)), rates(true, options(gwas.FirthSPA))
	approx, whole := rates(true, options(gwas.FirthApprox)), wholeFirth(samples, samples/100)
	var figures []verify.Figure
	for k, level := range levels {
		low, high := 0.9, 1.1
		if level < 1e-3 {
			low, high = 0.7, 1.3
		}
		sd := 3.3 * math.Sqrt((1-level)/(level*traits*variants)) // of a binomial
		for _, m := range []struct {
			name      string
			value     float64
			low, high float64
		}{{"linear", linear[k], 1 - sd, 1 + sd}, {"saddlepoint", spa[k], low, high}, {"Firth with the saddlepoint's tail", firthSPA[k], low, high}} {
			name := fmt.Sprintf("%s, p below %g", m.name, level)
			figures = append(figures, verify.Figure{Name: name, Value: m.value, Unit: "of nominal", Bar: m.low},
				verify.Figure{Name: name, Value: m.value, Unit: "of nominal", Bar: m.high, Most: true})
			if m.name != "linear" && math.Abs(math.Log(m.value)) > math.Abs(math.Log(score[k])) {
				t.Errorf("level %g: %s at %.3f is further from 1 than the score test at %.3f", level, m.name, m.value, score[k])
			}
		}
		// What has no bar of its own: the score test, and Firth's likelihood ratios,
		// which find too little.
		for _, m := range []struct {
			name  string
			value float64
		}{{"score test", score[k]}, {"approximate Firth", approx[k]}, {"whole Firth on tables of two by two, exactly", whole[k]}} {
			figures = append(figures, verify.Figure{Name: fmt.Sprintf("%s, p below %g", m.name, level), Value: m.value, Unit: "of nominal"})
		}
	}
	for _, f := range figures {
		t.Logf("%s: %.3f (%.3f)", f.Name, f.Value, f.Bar)
	}
	if err := verify.Write("..", verify.AssociationTypeOne, figures); err != nil {
		t.Fatal(err)
	}
}

// wholeFirth is how often the likelihood ratio of the whole penalised model falls
// below each level, over the level, where the only covariate is the intercept and
// people carry an allele or not: then the penalty is half a person more in each
// cell, and all tables can be counted with their chances. Carriers are spread
// evenly by their logarithm from 20.
func wholeFirth(people, cases int) (rates [4]float64) {
	choose := func(a, b int) float64 {
		x, _ := math.Lgamma(float64(a) + 1)
		y, _ := math.Lgamma(float64(b) + 1)
		z, _ := math.Lgamma(float64(a-b) + 1)
		return x - y - z
	}
	top := func(a, n float64) float64 { return a*math.Log(a/n) + (n-a)*math.Log(1-a/n) }
	const steps = 400
	for i := range steps {
		least, most := math.Log(20), math.Log(0.45*float64(people))
		m := int(math.Exp(least + (float64(i)+0.5)/steps*(most-least)))
		for k := range min(m, cases) + 1 {
			chance := math.Exp(choose(cases, k) + choose(people-cases, m-k) - choose(people, m))
			ratio := 2 * (top(float64(k)+0.5, float64(m)+1) + top(float64(cases-k)+0.5, float64(people-m)+1) - top(float64(cases)+1, float64(people)+2))
			for l, level := range levels {
				if math.Erfc(math.Sqrt(max(ratio, 0)/2)) < level {
					rates[l] += chance / steps / level
				}
			}
		}
	}
	return rates
}

var levels = [4]float64{5e-2, 1e-2, 1e-3, 1e-4}
