package dosage

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func drawRow(b *Block, rng *rand.Rand, missing float64) (*Row, []uint8) {
	r := b.AddCalls(Variant{ID: "x"})
	clear(r.Calls)
	calls := make([]uint8, b.Samples)
	for i := range calls {
		c := uint8(rng.IntN(3))
		if rng.Float64() < missing {
			c = Absent
		}
		calls[i] = c
		r.Calls[i/WordSamples] |= uint64(c) << (2 * (i % WordSamples))
	}
	return r, calls
}

// naive counts one by one.
func naive(calls []uint8, keep func(i int) bool) Counts {
	c := Counts{Scale: 1}
	for i, g := range calls {
		switch {
		case !keep(i):
		case g == Absent:
			c.Missing++
		default:
			c.N++
			c.Genotypes[g]++
			c.Sum += uint64(g)
			c.SumSq += uint64(g) * uint64(g)
		}
	}
	return c
}

func TestCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 31, 32, 33, 64, 65, 95, 96, 1000} {
		for _, missing := range []float64{0, 0.1, 1} {
			var b Block
			b.Reset(0, n)
			r, calls := drawRow(&b, rng, missing)
			r.Count(n, 0)
			if want := naive(calls, func(int) bool { return true }); r.Counts != want {
				t.Errorf("%d samples: %+v, want %+v", n, r.Counts, want)
			}
			keep := make([]bool, n)
			for i := range keep {
				keep[i] = rng.IntN(3) > 0
			}
			mask := MaskWords(nil, keep)
			want := naive(calls, func(i int) bool { return keep[i] })
			if got := CountCalls(r.Calls, mask, n); got != want {
				t.Errorf("%d samples, masked: %+v, want %+v", n, got, want)
			}
			units := make([]uint16, n)
			for i, c := range calls {
				if units[i] = 255 * uint16(c); c == Absent {
					units[i] = Missing
				}
			}
			want.Scale, want.Sum, want.SumSq = 255, want.Sum*255, want.SumSq*255*255
			if got := CountUnits(units, mask, 255); got != want {
				t.Errorf("%d samples, masked units: %+v, want %+v", n, got, want)
			}
		}
	}
}

// TestWholeDosagesAreCalls: the same genotypes are the same row.
func TestWholeDosagesAreCalls(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var b Block
	b.Reset(0, 77)
	a, calls := drawRow(&b, rng, 0.2)
	a.Count(77, 0)
	want := a.Counts
	words := slices.Clone(a.Calls)
	r := b.AddUnits(Variant{}, 255)
	for i, c := range calls {
		if r.Units[i] = 255 * uint16(c); c == Absent {
			r.Units[i] = Missing
		}
	}
	r.Count(77, 0)
	if !r.Hard() || r.Counts != want || !slices.Equal(r.Calls, words) {
		t.Errorf("row is %+v, want the calls %+v", r.Counts, want)
	}
	r = b.AddUnits(Variant{}, 255)
	clear(r.Units)
	r.Units[5] = 1
	r.Count(77, 0.25)
	if r.Hard() || r.Sum != 1 || r.Spread != 0.25 || r.N != 77 || r.Genotypes != [3]int{77, 0, 0} {
		t.Errorf("a row with a fraction is %+v", r.Counts)
	}
}

func TestUnpack(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	table := NewTable([4]uint8{7, 11, 13, 0})
	for _, n := range []int{1, 3, 4, 5, 31, 32, 33, 64, 100} {
		var b Block
		b.Reset(0, n)
		r, calls := drawRow(&b, rng, 0.3)
		got := make([]uint8, n)
		table.Unpack(got, r.Calls)
		for i, c := range calls {
			if want := [4]uint8{7, 11, 13, 0}[c]; got[i] != want || r.Call(i) != c {
				t.Fatalf("%d samples: sample %d is %d, want %d", n, i, got[i], want)
			}
		}
	}
}

