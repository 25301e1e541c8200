package pileup

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/internal/mt"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

var cell = locus.Region{Contig: "c", Start: 1000, End: 2000}

// someReads makes n reads of 100 bases, their starts ascending from 900 on.
func someReads(n int) []align.Read {
	reads := make([]align.Read, n)
	for i := range reads {
		bases := fmt.Appendf(nil, "%0100d", i)
		reads[i] = align.Read{Name: fmt.Sprint("read", i/2), Start: 900 + i*1100/max(n, 1), Cigar: align.Cigar{align.MakeOp(align.M, 100)}, Bases: bases, Quals: bases}
		if reads[i].Flag = align.Paired | align.FirstOfPair; i%2 == 1 {
			reads[i].Flag = align.Paired | align.SecondOfPair
		}
	}
	return reads
}

// sampled gives the numbers of the reads that a sampler keeps, and checks that
// each came through whole.
func sampled(t testing.TB, s Sampler, reads []align.Read) []int {
	t.Helper()
	s.Reset(cell)
	for i := range reads {
		r := reads[i]
		r.Bases = slices.Clone(r.Bases) // a reader's memory is used again
		s.Add(&r)
		clear(r.Bases)
	}
	var out []int
	for _, r := range s.Reads() {
		var i int
		if _, err := fmt.Sscanf(string(r.Bases), "%d", &i); err != nil || string(r.Bases) != fmt.Sprintf("%0100d", i) || r.Name != fmt.Sprint("read", i/2) {
			t.Fatalf("a read came back damaged: %q %q", r.Name, r.Bases)
		}
		out = append(out, i)
	}
	return out
}

// TestReservoir: with 1,500 places the reads 1500, 1501 .. go to the places
// that NumPy's RandomState(609314161) draws.
func TestReservoir(t *testing.T) {
	s := &Reservoir{Max: 1500}
	want := make([]int, 1500)
	for i := range want {
		want[i] = i
	}
	for _, n := range []int{0, 1, 1499, 1500} {
		if got := sampled(t, s, someReads(n)); !slices.Equal(got, want[:n]) {
			t.Errorf("%d reads: not all kept in order", n)
		}
	}
	for i, place := range []int{661, 933, 1258, 618, 376, 883, 1420, 96, 1106, 562, 295, 1212} {
		want[place] = 1500 + i
	}
	for range 2 { // every cell has the same draws
		if got := sampled(t, s, someReads(1512)); !slices.Equal(got, want) {
			t.Errorf("1512 reads: the places are %v", got)
		}
	}
	if got := sampled(t, &Reservoir{}, someReads(2000)); len(got) != 2000 {
		t.Errorf("without a bound %d of 2000 reads are kept", len(got))
	}
}

// TestReservoirByDepth compares with the rule told plainly: the covered bases
// summed anew at every step.
func TestReservoirByDepth(t *testing.T) {
	reads := someReads(500)
	covered := func(kept []int) (n int) {
		for _, i := range kept {
			n += max(min(reads[i].End(), cell.End)-max(reads[i].Start, cell.Start), 0)
		}
		return n
	}
	for _, s := range []*Reservoir{{MaxBasesPerBase: 10}, {Max: 80, MaxBasesPerBase: 10}, {MaxBasesPerBase: 1000}, {Max: 20, MaxBasesPerBase: 1}} {
		most := s.MaxBasesPerBase * cell.Len()
		rng := mt.New32(609314161)
		var want []int
		for i := range reads {
			if (s.Max == 0 || len(want) < s.Max) && covered(want) < most {
				want = append(want, i)
			} else if j := int(rng.Interval(uint64(i))); j < len(want) {
				want[j] = i
			}
		}
		for n := range want {
			if covered(want[:n]) > most {
				want = want[:n]
				break
			}
		}
		got := sampled(t, s, reads)
		if !slices.Equal(got, want) {
			t.Errorf("at most %d reads, %d-fold: kept %v\nwant %v", s.Max, s.MaxBasesPerBase, got, want)
		}
		if n := covered(got); n > most+100 {
			t.Errorf("%d bases covered, at most %d and a read", n, most)
		}
	}
}

func TestThinner(t *testing.T) {
	reads := someReads(3000)
	s := &Thinner{Max: 700}
	got := sampled(t, s, reads)
	order := make([]int, len(reads))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compareKeys(keyHash(&reads[a]), &reads[a], keyHash(&reads[b]), &reads[b]) })
	want := slices.Sorted(slices.Values(order[:700]))
	if !slices.Equal(got, want) {
		t.Errorf("not the reads of the 700 smallest hashes, in order: %v", got)
	}
	// The same reads in another order: the same are kept, in that order.
	rng := rand.New(rand.NewPCG(1, 1))
	shuffled := slices.Clone(reads)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	again := sampled(t, s, shuffled)
	if slices.IsSorted(again) {
		t.Error("not in the order of the input")
	}
	if slices.Sort(again); !slices.Equal(again, want) {
		t.Error("what is kept depends on the order of the input")
	}
	for _, n := range []int{0, 1, 699, 700} {
		if got := sampled(t, s, reads[:n]); len(got) != n || !slices.IsSorted(got) {
			t.Errorf("%d of %d reads kept, sorted %v", len(got), n, slices.IsSorted(got))
		}
	}
	if got := sampled(t, &Thinner{}, reads); len(got) != 3000 {
		t.Errorf("without a bound %d of 3000 reads are kept", len(got))
	}
}

