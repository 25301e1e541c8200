package simulate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
)

func cohort(t *testing.T, change func(*Options)) *Cohort {
	t.Helper()
	o := Defaults()
	o.Samples, o.Variants = 2000, 200
	change(&o)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rows(t *testing.T, c *Cohort, from, to, size int) []dosage.Row {
	t.Helper()
	var out []dosage.Row
	for b, err := range c.Blocks(t.Context(), from, to, size) {
		if err != nil {
			t.Fatal(err)
		}
		if b.First != from+len(out) {
			t.Fatalf("block begins at row %d, want %d", b.First, from+len(out))
		}
		for _, r := range b.Rows {
			r.Calls = slices.Clone(r.Calls)
			out = append(out, r)
		}
	}
	return out
}

// TestRowsAreTheSameFromAnywhere: shards and block sizes change nothing, also
// with linkage, families and missing genotypes.
func TestRowsAreTheSameFromAnywhere(t *testing.T) {
	c := cohort(t, func(o *Options) {
		o.Block, o.Families, o.Missing, o.Populations, o.FST = 13, 0.5, 0.02, 3, 0.05
	})
	all := rows(t, c, 0, -1, 64)
	if len(all) != c.Variants() {
		t.Fatalf("%d rows, want %d", len(all), c.Variants())
	}
	for _, part := range [][3]int{{0, 200, 7}, {5, 20, 100}, {77, 131, 1}, {199, -1, 3}} {
		to := part[1]
		if to < 0 {
			to = len(all)
		}
		got := rows(t, c, part[0], part[1], part[2])
		if len(got) != to-part[0] {
			t.Fatalf("%v: %d rows", part, len(got))
		}
		for i := range got {
			if w := &all[part[0]+i]; !slices.Equal(got[i].Calls, w.Calls) || got[i].Variant != w.Variant {
				t.Fatalf("%v: row %d differs from that of the whole", part, part[0]+i)
			}
		}
	}
}

// corr is the squared correlation of two rows without missing genotypes.
func corr(a, b *dosage.Row, n int) float64 {
	var sa, sb, saa, sbb, sab float64
	for i := range n {
		x, y := float64(a.Call(i)), float64(b.Call(i))
		sa, sb, saa, sbb, sab = sa+x, sb+y, saa+x*x, sbb+y*y, sab+x*y
	}
	m := float64(n)
	c := sab - sa*sb/m
	return c * c / ((saa - sa*sa/m) * (sbb - sb*sb/m))
}

func TestGenotypesAreAsAsked(t *testing.T) {
	c := cohort(t, func(o *Options) {
		o.Samples, o.Variants, o.Block, o.Correlation, o.Chromosomes = 4000, 400, 20, 0.9, 4
		o.MinMAF, o.MaxMAF = 0.3, 0.3
	})
	all := rows(t, c, 0, -1, 50)
	near, far, apart, low := 0.0, 0.0, 0.0, 0
	for i := range all {
		r := &all[i]
		if math.Abs(r.Freq()-0.3) > 0.035 && math.Abs(r.Freq()-0.7) > 0.035 { // 5 sd of 8000 draws is 0.026
			t.Errorf("%s has frequency %v, want 0.3", r.ID, r.Freq())
		}
		if r.HWE(true) < 0.01 {
			low++
		}
		if i%20 == 0 && i > 0 {
			near += corr(r, &all[i+1], 4000) / 19
			far += corr(r, &all[i+10], 4000) / 19
			apart += corr(r, &all[i-1], 4000) / 19
		}
	}
	if low > 15 { // of 400, 1 % by chance
		t.Errorf("%d of 400 rows are not in Hardy-Weinberg proportions at 0.01", low)
	}
	// At equal frequency the correlation of neighbours is 0.9 or, where one is
	// flipped, -0.9 p/(1-p) at least; its square is 0.81 or 0.15.
	if near < 0.15 || near > 0.85 || far > near/2 || apart > 0.005 {
		t.Errorf("mean r2 of neighbours %v, ten apart %v, of blocks %v", near, far, apart)
	}
	if all[0].Chrom != "1" || all[399].Chrom != "4" || all[100].Chrom != "2" || all[100].Start != all[0].Start {
		t.Errorf("variants lie at %+v and %+v", all[0].Variant, all[100].Variant)
	}
}

func TestFamiliesAndPopulations(t *testing.T) {
	c := cohort(t, func(o *Options) {
		o.Families, o.Variants, o.Populations, o.FST = 1, 400, 2, 0.2
	})
	all := rows(t, c, 0, -1, 50)
	people := c.People()
	relatedness := func(i, j int) float64 { // over all variants, relative to the whole cohort
		sum := 0.0
		for k := range all {
			p := all[k].Freq()
			sum += (float64(all[k].Call(i)) - 2*p) * (float64(all[k].Call(j)) - 2*p) / (2 * p * (1 - p))
		}
		return sum / float64(len(all))
	}
	child, sibs, same, other := 0.0, 0.0, 0.0, 0.0
	n, m := 0.0, 0.0
	for f := 0; f+8 <= len(people); f += 40 {
		if people[f+2].Father != people[f].IID || people[f+2].Mother != people[f+1].IID || !people[f].Male || people[f+1].Male {
			t.Fatalf("family is %+v", people[f:f+4])
		}
		child += relatedness(f, f+2) - relatedness(f, f+1)
		sibs += relatedness(f+2, f+3) - relatedness(f, f+1)
		n++
		if people[f].Population == people[f+4].Population {
			same += relatedness(f, f+4)
			m++
		} else {
			other += relatedness(f, f+4)
		}
	}
	if child/n < 0.3 || child/n > 0.7 || sibs/n < 0.3 || sibs/n > 0.7 {
		t.Errorf("parents and children share %v more than parents do, siblings %v; want about 0.5", child/n, sibs/n)
	}
	if same/m < 0.05 || other/(n-m) > -0.05 {
		t.Errorf("relatedness within populations %v, between %v", same/m, other/(n-m))
	}
}

func TestMissingGenotypes(t *testing.T) {
	c := cohort(t, func(o *Options) { o.Missing = 0.05 })
	sum := 0
	for _, r := range rows(t, c, 0, -1, 50) {
		sum += r.Missing
	}
	if share := float64(sum) / (2000 * 200); math.Abs(share-0.05) > 0.002 {
		t.Errorf("share of missing genotypes %v, want 0.05", share)
	}
}

// r2 is the variance of y explained by columns, by the projection of traits.
func r2(y []float64, x ...[]float64) float64 {
	c := slices.Clone(y)
	scale(c, 1)
	before := dot(c, c)
	orthogonalise(c, x)
	return 1 - dot(c, c)/before
}

func TestSharesOfTheProtocol(t *testing.T) {
	want := map[Scenario]shares{
		Linear: {0.45, 0, 0.05, 0.5}, Smooth: {0.15, 0.30, 0.05, 0.5}, Thresholds: {0.15, 0.30, 0.05, 0.5},
		Weak: {0.15, 0.05, 0.05, 0.75}, Null: {0.15, 0.30, 0, 0.55},
	}
	c := cohort(t, func(o *Options) {
		o.Samples, o.Traits = 10_000, nil
		for _, s := range []Scenario{Linear, Smooth, Thresholds, Weak, Null} {
			o.Traits = append(o.Traits, Trait{Name: string(s), Scenario: s, Heritability: -1})
		}
		o.Traits = append(o.Traits, Trait{Name: "h2", Scenario: Smooth, Heritability: 0.4, Missing: 0.1})
	})
	tab, err := c.Table(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var x [][]float64
	for _, col := range tab.Covariates {
		x = append(x, col.Values)
	}
	z, s, b := standard(x)
	all := rows(t, c, 0, -1, 50)
	for _, y := range tab.Traits[:5] {
		w := want[Scenario(y.Name)]
		if got := r2(y.Values, x...); math.Abs(got-w.l) > 0.03 {
			t.Errorf("%s: covariates explain %v, want %v", y.Name, got, w.l)
		}
		with := append(slices.Clone(x), nonlinearPart(Scenario(y.Name), z, s, b))
		if got := r2(y.Values, with...); math.Abs(got-w.l-w.n) > 0.03 {
			t.Errorf("%s: with the nonlinear part %v, want %v", y.Name, got, w.l+w.n)
		}
		g := make([]float64, len(y.Values))
		effects := 0
		for _, v := range tab.Causal {
			if v.Trait != y.Name {
				continue
			}
			effects++
			k := slices.IndexFunc(all, func(r dosage.Row) bool { return r.ID == v.ID })
			if r := &all[k]; math.Abs(r.Freq()-v.Freq) > 1e-12 {
				t.Fatalf("%s has frequency %v in the table, %v in the rows", v.ID, v.Freq, r.Freq())
			}
			for i := range g {
				g[i] += v.Beta * float64(all[k].Call(i))
			}
		}
		variance := 0.0
		if w.g > 0 {
			factor := scale(g, w.g)
			variance = w.g / (factor * factor)
		}
		if effects != 50 || math.Abs(variance-w.g) > 1e-9 {
			t.Errorf("%s: %d effects of variance %v, want 50 of %v", y.Name, effects, variance, w.g)
		}
	}
	missing := 0
	for _, v := range tab.Traits[5].Values {
		if math.IsNaN(v) {
			missing++
		}
	}
	if missing < 850 || missing > 1150 {
		t.Errorf("%d of 10,000 values are missing, want about 1000", missing)
	}
}

func TestBinaryTraits(t *testing.T) {
	c := cohort(t, func(o *Options) {
		o.Samples = 20_000
		o.Traits = []Trait{{Name: "protocol", Scenario: Smooth, Binary: true, Heritability: -1}, {Name: "rare", Scenario: Linear, Binary: true, Heritability: -1, Cases: 0.05}}
	})
	tab, err := c.Table(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The cohort simulated elsewhere by this protocol has 22.8 % cases.
	for i, want := range []float64{0.228, 0.05} {
		sum := 0.0
		for _, v := range tab.Traits[i].Values {
			sum += v
		}
		if got := sum / 20_000; math.Abs(got-want) > 0.012 {
			t.Errorf("%s: %v cases, want %v", tab.Traits[i].Name, got, want)
		}
	}
}

func TestValidateNamesAllFaults(t *testing.T) {
	o := Defaults()
	o.Samples, o.FST, o.Populations, o.Correlation = 0, 2, 3, 1
	o.Traits[0].Scenario, o.Traits[1].Name = "C", "age"
	err := o.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"samples 0", "FST 2", "correlation 1", `scenario "C"`, `"age"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %s", err, part)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	o := Defaults()
	o.Variants = 1 << 20
	c, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for range c.Blocks(b.Context(), 0, b.N, 64) {
		n++
	}
}
