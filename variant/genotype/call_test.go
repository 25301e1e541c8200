package genotype

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// site makes an input; p holds the probabilities of the alt sets in the order
// of variant.AltSets.
func site(start int, ref, alts string, depth int, ad []int, p ...[3]float64) *Input {
	in := &Input{Site: variant.Site{Variant: variant.Variant{Contig: "chr20", Start: start, End: start + len(ref), Ref: ref, Alts: strings.Split(alts, ",")}, Depth: depth, AD: ad}}
	for i, set := range variant.AltSets(len(in.Site.Alts)) {
		in.Sets = append(in.Sets, variant.Likelihoods{AltSet: set, P: p[i]})
		if len(set) == 1 {
			in.Site.VAF = append(in.Site.VAF, float64(ad[i+1])/float64(max(1, depth)))
		}
	}
	return in
}

func compat() Options {
	o := Defaults()
	o.Compat = true
	return o
}

func haploid() Options {
	o := compat()
	o.Haploid = []string{"chr20"}
	return o
}

func pls(gl []float64) []int {
	var out []int
	for _, x := range gl {
		out = append(out, int(-10*(x-slices.Max(gl))))
	}
	return out
}

// Probabilities of single sites and the record DeepVariant 1.9 makes of them.
func TestCallVectors(t *testing.T) {
	tg := site(10001018, "T", "G", 44, []int{31, 13}, [3]float64{.5270445346832275, .46703964471817017, .005915820598602295})
	ag := site(10009876, "A", "G", 38, []int{33, 5}, [3]float64{.9604156613349915, .03422953933477402, .005354821681976318})
	ta := site(10008749, "T", "TA", 25, []int{21, 2}, [3]float64{.9992005825042725, .0005898423842154443, .00020956990192644298})
	gtt := site(10002457, "G", "GTT,GTTT", 53, []int{3, 27, 15}, [3]float64{.05393660068511963, .7627443075180054, .183319091796875},
		[3]float64{.3471650183200836, .6218832731246948, .030951738357543945}, [3]float64{.0012917518615722656, .0022054417058825493, .9965028166770935})
	caa := site(10008757, "C", "AA,CA", 31, []int{1, 0, 23}, [3]float64{.9985619187355042, .0012371093034744263, .00020098690583836287},
		[3]float64{.000847160816192627, .0061569600366055965, .9929958581924438}, [3]float64{.00017935040523298085, .0014896629145368934, .9983310103416443})
	cac := site(10008951, "CACACACACACA", "C,CCACACACACA", 42, []int{1, 15, 25}, [3]float64{.03973018378019333, .9599336385726929, .0003361701965332031},
		[3]float64{.002077043056488037, .9944857358932495, .0034372275695204735}, [3]float64{.00010651350021362305, .0005822399980388582, .9993112683296204})
	cases := []struct {
		name   string
		in     *Input
		o      Options
		qual   float64
		filter string
		gt     variant.Genotype
		gq     int
		pl     []int
		alts   string
	}{
		{"weak reference", tg, compat(), 2.8, "RefCall", variant.NoCall, 3, []int{0, 0, 19}, "T>G"},
		{"weak reference, haploid", tg, haploid(), 0, "RefCall", variant.Genotype{}, 20, []int{0, 98, 19}, "T>G"},
		{"reference below 20", ag, compat(), 0.2, "RefCall", variant.NoCall, 14, []int{0, 14, 22}, "A>G"},
		{"reference above 20, haploid", ag, haploid(), 0, "RefCall", variant.Genotype{}, 23, []int{0, 99, 22}, "A>G"},
		{"sure reference", ta, compat(), 0, "RefCall", variant.Genotype{}, 31, []int{0, 32, 36}, "T>TA"},
		{"two alternate alleles", gtt, compat(), 29.7, "PASS", variant.Genotype{A: 1, B: 2}, 7, []int{28, 26, 7, 26, 0, 15}, "G>GTT,GTTT"},
		{"two alternate alleles, haploid", gtt, haploid(), 22.2, "PASS", variant.Genotype{A: 1, B: 1}, 8, []int{21, 98, 0, 98, 98, 7}, "G>GTT,GTTT"},
		{"one allele goes", caa, compat(), 30.7, "PASS", variant.Genotype{A: 1, B: 1}, 22, []int{30, 22, 0}, "C>CA"},
		{"one allele goes, haploid", caa, haploid(), 30.7, "PASS", variant.Genotype{A: 1, B: 1}, 31, []int{30, 99, 0}, "C>CA"},
		{"long alleles", cac, compat(), 39.7, "PASS", variant.Genotype{A: 1, B: 2}, 23, []int{39, 32, 34, 32, 0, 24}, "CACACACACACA>C,CCACACACACA"},
		{"long alleles, haploid", cac, haploid(), 15.6, "PASS", variant.Genotype{A: 2, B: 2}, 9, []int{15, 98, 10, 98, 98, 0}, "CACACACACACA>C,CCACACACACA"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c, err := k.o.Call(k.in)
			if err != nil {
				t.Fatal(err)
			}
			if q := math.Floor(10*c.Qual+.5) / 10; q != k.qual || c.Filter != k.filter || c.GT != k.gt || c.GQ != k.gq || !slices.Equal(pls(c.GL), k.pl) {
				t.Errorf("got %v %s %v:%d:%v, want %v %s %v:%d:%v", q, c.Filter, c.GT, c.GQ, pls(c.GL), k.qual, k.filter, k.gt, k.gq, k.pl)
			}
			if got := c.Ref + ">" + strings.Join(c.Alts, ","); got != k.alts {
				t.Errorf("alleles %s, want %s", got, k.alts)
			}
			if c.End != c.Start+len(c.Ref) || len(c.AD) != len(c.Alts)+1 || len(c.VAF) != len(c.Alts) {
				t.Errorf("end %d, AD %v, VAF %v do not fit the alleles", c.End, c.AD, c.VAF)
			}
		})
	}
	t.Run("product", func(t *testing.T) {
		o := compat()
		o.Mode = Product
		c, err := o.Call(gtt)
		if err != nil {
			t.Fatal(err)
		}
		if p := math.Pow(10, c.GL[variant.Index(1, 2)]); math.Abs(p-.878) > 5e-4 || c.GQ != 9 || math.Abs(c.Qual-43.5) > .05 || c.GT != (variant.Genotype{A: 1, B: 2}) {
			t.Errorf("P(1/2) = %v, GQ %d, QUAL %v, want .878, 9, 43.5", p, c.GQ, c.Qual)
		}
	})
}

