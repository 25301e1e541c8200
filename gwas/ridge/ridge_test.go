package ridge

import (
	"context"
	"iter"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// namesOf are the variants of drawn genotypes.
func namesOf(d drawn) iter.Seq2[*dosage.Variant, error] {
	return func(yield func(*dosage.Variant, error) bool) {
		for b := range d.Blocks(context.Background(), 0, d.rows, d.rows) {
			for i := range b.Rows {
				if !yield(&b.Rows[i].Variant, nil) {
					return
				}
			}
		}
	}
}

func predict(t *testing.T, d drawn, s *pheno.Study, o Options) []Prediction {
	t.Helper()
	spans, err := Blocks(namesOf(d), o.Block)
	if err != nil {
		t.Fatal(err)
	}
	j, err := NewJob(s, spans, o)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	out, err := j.Run(t.Context(), d, func() { steps++ })
	if err != nil {
		t.Fatal(err)
	}
	if steps != j.Steps() {
		t.Errorf("%d steps, %d were announced", steps, j.Steps())
	}
	return out
}

func TestBlocks(t *testing.T) {
	got, err := Blocks(namesOf(drawn{samples: 1, rows: 100}), 30)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Span{{"1", 0, 30}, {"1", 30, 40}, {"2", 40, 70}, {"2", 70, 80}, {"3", 80, 100}}; !reflect.DeepEqual(got, want) {
		t.Errorf("blocks %v, want %v", got, want)
	}
}

// TestLevel0 is a block with missing genotypes against the definition: residuals
// from the covariates, scaled, and a system of equations for each fold.
func TestLevel0(t *testing.T) {
	d := drawn{samples: 230, rows: 17, missing: true}
	s := drawStudy(t, d, 1)
	s.Traits[0].Values[5], s.Traits[0].N = math.NaN(), d.samples-1
	o := Defaults()
	p := newProblem(s, []int{0}, o)
	got, err := p.newLevel0(d.rows).run(t.Context(), d, Span{"1", 0, d.rows})
	if err != nil {
		t.Fatal(err)
	}
	n, c := d.samples, 3
	basis := mat.NewDense(n, c, nil)
	for i := range n {
		basis.Set(s.Column[i], 0, 1)
		for k := range 2 {
			basis.Set(s.Column[i], k+1, s.Covariates[k].Values[i])
		}
	}
	residual := func(v []float64) []float64 {
		var qr mat.QR
		qr.Factorize(basis)
		var beta, fit mat.Dense
		if err := qr.SolveTo(&beta, false, mat.NewDense(n, 1, v)); err != nil {
			t.Fatal(err)
		}
		fit.Mul(basis, &beta)
		out := make([]float64, n)
		for i := range out {
			out[i] = v[i] - fit.At(i, 0)
		}
		return out
	}
	length := func(v []float64) float64 { return math.Sqrt(pheno.Dot(v, v)) }
	g := mat.NewDense(d.rows, n, nil)
	for b := range d.Blocks(t.Context(), 0, d.rows, d.rows) {
		for j := range b.Rows {
			r := &b.Rows[j]
			v := make([]float64, n)
			for i := range v {
				x, ok := r.Dosage(i)
				if v[i] = x; !ok {
					v[i] = r.Mean()
				}
			}
			v = residual(v)
			for i := range v {
				g.Set(j, i, v[i]/length(v)*math.Sqrt(float64(n-c)))
			}
		}
	}
	y, mean := make([]float64, n), 0.0
	for i, v := range s.Traits[0].Values {
		if !math.IsNaN(v) {
			mean += v / float64(n-1)
		}
		y[s.Column[i]] = v
	}
	y[s.Column[5]] = mean
	y = residual(y)
	y[s.Column[5]] = 0
	scale := math.Sqrt(float64(n-1-c)) / length(y)
	want := make([][]float64, Shrinkages)
	for k, share := range []float64{0.01, 0.25, 0.5, 0.75, 0.99} {
		want[k] = make([]float64, n)
		for f := range 5 {
			var train []int
			for i := range n {
				if i/(n/5) != f {
					train = append(train, i)
				}
			}
			a, b := mat.NewDense(d.rows, d.rows, nil), mat.NewDense(d.rows, 1, nil)
			for j := range d.rows {
				for l := range d.rows {
					sum := 0.0
					for _, i := range train {
						sum += g.At(j, i) * g.At(l, i)
					}
					if j == l {
						sum += float64(d.rows) * (1 - share) / share
					}
					a.Set(j, l, sum)
				}
				for _, i := range train {
					b.Set(j, 0, b.At(j, 0)+g.At(j, i)*y[i]*scale)
				}
			}
			var beta mat.Dense
			if err := beta.Solve(a, b); err != nil {
				t.Fatal(err)
			}
			for i := f * (n / 5); i < (f+1)*(n/5); i++ {
				for j := range d.rows {
					want[k][i] += beta.At(j, 0) * g.At(j, i)
				}
			}
		}
		p.standardise(want[k], 0)
		for i := range n {
			if math.Abs(got[k][i]-want[k][i]) > 1e-9 {
				t.Fatalf("shrinkage %d, sample %d: %g, want %g", k, i, got[k][i], want[k][i])
			}
		}
	}
}

// flat adds a variant that does not vary behind the rows.
type flat struct{ drawn }

func (f flat) Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		for b := range f.drawn.Blocks(ctx, from, to-1, size) {
			r := b.AddCalls(dosage.Variant{Chrom: "1", ID: "flat"})
			for i := range r.Calls {
				r.Calls[i] = 0xaaaaaaaaaaaaaaaa // two copies
			}
			if k := f.samples % dosage.WordSamples; k != 0 {
				r.Calls[len(r.Calls)-1] &= 1<<(2*k) - 1
			}
			r.Count(f.samples, 0)
			yield(b, nil)
		}
	}
}

