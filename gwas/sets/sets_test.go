package sets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// drawn is a cohort in memory: genotypes, two quantitative and two binary traits,
// one of each with missing values.
type drawn struct {
	samples int
	rows    [][]float64 // by variant and sample; NaN where missing
	soft    []bool      // rows that are dosages
	chroms  []string
	study   *pheno.Study
	perm    []int // sample of each column of the genotypes
}

const drawnScale = 255

func (d *drawn) Variants(context.Context) (int, error) { return len(d.rows), nil }
func (d *drawn) Imputed() bool                         { return slices.Contains(d.soft, true) }

func (d *drawn) Blocks(_ context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		if to < 0 {
			to = len(d.rows)
		}
		for at := from; at < to; at += size {
			var b dosage.Block
			b.Reset(at, d.samples)
			for v := at; v < min(at+size, to); v++ {
				r := b.AddUnits(dosage.Variant{Chrom: d.chroms[v], Start: 100 * v, ID: fmt.Sprint("v", v), Ref: "A", Alt: "C"}, drawnScale)
				for c, s := range d.perm {
					if g := d.rows[v][s]; math.IsNaN(g) {
						r.Units[c] = dosage.Missing
					} else {
						r.Units[c] = uint16(math.Round(g * drawnScale))
					}
				}
				r.Count(d.samples, 0)
			}
			if !yield(&b, nil) {
				return
			}
		}
	}
}

// draw makes variants of rising frequency; soft ones are dosages.
func draw(t testing.TB, seed uint64, samples, variants int, soft bool) *drawn {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	d := &drawn{samples: samples}
	for v := range variants {
		freq := 0.0005 * math.Pow(1.25, float64(v%24))
		row := make([]float64, samples)
		for i := range row {
			for range 2 {
				if rng.Float64() < freq {
					row[i]++
				}
			}
			if soft && v%3 == 1 {
				row[i] = math.Round(drawnScale*math.Min(row[i]+0.1*rng.Float64(), 2)) / drawnScale
			}
			if rng.Float64() < 0.004 {
				row[i] = math.NaN()
			}
		}
		d.rows, d.soft, d.chroms = append(d.rows, row), append(d.soft, soft && v%3 == 1), append(d.chroms, "1")
	}
	d.perm = rng.Perm(samples)
	var people []pheno.Sample
	table := &pheno.Table{Path: "drawn", Names: []string{"q", "qna", "b", "bna", "age", "bmi"}, Columns: make([][]string, 6)}
	for i := range samples {
		id := fmt.Sprintf("s%05d", i)
		table.FID, table.IID = append(table.FID, id), append(table.IID, id)
		age, bmi := rng.NormFloat64(), rng.NormFloat64()
		burden := 0.0
		for v := range min(variants, 12) {
			if g := d.rows[v][i]; !math.IsNaN(g) {
				burden += g
			}
		}
		y := 0.5*age + 0.3*burden + rng.NormFloat64()
		cell := func(k int, s string) { table.Columns[k] = append(table.Columns[k], s) }
		missing := rng.Float64() < 0.1
		na := func(s string) string {
			if missing {
				return "NA"
			}
			return s
		}
		z := 0.4*bmi + rng.NormFloat64()
		cell(0, fmt.Sprint(y))
		cell(1, na(fmt.Sprint(z)))
		b := map[bool]string{true: "1", false: "0"}
		cell(2, b[y > 1.6])
		cell(3, na(b[z > 1.3]))
		cell(4, fmt.Sprint(age))
		cell(5, fmt.Sprint(bmi))
	}
	for _, s := range d.perm {
		people = append(people, pheno.Sample{FID: table.FID[s], IID: table.IID[s]})
	}
	o := pheno.Defaults()
	o.Traits, o.Covariates = []string{"q", "qna", "b", "bna"}, []string{"age", "bmi"}
	var err error
	if d.study, err = pheno.NewStudy(people, table, table, o); err != nil {
		t.Fatal(err)
	}
	if len(d.study.Traits) != 4 {
		t.Fatalf("%d traits: %v", len(d.study.Traits), d.study.Skipped)
	}
	return d
}

// genes cuts the variants into sets of so many.
func (d *drawn) genes(each int) ([]Set, []Mask) {
	var list []Set
	for from := 0; from+each <= len(d.rows); from += each {
		s := Set{Name: fmt.Sprint("G", from/each), Chrom: "1", Start: 100 * from}
		for k := range each {
			s.Members = append(s.Members, Member{Row: int32(from + k), Category: uint16(k % 3), Domain: -1, Freq: math.NaN(), Singleton: -1})
		}
		list = append(list, s)
	}
	return list, []Mask{{"M1", []bool{true, false, false}}, {"M2", []bool{true, true, false}}}
}

func all() Options {
	o := Defaults()
	o.Bins, o.MaxAAF = []float64{0.01, 0.05}, 0.05
	o.Kinds, o.Joint = SKAT|SKATO|SKATOACAT|ACATV|ACATO, true
	return o
}