func TestFilters(t *testing.T) {
	low := site(10, "A", "G", 20, []int{10, 10}, [3]float64{.45, .5, .05})
	cases := []struct {
		name   string
		in     *Input
		change func(*Options)
		filter string
		gt     variant.Genotype
		gq     int
		gl     int
	}{
		{"passes", low, func(*Options) {}, variant.Pass, variant.Genotype{A: 0, B: 1}, 3, 3},
		{"below the threshold", low, func(o *Options) { o.QualFilter = 4 }, variant.LowQual, variant.Genotype{A: 0, B: 1}, 3, 3},
		{"no reads, compatible", site(10, "A", "G", 0, []int{0, 0}, [3]float64{.2, .5, .3}), func(o *Options) { o.Compat = true }, variant.NoCalls, variant.NoCall, 0, 2},
		{"no reads", site(10, "A", "G", 0, []int{0, 0}, [3]float64{.2, .5, .3}), func(*Options) {}, variant.NoCalls, variant.NoCall, 0, 3},
		{"weak reference kept by a lower bound", site(10, "A", "G", 20, []int{18, 2}, [3]float64{.9, .08, .02}), func(o *Options) { o.HomRefMinGQ = 5 }, variant.RefCall, variant.Genotype{}, 10, 3},
		{"ties go to the first", site(10, "A", "G", 20, []int{18, 2}, [3]float64{.2, .4, .4}), func(*Options) {}, variant.Pass, variant.Genotype{A: 0, B: 1}, 2, 3},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			o := Defaults()
			k.change(&o)
			c, err := o.Call(k.in)
			if err != nil {
				t.Fatal(err)
			}
			if c.Filter != k.filter || c.GT != k.gt || c.GQ != k.gq || len(c.GL) != k.gl {
				t.Errorf("got %s %v:%d with %d likelihoods, want %s %v:%d with %d", c.Filter, c.GT, c.GQ, len(c.GL), k.filter, k.gt, k.gq, k.gl)
			}
			if Passed(&c) != (k.filter == variant.Pass) {
				t.Errorf("Passed = %v", Passed(&c))
			}
		})
	}
}

