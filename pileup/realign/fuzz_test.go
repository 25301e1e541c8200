package realign_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// hostile makes reads out of bytes: any operations, lengths that disagree,
// positions outside the contig. Pieces of the reference among the bases let
// windows arise.
func hostile(data []byte, ref count.Window) []align.Read {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	var reads []align.Read
	for len(data) > 0 && len(reads) < 20 {
		at := next() * len(ref.Bases) / 256
		r := align.Read{Name: string(rune('a' + len(reads)%40)), Start: ref.Start + at, MapQ: byte(next()), Flag: align.Flag(next())}
		if r.MapQ == 255 {
			r.Start = -next()
		}
		for k := next() % 6; k >= 0; k-- {
			op, n := align.Op(next()%9), next()%120
			if op == align.N || op == align.D {
				n <<= next() % 20
			}
			r.Cigar = append(r.Cigar, align.MakeOp(op, n&0xfffffff))
			if op.TakesRead() {
				for i := range n {
					b := byte('A')
					if at+i < len(ref.Bases) {
						b = ref.Bases[at+i]
					}
					r.Bases = append(r.Bases, b)
				}
			}
			if op.TakesRef() {
				at += min(n, len(ref.Bases))
			}
		}
		for k := next() % 5; k > 0 && len(r.Bases) > 0; k-- {
			r.Bases[next()*len(r.Bases)/256] = "ACGTNRacgt=*"[next()%12]
		}
		r.Quals = bytes.Repeat([]byte{byte(next())}, len(r.Bases))
		if next() == 7 {
			r.Bases = r.Bases[:len(r.Bases)/2]
		}
		reads = append(reads, r)
		if twin := next(); twin%2 == 0 { // what only one read shows makes no window
			reads = append(reads, r)
		}
	}
	return reads
}

// FuzzRealign: whatever the reads, none is lost or damaged, and an alignment
// that changed fits its read and lies on the contig.
func FuzzRealign(f *testing.F) {
	rng := rand.New(rand.NewPCG(8, 1))
	for range 12 {
		b := make([]byte, 400)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		f.Add(b, byte(rng.Uint32()))
	}
	var scratch realign.Scratch
	bases := make([]byte, 1500)
	for i := range bases {
		bases[i] = "ACGT"[rng.IntN(4)]
	}
	copy(bases[700:], "ACACACACACACACACACACACACACACNNNNNRYACACAC")
	ref := count.Window{Start: 100, Bases: bases}
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		o := realign.Defaults([]realign.Version{realign.V15, realign.V19}[mode&1])
		o.ByPartition = mode&2 != 0
		o.Normalized = mode&4 != 0
		o.Window.Linear = mode&8 != 0
		o.Window.StrictInsertions = mode&16 != 0
		o.WholeRegion = o.ByPartition && mode&32 != 0
		if mode&64 != 0 {
			o.MaxReadLen = 0
		}
		reads := hostile(data, ref)
		region := locus.Region{Contig: "c", Start: 600, End: 900 + int(mode)}
		got := scratch.Realign(reads, ref, region, &o)
		if len(got) != len(reads) {
			t.Fatalf("%d reads of %d", len(got), len(reads))
		}
		names := func(list []align.Read) (all []string) {
			for i := range list {
				all = append(all, list[i].Name+string(list[i].Bases))
			}
			slices.Sort(all)
			return all
		}
		if !slices.Equal(names(got), names(reads)) {
			t.Fatal("other reads than were given")
		}
		for i := range got {
			g := &got[i]
			if slices.ContainsFunc(reads, func(r align.Read) bool {
				return r.Name == g.Name && r.Start == g.Start && slices.Equal(r.Cigar, g.Cigar)
			}) {
				continue
			}
			if g.Start < ref.Start || g.End() > ref.Start+len(bases) || g.Cigar.ReadLen() != len(g.Bases) {
				t.Fatalf("%d %v of %d bases", g.Start, g.Cigar, len(g.Bases))
			}
		}
		kept := make([]bool, len(reads))
		scratch.Forced(o)(count.Window{Start: 500, Bases: bases[400:700]}, 0, 0, slices.Clone(reads), kept)
	})
}