func (d *drawn) scan(t testing.TB, o Options, each int) [][]result.Row {
	t.Helper()
	list, masks := d.genes(each)
	rows := make([][]result.Row, len(d.study.Traits))
	_, err := Scan(t.Context(), d, d.study, list, masks, o, func(b *Output) error {
		for k, r := range b.Rows {
			rows[k] = append(rows[k], r...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// text is all numbers of rows, bit for bit.
func exactly(rows [][]result.Row) string {
	var b bytes.Buffer
	for _, list := range rows {
		for i := range list {
			r := &list[i]
			fmt.Fprintf(&b, "%s %s %d %d %x %x %x %x %x %v %v\n", r.ID, r.Test, r.N, r.Cases, r.EAF, r.Beta, r.SE, r.Stat, r.NegLog10P, r.Method, r.Flags)
		}
	}
	return b.String()
}

// TestSame: neither threads nor the order of the samples change a bit.
func TestSame(t *testing.T) {
	for _, soft := range []bool{false, true} {
		d := draw(t, 3, 500, 48, soft)
		o := all()
		want := exactly(d.scan(t, o, 24))
		if len(want) < 1000 {
			t.Fatalf("few rows: %s", want)
		}
		for _, threads := range []int{2, 5} {
			o.Scan.Threads = threads
			if got := exactly(d.scan(t, o, 24)); got != want {
				t.Errorf("soft %v: %d threads change the rows", soft, threads)
			}
		}
		// The same people, their genotypes in another order.
		other := draw(t, 3, 500, 48, soft)
		rng := rand.New(rand.NewPCG(8, 9))
		order := rng.Perm(500)
		perm := make([]int, 500)
		for i, k := range order {
			perm[i] = other.perm[k]
		}
		inverse := make([]int, 500)
		for i, s := range perm {
			inverse[s] = i
		}
		for i, c := range other.study.Column {
			other.study.Column[i] = inverse[other.perm[c]]
		}
		other.perm = perm
		if got := exactly(other.scan(t, all(), 24)); got != want {
			t.Errorf("soft %v: the order of samples changes the rows", soft)
		}
	}
}

// TestBurden: a mask is tested as the variant that it makes would be, by each rule.
func TestBurden(t *testing.T) {
	d := draw(t, 5, 900, 24, false)
	list, masks := d.genes(24)
	for rule, name := range []string{"max", "sum", "comphet"} {
		o := Defaults()
		o.Rule, o.Bins, o.Scan.MinMAC = Rule(rule), []float64{0.02}, 1
		rows := d.scan(t, o, 24)
		// The genotype by hand: a row of its own behind the others.
		made := make([]float64, d.samples)
		sites := 0
		for _, m := range list[0].Members {
			n, sum := 0, 0.0
			for _, g := range d.rows[m.Row] {
				if !math.IsNaN(g) {
					n, sum = n+1, sum+g
				}
			}
			if !masks[1].Has[m.Category] || sum/float64(2*n) > 0.02 || sum < 0.5 {
				continue
			}
			sites++
			for i, g := range d.rows[m.Row] {
				switch {
				case math.IsNaN(g):
				case rule == 0:
					made[i] = max(made[i], g)
				default:
					made[i] += g
				}
			}
		}
		scale := 1.0
		for i := range made {
			switch rule {
			case 1:
				scale = float64(sites)
				made[i] /= scale
			case 2:
				made[i] = min(made[i], 2)
			}
		}
		one := *d
		one.rows, one.soft, one.chroms = [][]float64{made}, []bool{rule == 1}, []string{"1"}
		so := gwas.Defaults()
		so.MinMAC = 0
		_, err := gwas.Scan(t.Context(), exactUnits{&one, sites}, d.study, so, func(b *gwas.Batch) error {
			for k := range b.Rows {
				want := b.Rows[k][0]
				at := slices.IndexFunc(rows[k], func(r result.Row) bool { return r.ID == "G0.M2.0.02" })
				if at < 0 {
					return fmt.Errorf("no row of the mask in %v", rows[k])
				}
				got := rows[k][at]
				if math.Abs(got.Beta-want.Beta/scale) > 1e-12*math.Abs(got.Beta) || got.NegLog10P != want.NegLog10P || got.N != want.N || got.EAF != want.EAF || got.Method != want.Method {
					t.Errorf("%s, trait %d: %+v, want %+v", name, k, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// exactUnits gives one row in units of 1/sites.
type exactUnits struct {
	*drawn
	sites int
}

func (e exactUnits) Blocks(_ context.Context, _, _, _ int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		var b dosage.Block
		b.Reset(0, e.samples)
		r := b.AddUnits(dosage.Variant{Chrom: "1", ID: "made", Ref: "ref", Alt: "alt"}, e.sites)
		for c, s := range e.perm {
			r.Units[c] = uint16(math.Round(e.rows[0][s] * float64(e.sites)))
		}
		r.Count(e.samples, 0)
		yield(&b, nil)
	}
}

// TestOneVariant: with one variant in a mask all tests of variance are its score
// test.
func TestOneVariant(t *testing.T) {
	d := draw(t, 11, 800, 24, false)
	list, masks := d.genes(24)
	list[0].Members = list[0].Members[21:22]
	masks = masks[:1]
	o := Defaults()
	o.Bins, o.Kinds, o.Scan.Form = []float64{0.5}, SKAT|SKATO|SKATOACAT|ACATV|ACATO, gwas.ScoreForm
	for _, second := range []gwas.Second{gwas.ScoreOnly, gwas.FirthApprox, gwas.SPA} {
		o.Scan.Second, o.Scan.Threshold = second, 0.9
		_, err := Scan(t.Context(), d, d.study, list, masks, o, func(b *Output) error {
			for k, rows := range b.Rows {
				var burden result.Row
				for _, r := range rows {
					if r.Test == "ADD" {
						burden = r
					}
				}
				n := 0
				for _, r := range rows {
					if strings.HasPrefix(r.Test, "ADD-") {
						n++
						if math.Abs(r.NegLog10P-burden.NegLog10P) > 2e-3*(burden.NegLog10P+0.01) {
							t.Errorf("second test %d, trait %d: %s has -log10 p %g, the burden %g", second, k, r.Test, r.NegLog10P, burden.NegLog10P)
						}
					}
				}
				if n != 5 {
					t.Errorf("%d tests of variance, want 5", n)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNull: under the null the p of every test are uniform, within what 4 of 5
// standard errors allow at three levels, for unbalanced binary traits too.
func TestNull(t *testing.T) {
	sets, each := 160, 24
	if testing.Short() {
		sets = 40
	}
	d := draw(t, 21, 1000, 12+sets*each, false)
	d.rows, d.soft, d.chroms = d.rows[12:], d.soft[12:], d.chroms[12:] // those without effect
	o := all()
	o.Scan.Threads = 2
	for k, rows := range d.scan(t, o, each) {
		by := map[string][]float64{}
		for _, r := range rows {
			if strings.HasPrefix(r.ID, "G") && (strings.Contains(r.ID, ".M2.0.05") || r.Test == "ADD-BURDEN-ACAT") && !math.IsNaN(r.NegLog10P) {
				by[r.Test] = append(by[r.Test], math.Pow(10, -r.NegLog10P))
			}
		}
		for test, p := range by {
			for _, level := range []float64{0.5, 0.1, 0.02} {
				n, share := float64(len(p)), 0.0
				for _, v := range p {
					if v <= level {
						share += 1 / n
					}
				}
				if se := math.Sqrt(level * (1 - level) / n); math.Abs(share-level) > 4.5*se+0.15*level {
					t.Errorf("trait %s, %s: %.4f of %g sets below %g", d.study.Traits[k].Name, test, share, n, level)
				}
			}
		}
	}
}

// TestBadSets: a set over two chromosomes is an error that names it; a filter or
// bound that leaves nothing leaves no row.
func TestBadSets(t *testing.T) {
	d := draw(t, 2, 300, 24, false)
	list, masks := d.genes(24)
	d.chroms[5] = "2"
	_, err := Scan(t.Context(), d, d.study, list, masks, all(), func(*Output) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "set G0") || !strings.Contains(err.Error(), "v5") {
		t.Errorf("two chromosomes: %v", err)
	}
	d.chroms[5] = "chr01"
	if _, err := Scan(t.Context(), d, d.study, list, masks, all(), func(*Output) error { return nil }); err != nil {
		t.Errorf("another name of the chromosome: %v", err)
	}
	o := all()
	o.Scan.MaxMissing = 0
	out, err := Scan(t.Context(), d, d.study, []Set{{Name: "empty", Chrom: "1"}, list[0]}, masks, o, func(b *Output) error {
		if len(b.Rows[0]) > 0 && b.Set == "empty" {
			t.Error("rows of an empty set")
		}
		return nil
	})
	if err != nil || out.Empty < 1 {
		t.Errorf("%+v, %v", out, err)
	}
	stop := errors.New("stop")
	if _, err := Scan(t.Context(), d, d.study, list, masks, all(), func(*Output) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"no bound":                 func(o *Options) { o.Bins = nil },
		"frequencies 0":            func(o *Options) { o.Bins = []float64{0.1, 0} },
		"frequencies NaN":          func(o *Options) { o.Bins = []float64{math.NaN()} },
		"tests of variance 2":      func(o *Options) { o.MaxAAF = 2 },
		"collapse at -1":           func(o *Options) { o.CollapseMAC = -1 },
		"beta density of 0":        func(o *Options) { o.A1 = 0 },
		"rho 1.5":                  func(o *Options) { o.Rho = []float64{1.5} },
		"additive genotypes":       func(o *Options) { o.Kinds, o.Scan.Model = SKAT, gwas.Dominant },
		"smallest allele count -1": func(o *Options) { o.Scan.MinMAC = -1 },
	} {
		o := Defaults()
		change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	o := Defaults()
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
}