// In a pseudoautosomal region a haploid contig is diploid; touching it is not
// enough.
func TestPAR(t *testing.T) {
	o := haploid()
	o.PAR = locus.NewSet(locus.Region{Contig: "chr20", Start: 100, End: 200})
	for start, diploid := range map[int]bool{98: false, 99: true, 150: true, 199: true, 200: false} {
		c, err := o.Call(site(start, "AT", "A", 20, []int{10, 10}, [3]float64{.01, .9, .09}))
		if err != nil {
			t.Fatal(err)
		}
		if het := c.GT == (variant.Genotype{A: 0, B: 1}); het != diploid {
			t.Errorf("at %d: %v", start, c.GT)
		}
	}
	c, err := o.Call(site(10, "A", "G", 9, []int{1, 8}, [3]float64{0, 1, 0}))
	if err != nil || c.GT != variant.NoCall || c.Filter != variant.RefCall || c.GL[1] != log10(smallestP) {
		t.Errorf("all probability on a heterozygote that cannot be: %v %v, %v", c.GT, c.GL, err)
	}
}

// randomInput is a site of n alternate alleles with arbitrary probabilities.
func randomInput(rng *rand.Rand, n int) *Input {
	const letters = "ACGT"
	alts := []string{}
	for len(alts) < n {
		a := "C" + strings.Repeat("T", rng.IntN(3)) + letters[rng.IntN(4):][:1] + strings.Repeat("A", rng.IntN(3))
		if a != "CTA" && !slices.Contains(alts, a) {
			alts = append(alts, a)
		}
	}
	ad := make([]int, n+1)
	sum := 0
	for i := range ad {
		ad[i] = rng.IntN(30)
		sum += ad[i]
	}
	var p [][3]float64
	for range variant.AltSets(n) {
		x := [3]float64{rng.ExpFloat64(), rng.ExpFloat64(), rng.ExpFloat64()}
		if rng.IntN(3) == 0 {
			x[rng.IntN(3)] *= 1000
		}
		s := x[0] + x[1] + x[2]
		p = append(p, [3]float64{x[0] / s, x[1] / s, x[2] / s})
	}
	return site(rng.IntN(1000), "CTA", strings.Join(alts, ","), sum, ad, p...)
}

// Whatever the order of the alt sets, the record is the same; its parts fit
// each other; and nothing of it is out of range.
func TestCallProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 5000 {
		in := randomInput(rng, 1+rng.IntN(5))
		o := Options{Mode: Mode(rng.IntN(2)), AltQual: float64(rng.IntN(3)), QualFilter: 3, HomRefMinGQ: 20, Compat: rng.IntN(2) == 0}
		if rng.IntN(4) == 0 {
			o.Haploid = []string{"chr20"}
		}
		c, err := o.Call(in)
		if err != nil {
			t.Fatal(err)
		}
		rng.Shuffle(len(in.Sets), func(i, j int) { in.Sets[i], in.Sets[j] = in.Sets[j], in.Sets[i] })
		again, err := o.Call(in)
		if err != nil {
			t.Fatal(err)
		}
		if again.GT != c.GT || again.GQ != c.GQ || again.Qual != c.Qual || !slices.Equal(again.GL, c.GL) || !slices.Equal(again.Alts, c.Alts) {
			t.Fatalf("another order of sets, another record:\n%+v\n%+v", c, again)
		}
		n := len(c.Alts)
		if n < 1 || len(c.AD) != n+1 || len(c.VAF) != n || c.End != c.Start+len(c.Ref) || c.GQ < 0 || c.GQ > 99 || c.Qual < 0 || c.Qual > 99.04 {
			t.Fatalf("%+v", c)
		}
		if c.Filter == variant.NoCalls {
			continue
		}
		if len(c.GL) != variant.Genotypes(n+1) {
			t.Fatalf("%d likelihoods of %d alleles", len(c.GL), n+1)
		}
		if c.GT != variant.NoCall && pls(c.GL)[variant.Index(c.GT.A, c.GT.B)] != 0 {
			t.Fatalf("PL of %v in %v is not 0", c.GT, pls(c.GL))
		}
		if o.Haploid != nil && c.GT.A != c.GT.B {
			t.Fatalf("%v on a haploid contig", c.GT)
		}
		sum := 0.0
		for _, x := range c.GL {
			sum += math.Pow(10, x)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Fatalf("probabilities sum to %v", sum)
		}
	}
}

