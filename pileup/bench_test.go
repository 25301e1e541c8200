package pileup_test

import (
	"testing"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// BenchmarkCells measures what is made of the reads of 100 kb of NA12878, 50x,
// once they are in memory: counts, candidates and the evidence for them. The
// metric is CPU seconds per million bases of the genome at 30x.
func BenchmarkCells(b *testing.B) {
	reads, ref := golden(b)
	region := locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_100_000}
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 63_025_520}})
	if err != nil {
		b.Fatal(err)
	}
	bases := 0
	for i := range reads {
		bases += len(reads[i].Bases)
	}
	type work struct {
		region locus.Region
		reads  []align.Read
	}
	var cells []work
	for c := range pileup.Cells(contigs, []locus.Region{region}, pileup.CellSize) {
		cells = append(cells, work{c.Region, overlapping(reads, c.Region)})
	}
	perMb30x := func(b *testing.B) float64 {
		depth := float64(bases) / float64(region.Len())
		return b.Elapsed().Seconds() / float64(b.N) * 1e6 / float64(region.Len()) * 30 / depth
	}
	counter := count.Counter{Options: count.Defaults()}
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range cells {
				counter.Count(cells[i].reads, ref, cells[i].region, nil)
			}
		}
		b.ReportMetric(perMb30x(b), "s/Mb@30x")
	})
	b.Run("count+select", func(b *testing.B) {
		b.ReportAllocs()
		sel := candidate.Selector{Options: candidate.Defaults()}
		var found []candidate.Candidate
		for b.Loop() {
			for i := range cells {
				found = sel.Append(found[:0], counter.Count(cells[i].reads, ref, cells[i].region, nil))
			}
		}
		b.ReportMetric(perMb30x(b), "s/Mb@30x")
	})
	b.Run("count+select+evidence", func(b *testing.B) {
		b.ReportAllocs()
		sel := candidate.Selector{Options: candidate.Defaults()}
		evidence := pileup.Evidence{MinMapQ: counter.Options.MinMapQ, MinBaseQ: counter.Options.MinBaseQ}
		var found []candidate.Candidate
		var seen []candidate.Observation
		for b.Loop() {
			for i := range cells {
				found = sel.Append(found[:0], counter.Count(cells[i].reads, ref, cells[i].region, nil))
				for k := range found {
					seen = evidence.Append(seen[:0], &found[k], cells[i].reads)
				}
			}
		}
		b.ReportMetric(perMb30x(b), "s/Mb@30x")
	})
	b.Run("count+select+windows", func(b *testing.B) {
		b.ReportAllocs()
		sel := candidate.Selector{Options: candidate.Defaults()}
		o := realign.Defaults(realign.V19)
		o.ByPartition = true
		var scratch realign.Scratch
		var found []candidate.Candidate
		for b.Loop() {
			for i := range cells {
				scratch.Windows(cells[i].reads, ref, cells[i].region, &o)
				found = sel.Append(found[:0], counter.Count(cells[i].reads, ref, cells[i].region, nil))
			}
		}
		b.ReportMetric(perMb30x(b), "s/Mb@30x")
	})
	b.Run("thin", func(b *testing.B) {
		b.ReportAllocs()
		s := pileup.Thinner{Max: 200}
		for b.Loop() {
			for i := range cells {
				s.Reset(cells[i].region)
				for k := range cells[i].reads {
					s.Add(&cells[i].reads[k])
				}
				s.Reads()
			}
		}
		b.ReportMetric(perMb30x(b), "s/Mb@30x")
	})
}
