package gwas_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/genotype"
)

// drawn is a source of genotypes in memory: -1 is missing, whole numbers are
// hard calls where the row has nothing else.
type drawn struct {
	samples []pheno.Sample
	rows    [][]float64
	chroms  []string
	imputed bool
}

func (d *drawn) Variants(context.Context) (int, error) { return len(d.rows), nil }
func (d *drawn) Imputed() bool                         { return d.imputed }

func (d *drawn) Blocks(_ context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	if to < 0 {
		to = len(d.rows)
	}
	return func(yield func(*dosage.Block, error) bool) {
		var b dosage.Block
		for ; from < to; from += size {
			b.Reset(from, len(d.samples))
			for j := from; j < min(from+size, to); j++ {
				r := b.AddUnits(dosage.Variant{Chrom: d.chroms[j], Start: j, ID: fmt.Sprint("v", j), Ref: "G", Alt: "A", Allele: 1, Alts: 1}, dosage.Scale)
				for i, g := range d.rows[j] {
					if r.Units[i] = dosage.Missing; g >= 0 {
						r.Units[i] = uint16(math.Round(g * dosage.Scale))
					}
				}
				r.Count(len(d.samples), 0)
			}
			if !yield(&b, nil) {
				return
			}
		}
	}
}

// draw makes genotypes with missing values and dosages, and a table of traits
// with missing values of their own: two quantitative, one binary, one constant.
func draw(n, variants int) (*drawn, *pheno.Table) {
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	d := &drawn{imputed: true}
	t := &pheno.Table{Path: "drawn", Names: []string{"y", "z", "b", "flat", "age", "site"}, Columns: make([][]string, 6)}
	for i := range n {
		id := fmt.Sprintf("s%d", rng.IntN(1e9))
		d.samples = append(d.samples, pheno.Sample{FID: "f", IID: id})
		t.FID, t.IID = append(t.FID, "f"), append(t.IID, id)
		age := rng.NormFloat64()
		y, z := age+rng.NormFloat64(), 100+rng.ExpFloat64()
		b := "0"
		if rng.Float64() < 1/(1+math.Exp(1-age)) {
			b = "1"
		}
		row := []string{fmt.Sprint(y), fmt.Sprint(z), b, "7", fmt.Sprint(age), string(rune('p' + i%3))}
		if i%11 == 0 {
			row[1] = "NA"
		}
		if i%7 == 0 {
			row[2] = "NA"
		}
		for k, v := range row {
			t.Columns[k] = append(t.Columns[k], v)
		}
	}
	for j := range variants {
		f := 0.02 + 0.5*rng.Float64()
		g := make([]float64, n)
		for i := range g {
			for range 2 {
				if rng.Float64() < f {
					g[i]++
				}
			}
			if j%3 == 1 {
				g[i] = math.Round((g[i]*0.9+0.2*rng.Float64())*dosage.Scale) / dosage.Scale
			}
			if j%2 == 1 && rng.IntN(20) == 0 {
				g[i] = -1
			}
		}
		d.rows = append(d.rows, g)
		d.chroms = append(d.chroms, fmt.Sprint(1+j*3/variants))
	}
	return d, t
}

