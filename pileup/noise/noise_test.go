package noise

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

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// library is one contig and reads on it.
type library struct {
	ref   string
	reads []align.Read
}

func (l *library) source() Source {
	return Source{
		Reads: func(_ context.Context, r locus.Region) iter.Seq2[*align.Read, error] {
			return func(yield func(*align.Read, error) bool) {
				for i := range l.reads {
					if x := &l.reads[i]; x.Start < r.End && x.End() > r.Start && !yield(x, nil) {
						return
					}
				}
			}
		},
		Bases: func(dst []byte, r locus.Region) ([]byte, error) { return append(dst, l.ref[r.Start:r.End]...), nil },
		Bytes: func(r locus.Region) (n int64) {
			for i := range l.reads {
				if x := &l.reads[i]; x.Start >= r.Start && x.Start < r.End {
					n++
				}
			}
			return n
		},
	}
}

func (l *library) measure(t *testing.T) *Noise {
	t.Helper()
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(l.ref)}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := Measure(context.Background(), l.source(), contigs)
	if err != nil {
		t.Fatal(err)
	}
	return Sum(list)
}

// add adds a read with good qualities.
func (l *library) add(t testing.TB, start int, cigar, bases string) {
	t.Helper()
	c, err := align.ParseCigar(cigar)
	if err != nil || c.ReadLen() != len(bases) {
		t.Fatalf("%s of %d bases: %v", cigar, len(bases), err)
	}
	l.reads = append(l.reads, align.Read{Start: start, MapQ: 60, Cigar: c, Bases: []byte(bases), Quals: []byte(strings.Repeat("\x1e", len(bases)))})
}

// A run of ten A, eleven reads across it: eight as the reference, one with a base
// fewer and one with a base more, aligned at the other end of the run. One ends
// four bases behind the run and says nothing.
func TestRunByHand(t *testing.T) {
	const left, right = "CGTCGTCGTC", "TGCTGCTGCT"
	run := strings.Repeat("A", 10)
	var l library
	l.ref = left + run + right
	for range 8 {
		l.add(t, 0, "30M", l.ref)
	}
	l.add(t, 0, "10M1D19M", left+run[1:]+right)
	l.add(t, 0, "20M1I10M", left+run+"A"+right)
	l.add(t, 0, "24M", l.ref[:24])
	want := Noise{Across: [Classes]int{1: 10}, Off: [Classes]int{1: 2}, Lonely: 2}
	if got := l.measure(t); *got != want {
		t.Errorf("%+v, want %+v", *got, want)
	}

	for _, k := range []struct {
		name string
		do   func(r *align.Read)
	}{
		{"of low quality", func(r *align.Read) { r.MapQ = 19 }},
		{"marked as duplicates", func(r *align.Read) { r.Flag = align.Duplicate }},
		{"spliced", func(r *align.Read) {
			r.Cigar = align.Cigar{align.MakeOp(align.M, 15), align.MakeOp(align.N, 2), align.MakeOp(align.M, 15)}
		}},
		{"broken", func(r *align.Read) { r.Bases = r.Bases[1:] }},
	} {
		more := library{ref: l.ref, reads: slices.Clone(l.reads)}
		more.add(t, 0, "30M", l.ref)
		k.do(&more.reads[11])
		got := more.measure(t)
		if *got != want {
			t.Errorf("with reads %s: %+v, want %+v", k.name, *got, want)
		}
	}
}

// Variants are no errors: a homozygous deletion in a run leaves a run without
// any, a heterozygous one is left out.
func TestVariantsAreNoErrors(t *testing.T) {
	const left, right = "CGTCGTCGTC", "TGCTGCTGCT"
	run := strings.Repeat("A", 10)
	for _, k := range []struct {
		name         string
		shorter, all int
		across, off  int
	}{
		{"homozygous", 10, 10, 10, 0},
		{"homozygous, one read off", 9, 10, 10, 1},
		{"heterozygous", 5, 10, 0, 0},
		{"a third", 3, 10, 0, 0},
		{"two of eight", 2, 8, 8, 2},
		{"one of two", 1, 2, 2, 1},
	} {
		var l library
		l.ref = left + run + right
		for i := range k.all {
			if i < k.shorter {
				l.add(t, 0, "10M1D19M", left+run[1:]+right)
			} else {
				l.add(t, 0, "30M", l.ref)
			}
		}
		if got := l.measure(t); got.Across[1] != k.across || got.Off[1] != k.off {
			t.Errorf("%s: %d of %d, want %d of %d", k.name, got.Off[1], got.Across[1], k.off, k.across)
		}
	}
}

