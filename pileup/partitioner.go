package pileup

import (
	"context"
	"time"

	"github.com/gx-genomics/gx/pileup/realign"
)

// partitioner is the way of the compatible modes: each partition for itself,
// its own query, its own sample of reads, its own realignment.
type partitioner struct {
	p       *Processor
	sample  Reservoir
	realign realign.Scratch
}

func newPartitioner(p *Processor) *partitioner {
	return &partitioner{p: p, sample: Reservoir{Max: p.o.MaxReads, MaxBasesPerBase: p.o.MaxBasesPerBase}}
}

func (w *partitioner) span(ctx context.Context, cells []GridCell, visit func(*Pileup) error) error {
	for _, c := range cells {
		began := time.Now()
		w.sample.Reset(c.Region)
		counted := w.p.counted(c.Region)
		first, last := counted.Start, counted.End
		for r, err := range w.p.reads.Reads(ctx, c.Region) {
			if err != nil {
				return err
			}
			if r = w.p.intake.take(r); r != nil {
				w.sample.Add(r)
				first = min(first, max(r.Start, c.Start-longestDeletion))
				last = max(last, min(r.End(), c.End+longestDeletion))
			}
		}
		reads := w.sample.Reads()
		if w.p.o.SplitSkips {
			reads = w.p.intake.parts(reads, false)
		}
		w.p.spent.Read += time.Since(began)
		w.p.spent.Reads += len(reads)
		ref, err := w.p.window(c.Contig, first-compatMargin, last+compatMargin)
		if err != nil {
			return err
		}
		if reads, err = w.p.set(&w.realign, reads, ref, c.Region); err != nil {
			return err
		}
		if err := w.p.finish(c, reads, ref, visit); err != nil {
			return err
		}
	}
	return nil
}

// longestDeletion bounds the reference that is read beside a partition.
const longestDeletion = 1 << 16

// compatMargin is how much reference there is beside the reads of a partition:
// more than realignment wants.
const compatMargin = 2000
