package fasta

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/locus"
)

// BenchmarkBases: an operation is a window of 2,000 bases behind the one
// before it.
func BenchmarkBases(b *testing.B) {
	const length = 4_000_000
	content := ">a\n" + strings.Repeat(strings.Repeat("ACGTTGCAAC", 6)+"\n", length/60)
	for name, path := range map[string]string{"plain": write(b, "a.fa", content), "bgzip": write(b, "a.fa.gz", pack(b, content, 0xff00))} {
		b.Run(name, func(b *testing.B) {
			f, err := Open(path, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			var buf []byte
			b.SetBytes(2000)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at := i * 2000 % (length - 4000)
				if buf, err = f.Bases(buf[:0], locus.Region{Contig: "a", Start: at, End: at + 2000}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
