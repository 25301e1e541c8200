package gvcf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

func maker(t testing.TB, o Options) *Maker {
	t.Helper()
	m, err := NewMaker(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// blocks is the blocks of a stretch whose runs are made in pieces of the given
// sizes, cut after piece i where cuts says so.
func blocks(t testing.TB, m *Maker, start int, bases []Position, pieces []int, cuts []bool) []variant.Block {
	t.Helper()
	var out []variant.Block
	j := m.NewJoiner(func(b *variant.Block) error {
		out = append(out, *b)
		return nil
	})
	for i, n := range pieces {
		runs, err := m.Runs(nil, "chrX", start, bases[:n])
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Add(runs); err != nil {
			t.Fatal(err)
		}
		if cuts != nil && cuts[i] {
			if err := j.Cut(); err != nil {
				t.Fatal(err)
			}
		}
		start += n
		bases = bases[n:]
	}
	if err := j.Cut(); err != nil {
		t.Fatal(err)
	}
	return out
}

// randomBases is a stretch of ups and downs of depth, with odd bases, errors
// and true variants in it.
func randomBases(rng *rand.Rand, n int) []Position {
	list := make([]Position, n)
	depth := rng.IntN(60)
	for i := range list {
		depth = max(0, depth+rng.IntN(5)-2)
		switch {
		case rng.IntN(300) == 0:
			depth = rng.IntN(300)
		case rng.IntN(400) == 0:
			depth = 0
		}
		ref := depth
		switch {
		case rng.IntN(50) == 0:
			ref = depth - min(depth, 1+rng.IntN(2))
		case rng.IntN(200) == 0:
			ref = rng.IntN(depth + 1)
		}
		letter := "ACGTacgt"[rng.IntN(8)]
		if rng.IntN(100) == 0 {
			letter = "NRYn"[rng.IntN(4)]
		}
		list[i] = Position{letter, int32(ref), int32(depth)}
	}
	return list
}

// plain is the definition of blocks, base by base (DeepVariant's
// variant_caller.py and its rules for a partition).
func plain(o Options, start int, bases []Position, haploid func(pos int) bool) []variant.Block {
	type base struct {
		bin, gq int
		gl      [3]float64
		valid   bool
	}
	at := func(i int) (base, bool) {
		if !strings.ContainsRune("ACGTacgt", rune(bases[i].Ref)) {
			return base{}, false
		}
		n, r := float64(bases[i].Total), float64(bases[i].RefCount)
		if n > 100 {
			r, n = math.Ceil(r/n*100), 100
		}
		p := float64(o.ErrorRate)
		l := [3]float64{-1, -1, -1}
		if n > 0 {
			l = [3]float64{r*math.Log1p(-p)/math.Ln10 + (n-r)*math.Log(p)/math.Ln10, -n * math.Log(2) / math.Ln10, r*math.Log(p)/math.Ln10 + (n-r)*math.Log1p(-p)/math.Ln10}
		}
		if haploid(start + i) {
			l[1] = -999
		}
		top := slices.Max(l[:])
		sum := 0.0
		for _, x := range l {
			sum += math.Pow(10, x-top)
		}
		b := base{}
		for g := range l {
			b.gl[g] = min(0, l[g]-(top+math.Log10(sum)))
		}
		q := -10 * math.Log10(1-math.Pow(10, b.gl[0]))
		b.gq = 50
		if q < 50 {
			b.gq = int(q)
		}
		if b.gq >= 1 {
			b.bin = (b.gq-1)/o.BinSize*o.BinSize + 1
		}
		b.valid = slices.Max(b.gl[:]) == b.gl[0]
		return b, true
	}
	var out []variant.Block
	for i := 0; i < len(bases); {
		first, ok := at(i)
		if !ok {
			i++
			continue
		}
		j := i + 1
		for j < len(bases) && first.valid {
			if b, ok := at(j); !ok || !b.valid || b.bin != first.bin {
				break
			}
			j++
		}
		b := variant.Block{Contig: "chrX", Start: start + i, End: start + j, Ref: bases[i].Ref &^ 0x20, GQ: 100, MinDP: 1 << 30, MedDP: -1}
		if !first.valid {
			b.GT = variant.NoCall
		}
		var depths []int
		for k := i; k < j; k++ {
			x, _ := at(k)
			if x.gq < b.GQ {
				b.GQ = x.gq
				if k == i || !o.FirstGL {
					b.GL = x.gl
				}
			}
			b.MinDP = min(b.MinDP, int(bases[k].Total))
			depths = append(depths, int(bases[k].Total))
		}
		if o.MedDP {
			sort.Ints(depths)
			b.MedDP = (depths[(len(depths)-1)/2] + depths[len(depths)/2]) / 2
		}
		out = append(out, b)
		i = j
	}
	return out
}

func sameBlocks(t *testing.T, got, want []variant.Block) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !sameBlock(got[i], want[i]) {
			t.Fatalf("block %d of %d:\n got %s\nwant %s", i, len(want), show(got, i), show(want, i))
		}
	}
}

func sameBlock(a, b variant.Block) bool {
	for g := range a.GL {
		if math.Abs(a.GL[g]-b.GL[g]) > 1e-9*max(1, -b.GL[g]) {
			return false
		}
	}
	a.GL = b.GL
	return a == b
}

