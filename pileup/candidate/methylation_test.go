package candidate

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestMethylation: worked out by hand over the reference 100 ACGTACGT. Read a
// shows CCG at 100 and up, its first and its second C with the bytes 200 and 127:
// 200/255 is above 0.5, 127/255 is 0.498. Read b shows ACG with 255, read c ACG
// with nothing, and d, of low quality, ACG with 255.
//
//	100  A: a shows C, methylated, one of four reads: no candidate by the count;
//	     b, c and d the reference. Of the reads that are there one is methylated:
//	     a candidate of the reference. The reference's own reads are not: no MF.
//	101  C: b and d are methylated, d does not count: MD 1 of 3, MF 1/3.
//	102  G: nothing.
func TestMethylation(t *testing.T) {
	read := func(name, bases, mm string, q byte, ml ...byte) align.Read {
		r := align.Read{Name: name, Start: 100, MapQ: 60, Bases: []byte(bases), Quals: slices.Repeat([]byte{q}, len(bases)),
			Cigar: align.Cigar{align.MakeOp(align.M, len(bases))}}
		if mm != "" {
			r.Aux = append(append([]byte("MMZ"), mm...), 0, 'M', 'L', 'B', 'C', byte(len(ml)), 0, 0, 0)
			r.Aux = append(r.Aux, ml...)
		}
		return r
	}
	reads := []align.Read{read("a", "CCG", "C+m,0,0;", 30, 200, 127), read("b", "ACG", "C+m,0;", 30, 255), read("c", "ACG", "", 30), read("d", "ACG", "C+m,0;", 5, 255)}
	region := locus.Region{Contig: "c", Start: 100, End: 103}
	find := func(edit func(*count.Options), reads []align.Read) (out []string) {
		counter := count.Counter{Options: count.Defaults()}
		counter.Options.Methylation = true
		edit(&counter.Options)
		s := Selector{Options: Defaults()}
		s.Options.Methylation = counter.Options.Methylation
		c := counter.Count(reads, count.Window{Start: 100, Bases: []byte("ACGTACGT")}, region, []bool{true, true, true})
		for _, x := range s.Append(nil, c) {
			line := text(&x)
			if m := x.Methylation; m != nil {
				line += fmt.Sprintf(" MD %v MF %.3f", m.Depth, m.Fraction)
			}
			out = append(out, line)
		}
		return out
	}
	keep := func(*count.Options) {}
	for _, k := range []struct {
		name  string
		edit  func(*count.Options)
		reads []align.Read
		want  []string
	}{
		{"of the reference", keep, reads, []string{
			"100 A>. DP 3 AD [2 0] VAF [0] other 0 ref 1 2 -3",
			"101 C>. DP 3 AD [3 0] VAF [0] ref 0 1 2 -3 MD [1 0] MF [0.333 0.000]"}},
		{"a lower threshold: 127/255 is above 0.49", func(o *count.Options) { o.MethylationThreshold = 0.49 }, reads, []string{
			"100 A>. DP 3 AD [2 0] VAF [0] other 0 ref 1 2 -3",
			"101 C>. DP 3 AD [3 0] VAF [0] ref 0 1 2 -3 MD [2 0] MF [0.667 0.000]"}},
		// Twice a: C is an allele of two of four reads, both methylated.
		{"of an alternate allele", keep, []align.Read{reads[0], read("e", "CTG", "C+m,0;", 30, 129), reads[1], reads[2]}, []string{
			"100 A>C DP 4 AD [2 2] VAF [0.5] C 0 1 ref 2 3 MD [0 2] MF [0.000 1.000]",
			"101 C>. DP 4 AD [3 0] VAF [0] other 1 ref 0 2 3 MD [1 0] MF [0.333 0.000]"}},
		{"not looked at", func(o *count.Options) { o.Methylation = false }, reads, nil},
		{"without reads of the reference", keep, []align.Read{read("a", "CCG", "C+m,0;", 30, 255)}, nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			if got := find(k.edit, k.reads); !slices.Equal(got, k.want) {
				t.Errorf("got  %q\nwant %q", got, k.want)
			}
		})
	}
}
