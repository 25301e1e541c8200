package classify_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
)

func features(t testing.TB, e *classify.Evidence) []float32 {
	t.Helper()
	f, err := classify.NewFeaturer()
	if err != nil {
		t.Fatal(err)
	}
	x, err := f.Append(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Features are as many as promised, of a size that networks can take, and the
// same for reads in any order.
func TestFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range 400 {
		e := classifytest.Random(rng, 1+i%4)
		for range rng.IntN(classify.AroundWidth + 1) {
			e.Around = append(e.Around, rng.IntN(101))
		}
		if i%3 == 0 {
			for k := range e.Reads {
				for range len(e.Site.Alts) + 1 {
					e.Reads[k].Fit = append(e.Reads[k].Fit, rng.Float32())
				}
			}
		}
		x := features(t, e)
		if want := len(variant.AltSets(len(e.Site.Alts))) * classify.Features; len(x) != want {
			t.Fatalf("%d features, want %d", len(x), want)
		}
		for k, v := range x {
			if !(v >= -4 && v <= 4) {
				t.Errorf("feature %d is %v", k%classify.Features, v)
			}
		}
		// what the counts model says may differ in the last bits
		slices.Reverse(e.Reads)
		y := features(t, e)
		for k := range x {
			if d := x[k] - y[k]; d != 0 && (k%classify.Features < classify.Features-6 || d > 1e-5 || d < -1e-5) {
				t.Errorf("feature %d is %v, of reversed reads %v", k%classify.Features, x[k], y[k])
			}
		}
	}
}

// The twelve numbers over reads, by hand.
func TestFeaturesByHand(t *testing.T) {
	e := &classify.Evidence{Ref: []byte("ACGTACGTACGTACGTACGTA"), RefStart: 100}
	e.Site = variant.Site{Variant: variant.Variant{Contig: "c", Start: 110, End: 111, Ref: "G", Alts: []string{"A"}}, AD: []int{2, 1}, Depth: 4}
	e.Reads = []classify.Read{
		{Allele: 0, BaseQ: 30, MapQ: 60, Left: 20, Right: 20},
		{Allele: 0, BaseQ: 25, MapQ: 41, Reverse: true, Left: 20, Right: 0},
		{Allele: 1, BaseQ: 20, MapQ: 10, Reverse: true, Left: 3, Right: 20},
		{Allele: classify.Other, BaseQ: 20, MapQ: 60},
	}
	x := features(t, e)
	for _, k := range []struct {
		at   int
		want float32
	}{
		{4, .25}, {5, .33}, {6, 50.0 / 50}, {7, 10.0 / 50}, {8, 27.0 / 50}, {9, 20.0 / 50}, {10, .5}, {11, 1},
		{12, 1}, {13, 0}, {14, 0}, {17, 0}, {18, 0}, // a SNP, the only one
		{73, .5},                   // one of two reads across
		{76, 0}, {77, .5}, {79, 1}, // reads in doubt
	} {
		if x[k.at] != k.want {
			t.Errorf("feature %d is %v, want %v", k.at, x[k.at], k.want)
		}
	}
}

// The lengths of a repeat that reads have seen, by hand: of eight reads across a
// run of six A one end short of it and tells nothing.
func TestFeaturesOfLengths(t *testing.T) {
	e := &classify.Evidence{Ref: []byte("ACGTCAAAAAAGTACGTACGT"), RefStart: 100}
	e.Site = variant.Site{Variant: variant.Variant{Contig: "c", Start: 104, End: 106, Ref: "CA", Alts: []string{"C"}}, AD: []int{2, 3}, Depth: 8}
	for _, gap := range []int{0, 0, -1, -1, -1, -2, 1, 0} {
		e.Reads = append(e.Reads, classify.Read{Allele: classify.Other, BaseQ: 30, MapQ: 60, Left: 4, Right: 12, Gap: gap, Across: true})
	}
	e.Reads[7].Across = false
	x := features(t, e)
	want := []float32{.14, .42, .28, .14, 0, // two units fewer than the reference to two more
		0, .14, .28, .14, // two fewer than the allele, one, one more, two more
		0, .14, .57, 1, 0} // of no whole unit, longer, shorter; four lengths; no G or C
	for k, v := range want {
		if at := classify.Features - 6 - noise.Numbers - len(want) + k; x[at] != v {
			t.Errorf("feature %d is %v, want %v", at, x[at], v)
		}
	}
}

// How noisy the library is networks are told of indels, as noise.Values has it, and
// not of SNPs; where nothing is known of it, it is a typical one.
func TestFeaturesOfLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	noisy := &noise.Noise{Across: [noise.Classes]int{10_000, 1000, 500, 100}, Off: [noise.Classes]int{100, 50, 80, 40}, Lonely: 90}
	values := noisy.Values()
	snps, indels := 0, 0
	for i := range 200 {
		e := classifytest.Random(rng, 1+i%3)
		before := features(t, e)
		e.Noise = noisy
		x := features(t, e)
		for k, set := range variant.AltSets(len(e.Site.Alts)) {
			indel := slices.ContainsFunc(set, func(a int) bool { return len(e.Site.Alts[a]) != len(e.Site.Ref) })
			for j := range classify.Features {
				got, want := x[k*classify.Features+j], before[k*classify.Features+j]
				if at := j - (classify.Features - 6 - noise.Numbers); at >= 0 && at < noise.Numbers {
					if want != 0 {
						t.Fatalf("of an unknown library number %d is %v", at, want)
					}
					if indel {
						want = float32(values[at])
					}
				}
				if got != want {
					t.Fatalf("feature %d of %v is %v, want %v", j, e.Site.Variant, got, want)
				}
			}
			if indel {
				indels++
			} else {
				snps++
			}
		}
	}
	if snps < 20 || indels < 20 {
		t.Fatalf("%d sets of SNPs, %d of indels", snps, indels)
	}
}