// drawn is a library of a contig of so many bases with slips at a rate, and how
// many it has.
func drawn(t testing.TB, seed uint64, size, depth int, slip float64) (l *library, slips int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	ref := make([]byte, 0, size)
	for len(ref) < size {
		b := "ACGT"[rng.IntN(4)]
		n := 1
		if rng.IntN(40) == 0 {
			n = 6 + rng.IntN(16)
		}
		for range n {
			ref = append(ref, b)
		}
	}
	l = &library{ref: string(ref[:size])}
	const length = 120
	for i := range size * depth / length {
		start := i * length / depth
		if start+length > size {
			break
		}
		bases, cigar := []byte(l.ref[start:start+length]), "120M"
		for k := 20; k < length-40; k++ { // a slip in the first long run that has one
			n := 1
			for l.ref[start+k+n] == l.ref[start+k] && n < 15 {
				n++
			}
			if n >= 9 && l.ref[start+k-1] != l.ref[start+k] && rng.Float64() < slip {
				cigar = fmt.Sprintf("%dM1D%dM", k, length-k-1)
				bases = slices.Delete(bases, k, k+1)
				slips++
				break
			}
			k += n - 1
		}
		l.add(t, start, cigar, string(bases))
	}
	return l, slips
}

// What was put in comes out: nearly all slips, for runs at the ends of pieces and
// of more than thirty bases are not looked at, and no other.
func TestRates(t *testing.T) {
	for seed, slip := range []float64{0.01, 0.05, 0} {
		l, slips := drawn(t, uint64(seed), 400_000, 30, slip)
		n := l.measure(t)
		off := 0
		for i := 1; i < Classes; i++ {
			off += n.Off[i]
		}
		if off > slips || 100*off < 97*slips {
			t.Errorf("slips %v: %d of %d were seen", slip, off, slips)
		}
		if n.Off[0] != 0 {
			t.Errorf("%d slips in runs that have none", n.Off[0])
		}
	}
}

// Reads of several files one after the other are counted as those of one file in
// order are.
func TestOrder(t *testing.T) {
	l, _ := drawn(t, 5, 100_000, 20, 0.1)
	want := l.measure(t)
	var a, b []align.Read
	for i := range l.reads {
		if i%2 == 0 {
			a = append(a, l.reads[i])
		} else {
			b = append(b, l.reads[i])
		}
	}
	l.reads = append(a, b...)
	if got := l.measure(t); *got != *want {
		t.Errorf("%+v, in order %+v", *got, *want)
	}
}

func TestChosen(t *testing.T) {
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "a", Length: 1000 * window}, {Name: "b", Length: 10}, {Name: "c", Length: 3000*window + 7}})
	if err != nil {
		t.Fatal(err)
	}
	even := chosen(func(r locus.Region) int64 { return int64(r.Len()) }, contigs)
	if len(even) != pieces || even[0] != (locus.Region{Contig: "a", Start: 20 * window, End: 21 * window}) {
		t.Errorf("%d pieces, the first %v", len(even), even[0])
	}
	last := 0
	for _, r := range even {
		at := r.Start / window
		if r.Contig == "c" {
			at += 1000
		}
		if d := at - last; last > 0 && (d < 41 || d > 42) { // 4000/96
			t.Errorf("%v lies %d pieces behind the one before", r, d)
		}
		last = at
	}
	// all reads in three places, one of them with most
	few := chosen(func(r locus.Region) int64 {
		switch {
		case r.Contig == "b":
			return 5
		case r.Start == 7*window && r.Contig == "a":
			return 1000
		case r.Start == 3000*window:
			return 500
		}
		return 0
	}, contigs)
	want := []locus.Region{{Contig: "a", Start: 7 * window, End: 8 * window}, {Contig: "c", Start: 3000 * window, End: 3000*window + 7}}
	if !reflect.DeepEqual(few, want) {
		t.Errorf("%v, want %v", few, want)
	}
	if none := chosen(func(locus.Region) int64 { return 0 }, contigs); len(none) > 0 {
		t.Errorf("pieces without reads: %v", none)
	}
}

