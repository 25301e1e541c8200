package realign

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// FuzzGraph: any reference and any reads, given as one text with a newline
// between them, make the haplotypes of the definition; a digit is a letter of
// low quality.
func FuzzGraph(f *testing.F) {
	f.Add([]byte("ACGTTGCATGTCGCATGATGCATGAGAGCT\nGTTGCATGTCGCTTGATGCATGAG\nGTTGCATGTCGCTTGATGCATGAG\n"), byte(4))
	f.Add([]byte("ACACACACACACACACAC\nACACACAC\nACAC1CAC"), byte(3))
	f.Add([]byte("ACGTNRYACGTTTACG\nACGTNNTTTAC\nACG1TRTT"), byte(5))
	var g graph
	var h haplotypes
	f.Fuzz(func(t *testing.T, data []byte, k byte) {
		if len(data) > 400 {
			return // the definition takes its time
		}
		lines := bytes.Split(data, []byte{'\n'})
		ref := slices.Clone(lines[0])
		for i, b := range ref { // byte by byte: bytes.ToUpper makes three of one that is no UTF-8
			if 'a' <= b && b <= 'z' {
				ref[i] = b - 'a' + 'A'
			}
		}
		o := Defaults(V19).Graph
		o.MinK, o.MaxPaths = 3+int(k%8), 20
		var reads []align.Read
		var list []int32
		for i, line := range lines[1:] {
			r := align.Read{Bases: slices.Clone(line), Quals: bytes.Repeat([]byte{30}, len(line)), MapQ: 60}
			for j, b := range line {
				if '0' <= b && b <= '9' {
					r.Bases[j], r.Quals[j] = "ACGT"[b%4], 2
				}
			}
			r.Cigar = align.Cigar{align.MakeOp(align.M, len(line))}
			reads, list = append(reads, r), append(list, int32(i))
		}
		h.reset()
		kept := g.build(&h, ref, reads, list, &o)
		if len(g.text) > len(data) || len(h.spans) > o.MaxPaths {
			t.Fatalf("%d letters and %d haplotypes of %d bytes", len(g.text), len(h.spans), len(data))
		}
		if bytes.ContainsFunc(data, func(r rune) bool {
			return r != '\n' && (r < '0' || r > '9') && (r > 0x7f || code[byte(r)] == other) || 'a' <= r && r <= 'z'
		}) {
			return // the definition knows ACGT in capitals alone
		}
		want := plainHaplotypes(string(ref), reads, &o)
		var got []string
		for i := range h.spans {
			got = append(got, string(h.at(i)))
		}
		if kept != (want != nil) || !slices.Equal(got, want) {
			t.Fatalf("%v %q\nwant %q", kept, got, want)
		}
	})
}
