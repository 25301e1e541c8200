package summary

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

func rowOf(chrom string, start int, l float64) *result.Row {
	return &result.Row{Variant: &dosage.Variant{Chrom: chrom, Start: start, ID: chrom + "_" + strconv.Itoa(start), Ref: "A", Alt: "G"}, N: 100, Cases: -1, Controls: -1, Test: "ADD", NegLog10P: l, Method: result.OLS}
}

// scan is rows of a genome without associations but for some places.
func scan(n int, seed uint64) []*result.Row {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows []*result.Row
	for range n {
		chrom := strconv.Itoa(1 + rng.IntN(22))
		start := rng.IntN(200_000_000)
		l := -math.Log10(1 - rng.Float64())
		if start/1_000_000%40 == 7 {
			l += 20 * rng.Float64()
		}
		rows = append(rows, rowOf(chrom, start, l))
	}
	return rows
}

func sum(t testing.TB, rows []*result.Row) *Test {
	t.Helper()
	s := New("ADD", Defaults())
	for _, r := range rows {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// plainLoci joins hits by looking along each sorted chromosome.
func plainLoci(rows []*result.Row, o Options) (out [][3]int) {
	byChrom := map[string][]*result.Row{}
	for _, r := range rows {
		if r.NegLog10P > -math.Log10(o.Hit) {
			byChrom[r.Chrom] = append(byChrom[r.Chrom], r)
		}
	}
	for c := 1; c <= 22; c++ {
		list := byChrom[strconv.Itoa(c)]
		slices.SortFunc(list, func(a, b *result.Row) int { return cmp.Compare(a.Start, b.Start) })
		var best float64
		for i, r := range list {
			inOne := func(start int) bool { return c == 6 && start >= o.One.From && start < o.One.To }
			if i == 0 || r.Start-list[i-1].Start > o.Window && !(inOne(r.Start) && inOne(list[i-1].Start)) {
				out, best = append(out, [3]int{c, r.Start, r.Start}), 0
			}
			if r.NegLog10P > best {
				best = r.NegLog10P
				out[len(out)-1][2] = r.Start // of the lead
			}
		}
	}
	return out
}

// TestAgainstPlain: lambda, quantiles and loci beside the plain way that sorts all
// rows.
func TestAgainstPlain(t *testing.T) {
	for _, n := range []int{1, 2, 101, 5000, 60_000} {
		rows := scan(n, uint64(n))
		s := sum(t, rows)
		var ls, chis []float64
		hits := 0
		for _, r := range rows {
			ls = append(ls, r.NegLog10P)
			z := distuv.UnitNormal.Quantile(math.Pow(10, -r.NegLog10P) / 2)
			chis = append(chis, z*z)
			if r.NegLog10P > -math.Log10(5e-8) {
				hits++
			}
		}
		slices.Sort(chis)
		want := (chis[(n-1)/2] + chis[n/2]) / 2 / medianChi
		bound := 1e-9
		if n > 2*exact {
			bound = 2e-4
		}
		if got := s.Lambda(); math.Abs(got-want) > bound*want {
			t.Errorf("%d rows: lambda %v, want %v", n, got, want)
		}
		if s.Hits != hits || s.Tests != n || s.Rows != n {
			t.Errorf("%d rows: %d hits of %d, want %d", n, s.Hits, s.Tests, hits)
		}
		slices.SortFunc(ls, func(a, b float64) int { return cmp.Compare(b, a) })
		for _, q := range s.Quantiles() {
			if d := math.Abs(q.Observed - ls[q.Rank-1]); d > 1.0/perUnit || q.Rank <= exact && d > 0 {
				t.Errorf("%d rows: rank %d has %v, want %v", n, q.Rank, q.Observed, ls[q.Rank-1])
			}
		}
		var got [][3]int
		for _, l := range s.Loci() {
			c, _ := strconv.Atoi(l.Chrom)
			got = append(got, [3]int{c, l.From, l.Lead.Start})
		}
		if want := plainLoci(rows, Defaults()); !reflect.DeepEqual(got, want) {
			t.Errorf("%d rows: loci %v, want %v", n, got, want)
		}
		for i := range s.Best {
			if s.Best[i].NegLog10P != ls[i] {
				t.Errorf("%d rows: row %d of the best has %v, want %v", n, i, s.Best[i].NegLog10P, ls[i])
			}
		}
	}
}

// TestOrder: nothing depends on the order of the rows.
func TestOrder(t *testing.T) {
	rows := scan(30_000, 5)
	for i := range 40 { // of equal p
		rows = append(rows, rowOf("3", 1000*i, 9))
	}
	draw := func() []byte {
		s := sum(t, rows)
		b := slices.Concat(s.Manhattan("m", "Manhattan", 900, 300).SVG(), s.QQ("q", "QQ", 320, 300).SVG())
		for _, l := range s.Suggestive() {
			b = append(b, l.Lead.Name()...)
		}
		for i := range s.Best {
			b = append(b, s.Best[i].Name()...)
		}
		return strconv.AppendFloat(b, s.Lambda(), 'g', -1, 64)
	}
	want := draw()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if !bytes.Equal(draw(), want) {
		t.Error("another order of the rows gives another summary")
	}
}

// TestBand: quantiles of the smallest of n uniform p are known, 1-(1-q)^(1/n), and
// those of the largest are theirs from above.
func TestBand(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 10_000_000} {
		for _, q := range []float64{0.025, 0.5, 0.975} {
			want := -math.Log10(-math.Expm1(math.Log1p(-q) / float64(n)))
			if got := betaTail(1, n, q); math.Abs(got-want) > 1e-6 {
				t.Errorf("rank 1 of %d, %g: %v, want %v", n, q, got, want)
			}
			want = -math.Log10(math.Pow(q, 1/float64(n)))
			if got := betaTail(n, n, q); math.Abs(got-want) > 1e-6 {
				t.Errorf("rank %d of %d, %g: %v, want %v", n, n, q, got, want)
			}
		}
	}
	if low, high := betaTail(5_000_000, 10_000_000, 0.975), betaTail(5_000_000, 10_000_000, 0.025); math.Abs(low-0.300761) > 2e-5 || math.Abs(high-0.301299) > 2e-5 {
		t.Errorf("the middle of ten million lies from %v to %v, want 0.5 +- 0.98/sqrt(1e7) as -log10", low, high)
	}
}

func TestMissing(t *testing.T) {
	s := New("ADD", Defaults())
	low := rowOf("1", 5, math.NaN())
	low.Method, low.Flags = result.None, result.LowMAC
	failed := rowOf("1", 6, math.NaN())
	failed.Flags = result.TestFailed
	none := rowOf("1", 7, math.NaN())
	none.Method = result.None
	for _, r := range []*result.Row{low, failed, none, rowOf("1", 8, math.Inf(1)), rowOf("1", 9, 4000)} {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if s.Rows != 5 || s.Tests != 2 || s.Failed != 1 || s.Other != 1 || s.Zero != 1 || s.Hits != 2 || s.Best[0].NegLog10P != 4000 || s.Best[1].NegLog10P != leastDouble {
		t.Errorf("%+v", s)
	}
	empty := New("ADD", Defaults())
	if !math.IsNaN(empty.Lambda()) || len(empty.Quantiles()) != 0 || len(empty.Loci()) != 0 {
		t.Error("a test without rows has results")
	}
	empty.Manhattan("m", "m", 900, 300).SVG()
	empty.QQ("q", "q", 300, 300).SVG()
}

// TestMemoryStays: a million rows hold no more than ten thousand, give or take; so
// do many chromosomes.
func TestMemoryStays(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	held := func(n, chroms int) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := New("ADD", Defaults())
		r := rowOf("1", 0, 0)
		for i := range n {
			r.Chrom, r.Start = "c"+strconv.Itoa(i%chroms), rng.IntN(250_000_000)
			r.NegLog10P = -math.Log10(1 - rng.Float64())
			if err := s.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		size := len(s.Manhattan("m", "m", 960, 320).SVG())
		t.Logf("%d rows of %d chromosomes: %d bytes held, a picture of %d bytes", n, chroms, after.HeapAlloc-before.HeapAlloc, size)
		if size > 200_000 {
			t.Errorf("%d rows: a picture of %d bytes", n, size)
		}
		return after.HeapAlloc - before.HeapAlloc
	}
	for _, n := range []int{10_000, 1_000_000} {
		if got := held(n, 22); got > 3<<20 {
			t.Errorf("%d rows hold %d bytes", n, got)
		}
	}
	if got := held(200_000, 50_000); got > 16<<20 {
		t.Errorf("50,000 chromosomes hold %d bytes", got)
	}
}

func TestCompareChroms(t *testing.T) {
	list := []string{"chrUn_1", "MT", "chr10", "chr2", "X", "chrY", "1"}
	slices.SortFunc(list, CompareChroms)
	if want := []string{"1", "chr2", "chr10", "X", "chrY", "MT", "chrUn_1"}; !slices.Equal(list, want) {
		t.Errorf("%v, want %v", list, want)
	}
}

func TestOptions(t *testing.T) {
	o := Options{Hit: 2, Suggestive: 0, Window: 1, One: &Region{"", 5, 5}}
	if err := o.Validate(); err == nil || bytes.Count([]byte(err.Error()), []byte("\n")) != 4 {
		t.Errorf("%v, want five faults", err)
	}
	if o = Defaults(); o.Validate() != nil {
		t.Error(o.Validate())
	}
}
