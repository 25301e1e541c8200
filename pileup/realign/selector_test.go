package realign

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// plainPositions is what selector finds, from the counts of all alleles.
func plainPositions(reads []align.Read, ref count.Window, start, end int, o *Options) []int {
	c := count.Counter{Options: count.Options{MinMapQ: o.Window.MinMapQ, MinBaseQ: o.Window.MinBaseQ}}
	var short []align.Read
	for _, r := range reads {
		if len(r.Bases) <= o.MaxReadLen {
			short = append(short, r)
		}
	}
	k := c.Count(short, ref, locus.Region{Start: start, End: end}, nil)
	n := k.Len()
	votes, scores := make([]int, n), make([]float32, n)
	for i := range n {
		scores[i] = linearBias
	}
	for i := range n {
		scores[i] += float32(k.RefSupport[i]) * linearReference
		for _, s := range k.AppendSums(nil, i) {
			size := s.First.Size()
			from, to, by := i, i+1, linearSubstitution
			switch s.First.Type {
			case count.Insertion:
				from, to, by = i+1-(size-1), i+size, linearInsertion
			case count.SoftClip:
				from, to, by = i+1-(size-1), i+size, linearSoftClip
			case count.Deletion:
				from, to, by = i+1, i+size, linearDeletion
			}
			counted := s.N >= 2 || o.Version == V15
			if o.Window.StrictInsertions && s.First.Type == count.Insertion && size == 2 && float32(s.N)/float32(k.Total[i]) < 0.08 {
				counted = false
			}
			for p := max(from, 0); p < min(to, n); p++ {
				if counted {
					votes[p] += s.N
				}
				scores[p] += float32(s.N) * by
			}
		}
	}
	var out []int
	for i := range n {
		if o.Window.Linear && scores[i] > linearBound || !o.Window.Linear && votes[i] >= o.Window.MinReads && votes[i] <= o.Window.MaxReads {
			out = append(out, start+i)
		}
	}
	return out
}

// randomReads makes reads of a reference with all that an alignment may have.
func randomReads(rng *rand.Rand, ref count.Window, n int) []align.Read {
	var reads []align.Read
	for i := range n {
		r := align.Read{Name: string(rune('a' + i)), MapQ: byte(rng.IntN(70)), Start: ref.Start + rng.IntN(len(ref.Bases))}
		at := r.Start - ref.Start
		for range 1 + rng.IntN(5) {
			op := []align.Op{align.M, align.M, align.M, align.Eq, align.X, align.I, align.D, align.S, align.N, align.P, align.H}[rng.IntN(11)]
			l := rng.IntN(12)
			r.Cigar = append(r.Cigar, align.MakeOp(op, l))
			for k := range l {
				b := "ACGTN"[rng.IntN(5)]
				if op.Matches() && at+k < len(ref.Bases) && rng.IntN(8) > 0 {
					b = ref.Bases[at+k]
				} else if op == align.I || op == align.S {
					b = "AC"[rng.IntN(2)]
				}
				if op.TakesRead() {
					r.Bases = append(r.Bases, b)
					r.Quals = append(r.Quals, byte(15+rng.IntN(20)))
				}
			}
			if op.TakesRef() || op == align.P {
				at += l
			}
		}
		if rng.IntN(30) == 0 {
			r.Quals = bytes.Clone(r.Quals[:len(r.Quals)/2])
		}
		reads = append(reads, r)
	}
	return reads
}

// TestSelector: the positions found are those of the definition on the counts
// of package count.
func TestSelector(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	var s selector
	found := 0
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	for round := range rounds {
		o := Defaults([]Version{V15, V19}[rng.IntN(2)])
		o.ByPartition = true
		o.MaxReadLen = 40
		o.Window.Linear = rng.IntN(4) == 0
		o.Window.StrictInsertions = rng.IntN(4) == 0
		o.Window.MaxReads = 5 + rng.IntN(300)
		ref := count.Window{Start: rng.IntN(50), Bases: randomBases(rng, 60)}
		if rng.IntN(4) == 0 {
			ref.Bases[rng.IntN(60)] = 'N'
		}
		reads := randomReads(rng, ref, rng.IntN(25))
		start := ref.Start + rng.IntN(20)
		end := start + rng.IntN(40)
		want := plainPositions(reads, ref, start, end, &o)
		got := s.find(reads, stretch(ref), start, end, &o)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %v, want %v; %d to %d, %+v", round, got, want, start, end, o.Window)
		}
		found += len(got)
	}
	if found < rounds {
		t.Errorf("only %d positions found", found)
	}
}

// TestJoin: windows from positions, by the distances of the rule.
func TestJoin(t *testing.T) {
	o := Defaults(V19).Window
	ref := &stretch{Start: 1000, Bases: make([]byte, 10_000)}
	for _, k := range []struct {
		name      string
		positions []int
		want      []Window
	}{
		{"one", []int{2000}, []Window{{1920, 2080, 2000}}},
		{"joined at twice the distance", []int{2000, 2160}, []Window{{1920, 2240, 2000}}},
		{"apart beyond", []int{2000, 2161}, []Window{{1920, 2080, 2000}, {2081, 2241, 2161}}},
		{"of the greatest size", []int{2000, 2150, 2300, 2450, 2600, 2750, 2840}, []Window{{1920, 2920, 2000}}},
		{"too long", []int{2000, 2150, 2300, 2450, 2600, 2750, 2841, 5000}, []Window{{4920, 5080, 5000}}},
		{"over the start of the contig", []int{1079}, nil},
		{"at the start of the contig", []int{1080}, []Window{{1000, 1160, 1080}}},
		{"over the end of the contig", []int{10_921}, nil},
		{"beginning elsewhere", []int{10_915}, nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			if got := join(nil, k.positions, ref, 0, 10_915, &o); !slices.Equal(got, k.want) {
				t.Errorf("%v, want %v", got, k.want)
			}
		})
	}
	long := []int{1990, 2100, 2250, 2400, 2499, 2500, 2650, 2800, 2950, 3001}
	if got := join(nil, long, ref, 0, 10_915, &o); got != nil {
		t.Errorf("a window that is too long: %v, want none", got)
	}
	if got := join(nil, long[:7], ref, 0, 10_915, &o); len(got) != 1 {
		t.Errorf("not too long: %v", got)
	}
}

