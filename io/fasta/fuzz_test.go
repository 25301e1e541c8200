package fasta

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/locus"
)

// FuzzNew: with the index of a file made here or given, every base can be had
// or is refused, and an index that was made is taken back.
func FuzzNew(f *testing.F) {
	packed := pack(f, small, 11)
	f.Add([]byte(small), []byte(nil), []byte(nil))
	f.Add([]byte(small), []byte("one\t12\t18\t5\t6\ntwo\t6\t39\t4\t6\nnone\t0\t55\t0\t0\n"), []byte(nil))
	f.Add([]byte(packed), []byte(nil), []byte(nil))
	f.Add([]byte(packed), []byte("one\t12\t18\t5\t6\n"), []byte("\x01\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b, fai, gzi []byte) {
		if len(fai) == 0 {
			fai = nil
		}
		if len(gzi) == 0 {
			gzi = nil
		}
		fa, made, err := New("x", bytes.NewReader(b), int64(len(b)), fai, gzi, Options{Blocks: 2})
		if err != nil {
			return
		}
		for _, c := range fa.Contigs().List() {
			end := min(c.Length, 1000)
			seq, err := fa.Bases(nil, locus.Region{Contig: c.Name, Start: 0, End: end})
			if err == nil && (len(seq) != end || strings.Trim(string(seq), "ACGTURYSWKMBDHVN") != "") {
				t.Fatalf("%s: %q for %d bases", c.Name, seq, end)
			}
		}
		for _, x := range made {
			if x.Suffix == ".fai" {
				fai = x.Bytes
			} else {
				gzi = x.Bytes
			}
		}
		if _, again, err := New("x", bytes.NewReader(b), int64(len(b)), fai, gzi, Options{}); err != nil || len(again) > 0 {
			t.Fatalf("with the index that was made: %v, %d made again", err, len(again))
		}
	})
}
