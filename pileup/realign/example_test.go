package realign_test

import (
	"bytes"
	"fmt"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// genome is some reference without repeats.
func genome(n int) []byte {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = "ACGT"[x>>30]
	}
	return b
}

// The sample lacks the bases 302 to 307. Reads that end soon behind were aligned
// without the gap, their ends clipped; the realigner finds it in all of them.
func ExampleScratch_Realign() {
	ref := genome(600)
	sample := append(append([]byte(nil), ref[:302]...), ref[308:]...)
	var reads []align.Read
	for i, start := range []int{182, 202, 204, 212, 252} {
		r := align.Read{Name: fmt.Sprint("read", i+1), Start: start, MapQ: 60, Bases: sample[start : start+125], Quals: bytes.Repeat([]byte{35}, 125)}
		before := min(302-start, 125)
		if after := 125 - before; after > 30 {
			r.Cigar = align.Cigar{align.MakeOp(align.M, before), align.MakeOp(align.D, 6), align.MakeOp(align.M, after)}
		} else {
			r.Cigar = align.Cigar{align.MakeOp(align.M, before), align.MakeOp(align.S, after)}
		}
		reads = append(reads, r)
	}
	var scratch realign.Scratch
	o := realign.Defaults(realign.V19)
	region := locus.Region{Contig: "chr1", Start: 0, End: 600}
	for i, r := range scratch.Realign(reads, count.Window{Bases: ref}, region, &o) {
		fmt.Println(r.Name, reads[i].Cigar, "->", r.Cigar)
	}
	// Output:
	// read1 120M5S -> 120M6D5M
	// read2 100M25S -> 100M6D25M
	// read3 98M27S -> 98M6D27M
	// read4 90M6D35M -> 90M6D35M
	// read5 50M6D75M -> 50M6D75M
}