// Three alternate alleles by hand.
func TestThreeAlts(t *testing.T) {
	one, two := [3]float64{.01, .98, .01}, [3]float64{.01, .01, .98}
	none := [3]float64{.98, .01, .01}
	in := site(5, "A", "C,G,T", 30, []int{0, 15, 0, 15}, one, none, one, one, two, one)
	o := Defaults()
	o.AltQual = 0
	c, err := o.Call(in)
	if err != nil {
		t.Fatal(err)
	}
	if c.GT != (variant.Genotype{A: 1, B: 3}) || len(c.Alts) != 3 {
		t.Errorf("got %v of %v, want 1/3", c.GT, c.Alts)
	}
	// min: 1/3 is .98, all nine others .01
	if want := .98 / (.98 + 9*.01); math.Abs(math.Pow(10, c.GL[variant.Index(1, 3)])-want) > 1e-12 {
		t.Errorf("P(1/3) = %v, want %v", math.Pow(10, c.GL[variant.Index(1, 3)]), want)
	}
	in.Sets[1].P = [3]float64{.9999, .0001, 0} // the second allele goes
	o.AltQual = 1
	if c, err = o.Call(in); err != nil || c.GT != (variant.Genotype{A: 1, B: 2}) || strings.Join(c.Alts, ",") != "C,T" || !slices.Equal(c.AD, []int{0, 15, 15}) {
		t.Errorf("got %v of %v, AD %v, %v; want 1/2 of C,T", c.GT, c.Alts, c.AD, err)
	}
}

func TestAllAllelesBelowTheFilter(t *testing.T) {
	p := func(x float64) [3]float64 { return [3]float64{1 - x, x, 0} }
	in := site(5, "A", "C,G,T", 30, []int{28, 1, 1, 0}, p(.05), p(.1), p(.1), p(.1), p(.1), p(.1))
	o := Defaults()
	c, err := o.Call(in)
	if err != nil || strings.Join(c.Alts, ",") != "G" {
		t.Errorf("kept %v, %v; want G, the first of the best", c.Alts, err)
	}
}

