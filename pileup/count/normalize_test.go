package count

import (
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

func TestNormalize(t *testing.T) {
	//                    01234567890123456
	const contig = "GATTTTACACACAGGTC"
	for _, k := range []struct {
		name         string
		start        int
		cigar, bases string
		want         string
		at           int
	}{
		{"nothing to do", 0, "5M", "GATTT", "5M", 0},
		{"deletion in a run", 0, "5M1D4M", "GATTTACAC", "2M1D7M", 0},
		{"deletion in a repeat of two", 5, "6M2D4M", "TACACAGGTC", "1M2D9M", 5},
		{"insertion in a run", 0, "6M1I4M", "GATTTTTACAC", "2M1I8M", 0},
		{"insertion at the end of the read gets matches behind it", 0, "6M1I", "GATTTTT", "2M1I4M", 0},
		{"insertion before a soft clip lengthens that, as in DeepVariant", 0, "6M1I2S", "GATTTTTGG", "2M1I6S", 0},
		{"insertion before a skip gets matches between", 0, "6M1I3N3M", "GATTTTTACA", "2M1I4M3N3M", 0},
		{"deletion before a deletion gets matches between", 0, "6M1D0M", "GATTTT", "6M1D", 0},
		{"insertion next to deletion", 0, "4M2I3D4M", "GATTGGACAC", "6M1D4M", 0},
		{"deletion next to insertion", 0, "4M3D1I4M", "GATTCCACA", "5M2D4M", 0},
		{"deletion that reaches the start goes", 2, "2M1D4M", "TTTACA", "6M", 3},
		{"insertion that reaches the start becomes a match", 3, "2M1I3M", "TTTTAC", "6M", 2},
		{"deletion at the start", 2, "1D4M", "TTTA", "4M", 3},
		{"insertion behind a clip", 3, "1S1M1I4M", "GTTTTAC", "1S6M", 2},
		{"equal and unequal bases join", 0, "2=1X1=", "GACT", "4M", 0},
		{"no room before the contig", 0, "1I5M", "CGATTT", "1I5M", 0},
		{"lengths that differ", 0, "5M1D4M", "GAT", "5M1D4M", 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := read(t, "a", k.start, k.cigar, k.bases)
			c, at, changed := Normalize(nil, &r, Window{Bases: []byte(contig)})
			if c.String() != k.want || at != k.at || changed != (k.want != k.cigar) {
				t.Errorf("%s at %d, changed %v, want %s at %d", c, at, changed, k.want, k.at)
			}
			if r.Cigar.String() != k.cigar {
				t.Error("the read itself was changed")
			}
		})
	}
}

// TestNormalizeKeepsTheRead: the CIGAR stays one of the read's length, and
// where the alignment neither starts nor ends elsewhere no base that matched
// stops matching.
func TestNormalizeKeepsTheRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	changes := 0
	for range 5000 {
		contig := make([]byte, 60)
		for i := range contig {
			contig[i] = "AAC"[rng.IntN(3)]
		}
		r := align.Read{Start: rng.IntN(20)}
		at := r.Start
		for i := range 5 {
			op := align.M
			if i%2 == 1 {
				op = []align.Op{align.I, align.D}[rng.IntN(2)]
			}
			n := 1 + rng.IntN(6)
			r.Cigar = append(r.Cigar, align.MakeOp(op, n))
			for range n {
				switch op {
				case align.M:
					r.Bases = append(r.Bases, contig[at])
					at++
				case align.I:
					r.Bases = append(r.Bases, "AAC"[rng.IntN(3)])
				default:
					at++
				}
			}
		}
		r.Quals = make([]byte, len(r.Bases))
		c, start, changed := Normalize(nil, &r, Window{Bases: contig})
		if c.ReadLen() != len(r.Bases) {
			t.Fatalf("%v became %v: %d bases, want %d", r.Cigar, c, c.ReadLen(), len(r.Bases))
		}
		if !changed {
			continue
		}
		changes++
		if end := start + c.RefLen(); start == r.Start && end == r.End() && len(c) == len(r.Cigar) {
			if n := mismatches(&r, c, start, contig); n > 0 {
				t.Fatalf("%v at %d became %v at %d: %d mismatches in %s on %s", r.Cigar, r.Start, c, start, n, r.Bases, contig)
			}
		}
	}
	if changes < 1000 {
		t.Errorf("only %d of 5000 reads changed", changes)
	}
}

func mismatches(r *align.Read, c align.Cigar, start int, contig []byte) int {
	n, q, o := 0, 0, start
	for _, x := range c {
		if x.Op().Matches() {
			for i := range x.Len() {
				if r.Bases[q+i] != contig[o+i] {
					n++
				}
			}
		}
		if x.Op().TakesRead() {
			q += x.Len()
		}
		if x.Op().TakesRef() {
			o += x.Len()
		}
	}
	return n
}

// FuzzAnyCigar feeds operations of any length: no panic, and no memory beyond
// what the region and the read ask for.
func FuzzAnyCigar(f *testing.F) {
	f.Add([]byte{0x50, 0, 0, 0, 0x21, 0, 0, 0}, 3)
	f.Add([]byte{0xf2, 0xff, 0xff, 0xff, 0x50, 0, 0, 0}, -7)
	f.Add([]byte{0xf3, 0xff, 0xff, 0xff, 0xf6, 0xff, 0xff, 0xff, 0x12, 0, 0, 0}, 1<<40)
	counter := Counter{Options: Defaults()}
	contig := []byte("ACGTTGCATTACGGACATTTTTACACACAC")
	f.Fuzz(func(t *testing.T, ops []byte, start int) {
		r := align.Read{Name: "a", Start: start % (1 << 40), MapQ: 60}
		for ; len(ops) >= 4 && len(r.Cigar) < 50; ops = ops[4:] {
			x := align.CigarOp(uint32(ops[0]) | uint32(ops[1])<<8 | uint32(ops[2])<<16 | uint32(ops[3])<<24)
			if x.Op().TakesRead() {
				x = align.MakeOp(x.Op(), x.Len()%40)
			}
			r.Cigar = append(r.Cigar, x)
		}
		r.Bases = make([]byte, r.Cigar.ReadLen())
		for i := range r.Bases {
			r.Bases[i] = contig[i%len(contig)]
		}
		r.Quals = make([]byte, len(r.Bases))
		ref := Window{Bases: contig}
		for range 2 {
			reads := []align.Read{r}
			at := region(5, 25)
			if end := Reach(reads, at); end < at.End {
				t.Fatalf("Reach %d is before the end of the region", end)
			}
			c := counter.Count(reads, ref, at, nil)
			var sums []Sum
			for i := range c.Len() {
				sums = c.AppendSums(sums[:0], i)
				for k := range sums {
					c.AppendBases(nil, i, &sums[k].First)
				}
			}
			r.Cigar, r.Start, _ = Normalize(nil, &r, ref)
		}
	})
}
