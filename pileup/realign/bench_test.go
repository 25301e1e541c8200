package realign_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// cpu is the processor time of the process so far: unlike the clock it does
// not count what else the machine does.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRealign realigns the 52,035 reads of 100 kb at 50x: the windows
// alone, with their graphs, the whole contig in one piece, and the 101 partitions of either
// version. cpu-s/Mb is processor time per megabase of the contig.
func BenchmarkRealign(b *testing.B) {
	region := locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_100_000}
	s := na12878(b, region)
	run := func(b *testing.B, f func() int) {
		b.ReportAllocs()
		f() // warm the memory
		n := 0
		start := cpu(b)
		for b.Loop() {
			n = f()
		}
		b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N)/float64(region.Len())*1e6, "cpu-s/Mb")
		b.ReportMetric(float64(n), "results")
	}
	var scratch realign.Scratch
	o := realign.Defaults(realign.V19)
	b.Run("windows", func(b *testing.B) { run(b, func() int { return len(scratch.Windows(s.reads, s.ref, region, &o)) }) })
	graphs := o
	graphs.Graph.MaxPaths = 1 // so that no window is aligned
	b.Run("windows+graphs", func(b *testing.B) {
		run(b, func() int { return len(scratch.Realign(s.reads, s.ref, region, &graphs)) })
	})
	b.Run("contig", func(b *testing.B) { run(b, func() int { return len(scratch.Realign(s.reads, s.ref, region, &o)) }) })
	for _, version := range []realign.Version{realign.V15, realign.V19} {
		o := realign.Defaults(version)
		o.ByPartition = true
		var cells []locus.Region
		var in [][]align.Read
		for c := range pileup.Partitions([]locus.Region{region}, pileup.CellSize) {
			cells = append(cells, c.Region)
			in = append(in, s.over(c.Region))
		}
		b.Run(fmt.Sprintf("partitions%d", version), func(b *testing.B) {
			run(b, func() int {
				n := 0
				for i, c := range cells {
					n += len(scratch.Realign(in[i], s.ref, c, &o))
				}
				return n
			})
		})
	}
}
