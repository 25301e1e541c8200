package bam

import (
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/locus"
)

// BenchmarkReads is the CPU time of reading 150 bp reads by region; s/M is
// seconds per million reads.
func BenchmarkReads(b *testing.B) {
	f := open(b, shared.Path(b, wgs), Options{})
	b.SetBytes(f.size)
	b.ReportAllocs()
	reads := 0
	for b.Loop() {
		for _, err := range f.Reads(b.Context(), locus.Region{Contig: "chr20", Start: 0, End: 64444167}) {
			if err != nil {
				b.Fatal(err)
			}
			reads++
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(reads)*1e6, "s/M")
}
