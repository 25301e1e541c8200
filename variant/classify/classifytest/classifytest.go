// Package classifytest checks that a Classifier keeps its contract.
package classifytest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
)

// Run checks what every Classifier promises: one distribution per alt set in
// order, sites in order, nothing that depends on the company of a site, on the
// order of its reads or on other goroutines, an end at the first error. c
// classifies sites with images where draw is not nil: it is given to each as
// Evidence.Draw.
func Run(t *testing.T, c classify.Classifier, draw func(dst []byte, altSet []int) ([]byte, error)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(20, 26))
	var sites []*classify.Evidence
	for i := range 60 {
		e := Random(rng, 1+i%4)
		e.Draw = draw
		sites = append(sites, e)
	}
	want := collect(t, c, sites)

	t.Run("distributions", func(t *testing.T) {
		if c.Name() == "" || strings.ContainsAny(c.Name(), ":;, \t") {
			t.Errorf("Name %q cannot stand in a VCF", c.Name())
		}
		for i, sets := range want {
			alts := variant.AltSets(len(sites[i].Site.Alts))
			if len(sets) != len(alts) {
				t.Fatalf("site %d: %d alt sets, want %d", i, len(sets), len(alts))
			}
			for k, set := range sets {
				if !slices.Equal(set.AltSet, alts[k]) {
					t.Fatalf("site %d: alt set %v in place of %v", i, set.AltSet, alts[k])
				}
				sum := 0.0
				for _, p := range set.P {
					if !(p >= 0 && p <= 1) {
						t.Fatalf("site %d, alt set %v: probabilities %v", i, set.AltSet, set.P)
					}
					sum += p
				}
				if math.Abs(sum-1) > 1e-6 {
					t.Fatalf("site %d, alt set %v: probabilities sum to %v", i, set.AltSet, sum)
				}
			}
		}
	})
	t.Run("sites alone", func(t *testing.T) {
		for i := range sites {
			same(t, i, collect(t, c, sites[i:i+1])[0], want[i])
		}
	})
	t.Run("sites backwards", func(t *testing.T) {
		back := slices.Clone(sites)
		slices.Reverse(back)
		got := collect(t, c, back)
		for i := range got {
			same(t, i, got[len(got)-1-i], want[i])
		}
	})
	t.Run("many goroutines", func(t *testing.T) {
		var wg sync.WaitGroup
		got := make([][][]variant.Likelihoods, 8)
		for g := range got {
			wg.Go(func() { got[g] = collect(t, c, sites) })
		}
		wg.Wait()
		for _, list := range got {
			for i := range list {
				same(t, i, list[i], want[i])
			}
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if got := collect(t, c, nil); len(got) != 0 {
			t.Errorf("%d results for no site", len(got))
		}
	})
	t.Run("errors", func(t *testing.T) {
		stop := errors.New("disk full")
		calls := 0
		err := c.Classify(t.Context(), sites, func(i int, _ []variant.Likelihoods) error {
			calls++
			if i == 3 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || calls != 4 {
			t.Errorf("error of emit at the fourth site: %v after %d", err, calls)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Classify(ctx, sites, func(int, []variant.Likelihoods) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := c.Classify(t.Context(), []*classify.Evidence{{Site: variant.Site{Variant: variant.Variant{Contig: "c", Ref: "A", End: 1}}}},
			func(int, []variant.Likelihoods) error { return nil }); err == nil {
			t.Error("a site without an alternate allele is no error")
		}
	})
}

func collect(t *testing.T, c classify.Classifier, sites []*classify.Evidence) [][]variant.Likelihoods {
	t.Helper()
	var out [][]variant.Likelihoods
	err := c.Classify(t.Context(), sites, func(i int, sets []variant.Likelihoods) error {
		if i != len(out) {
			t.Errorf("site %d comes after %d others", i, len(out))
		}
		out = append(out, sets)
		return nil
	})
	if err != nil {
		t.Errorf("Classify: %v", err)
	}
	return out
}

func same(t *testing.T, i int, got, want []variant.Likelihoods) {
	t.Helper()
	for k := range want {
		if k >= len(got) || got[k].P != want[k].P || !slices.Equal(got[k].AltSet, want[k].AltSet) {
			t.Fatalf("site %d: %v, and another time %v", i, want, got)
		}
	}
}

// Random is the evidence of a made-up site with n alternate alleles, SNPs and
// indels, in a made-up stretch of reference with repeats, with 0 to 80 reads.
func Random(rng *rand.Rand, n int) *classify.Evidence {
	e := &classify.Evidence{RefStart: 1000}
	for len(e.Ref) < 201 {
		unit := make([]byte, 1+rng.IntN(4))
		for i := range unit {
			unit[i] = "ACGT"[rng.IntN(4)]
		}
		for range 1 + rng.IntN(1+rng.IntN(12)) {
			e.Ref = append(e.Ref, unit...)
		}
	}
	e.Ref = e.Ref[:201]
	length := 1 + rng.IntN(4)
	ref := string(e.Ref[100 : 100+length])
	e.Site.Variant = variant.Variant{Contig: "chr1", Start: 1100, End: 1100 + length, Ref: ref}
	for len(e.Site.Alts) < n {
		alt := []byte(ref[:1+rng.IntN(length)])
		for range rng.IntN(4) {
			alt = append(alt, "ACGT"[rng.IntN(4)])
		}
		if rng.IntN(3) == 0 {
			alt = []byte(ref)
			alt[0] = "ACGT"[rng.IntN(4)]
		}
		if a := string(alt); a != ref && !slices.Contains(e.Site.Alts, a) {
			e.Site.Alts = append(e.Site.Alts, a)
		}
	}
	e.Site.AD, e.Site.VAF = make([]int, n+1), make([]float64, n)
	major, minor := rng.IntN(n+1), rng.IntN(n+1)
	for range rng.IntN(80) {
		a := major
		if rng.IntN(2) == 0 {
			a = minor
		}
		if rng.IntN(20) == 0 {
			a = rng.IntN(n+2) - 1
		}
		e.Reads = append(e.Reads, classify.Read{Allele: a, BaseQ: byte(2 + rng.IntN(40)), MapQ: byte(rng.IntN(61)), Reverse: rng.IntN(2) == 0, Left: rng.IntN(150), Right: rng.IntN(150)})
		if a >= 0 {
			e.Site.AD[a]++
			e.Site.Depth++
		}
	}
	for i := range e.Site.VAF {
		e.Site.VAF[i] = float64(e.Site.AD[i+1]) / float64(max(1, e.Site.Depth))
	}
	return e
}

// InRun is a site in a run of so many A, with alternate alleles of so many bases more
// than it, and reads by their length.
func InRun(length int, alts []int, gaps map[int]int) *classify.Evidence {
	ref := []byte("CGTACGTCGATCGTC")
	start := 100 + len(ref) - 1
	for range length {
		ref = append(ref, 'A')
	}
	ref = append(ref, "GTCGTAGCTAGCT"...)
	e := &classify.Evidence{Ref: ref, RefStart: 100}
	drop := -min(slices.Min(alts), 0)
	run := func(n int) string {
		b := []byte{'C'}
		for range n {
			b = append(b, 'A')
		}
		return string(b)
	}
	e.Site = variant.Site{Variant: variant.Variant{Contig: "c", Start: start, End: start + 1 + drop, Ref: run(drop)}, AD: make([]int, len(alts)+1)}
	for _, d := range alts {
		e.Site.Alts = append(e.Site.Alts, run(drop+d))
	}
	for gap, n := range gaps {
		for range n {
			e.Reads = append(e.Reads, classify.Read{Allele: classify.Other, BaseQ: 30, MapQ: 60, Left: 4, Right: length + 12, Gap: gap, Across: true})
			e.Site.Depth++
		}
	}
	return e
}