// clippedRead is a read that lies at start, of qualities 30.
func clippedRead(name string, start int, bases string, ops ...align.CigarOp) align.Read {
	return align.Read{Name: name, MapQ: 60, Start: start, Bases: []byte(bases), Quals: bytes.Repeat([]byte{30}, len(bases)), Cigar: ops}
}

// TestClipsOfOnePlace: two reads that are clipped at one place on one side vote
// there however many bases each has beyond; DeepVariant's partitions count them as
// alleles of one read each.
func TestClipsOfOnePlace(t *testing.T) {
	m := func(n int) align.CigarOp { return align.MakeOp(align.M, n) }
	clip := func(n int) align.CigarOp { return align.MakeOp(align.S, n) }
	ref := count.Window{Bases: randomBases(rand.New(rand.NewPCG(9, 9)), 400)}
	text := string(ref.Bases)
	o := Defaults(V19)
	var s selector
	for _, k := range []struct {
		name       string
		reads      []align.Read
		first, end int // of the positions found; 0, 0: none
	}{
		{"right", []align.Read{clippedRead("a", 100, text[100:150]+"AAAAAAAAAA", m(50), clip(10)), clippedRead("b", 110, text[110:150]+"AAAAAAAAAAAAAAAAAAAA", m(40), clip(20))}, 140, 160},
		{"left", []align.Read{clippedRead("a", 150, "AAAAAAAAAA"+text[150:200], clip(10), m(50)), clippedRead("b", 150, "AAAAAAAAAAAA"+text[150:190], clip(12), m(40))}, 140, 160},
		{"one on either side", []align.Read{clippedRead("a", 100, text[100:150]+"AAAAAAAAAA", m(50), clip(10)), clippedRead("b", 150, "AAAAAAAAAAAA"+text[150:190], clip(12), m(40))}, 0, 0},
		{"not at one place", []align.Read{clippedRead("a", 100, text[100:150]+"AAAAAAAAAA", m(50), clip(10)), clippedRead("b", 110, text[110:151]+"AAAAAAAAAAAA", m(41), clip(12))}, 0, 0},
	} {
		got := s.find(k.reads, stretch(ref), 50, 350, &o)
		if k.end == 0 && len(got) > 0 || k.end > 0 && (len(got) == 0 || got[0] != k.first || got[len(got)-1] != k.end-1) {
			t.Errorf("%s: positions %v, want %d to %d", k.name, got, k.first, k.end-1)
		}
		compat := o
		compat.ByPartition = true
		if got := s.find(k.reads, stretch(ref), 50, 350, &compat); len(got) > 0 {
			t.Errorf("%s, by DeepVariant's rule: positions %v, want none", k.name, got)
		}
	}
}

// TestDuplication: of a stretch that comes twice in a row, longer than the reads
// have left beside it, the clipped reads that reach across are set out as an
// insertion.
func TestDuplication(t *testing.T) {
	const from, to, length = 3000, 3040, 100
	ref := count.Window{Bases: randomBases(rand.New(rand.NewPCG(3, 4)), 6000)}
	ref.Bases[from-1], ref.Bases[to-1], ref.Bases[to] = 'A', 'C', 'G'
	text := string(ref.Bases)
	sample := text[:to] + text[from:]
	var reads []align.Read
	for at := from - length; at < to+length; at += 5 { // in the sample
		bases := sample[at : at+length]
		left := to - at // bases that fit from the left on
		switch {
		case left >= length:
			reads = append(reads, clippedRead("l", at, bases, align.MakeOp(align.M, length)))
		case at >= to:
			reads = append(reads, clippedRead("r", at-(to-from), bases, align.MakeOp(align.M, length)))
		case left > length/2:
			reads = append(reads, clippedRead("cl", at, bases, align.MakeOp(align.M, left), align.MakeOp(align.S, length-left)))
		default:
			reads = append(reads, clippedRead("cr", from, bases, align.MakeOp(align.S, left), align.MakeOp(align.M, length-left)))
		}
	}
	slices.SortStableFunc(reads, func(a, b align.Read) int { return a.Start - b.Start })
	o := Defaults(V19)
	var s Scratch
	whole := 0
	for _, r := range s.Realign(reads, ref, locus.Region{Start: from - 200, End: to + 200}, &o) {
		at := r.Start
		for i, x := range r.Cigar {
			if x.Op() == align.I && x.Len() == to-from && i > 0 && i+1 < len(r.Cigar) && at == from {
				whole++
			}
			if x.Op().TakesRef() {
				at += x.Len()
			}
		}
	}
	if whole < 8 {
		t.Errorf("%d reads show the insertion from end to end, want 8 or more", whole)
	}
}
