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
