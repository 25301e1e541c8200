package classify_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
	"github.com/gx-genomics/gx/variant/genotype"
)

func counts(t testing.TB) *classify.Counts {
	t.Helper()
	c, err := classify.NewCounts(classify.DefaultParams())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCountsContract(t *testing.T) { classifytest.Run(t, counts(t), nil) }

// evidence is a site in a stretch of reference: left + ref + right.
func evidence(left, ref, right string, alts ...string) *classify.Evidence {
	e := &classify.Evidence{Ref: []byte(left + ref + right), RefStart: 5000}
	start := 5000 + len(left)
	e.Site = variant.Site{Variant: variant.Variant{Contig: "chr1", Start: start, End: start + len(ref), Ref: ref, Alts: alts}, AD: make([]int, len(alts)+1), VAF: make([]float64, len(alts))}
	return e
}

// add puts n good reads of an allele on alternating strands.
func add(e *classify.Evidence, allele, n int, change ...func(*classify.Read)) *classify.Evidence {
	for i := range n {
		r := classify.Read{Allele: allele, BaseQ: 35, MapQ: 60, Reverse: i%2 == 1, Left: 50, Right: 50}
		for _, f := range change {
			f(&r)
		}
		e.Reads = append(e.Reads, r)
		if allele >= 0 {
			e.Site.AD[allele]++
			e.Site.Depth++
		}
	}
	return e
}

func record(t *testing.T, e *classify.Evidence, mode genotype.Mode) variant.Call {
	t.Helper()
	var c variant.Call
	o := genotype.Defaults()
	o.Mode = mode
	err := counts(t).Classify(t.Context(), []*classify.Evidence{e}, func(_ int, sets []variant.Likelihoods) (err error) {
		c, err = o.Call(&genotype.Input{Site: e.Site, Sets: sets})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const left, right = "GATTACAGCCTGAACTTGAC", "TGCATCGGATCCAAGTCATG"

// Sites whose genotype nobody would argue about, and records of them, through
// both ways of merging.
func TestCountsGenotypes(t *testing.T) {
	forward := func(r *classify.Read) { r.Reverse = false }
	reverse := func(r *classify.Read) { r.Reverse = true }
	quality := func(q byte) func(*classify.Read) { return func(r *classify.Read) { r.BaseQ = q } }
	lost := func(r *classify.Read) { r.MapQ = 0 }
	snp := func() *classify.Evidence { return evidence(left, "A", right, "G") }
	run := func(n int, alt string) *classify.Evidence {
		return evidence(left, "C", strings.Repeat("A", n)+right, alt)
	}
	cases := []struct {
		name string
		e    *classify.Evidence
		want string
	}{
		{"half the reads", add(add(snp(), 0, 15), 1, 15), "0/1 PASS"},
		{"a third of the reads", add(add(snp(), 0, 20), 1, 10), "0/1 PASS"},
		{"all reads", add(snp(), 1, 30), "1/1 PASS"},
		{"all but one", add(add(snp(), 0, 1), 1, 30), "1/1 PASS"},
		{"few reads", add(add(snp(), 0, 3), 1, 4), "0/1 PASS"},
		{"two of forty", add(add(snp(), 0, 38), 1, 2), "0/0 RefCall"},
		{"five of forty, good bases", add(add(snp(), 0, 35), 1, 5), "0/0 RefCall"},
		{"bad bases only", add(add(snp(), 0, 20), 1, 6, quality(8)), "0/0 RefCall"},
		{"one strand", add(add(snp(), 0, 20), 1, 7, forward), "0/0 RefCall"},
		{"both strands, same number", add(add(snp(), 0, 14), 1, 7), "0/1 PASS"},
		{"reads that may lie anywhere", add(add(snp(), 0, 20), 1, 8, lost), "0/0 RefCall"},
		{"no reads", snp(), "./. NoCall"},
		{"deletion", add(add(evidence(left, "CTG", right, "C"), 0, 12), 1, 9), "0/1 PASS"},
		{"insertion, all reads", add(evidence(left, "C", right, "CAGT"), 1, 25), "1/1 PASS"},
		{"slippage in a long run", add(add(run(22, "CA"), 0, 24), 1, 5), "0/0 RefCall"},
		{"the same outside a run is not so sure", add(add(run(1, "CA"), 0, 14), 1, 9), "0/1 PASS"},
		{"true indel in a run", add(add(run(9, "CA"), 0, 14), 1, 13), "0/1 PASS"},
		{"two alternate alleles", add(add(evidence(left, "A", right, "C", "G"), 1, 14), 2, 15), "1/2 PASS"},
		{"one of two alternate alleles", add(add(add(evidence(left, "A", right, "C", "G"), 0, 14), 1, 15), 2, 2), "0/1 PASS"},
		{"two deletions", add(add(evidence(left, "CTG", right, "C", "CT"), 1, 11), 2, 12), "1/2 PASS"},
		{"three alternate alleles", add(add(evidence(left, "A", right, "C", "G", "T"), 1, 14), 3, 15), "1/3 PASS"},
		{"two errors at once", add(add(add(evidence(left, "T", right, "C", "TA"), 0, 25), 1, 6, forward, quality(25)), 2, 3, reverse), "0/0 RefCall"},
		{"others say nothing", add(add(add(snp(), 0, 12), 1, 12), classify.Other, 10), "0/1 PASS"},
	}
	for _, k := range cases {
		for _, mode := range []genotype.Mode{genotype.Min, genotype.Product} {
			t.Run(k.name+", "+mode.String(), func(t *testing.T) {
				c := record(t, k.e, mode)
				gt := fmt.Sprintf("%d/%d", c.GT.A, c.GT.B)
				if c.GT == variant.NoCall {
					gt = "./."
				}
				if c.GT != variant.NoCall && len(c.Alts) < len(k.e.Site.Alts) { // pruned: give the number it had
					gt = fmt.Sprintf("%d/%d", original(c, k.e, c.GT.A), original(c, k.e, c.GT.B))
				}
				if c.Filter == variant.RefCall {
					gt = "0/0" // be it a weak one
				}
				if got := gt + " " + c.Filter; got != k.want {
					t.Errorf("%s QUAL %.1f GQ %d, want %s", got, c.Qual, c.GQ, k.want)
				}
			})
		}
	}
}

func original(c variant.Call, e *classify.Evidence, allele int) int {
	if allele == 0 {
		return 0
	}
	return 1 + slices.Index(e.Site.Alts, c.Alts[allele-1])
}

// qual is the quality of the record of a heterozygous-looking site.
func qual(t *testing.T, e *classify.Evidence) float64 { return record(t, e, genotype.Min).Qual }

// More of the same evidence never makes a variant less sure; better evidence
// makes it surer; and the surest is far from certain.
func TestCountsOrder(t *testing.T) {
	snp := func() *classify.Evidence { return evidence(left, "A", right, "G") }
	last := 0.0
	for depth := 4; depth <= 60; depth += 4 {
		q := qual(t, add(add(snp(), 0, depth/2), 1, depth/2))
		if q < last-0.5 {
			t.Errorf("QUAL %.1f at depth %d, %.1f at less", q, depth, last)
		}
		last = q
	}
	if last > 80 {
		t.Errorf("QUAL %.1f: errors come in company, nothing is that sure", last)
	}
	last = 0
	for alt := 2; alt <= 15; alt++ {
		q := qual(t, add(add(snp(), 0, 30-alt), 1, alt))
		if q < last {
			t.Errorf("QUAL %.1f with %d alternate reads, %.1f with fewer", q, alt, last)
		}
		last = q
	}
	strand := func(r *classify.Read) { r.Reverse = false }
	both, one := qual(t, add(add(snp(), 0, 20), 1, 10)), qual(t, add(add(snp(), 0, 20), 1, 10, strand))
	if one > both-5 {
		t.Errorf("one strand QUAL %.1f, both %.1f", one, both)
	}
	end := func(r *classify.Read) { r.Right = 1 }
	inner, ends := qual(t, add(add(snp(), 0, 12), 1, 4)), qual(t, add(add(snp(), 0, 12), 1, 4, end))
	if ends >= inner {
		t.Errorf("at the ends of reads QUAL %.1f, inside %.1f", ends, inner)
	}
}

// A read that ends in a repeat may hide any length of it: reference reads that
// do not span it do not speak against an indel.
func TestCountsRepeatSpan(t *testing.T) {
	e := evidence(left, "C", strings.Repeat("A", 12)+right, "CA")
	add(e, 1, 10)
	add(e, 0, 8, func(r *classify.Read) { r.Right = 6 })
	if c := record(t, e, genotype.Min); c.GT != (variant.Genotype{A: 1, B: 1}) {
		t.Errorf("8 reads that end in the run: %v, want 1/1", c.GT)
	}
	e = evidence(left, "C", strings.Repeat("A", 12)+right, "CA")
	add(e, 1, 10)
	add(e, 0, 8, func(r *classify.Read) { r.Right = 20 })
	if c := record(t, e, genotype.Min); c.GT != (variant.Genotype{A: 0, B: 1}) {
		t.Errorf("8 reads that span the run: %v, want 0/1", c.GT)
	}
}

// The names of the alleles do not matter: with the alternate alleles in
// another order the same probabilities come out under the other numbers; and
// the order of the reads does not matter beyond rounding.
func TestCountsSymmetry(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	c := counts(t)
	classes := func(e *classify.Evidence) []variant.Likelihoods {
		var out []variant.Likelihoods
		if err := c.Classify(t.Context(), []*classify.Evidence{e}, func(_ int, s []variant.Likelihoods) error { out = s; return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for range 200 {
		e := classifytest.Random(rng, 2)
		want := classes(e)
		swapped := *e
		swapped.Site.Alts = []string{e.Site.Alts[1], e.Site.Alts[0]}
		swapped.Reads = slices.Clone(e.Reads)
		rng.Shuffle(len(swapped.Reads), func(i, j int) {
			swapped.Reads[i], swapped.Reads[j] = swapped.Reads[j], swapped.Reads[i]
		})
		for i := range swapped.Reads {
			if a := swapped.Reads[i].Allele; a > 0 {
				swapped.Reads[i].Allele = 3 - a
			}
		}
		got := classes(&swapped)
		for i, j := range []int{1, 0, 2} {
			for k := range 3 {
				if math.Abs(got[i].P[k]-want[j].P[k]) > 1e-9 {
					t.Fatalf("alleles swapped: %v, want %v", got[i], want[j])
				}
			}
		}
	}
}

// Deep sites and sites of many alleles neither overflow nor vanish.
func TestCountsExtremes(t *testing.T) {
	e := add(add(evidence(left, "A", right, "G"), 0, 5000), 1, 5000)
	if c := record(t, e, genotype.Min); c.GT != (variant.Genotype{A: 0, B: 1}) || math.IsNaN(c.Qual) {
		t.Errorf("depth 10000: %v QUAL %v", c.GT, c.Qual)
	}
	worst := func(r *classify.Read) { r.BaseQ, r.MapQ = 0, 0 }
	e = add(add(evidence(left, "A", right, "G"), 0, 50, worst), 1, 50, worst)
	if c := record(t, e, genotype.Min); math.IsNaN(c.Qual) || c.GQ > 40 {
		t.Errorf("reads without quality: %v QUAL %v GQ %d", c.GT, c.Qual, c.GQ)
	}
	err := counts(t).Classify(t.Context(), []*classify.Evidence{evidence(left, "A", right)}, func(int, []variant.Likelihoods) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "chr1:5021: 0 alternate alleles") {
		t.Errorf("no alternate allele: %v", err)
	}
}

// Of a site with very many alternate alleles the foremost are weighed, wherever
// they stand; the others have no copy.
func TestCountsManyAlleles(t *testing.T) {
	var alts []string
	for i := range 30 {
		alts = append(alts, "C"+strings.Repeat("AG", i+1))
	}
	e := evidence(left, "C", right, alts...)
	for i := range alts {
		add(e, i+1, 2)
	}
	add(add(e, 14, 40), 29, 44)
	c := record(t, e, genotype.Min)
	if got := fmt.Sprintf("%d/%d", original(c, e, c.GT.A), original(c, e, c.GT.B)); got != "14/29" {
		t.Errorf("genotype %s, want 14/29", got)
	}
	err := counts(t).Classify(t.Context(), []*classify.Evidence{e}, func(_ int, sets []variant.Likelihoods) error {
		for _, s := range sets {
			want := 0
			for _, i := range s.AltSet {
				if i == 13 || i == 28 {
					want++
				}
			}
			if s.P[want] < 0.9 {
				t.Errorf("alt set %v: %v, want %d copies", s.AltSet, s.P, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestParamsValidate(t *testing.T) {
	p := classify.DefaultParams()
	p.HetSNP, p.EndBases, p.IndelError = 2, -1, math.NaN()
	_, err := classify.NewCounts(p)
	for _, want := range []string{"HetSNP 2", "EndBases -1", "IndelError NaN"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no word of %q", err, want)
		}
	}
}

func BenchmarkCounts(b *testing.B) {
	for _, n := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(n, "alts"), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			var sites []*classify.Evidence
			for len(sites) < 100 {
				if e := classifytest.Random(rng, n); len(e.Reads) >= 30 && len(e.Reads) < 50 {
					sites = append(sites, e)
				}
			}
			c := counts(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Classify(b.Context(), sites, func(int, []variant.Likelihoods) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(sites)*b.N)/b.Elapsed().Seconds(), "sites/s")
		})
	}
}