// TestCandidates: alleles that are left out can be told of or kept, which
// changes no genotype and none of the likelihoods of others.
func TestCandidates(t *testing.T) {
	in := func() *Input {
		return site(5, "A", "C,G,T", 30, []int{2, 12, 1, 15}, [3]float64{.01, .98, .01}, [3]float64{.9999, .0001, 0}, [3]float64{.01, .98, .01},
			[3]float64{.01, .98, .01}, [3]float64{.001, .009, .99}, [3]float64{.01, .98, .01})
	}
	o := Defaults()
	plain, err := o.Call(in())
	if err != nil || strings.Join(plain.Alts, ",") != "C,T" || plain.Candidates != "" {
		t.Fatalf("%v, candidates %q, %v; want C,T and none", plain.Alts, plain.Candidates, err)
	}
	o.Candidates = Tell
	told, err := o.Call(in())
	if err != nil || told.Candidates != "C|G|T" || !slices.Equal(told.GL, plain.GL) || told.GT != plain.GT {
		t.Errorf("told %q, %v, %v", told.Candidates, told.GT, err)
	}
	if c, err := o.Call(site(5, "A", "C", 9, []int{1, 8}, [3]float64{0, .1, .9})); err != nil || c.Candidates != "" {
		t.Errorf("one allele: candidates %q, %v", c.Candidates, err)
	}
	o.Candidates = Keep
	kept, err := o.Call(in())
	if err != nil || strings.Join(kept.Alts, ",") != "C,G,T" || !slices.Equal(kept.AD, []int{2, 12, 1, 15}) || len(kept.VAF) != 3 || len(kept.GL) != 10 {
		t.Fatalf("kept %v, AD %v, %d likelihoods, %v", kept.Alts, kept.AD, len(kept.GL), err)
	}
	number := []int{0, 1, 3} // of alleles without G among all
	for b := range 3 {
		for a := 0; a <= b; a++ {
			if x, y := plain.GL[variant.Index(a, b)], kept.GL[variant.Index(number[a], number[b])]; x != y {
				t.Errorf("likelihood of %d/%d: %v, want %v", number[a], number[b], y, x)
			}
		}
	}
	for a := range 4 {
		if x := kept.GL[variant.Index(a, 2)]; x != log10(smallestP) {
			t.Errorf("likelihood of %d/2: %v, want the smallest", a, x)
		}
	}
	if kept.GQ != plain.GQ || kept.Qual != plain.Qual || kept.GT != (variant.Genotype{A: number[plain.GT.A], B: number[plain.GT.B]}) {
		t.Errorf("%v GQ %d QUAL %v, want those of %v GQ %d QUAL %v", kept.GT, kept.GQ, kept.Qual, plain.GT, plain.GQ, plain.Qual)
	}
	o.MultiAllelic = func([9]float64) [6]float64 { return [6]float64{} }
	if o.Validate() == nil {
		t.Error("alleles kept beside a multi-allelic model: no error")
	}
	for text, want := range map[string]Candidates{"": Forget, "INFO": Tell, "alt": Keep} {
		if c, err := ParseCandidates(text); err != nil || c != want {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
	if _, err := ParseCandidates("all"); err == nil {
		t.Error("all: no error")
	}
}

// TestMethylation: fractions and depths go with their alleles.
func TestMethylation(t *testing.T) {
	in := site(5, "A", "C,G", 30, []int{2, 12, 1}, [3]float64{.01, .98, .01}, [3]float64{.9999, .0001, 0}, [3]float64{.01, .98, .01})
	in.Methylation = &variant.Methylation{Fraction: []float64{.5, .25, 1}, Depth: []int{4, 8, 1}, Type: "0/1"}
	o := Defaults()
	c, err := o.Call(in)
	if m := c.Methylation; err != nil || m == nil || !slices.Equal(m.Fraction, []float64{.5, .25}) || !slices.Equal(m.Depth, []int{4, 8}) || m.Type != "0/1" {
		t.Errorf("got %+v, %v", m, err)
	}
	in.Methylation.Depth = []int{4}
	if _, err := o.Call(in); err == nil || !strings.Contains(err.Error(), "methylation of 3 and 1 alleles (MF, MD), want 3") {
		t.Errorf("error %v", err)
	}
}

// TestCallerKeepsNothing: records of one Caller share no memory.
func TestCallerKeepsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	c := NewCaller(Defaults())
	var got, want []variant.Call
	for range 3000 {
		x, y := r.Float64(), r.Float64()
		in := site(5, "A", "C,G", 30, []int{2, 12, 1}, [3]float64{x, 1 - x, 0}, [3]float64{y, 1 - y, 0}, [3]float64{x * y, 1 - x*y, 0})
		var a variant.Call
		err := c.Call(&a, in)
		b, err2 := c.o.Call(in)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		got, want = append(got, a), append(want, b)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("records made by one Caller differ from those made one by one")
	}
}

func TestMultiAllelicModel(t *testing.T) {
	o := Defaults()
	var seen [9]float64
	o.MultiAllelic = func(x [9]float64) [6]float64 {
		seen = x
		return [6]float64{0, 0, 0, 0, .9, .1}
	}
	a, b, ab := [3]float64{.1, .2, .7}, [3]float64{.3, .3, .4}, [3]float64{.6, .2, .2}
	c, err := o.Call(site(1, "A", "C,G", 9, []int{1, 4, 4}, a, b, ab))
	if err != nil || c.GT != (variant.Genotype{A: 1, B: 2}) || c.GQ != 10 {
		t.Errorf("got %v:%d, %v", c.GT, c.GQ, err)
	}
	if want := [9]float64{.1, .2, .7, .3, .3, .4, .6, .2, .2}; seen != want {
		t.Errorf("the model saw %v, want %v", seen, want)
	}
	seen = [9]float64{}
	if c, err = o.Call(site(1, "A", "C", 9, []int{1, 8}, a)); err != nil || seen != [9]float64{} || c.GT != (variant.Genotype{A: 1, B: 1}) {
		t.Errorf("one alternate allele: %v, the model saw %v, %v", c.GT, seen, err)
	}
}

func TestPhase(t *testing.T) {
	for _, k := range []struct {
		name   string
		phases []int
		want   variant.Genotype
		set    string
	}{
		{"reference first", []int{1, 2}, variant.Genotype{A: 0, B: 1, Phased: true}, "0-7"},
		{"alternate first", []int{2, 1}, variant.Genotype{A: 1, B: 0, Phased: true}, "0-7"},
		{"one unknown", []int{0, 1}, variant.Genotype{A: 0, B: 1}, ""},
		{"both on one", []int{2, 2}, variant.Genotype{A: 0, B: 1}, ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			in := site(10, "A", "G", 20, []int{10, 10}, [3]float64{.01, .98, .01})
			in.Phases, in.PhaseSet = k.phases, "0-7"
			o := Defaults()
			if c, err := o.Call(in); err != nil || c.GT != k.want || c.Phase != k.set {
				t.Errorf("got %v %q, %v; want %v %q", c.GT, c.Phase, err, k.want, k.set)
			}
		})
	}
}

