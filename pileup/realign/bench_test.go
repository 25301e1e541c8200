package realign_test

import (
	"testing"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// BenchmarkRealign realigns the 52,035 reads of 100 kb at 50x, in partitions
// and in one piece; s/Mb is time per megabase of contig, by stage.
func BenchmarkRealign(b *testing.B) {
	region := locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_100_000}
	s := na12878(b, region)
	perMb := func(b *testing.B, stage string, n int) {
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(region.Len())*1e6, stage+"-s/Mb")
		b.ReportMetric(float64(n), stage)
	}
	var scratch realign.Scratch
	o := realign.Defaults(realign.V19)
	b.Run("windows", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n = len(scratch.Windows(s.reads, s.ref, region, &o))
		}
		perMb(b, "windows", n)
	})
	b.Run("contig", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = len(scratch.Realign(s.reads, s.ref, region, &o))
		}
		perMb(b, "reads", n)
	})
	for _, version := range []realign.Version{realign.V15, realign.V19} {
		o := realign.Defaults(version)
		o.ByPartition = true
		var cells []locus.Region
		var in [][]align.Read
		for c := range pileup.Partitions([]locus.Region{region}, pileup.CellSize) {
			cells = append(cells, c.Region)
			in = append(in, s.over(c.Region))
		}
		b.Run(map[realign.Version]string{realign.V15: "v1.5", realign.V19: "v1.9"}[version], func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = 0
				for i, c := range cells {
					n += len(scratch.Realign(in[i], s.ref, c, &o))
				}
			}
			perMb(b, "reads", n)
		})
	}
}