// TestThinnerByDepth: kept are the reads of the smallest hashes up to the first
// with which they cover so many bases, in whatever order they come.
func TestThinnerByDepth(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	reads := someReads(600)
	for i := range reads {
		reads[i].Cigar = align.Cigar{align.MakeOp(align.M, 50+rng.IntN(100))}
	}
	order := make([]int, len(reads))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compareKeys(keyHash(&reads[a]), &reads[a], keyHash(&reads[b]), &reads[b]) })
	came := slices.Clone(reads)
	for _, s := range []*Thinner{{MaxBases: 20_000}, {MaxBases: 1}, {MaxBases: 10_000_000}, {MaxBases: 20_000, Max: 90}, {MaxBases: 20_000, Max: 400}} {
		var want []int
		for covered, k := 0, 0; k < len(order) && covered < s.MaxBases && (s.Max == 0 || k < s.Max); k++ {
			want = append(want, order[k])
			covered += reads[order[k]].End() - reads[order[k]].Start
		}
		slices.Sort(want)
		for range 4 {
			got := sampled(t, s, came)
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("at most %d reads, %d bases: kept %v\nwant %v", s.Max, s.MaxBases, got, want)
			}
			rng.Shuffle(len(came), func(i, j int) { came[i], came[j] = came[j], came[i] })
		}
	}
}

// TestThinnerEqualKeys: of reads with one key the first ones stay.
func TestThinnerEqualKeys(t *testing.T) {
	reads := someReads(20)
	for i := range reads {
		reads[i].Flag = 0
	}
	s := &Thinner{Max: 2}
	s.Reset(cell)
	for range 3 {
		for i := 10; i < 12; i++ {
			s.Add(&reads[i])
		}
	}
	if got := s.Reads(); len(got) != 2 || string(got[0].Bases) != string(reads[10].Bases) || string(got[1].Bases) != string(reads[11].Bases) {
		t.Errorf("kept %d reads, want the first two", len(got))
	}
}

// TestSamplersBoundMemory: a million bases per kept read go by, little stays.
func TestSamplersBoundMemory(t *testing.T) {
	reads := someReads(50)
	n := 200_000
	if testing.Short() {
		n = 50_000
	}
	thinner, byDepth, reservoir := &Thinner{Max: 50}, &Thinner{MaxBases: 5000}, &Reservoir{Max: 50}
	for _, s := range []Sampler{thinner, byDepth, reservoir} {
		s.Reset(cell)
		for i := range n {
			r := reads[i%50]
			r.Name = fmt.Sprint(n - i)
			s.Add(&r)
		}
		if len(s.Reads()) != 50 {
			t.Errorf("%T keeps %d reads", s, len(s.Reads()))
		}
	}
	for _, p := range []*pool{&thinner.pool, &byDepth.pool, &reservoir.pool} {
		if p.dead > p.live+weight(&reads[0]) || p.live > 60*weight(&reads[0]) {
			t.Errorf("%d dead bytes, %d living", p.dead, p.live)
		}
	}
}

func TestDownsample(t *testing.T) {
	reads := someReads(20000)
	for name, keep := range map[string]func(*align.Read) bool{"by hash": Downsample(0.3), "in order": DownsampleInOrder(0.3)} {
		kept, pairs := 0, 0
		for i := 0; i < len(reads); i += 2 {
			a, b := keep(&reads[i]), keep(&reads[i+1])
			if a {
				kept++
			}
			if b {
				kept++
			}
			if a == b {
				pairs++
			}
		}
		if share := float64(kept) / 20000; math.Abs(share-0.3) > 0.015 {
			t.Errorf("%s: %v kept, want 0.3", name, share)
		}
		if name == "by hash" && pairs != 10000 {
			t.Errorf("%d of 10000 pairs were parted", 10000-pairs)
		}
	}
	// std::mt19937_64(609314161): its first draws over 2^64 decide.
	keep := DownsampleInOrder(1)
	for range 100 {
		if !keep(&reads[0]) {
			t.Error("a fraction of 1 drops a read")
		}
	}
}

func TestRefSites(t *testing.T) {
	for name, keep := range map[string]func(string, int) bool{"by hash": RefSites(0.01), "in order": RefSitesInOrder(0.01)} {
		n := 0
		for pos := range 100_000 {
			if keep("chr1", pos) {
				n++
			}
		}
		if n < 850 || n > 1150 {
			t.Errorf("%s: %d of 100,000, want 1,000", name, n)
		}
	}
	a, b := RefSites(0.5), RefSites(0.5)
	for pos := 999; pos >= 0; pos-- {
		a("chr2", pos)
		if a("chr1", pos) != b("chr1", pos) {
			t.Fatalf("whether position %d is kept depends on what was asked before", pos)
		}
	}
}

// TestHashNeverChanges: which reads a deep cell keeps is part of the results.
func TestHashNeverChanges(t *testing.T) {
	for name, want := range map[string]uint64{"": 0xc3817c016ba4ff30, "a": 0x5f29c2aadd9b8527, "H06HDADXX130110:2:2116:3345:91806": 0x5d090af721d3f23f} {
		if got := nameHash(name); got != want {
			t.Errorf("hash of %q is %#x, want %#x", name, got, want)
		}
	}
}
