package classify_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
)

// saidBy is what a classifier says of the alt sets of a site.
func saidBy(t *testing.T, c classify.Classifier, e *classify.Evidence) (p [][classify.Copies]float64) {
	t.Helper()
	err := c.Classify(t.Context(), []*classify.Evidence{e}, func(_ int, sets []variant.Likelihoods) error {
		for _, s := range sets {
			p = append(p, s.P)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// slipsOf is what Slips says of them, nil where that is nothing.
func slipsOf(t *testing.T, e *classify.Evidence) [][classify.Copies]float64 {
	t.Helper()
	return saidBy(t, classify.Slips{}, e)
}

// ofTemplates is the likelihood of two lengths where each haplotype has so many
// templates, by going through all 3^(2n) things that can have become of them.
func ofTemplates(n int, a, b int, gaps map[int]int, rate func(int) float64, least float64) (sum float64) {
	ways := 1
	for range 2 * n {
		ways *= 3
	}
	for w := range ways {
		p := 1.0
		have := map[int]int{}
		for i := range 2 * n {
			l := a
			if i >= n {
				l = b
			}
			r := rate(l)
			switch w % 3 {
			case 0:
				p *= 1 - r
			case 1:
				p *= 0.65 * r
				l--
			case 2:
				p *= 0.35 * r
				l++
			}
			w /= 3
			have[l]++
		}
		for l, k := range gaps {
			p *= math.Pow(max(float64(have[l])/float64(2*n), least), float64(k))
		}
		sum += p
	}
	return sum
}

// ofMany is the same for more templates than can be gone through: how many of each
// haplotype are a base shorter and longer, drawn out of the trinomial distribution.
func ofMany(n int, a, b int, gaps map[int]int, rate func(int) float64, least float64) (sum float64) {
	choose := func(n, k int) float64 {
		x, _ := math.Lgamma(float64(n + 1))
		y, _ := math.Lgamma(float64(k + 1))
		z, _ := math.Lgamma(float64(n - k + 1))
		return math.Exp(x - y - z)
	}
	each := func(l int, visit func(p float64, have map[int]int)) {
		r := rate(l)
		for down := range n + 1 {
			for up := range n + 1 - down {
				p := choose(n, down) * choose(n-down, up) * math.Pow(0.65*r, float64(down)) * math.Pow(0.35*r, float64(up)) * math.Pow(1-r, float64(n-down-up))
				visit(p, map[int]int{l - 1: down, l: n - down - up, l + 1: up})
			}
		}
	}
	each(a, func(p float64, x map[int]int) {
		each(b, func(q float64, y map[int]int) {
			l := p * q
			for g, k := range gaps {
				l *= math.Pow(max(float64(x[g]+y[g])/float64(2*n), least), float64(k))
			}
			sum += l
		})
	})
	return sum
}

// Slips gives the posterior probabilities of the genotypes over numbers of
// templates and rates, as they come out where everything that can have become of
// the templates is added up.
func TestSlipsAllTemplates(t *testing.T) {
	library := &noise.Noise{Across: [noise.Classes]int{100_000, 20_000, 4000, 1000}, Off: [noise.Classes]int{50, 60, 80, 90}, Lonely: 150}
	few := map[int]int{0: 9, -1: 5, 1: 2, -2: 1}
	even := func(int) float64 { return 0.03 }
	if x, y := ofMany(4, 0, -1, few, even, 1e-3), ofTemplates(4, 0, -1, few, even, 1e-3); math.Abs(x/y-1) > 1e-9 {
		t.Fatalf("counted by numbers %v, one by one %v", x, y)
	}
	for _, k := range []struct {
		length int
		alts   []int
		gaps   map[int]int
	}{
		{14, []int{-1, 1}, few},
		{9, []int{-1}, map[int]int{0: 20, -1: 4}},
		{20, []int{1, 2}, map[int]int{0: 3, 1: 4, 2: 6, 3: 1, -1: 1}},
		{12, []int{-3}, map[int]int{0: 5, -3: 5, -4: 1, 9: 1}},
	} {
		e := classifytest.InRun(k.length, k.alts, k.gaps)
		e.Noise = library
		got := slipsOf(t, e)
		alleles := append([]int{0}, k.alts...)
		post := map[[2]int]float64{}
		total := 0.0
		for b, y := range alleles {
			for a, x := range alleles[:b+1] {
				step := func(d int) float64 { return 0.39 * math.Pow(0.22, math.Abs(float64(d))-1) }
				changed := min(0.35, 0.002*math.Pow(2, float64(k.length-6)))
				prior := changed * 0.15 * step(x) * step(y)
				switch {
				case x == 0 && y == 0:
					prior = 1 - changed
				case x == y:
					prior = changed * 0.85 / 3 * step(x)
				case x == 0:
					prior = changed * 0.85 * 2 / 3 * step(y)
				}
				sum := 0.0
				for i, w := range []float64{0.06, 0.24, 0.4, 0.24, 0.06} {
					rate := func(l int) float64 {
						return min(0.4, math.Pow(2, float64(i-2))*min(0.2, library.Rate(min(k.length+l, 24))))
					}
					most := 0.0
					for _, l := range alleles {
						most = max(most, rate(l))
					}
					least := max(1e-3, 0.1*most)
					sum += w * (ofMany(4, x, y, k.gaps, rate, least) + ofMany(12, x, y, k.gaps, rate, least))
				}
				post[[2]int{a, b}] = prior * sum
				total += prior * sum
			}
		}
		for i, set := range variant.AltSets(len(k.alts)) {
			var want [classify.Copies]float64
			for g, p := range post {
				n := 0
				for _, allele := range g {
					if allele > 0 && slices.Contains(set, allele-1) {
						n++
					}
				}
				want[n] += (p / total) / 1.003
			}
			for c := range want {
				if want[c] += 0.001 / 1.003; math.Abs(got[i][c]-want[c]) > 2e-3*want[c]+1e-5 { // what has slipped with less than 1e-5 is left out
					t.Errorf("run of %d, alt set %v of %v: %v, want %v", k.length, set, k.alts, got[i], want)
				}
			}
		}
	}
}

// What five of twenty reads show is taken for slips the rather the more of them the
// library has.
func TestSlipsOfLibraries(t *testing.T) {
	ask := func(length int, n *noise.Noise) float64 {
		e := classifytest.InRun(length, []int{-1}, map[int]int{0: 15, -1: 5})
		e.Noise = n
		return slipsOf(t, e)[0][0]
	}
	noisy := &noise.Noise{Across: [noise.Classes]int{100_000, 20_000, 4000, 1000}, Off: [noise.Classes]int{500, 600, 800, 300}}
	typical := ask(13, nil)
	var sites []*classify.Evidence
	for _, n := range []*noise.Noise{nil, noisy, nil} {
		e := classifytest.InRun(13, []int{-1}, map[int]int{0: 15, -1: 5})
		e.Noise = n
		sites = append(sites, e)
	}
	err := classify.Slips{}.Classify(t.Context(), sites, func(i int, sets []variant.Likelihoods) error {
		if want := ask(13, sites[i].Noise); sets[0].P[0] != want {
			t.Errorf("site %d in company: no variant with %v, alone with %v", i, sets[0].P[0], want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if x := ask(13, &noise.Noise{}); x != typical {
		t.Errorf("of a library of which nothing is known %v, of none %v", x, typical)
	}
	if x := ask(13, noisy); !(x > typical+0.05) {
		t.Errorf("no variant with %v in a noisy library, with %v in a typical one", x, typical)
	}
}

// Of SNPs, of changes that are no other length of a run, of short runs, of other
// repeats and where no read reaches across, Slips says nothing.
func TestSlipsAreSilent(t *testing.T) {
	good := func() *classify.Evidence { return classifytest.InRun(13, []int{-1, 1}, map[int]int{0: 9, -1: 3}) }
	if p := slipsOf(t, good()); len(p) != 3 {
		t.Fatalf("of two alleles in a run: %v", p)
	}
	for name, edit := range map[string]func(e *classify.Evidence){
		"an insertion of G": func(e *classify.Evidence) { e.Site.Alts[1] = "CGA" },
		"a SNP":             func(e *classify.Evidence) { e.Site.Alts[1] = "CT" },
		"no reads across": func(e *classify.Evidence) {
			for i := range e.Reads {
				e.Reads[i].Across = false
			}
		},
		"five bases":      func(e *classify.Evidence) { *e = *classifytest.InRun(5, []int{-1, 1}, map[int]int{0: 9, -1: 3}) },
		"nine bases more": func(e *classify.Evidence) { *e = *classifytest.InRun(13, []int{9}, map[int]int{0: 9, 9: 3}) },
		"repeat of CA": func(e *classify.Evidence) {
			e.Ref = []byte("CGTACGTCGATCGTTCACACACACACACACAGTCGTAGCTAGCT")
			e.Site.Ref, e.Site.Alts = "TCA", []string{"T", "TCACA"}
			e.Site.End = e.Site.Start + 3
		},
	} {
		e := good()
		edit(e)
		if p := slipsOf(t, e); p != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
}

// In a blend the weight of Slips is the others' where it says nothing, and what it
// says goes in where it does, of a site in numbers alone too.
func TestSlipsInBlend(t *testing.T) {
	c := counts(t)
	blend := &classify.Blend{Called: "b", Members: []classify.Classifier{c, classify.Slips{}}, Weights: []float64{0.5, 0.5}}
	f, err := classify.NewFeaturer()
	if err != nil {
		t.Fatal(err)
	}
	summed := func(e *classify.Evidence) *classify.Evidence {
		s, err := f.Sum(e)
		if err != nil {
			t.Fatal(err)
		}
		return s.Evidence("s", nil)
	}
	for _, e := range []*classify.Evidence{classifytest.InRun(13, []int{-1, 1}, map[int]int{0: 9, -1: 3}), classifytest.InRun(13, []int{-1}, map[int]int{0: 9, -1: 3})} {
		x, y := saidBy(t, c, e), slipsOf(t, e)
		both := saidBy(t, blend, e)
		for k := range x {
			if want := classify.Blended([]float64{0.5, 0.5}, x[k], y[k]); both[k] != want || both[k] == x[k] {
				t.Errorf("alt set %d: %v, want %v", k, both[k], want)
			}
		}
		if got := saidBy(t, blend, summed(e)); !slices.Equal(got, both) {
			t.Errorf("of the site in numbers %v, want %v", got, both)
		}
		bad := summed(e)
		bad.Summed.Slips = bad.Summed.Slips[1:]
		if err := (classify.Slips{}).Classify(t.Context(), []*classify.Evidence{bad}, func(int, []variant.Likelihoods) error { return nil }); len(e.Site.Alts) > 1 && err == nil {
			t.Error("of an alt set nothing is known, and that is no error")
		}
	}
	rng := rand.New(rand.NewPCG(3, 9))
	silent := 0
	for range 50 {
		e := classifytest.Random(rng, 2)
		if slipsOf(t, e) != nil {
			continue
		}
		silent++
		x, both := saidBy(t, c, e), saidBy(t, blend, e)
		for k := range x {
			for i := range x[k] {
				if math.Abs(both[k][i]-x[k][i]) > 1e-8 {
					t.Fatalf("alt set %d: %v, want %v", k, both[k], x[k])
				}
			}
		}
	}
	if silent < 10 {
		t.Fatalf("it speaks of all but %d sites", silent)
	}
}

// A model gives Slips its share where the second network decides, and a model
// without one is as if there were no Slips.
func TestSlipsInModel(t *testing.T) {
	m := model(t)
	m.SNP, m.Indel = 70, 70 // the first network is never sure enough
	e := classifytest.InRun(13, []int{-1}, map[int]int{0: 9, -1: 3})
	e.Draw = func(dst []byte, _ []int) ([]byte, error) {
		return append(dst, make([]byte, m.Height*m.Width*len(m.Channels))...), nil
	}
	var p [2][classify.Copies]float64
	for i, share := range []float64{0, 0.5} {
		m.Slips = share
		c, err := m.Classifier()
		if err != nil {
			t.Fatal(err)
		}
		p[i] = saidBy(t, c, e)[0]
	}
	then, err := classify.NewByteNet(m.Name, m.Then)
	if err != nil {
		t.Fatal(err)
	}
	first, err := classify.NewNet("f", m.First, func(b byte) float32 { return float32(b) / 255 })
	if err != nil {
		t.Fatal(err)
	}
	said := [][classify.Copies]float64{saidBy(t, counts(t), e)[0], saidBy(t, first, e)[0], saidBy(t, then, e)[0], slipsOf(t, e)[0]}
	near := func(x, y [classify.Copies]float64) bool {
		return math.Abs(x[0]-y[0])+math.Abs(x[1]-y[1])+math.Abs(x[2]-y[2]) < 1e-9
	}
	if want := classify.Blended(m.Blend[:], said[:3]...); !near(p[0], want) {
		t.Errorf("without a share %v, want %v", p[0], want)
	}
	if want := classify.Blended([]float64{0.1, 0.15, 0.25, 0.5}, said...); !near(p[1], want) || near(p[1], p[0]) {
		t.Errorf("with half %v, want %v; without %v", p[1], want, p[0])
	}
	for _, bad := range []float64{-0.1, 1, math.NaN()} {
		m.Slips = bad
		if m.Validate() == nil {
			t.Errorf("a share of %v is no error", bad)
		}
	}
}

// What Slips costs at a site of one alternate allele in a run of 16 bases and 30
// reads.
func BenchmarkSlips(b *testing.B) {
	e := classifytest.InRun(16, []int{-1}, map[int]int{0: 17, -1: 10, -2: 2, 1: 1})
	list := []*classify.Evidence{e}
	for b.Loop() {
		err := classify.Slips{}.Classify(b.Context(), list, func(int, []variant.Likelihoods) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}
