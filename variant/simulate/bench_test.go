package simulate

import (
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// testGenome is a synthetic contig with the variants of one sample.
func testGenome(t testing.TB, name string, length int) InMemory {
	t.Helper()
	o := DefaultReference()
	o.Contigs = []locus.Contig{{Name: name, Length: length}}
	ref, err := Reference(o, 0)
	if err != nil {
		t.Fatal(err)
	}
	records, err := Truth(ref, DefaultTruth())
	if err != nil {
		t.Fatal(err)
	}
	return InMemory{{Sequence: ref, Donors: []Donor{{Records: records, Share: 1}}}}
}

// BenchmarkAligned counts placed and sorted reads of one goroutine.
func BenchmarkAligned(b *testing.B) {
	g := testGenome(b, "chr1", 400_000)
	reads := 0
	for b.Loop() {
		if err := Aligned(b.Context(), g, DefaultProfile(), DefaultReads(), 1, func(*align.Read) error { reads++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(reads)/b.Elapsed().Seconds(), "reads/s")
}

// BenchmarkTruth counts bases of reference.
func BenchmarkTruth(b *testing.B) {
	g := testGenome(b, "chr1", 1_000_000)
	b.SetBytes(1_000_000)
	for b.Loop() {
		if _, err := Truth(g[0].Sequence, DefaultTruth()); err != nil {
			b.Fatal(err)
		}
	}
}