func TestFaultyInputs(t *testing.T) {
	good := func() *Input {
		p := [3]float64{.2, .3, .5}
		return site(10, "A", "G,T", 20, []int{10, 5, 5}, p, p, p)
	}
	for _, k := range []struct {
		name   string
		change func(*Input)
		is     error
		text   string
	}{
		{"set twice", func(in *Input) { in.Sets[1] = in.Sets[0] }, ErrDuplicate, "chr20:11 A>G,T: alt set [0]"},
		{"set missing", func(in *Input) { in.Sets = in.Sets[:2] }, ErrMissing, "2 alt sets, want 3"},
		{"unknown allele", func(in *Input) { in.Sets[2].AltSet = []int{0, 2} }, nil, "alt set [0 2] of 2 alternate alleles"},
		{"set in the wrong order", func(in *Input) { in.Sets[2].AltSet = []int{1, 0} }, nil, "alt set [1 0]"},
		{"not a number", func(in *Input) { in.Sets[0].P[1] = math.NaN() }, nil, "probability NaN, want 0 to 1"},
		{"no distribution", func(in *Input) { in.Sets[0].P = [3]float64{.5, .5, .5} }, nil, "sum to 1.5, want 1"},
		{"too few counts", func(in *Input) { in.Site.AD = in.Site.AD[:2] }, nil, "2 counts (AD)"},
		{"no alternate allele", func(in *Input) { in.Site.Alts = nil }, nil, "a site needs"},
		{"wrong end", func(in *Input) { in.Site.End++ }, nil, "the site ends at 12"},
		{"phases", func(in *Input) { in.Phases = []int{1} }, nil, "1 phases, want one per allele, 3"},
	} {
		t.Run(k.name, func(t *testing.T) {
			in := good()
			k.change(in)
			o := Defaults()
			_, err := o.Call(in)
			if err == nil || !strings.Contains(err.Error(), k.text) || k.is != nil && !errors.Is(err, k.is) {
				t.Errorf("got %v, want an error with %q", err, k.text)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	o := Options{Mode: 7, AltQual: -1, QualFilter: math.NaN(), HomRefMinGQ: -1}
	err := o.Validate()
	for _, want := range []string{"mode 7", "alternate alleles -1", "filter NaN", "reference call -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no word of %q", err, want)
		}
	}
	for _, m := range []Mode{Min, Product} {
		if got, err := ParseMode(m.String()); err != nil || got != m {
			t.Errorf("ParseMode(%q) = %v, %v", m.String(), got, err)
		}
	}
	if _, err := ParseMode("max"); err == nil {
		t.Error("ParseMode takes max")
	}
}

// Tables of exact values: where a quality is truncated the last bit shows.
func TestNumbers(t *testing.T) {
	for k := range 10 {
		if got := log10(math.Pow(10, -float64(k))); got != -float64(k) {
			t.Errorf("log10(1e-%d) = %v", k, got)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10000 {
		x := math.Pow(10, -10*rng.Float64())
		if got, want := log10(x), math.Log10(x); math.Abs(got-want) > 4e-15*max(1, -want) {
			t.Fatalf("log10(%v) = %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]float64{29.70000005: 29.7, 0.00000005: 0, 1.00000015: 1.0000001, 99.03089987: 99.0308999, 0: 0, 12.3456789012: 12.3456789} {
		if got := round7(x); got != want {
			t.Errorf("round7(%v) = %v, want %v", x, got, want)
		}
	}
	if got := phred(1); got > 99.0309 || got < 99.0308 {
		t.Errorf("ceiling %v, want 99.03", got)
	}
	for k := range 30 {
		if a, b := alleles(k); variant.Index(a, b) != k || a > b {
			t.Errorf("alleles(%d) = %d, %d", k, a, b)
		}
	}
}