func study(t testing.TB, d *drawn, tab *pheno.Table) *pheno.Study {
	t.Helper()
	o := pheno.Defaults()
	o.Traits = []string{"y", "z", "b", "flat"}
	s, err := pheno.NewStudy(d.samples, tab, tab, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scan gives rows by trait, without the pointers of their variants.
func scan(t testing.TB, d *drawn, s *pheno.Study, o gwas.Options) ([][]result.Row, []gwas.Summary) {
	t.Helper()
	rows := make([][]result.Row, len(s.Traits))
	sums, err := gwas.Scan(t.Context(), d, s, o, func(b *gwas.Batch) error {
		for k := range b.Rows {
			rows[k] = append(rows[k], b.Rows[k]...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, sums
}

func code(g float64, m gwas.Model) float64 {
	near := math.Floor(g + 0.5)
	switch m {
	case gwas.Dominant:
		return min(near, 1)
	case gwas.Recessive:
		return max(near-1, 0)
	}
	return g
}

// TestLeastSquares compares with a QR decomposition of each variant's own design
// by gonum, over the samples that have the trait and the genotype.
func TestLeastSquares(t *testing.T) {
	d, tab := draw(301, 60)
	s := study(t, d, tab)
	for _, model := range []gwas.Model{gwas.Additive, gwas.Dominant, gwas.Recessive} {
		o := gwas.Defaults()
		o.MinMAC, o.Model = 0, model
		rows, _ := scan(t, d, s, o)
		tested := 0
		for k, trait := range s.Traits {
			if trait.Binary {
				continue
			}
			for _, r := range rows[k] {
				g := d.rows[r.Start]
				var x, y []float64
				for i := range s.Samples {
					if v := g[s.Column[i]]; v >= 0 && !math.IsNaN(trait.Values[i]) {
						x = append(x, 1, code(v, model))
						for _, c := range s.Covariates {
							x = append(x, c.Values[i])
						}
						y = append(y, trait.Values[i])
					}
				}
				p := 2 + len(s.Covariates)
				design, want := mat.NewDense(len(y), p, x), mat.NewVecDense(len(y), y)
				var beta, fitted mat.VecDense
				if err := beta.SolveVec(design, want); err != nil {
					t.Fatal(err)
				}
				fitted.MulVec(design, &beta)
				fitted.SubVec(want, &fitted)
				df := float64(len(y) - p)
				var xx, inv mat.Dense
				xx.Mul(design.T(), design)
				if err := inv.Inverse(&xx); err != nil {
					t.Fatal(err)
				}
				se := math.Sqrt(mat.Dot(&fitted, &fitted) / df * inv.At(1, 1))
				stat := beta.AtVec(1) / se
				lp := -math.Log10(2 * distuv.StudentsT{Nu: df, Sigma: 1}.CDF(-math.Abs(stat)))
				if r.N != len(y) || differ(r.Beta, beta.AtVec(1)) > 1e-6*se || differ(r.SE, se) > 1e-7*se || differ(r.NegLog10P, lp) > 1e-6*(1+lp) {
					t.Errorf("%s, %s of %s: n %d beta %.9g se %.9g p %.9g, want %d %.9g %.9g %.9g",
						r.ID, r.Test, trait.Name, r.N, r.Beta, r.SE, r.NegLog10P, len(y), beta.AtVec(1), se, lp)
				}
				tested++
			}
		}
		if tested < 90 {
			t.Errorf("model %d: only %d tests", model, tested)
		}
	}
}

func options(second gwas.Second) gwas.Options {
	o := gwas.Defaults()
	o.Second, o.Threshold, o.MinMAC = second, 0.3, 1
	return o
}

// TestPermutation: another order of the samples changes no bit, nor do threads.
func TestPermutation(t *testing.T) {
	d, tab := draw(240, 90)
	p := &drawn{chroms: d.chroms, imputed: true}
	order := rand.New(rand.NewPCG(9, 9)).Perm(len(d.samples))
	for _, i := range order {
		p.samples = append(p.samples, d.samples[i])
	}
	for _, g := range d.rows {
		row := make([]float64, len(order))
		for k, i := range order {
			row[k] = g[i]
		}
		p.rows = append(p.rows, row)
	}
	for second := gwas.ScoreOnly; second <= gwas.FirthWald; second++ {
		for _, form := range []gwas.Form{gwas.LeastSquares, gwas.ScoreForm} {
			o := options(second)
			o.Form, o.KeepSkipped = form, true
			want, sums := scan(t, d, study(t, d, tab), o)
			other, otherSums := scan(t, p, study(t, p, tab), o)
			same(t, fmt.Sprintf("test %d, form %d: permuted", second, form), other, want)
			o.Threads = 3
			threads, threadSums := scan(t, d, study(t, d, tab), o)
			same(t, fmt.Sprintf("test %d, form %d: three threads", second, form), threads, want)
			for _, s := range [][]gwas.Summary{otherSums, threadSums} {
				if fmt.Sprint(s) != fmt.Sprint(sums) {
					t.Errorf("summaries %v, want %v", s, sums)
				}
			}
		}
	}
}

// same compares all but the pointers, bit for bit.
func same(t *testing.T, what string, got, want [][]result.Row) {
	t.Helper()
	for k := range want {
		if len(got[k]) != len(want[k]) {
			t.Fatalf("%s: %d rows, want %d", what, len(got[k]), len(want[k]))
		}
		for i := range want[k] {
			if a, b := bits(got[k][i]), bits(want[k][i]); a != b {
				t.Errorf("%s: trait %d, row %d\n%s, want\n%s", what, k, i, a, b)
				return
			}
		}
	}
}

func bits(r result.Row) string {
	var b strings.Builder
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Float64 {
			fmt.Fprintf(&b, " %x", f.Float())
		} else if f.Kind() != reflect.Pointer {
			fmt.Fprint(&b, " ", f.Interface())
		} else {
			fmt.Fprint(&b, r.Variant.ID)
		}
	}
	return b.String()
}

// TestRescaled: another unit of a covariate changes no p-value but for rounding.
func TestRescaled(t *testing.T) {
	d, tab := draw(200, 30)
	want, _ := scan(t, d, study(t, d, tab), options(gwas.FirthApprox))
	for i, v := range tab.Columns[4] {
		var x float64
		fmt.Sscan(v, &x)
		tab.Columns[4][i] = fmt.Sprint(x*1e6 - 3e5)
	}
	got, _ := scan(t, d, study(t, d, tab), options(gwas.FirthApprox))
	for k := range want {
		for i := range want[k] {
			if d := differ(got[k][i].NegLog10P, want[k][i].NegLog10P); d > 1e-5 {
				t.Errorf("trait %d, row %d: differs by %g", k, i, d)
			}
		}
	}
}

// TestSkips: variants that cannot be tested have a reason, and it is counted.
func TestSkips(t *testing.T) {
	d, tab := draw(120, 8)
	s := study(t, d, tab)
	set := func(j int, f func(i int) float64) {
		for i := range d.rows[j] {
			d.rows[j][s.Column[i]] = f(i)
		}
	}
	set(0, func(int) float64 { return 1 })
	set(1, func(int) float64 { return -1 })
	set(2, func(i int) float64 { return float64(i % 60 / 59) }) // two copies
	set(3, func(i int) float64 { return s.Covariates[1].Values[i] })
	for i := range d.rows[4] {
		d.rows[4][i] = []float64{-1, 0, 1}[i%3]
	}
	set(5, func(i int) float64 { return float64(i % 2 * 2) }) // no heterozygote
	o := gwas.Defaults()
	o.KeepSkipped, o.MaxMissing, o.MinHWE, o.MinMAC = true, 0.2, 1e-10, 3
	rows, sums := scan(t, d, s, o)
	want := []result.Flags{result.Constant, result.AllMissing, result.LowMAC, result.Collinear, result.BadMissing, result.OutOfHWE}
	for j, f := range want {
		if r := rows[0][j]; r.Flags != f || !r.Skipped() || !math.IsNaN(r.NegLog10P) {
			t.Errorf("variant %d: flags %s, method %s, want %s", j, r.Flags, r.Method, f)
		}
	}
	if len(sums[0].Skipped) != 6 || sums[0].Tests != 2 {
		t.Errorf("summary %s", &sums[0])
	}
	o.KeepSkipped = false
	if rows, _ = scan(t, d, s, o); len(rows[0]) != 2 {
		t.Errorf("%d rows without those skipped, want 2", len(rows[0]))
	}
}

// TestHWEOfControls: a variant out of proportion in cases alone is tested on the
// binary trait, not on the quantitative one; in controls alone neither way.
func TestHWEOfControls(t *testing.T) {
	d, tab := draw(400, 4)
	s := study(t, d, tab)
	k := slices.IndexFunc(s.Traits, func(t pheno.Trait) bool { return t.Binary })
	q := slices.IndexFunc(s.Traits, func(t pheno.Trait) bool { return !t.Binary })
	for j, out := range []float64{1, 0} { // cases, then controls, have no heterozygote
		n := [2]int{}
		for i, y := range s.Traits[k].Values {
			in := 0
			if y == out {
				in = 1
			}
			g := []float64{0, 1, 1, 2}[n[in]%4]
			if in == 1 {
				g = []float64{0, 2}[n[in]%2]
			}
			n[in]++
			d.rows[j][s.Column[i]] = g
		}
	}
	o := gwas.Defaults()
	o.KeepSkipped, o.MinHWE = true, 1e-4
	rows, _ := scan(t, d, s, o)
	for j, want := range [][2]bool{{false, true}, {true, true}} {
		for i, trait := range []int{k, q} {
			if got := rows[trait][j].Flags == result.OutOfHWE; got != want[i] {
				t.Errorf("variant %d, trait %s: flags %s", j, s.Traits[trait].Name, rows[trait][j].Flags)
			}
		}
	}
}

// TestTraitThatFails: a covariate that separates the cases stops its trait, not
// the others.
func TestTraitThatFails(t *testing.T) {
	d, tab := draw(150, 12)
	for i, b := range tab.Columns[2] {
		if b != "NA" {
			tab.Columns[4][i] = b + "." + fmt.Sprint(i)
		}
	}
	s := study(t, d, tab)
	rows, sums := scan(t, d, s, gwas.Defaults())
	k := slices.IndexFunc(s.Traits, func(t pheno.Trait) bool { return t.Binary })
	if len(rows[0]) == 0 || len(rows[k]) != 0 || sums[k].Fault == nil || sums[0].Fault != nil {
		t.Errorf("%d rows of the good trait, %d of the other; summaries %v", len(rows[0]), len(rows[k]), sums)
	}
	if len(s.Skipped) != 1 || s.Skipped[0].Trait != "flat" {
		t.Errorf("skipped %v", s.Skipped)
	}
}

func TestOffsetsMustFit(t *testing.T) {
	d, tab := draw(60, 9)
	s := study(t, d, tab)
	l := &gwas.Offsets{Path: "y.loco", Chroms: []string{"1", "2"}}
	for range l.Chroms {
		l.Values = append(l.Values, make([]float64, len(s.Samples)))
	}
	for _, p := range s.Samples {
		l.IDs = append(l.IDs, p.FID+"_"+p.IID)
	}
	run := func() error {
		o := gwas.Defaults()
		o.Offsets = map[string]*gwas.Offsets{"y": l}
		_, err := gwas.Scan(t.Context(), d, s, o, func(*gwas.Batch) error { return nil })
		return err
	}
	if err := run(); err == nil || err.Error() != "y.loco: no predictions for chromosome 3" {
		t.Errorf("error %v", err)
	}
	l.Chroms = []string{"1", "2", "3"}
	l.Values = append(l.Values, make([]float64, len(s.Samples)))
	if err := run(); err != nil {
		t.Error(err)
	}
	l.Values[1][4] = math.NaN()
	if err := run(); err == nil || !strings.Contains(err.Error(), "on chromosome 2 is missing though the trait is not") {
		t.Errorf("error %v", err)
	}
	l.IDs[4] = "nobody"
	if err := run(); err == nil || !strings.Contains(err.Error(), "no prediction of trait y for sample") {
		t.Errorf("error %v", err)
	}
}

func TestEmitEndsTheScan(t *testing.T) {
	d, tab := draw(60, 9)
	stop := errors.New("disk full")
	for _, threads := range []int{1, 2} {
		o := gwas.Defaults()
		o.Threads = threads
		if _, err := gwas.Scan(t.Context(), d, study(t, d, tab), o, func(*gwas.Batch) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%d threads: error %v, want that of emit", threads, err)
		}
	}
}

func TestValidate(t *testing.T) {
	o := gwas.Defaults()
	o.Threshold, o.MaxVIF, o.MinMAC, o.MinInfo = 2, 0.5, math.NaN(), -1
	err := o.Validate()
	for _, want := range []string{"threshold 2", "inflation 0.5", "count NaN", "information -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v says nothing of %s", err, want)
		}
	}
}

// TestFormatsAgree: the same genotypes from .bed, .pgen and .bgen give the same
// bits.
func TestFormatsAgree(t *testing.T) {
	var want map[string][]result.Row
	for _, name := range []string{"example.bed", "example.pgen", "example.bgen"} {
		shared.Path(t, example+name)
		in := input{genotypes: example + name, pheno: example + "phenotype.txt", covar: example + "covariates.txt", scan: gwas.Defaults()}
		rows := in.run(t)
		for y := range rows {
			for i := range rows[y] {
				rows[y][i].Info = math.NaN() // a matter of the format
			}
		}
		if want == nil {
			want = rows
			continue
		}
		for _, y := range []string{"Y1", "Y2"} {
			same(t, name+" against .bed", [][]result.Row{rows[y]}, [][]result.Row{want[y]})
		}
	}
}

// TestFormatsAgreeOnVCF: hard calls with several alternate alleles from .pgen and
// VCF, and dosages from .pgen and VCF, give the same bits.
func TestFormatsAgreeOnVCF(t *testing.T) {
	for _, kind := range []string{"hardcall", "dosage"} {
		var want [][]result.Row
		var s *pheno.Study
		for _, suffix := range []string{".pgen", ".vcf.gz"} {
			f, err := genotype.Open(t.Context(), shared.Path(t, "gwas/formats/"+kind+suffix), genotype.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if s == nil { // the samples are the same in the same order, though their IDs are joined in VCF
				s = makeStudy(t, f, 3, 2, false)
			}
			o := gwas.Defaults()
			o.MinMAC = 1
			got := make([][]result.Row, len(s.Traits))
			if _, err := gwas.Scan(t.Context(), f, s, o, func(b *gwas.Batch) error {
				for k := range b.Rows {
					for i := range b.Rows[k] {
						r := b.Rows[k][i]
						r.Info = math.NaN() // a matter of the format
						got[k] = append(got[k], r)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				if want = got; len(want[0]) < 20 {
					t.Fatalf("%s: only %d rows", kind, len(want[0]))
				}
				continue
			}
			same(t, kind+suffix, got, want)
		}
	}
}

// TestManyChromosomes: the models of a chromosome that comes back are the same,
// and threads change nothing.
func TestManyChromosomes(t *testing.T) {
	d, tab := draw(90, 160)
	for j := range d.chroms {
		d.chroms[j] = fmt.Sprint(1 + j/16%8)
	}
	s := study(t, d, tab)
	l := &gwas.Offsets{Path: "y.loco"}
	rng := rand.New(rand.NewPCG(4, 4))
	for _, p := range s.Samples {
		l.IDs = append(l.IDs, p.FID+"_"+p.IID)
	}
	for c := range 8 {
		l.Chroms = append(l.Chroms, fmt.Sprint(c+1))
		v := make([]float64, len(l.IDs))
		for i := range v {
			v[i] = rng.NormFloat64() / 4
		}
		l.Values = append(l.Values, v)
	}
	o := options(gwas.FirthLRT)
	o.Offsets = map[string]*gwas.Offsets{"y": l, "b": l}
	want, _ := scan(t, d, s, o)
	o.Threads = 4
	got, _ := scan(t, d, s, o)
	same(t, "four threads", got, want)
	o.Offsets = nil
	if plain, _ := scan(t, d, s, o); plain[0][0].Beta == want[0][0].Beta {
		t.Error("predictions change nothing")
	}
}