func show(list []variant.Block, i int) string {
	if i < len(list) {
		return fmt.Sprintf("%+v", list[i])
	}
	return "nothing"
}

func TestRunsAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	for range rounds {
		o := Defaults()
		o.MedDP, o.FirstGL, o.BinSize = rng.IntN(2) == 0, rng.IntN(2) == 0, 1+rng.IntN(8)
		diploid := func(int) bool { return false }
		if rng.IntN(2) == 0 {
			o.Haploid = []string{"chrY", "chrX"}
			o.PAR = locus.NewSet(locus.Region{Contig: "chrX", Start: 900, End: 1300})
			diploid = func(pos int) bool { return pos < 900 || pos >= 1300 }
		}
		bases := randomBases(rng, 1500)
		m := maker(t, o)
		want := plain(o, 700, bases, diploid)
		sameBlocks(t, blocks(t, m, 700, bases, []int{1500}, nil), want)
		// However the stretch is cut into pieces, the blocks are the same.
		var pieces []int
		for left := len(bases); left > 0; {
			n := min(left, 1+rng.IntN(200))
			pieces, left = append(pieces, n), left-n
		}
		sameBlocks(t, blocks(t, m, 700, bases, pieces, nil), want)
		// Told to cut, they end there.
		var cut []variant.Block
		at := 0
		cuts := make([]bool, len(pieces))
		for i, n := range pieces {
			cut = append(cut, plain(o, 700+at, bases[at:at+n], diploid)...)
			at += n
			cuts[i] = true
		}
		sameBlocks(t, blocks(t, m, 700, bases, pieces, cuts), cut)
	}
}

// Every base with a proper reference letter is in exactly one block.
func TestBlocksCoverOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	bases := randomBases(rng, 5000)
	seen := make([]int, len(bases))
	for _, b := range blocks(t, maker(t, Defaults()), 0, bases, []int{5000}, nil) {
		for i := b.Start; i < b.End; i++ {
			seen[i]++
		}
		if b.GT == variant.NoCall && b.End != b.Start+1 {
			t.Errorf("a no-call of %d bases", b.End-b.Start)
		}
	}
	for i, n := range seen {
		want := 0
		if strings.ContainsRune("ACGTacgt", rune(bases[i].Ref)) {
			want = 1
		}
		if n != want {
			t.Fatalf("base %d (%c) is in %d blocks, want %d", i, bases[i].Ref, n, want)
		}
	}
}

// Values by hand, and from the 1.9 goldens: depth 45 without an error has PL
// 0,135,1349; 24 of 25 reads GQ 45 and PL 0,45,689.
func TestConfidence(t *testing.T) {
	m := maker(t, Defaults())
	for _, k := range []struct {
		r, n  int
		gq    int
		valid bool
		pl    [3]int
	}{
		{45, 45, 50, true, [3]int{0, 135, 1349}},
		{24, 25, 45, true, [3]int{0, 45, 689}},
		{0, 0, 1, true, [3]int{0, 0, 0}},
		{1, 1, 4, true, [3]int{0, 3, 29}},
		{500, 1000, 0, false, [3]int{1199, 0, 1199}},
		{991, 1000, 50, true, [3]int{0, 300, 2999}}, // 99.1 of 100: rounded up to all
		{990, 1000, 50, true, [3]int{0, 270, 2939}},
	} {
		c := at(m.diploid, k.r, k.n)
		var pl [3]int
		for g := range pl {
			pl[g] = int(-10 * (c.gl[g] - slices.Max(c.gl[:])))
		}
		if c.gq != k.gq || c.valid != k.valid || pl != k.pl {
			t.Errorf("%d of %d: GQ %d valid %v PL %v, want %d %v %v", k.r, k.n, c.gq, c.valid, pl, k.gq, k.valid, k.pl)
		}
	}
}

func TestRunsErrors(t *testing.T) {
	m := maker(t, Defaults())
	for want, p := range map[string]Position{
		`chrX:9: reference base '*', want a nucleotide code`: {'*', 1, 1},
		"chrX:9: 3 reads of 2 support the reference":         {'A', 3, 2},
		"chrX:9: -1 reads of 2 support the reference":        {'A', -1, 2},
	} {
		if _, err := m.Runs(nil, "chrX", 8, []Position{p}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := NewMaker(Options{ErrorRate: 1, BinSize: 0, MaxGQ: 100}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("faulty options: %v", err)
	}
}

// BenchmarkRuns is bases per second of 30-fold depth.
func BenchmarkRuns(b *testing.B) {
	for _, med := range []bool{false, true} {
		b.Run(fmt.Sprint("median=", med), func(b *testing.B) {
			o := Defaults()
			o.MedDP = med
			m := maker(b, o)
			bases := randomBases(rand.New(rand.NewPCG(1, 1)), 1000)
			var runs []Run
			for b.Loop() {
				var err error
				if runs, err = m.Runs(runs[:0], "chrX", 0, bases); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(bases)*b.N)/b.Elapsed().Seconds()/1e6, "Mbases/s")
		})
	}
}