// TestBlockKeepsItsMemory: in steady state a block allocates nothing, and old
// values do not show.
func TestBlockKeepsItsMemory(t *testing.T) {
	var b Block
	fill := func() {
		b.Reset(0, 1000)
		for i := range 8 {
			if i%2 == 0 {
				r := b.AddCalls(Variant{})
				clear(r.Calls)
				r.Count(1000, 0)
				continue
			}
			r := b.AddUnits(Variant{}, Scale)
			for k := range r.Units {
				r.Units[k] = uint16(k % 2)
			}
			r.Count(1000, 1)
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
	if r := &b.Rows[0]; r.Spread != 0 || r.Units != nil || r.Sum != 0 {
		t.Errorf("a row has something left of an earlier one: %+v", r.Counts)
	}
}

// TestQuality compares with the definitions, in plain arithmetic.
func TestQuality(t *testing.T) {
	units := []uint16{0, 100, 255, 300, 510, 12, Missing, 255}
	c := CountUnits(units, nil, 255)
	sum, sq, n := 0.0, 0.0, 0.0
	for _, u := range units {
		if u != Missing {
			x := float64(u) / 255
			sum, sq, n = sum+x, sq+x*x, n+1
		}
	}
	mean, a := sum/n, sum/n/2
	close := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-14*max(1, math.Abs(want)) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	close("mean", c.Mean(), mean)
	close("frequency", c.Freq(), a)
	close("MAC", c.MAC(), min(sum, 2*n-sum))
	close("MACH r2", c.MACH(), (sq/n-mean*mean)/(2*a*(1-a)))
	c.Spread = 0.7
	close("information", c.Info(), 1-0.7/(2*n*a*(1-a)))
	flat := CountUnits([]uint16{17, 17, 17}, nil, 255)
	zero := Counts{Scale: 1}
	close("MACH r2 of one value", flat.MACH(), 1)
	close("MACH r2 without samples", zero.MACH(), 0)
	close("information without samples", zero.Info(), 0)
	close("frequency without samples", zero.Freq(), 0)
	all := CountUnits([]uint16{510, 510}, nil, 255)
	close("information of a fixed allele", all.Info(), 1)
	close("MAC of a fixed allele", all.MAC(), 0)

	// Half a million samples, where N times the sum of squares passes 64 bits.
	const big = 1 << 21
	large := Counts{N: big, Scale: Scale, Sum: big / 2 * 2 * Scale, SumSq: big / 2 * 4 * Scale * Scale}
	close("MACH r2 of many", large.MACH(), 2) // half 0, half 2: twice what alleles drawn at random have
	if large.Monomorphic() {
		t.Error("half 0, half 2 counts as one value")
	}
}

// exactHWE sums the probabilities of all heterozygote counts as fractions.
func exactHWE(hom1, het, hom2 int, midP bool) float64 {
	n := hom1 + het + hom2
	rare := 2*min(hom1, hom2) + het
	weight := func(h int) *big.Rat { // n! / (r! h! c!) 2^h
		r := (rare - h) / 2
		w := new(big.Int).Binomial(int64(n), int64(h))
		w.Mul(w, new(big.Int).Binomial(int64(n-h), int64(r)))
		return new(big.Rat).SetInt(w.Lsh(w, uint(h)))
	}
	total, seen, at := new(big.Rat), new(big.Rat), weight(het)
	for h := rare % 2; h <= rare; h += 2 {
		w := weight(h)
		total.Add(total, w)
		switch w.Cmp(at) {
		case -1:
			seen.Add(seen, w)
		case 0:
			if midP {
				w.Mul(w, big.NewRat(1, 2))
			}
			seen.Add(seen, w)
		}
	}
	p, _ := seen.Quo(seen, total).Float64()
	return p
}

func TestHWE(t *testing.T) {
	if p := HWE(0, 0, 0, false); p != 1 {
		t.Errorf("without samples %v", p)
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		a, b, c := rng.IntN(30), rng.IntN(60), rng.IntN(40)
		if a+b+c == 0 {
			continue
		}
		for _, mid := range []bool{false, true} {
			got, want := HWE(a, b, c, mid), exactHWE(a, b, c, mid)
			if math.Abs(got-want) > 1e-9*want {
				t.Errorf("%d %d %d, mid-p %v: %v, want %v", a, b, c, mid, got, want)
			}
			if got != HWE(c, b, a, mid) {
				t.Errorf("%d %d %d depends on which allele is which", a, b, c)
			}
		}
	}
	if p := HWE(200_000, 0, 200_000, false); p != 0 {
		t.Errorf("no heterozygote among 400,000: %v, want 0", p)
	}
	if p := HWE(100_000, 200_000, 100_000, false); p < 0.99 {
		t.Errorf("exact proportions among 400,000: %v, want 1", p)
	}
}

func BenchmarkCountCalls(b *testing.B) {
	calls := make([]uint64, Words(10_000))
	for i := range calls {
		calls[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	b.SetBytes(2500)
	for b.Loop() {
		CountCalls(calls, nil, 10_000)
	}
}

func BenchmarkUnpack(b *testing.B) {
	calls, dst := make([]uint64, Words(10_000)), make([]uint8, 10_000)
	table := NewTable([4]uint8{0, 1, 2, 0})
	b.SetBytes(10_000)
	for b.Loop() {
		table.Unpack(dst, calls)
	}
}

func BenchmarkHWE(b *testing.B) {
	for b.Loop() {
		HWE(22_900, 168_600, 308_500, false)
	}
}