// TestConstantVariant: a variant that does not vary has no part in predictions.
func TestConstantVariant(t *testing.T) {
	d := drawn{samples: 230, rows: 12}
	s := drawStudy(t, d, 1)
	for _, loo := range []bool{false, true} {
		o := Defaults()
		o.LOO = loo
		p := newProblem(s, []int{0}, o)
		want, err := p.newLevel0(500).run(t.Context(), d, Span{"1", 0, d.rows})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.newLevel0(500).run(t.Context(), flat{d}, Span{"1", 0, d.rows + 1})
		if err != nil {
			t.Fatal(err)
		}
		for k := range want {
			for i := range want[k] {
				if math.Abs(got[k][i]-want[k][i]) > 1e-9 || math.Abs(want[k][i]) > 100 {
					t.Fatalf("leave one out %v, shrinkage %d, sample %d: %g, want %g", loo, k, i, got[k][i], want[k][i])
				}
			}
		}
	}
}

// TestSameBits: neither threads nor where the predictors are kept change a bit.
func TestSameBits(t *testing.T) {
	d := drawn{samples: 300, rows: 110, missing: true}
	s := drawStudy(t, d, 4)
	for _, loo := range []bool{false, true} {
		o := Defaults()
		o.Block, o.LOO, o.AutoLOO = 25, loo, false
		want := predict(t, d, s, o)
		for _, threads := range []int{1, 3} {
			o.Threads, o.InMemory, o.Scratch = threads, 0, t.TempDir()
			got := predict(t, d, s, o)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("leave one out %v, %d threads: predictions differ", loo, threads)
			}
		}
		for i := range want {
			if p := &want[i]; p.Err != nil || len(p.Chroms) != 3 || p.Fits[p.Best].R2 < 0.05 {
				t.Errorf("leave one out %v, trait %s: %v, chromosomes %v, R2 %g", loo, p.Trait, p.Err, p.Chroms, p.Fits[p.Best].R2)
			}
		}
	}
}

// TestNothingLeaks: a trait that no variant acts on is not predicted, though the
// weights were chosen to predict it: no sample is predicted from its own value.
func TestNothingLeaks(t *testing.T) {
	d := drawn{samples: 1500, rows: 160}
	s := drawStudy(t, d, 2)
	for k := range s.Traits {
		v := s.Traits[k].Values
		for i := range v {
			v[i] = s.Covariates[1].Values[(i*577+k)%len(v)] // of somebody else
			if s.Traits[k].Binary {
				v[i] = float64(int(v[i]*1000) & 1)
			}
		}
		s.Traits[k].Cases = 0
		for i := range v {
			if s.Traits[k].Binary {
				s.Traits[k].Cases += int(v[i])
			}
		}
	}
	for _, loo := range []bool{false, true} {
		o := Defaults()
		o.Block, o.LOO, o.AutoLOO = 40, loo, false
		for _, p := range predict(t, d, s, o) {
			if p.Err != nil {
				t.Fatal(p.Err)
			}
			for _, f := range p.Fits {
				if bound := 9.0 / float64(d.samples); f.R2 > bound*1.5 {
					t.Errorf("leave one out %v, trait %s, shrinkage of %g: R2 %g by chance alone, want below %g", loo, p.Trait, f.Share, f.R2, bound*1.5)
				}
			}
		}
	}
}

// TestOwnCovariate: a covariate that one trait has by itself is as one of all.
func TestOwnCovariate(t *testing.T) {
	d := drawn{samples: 200, rows: 60}
	s := drawStudy(t, d, 3)
	own := *s
	own.Covariates = s.Covariates[:1]
	own.Traits = append([]pheno.Trait(nil), s.Traits...)
	own.Traits[1].Own = s.Covariates[1:]
	o := Defaults()
	o.Block = 20
	got, want := predict(t, d, &own, o)[1], predict(t, d, s, o)[1]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the trait's own covariate makes another prediction")
	}
}

func TestBadJobs(t *testing.T) {
	d := drawn{samples: 60, rows: 10}
	s := drawStudy(t, d, 1)
	spans := []Span{{"1", 0, 10}}
	for _, c := range []struct {
		o     func(*Options)
		spans []Span
		want  string
	}{
		{func(o *Options) { o.Block, o.Folds = 0, 1 }, spans, "blocks of 0 variants: want 1 to 10000\n1 folds: want 2 to 100"},
		{func(o *Options) { o.Folds = 7 }, spans, "60 samples: want 10 or more in each of 7 folds"},
		{func(*Options) {}, nil, "no variants to predict from"},
	} {
		o := Defaults()
		c.o(&o)
		if _, err := NewJob(s, c.spans, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	o := Defaults()
	o.InMemory, o.Scratch = 0, "/nowhere/at/all"
	j, err := NewJob(s, spans, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Run(t.Context(), d, func() {}); err == nil || !strings.Contains(err.Error(), "TMPDIR names another folder") {
		t.Errorf("without a place for predictors: %v", err)
	}
}