func TestValues(t *testing.T) {
	if v := (&Noise{}).Values(); v != [Numbers]float64{} {
		t.Errorf("of nothing: %v", v)
	}
	n := Noise{Across: [Classes]int{13333, 2000, 200, 40}, Off: [Classes]int{2, 2, 2, 2}, Lonely: 8}
	v := n.Values()
	for i := range Classes {
		if math.Abs(v[i]) > 0.01 {
			t.Errorf("class %d as typically: %v", i, v[i])
		}
	}
	if v[Classes] != 0.5-9.0/10 {
		t.Errorf("none shared: %v", v[Classes])
	}
	worst := Noise{Across: [Classes]int{1e9, 1e9, 1e9, 1e9}, Off: [Classes]int{1e9, 1e9, 1e9, 1e9}}
	for _, x := range worst.Values() {
		if !(x >= -2 && x <= 2) {
			t.Errorf("out of bounds: %v", x)
		}
	}
}

// The rate is about that of the class in runs of its lengths, never falls with the
// length whatever was counted, and is a probability.
func TestRate(t *testing.T) {
	var typicalOne Noise
	for i, want := range typical {
		if got := (typicalOne.Rate(int(middle[i])) + typicalOne.Rate(int(math.Ceil(middle[i])))) / 2; math.Abs(math.Log(got/want)) > 0.3 {
			t.Errorf("class %d: %v, want about %v", i, got, want)
		}
	}
	if typicalOne.Rate(1) != typicalOne.Rate(6) {
		t.Errorf("%v in a run of one, %v of six", typicalOne.Rate(1), typicalOne.Rate(6))
	}
	rng := rand.New(rand.NewPCG(8, 8))
	for range 200 {
		var n Noise
		for i := range Classes {
			n.Across[i] = 1 + rng.IntN(1e6)
			n.Off[i] = rng.IntN(n.Across[i])
		}
		for length := range 60 {
			x, y := n.Rate(length), n.Rate(length+1)
			if !(x > 0 && x <= y && y <= 0.5) {
				t.Fatalf("%+v: %v in a run of %d, %v of one more", n, x, length, y)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	l, _ := drawn(t, 2, 60_000, 20, 0.1)
	n := l.measure(t)
	if err := n.Validate(); err != nil || n.Off[1] == 0 {
		t.Errorf("%+v: %v", *n, err)
	}
	for _, bad := range []Noise{{Off: [Classes]int{1}}, {Off: [Classes]int{-1}}, {Lonely: 1}, {Lonely: -1}} {
		if bad.Validate() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
}

// A failing source is an error, not a library of few reads.
func TestMeasureFails(t *testing.T) {
	l, _ := drawn(t, 1, 50_000, 10, 0)
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(l.ref)}})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	s := l.source()
	s.Reads = func(context.Context, locus.Region) iter.Seq2[*align.Read, error] {
		return func(yield func(*align.Read, error) bool) { yield(nil, broken) }
	}
	if _, err := Measure(context.Background(), s, contigs); !errors.Is(err, broken) {
		t.Errorf("reads: %v", err)
	}
	s = l.source()
	s.Bases = func([]byte, locus.Region) ([]byte, error) { return nil, broken }
	if _, err := Measure(context.Background(), s, contigs); !errors.Is(err, broken) {
		t.Errorf("bases: %v", err)
	}
}

// A place with very many reads costs no more than any other.
func TestMostReads(t *testing.T) {
	l := library{ref: strings.Repeat("ACGT", 5) + "AAAAAAAA" + strings.Repeat("CGTA", 5)}
	for range mostReads + 100 {
		l.add(t, 0, "48M", l.ref)
	}
	if n := l.measure(t); n.Across[0] != mostReads {
		t.Errorf("%d reads across the run, want %d", n.Across[0], mostReads)
	}
}

func BenchmarkMeasure(b *testing.B) {
	l, _ := drawn(b, 3, 200_000, 30, 0.02)
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(l.ref)}})
	if err != nil {
		b.Fatal(err)
	}
	s := l.source()
	s.Bytes = func(r locus.Region) int64 { return int64(r.Len()) }
	for b.Loop() {
		if _, err := Measure(context.Background(), s, contigs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(l.reads)*b.N)/b.Elapsed().Seconds(), "reads/s")
}
