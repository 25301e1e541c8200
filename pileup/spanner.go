package pileup

import (
	"context"
	"slices"
	"time"

	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// spanner is gx's own way. What is found at a site is a function of the reads
// near it, so the cells of a span share one pass over the reads:
//
//   - A read belongs to the cell of the grid in which it starts. A cell in which
//     more than MaxReads reads start keeps those with the smallest hashes. So a
//     read is kept or not whatever cells are being looked at.
//   - Windows of realignment are found on the contig. What can touch a read of
//     the span lies within reach of it (realign.Options.Margin), so reads are
//     taken that far beyond the span, and a cell's pileup is the same in any
//     span.
//
// Memory is that of the reads of a span: (cells + 2 reach / CellSize) MaxReads,
// and where reads cover much more than a cell, up to maxSpan / CellSize MaxReads
// more.
type spanner struct {
	p       *Processor
	reach   int
	starts  map[int]*Thinner // by number of the cell in which reads start
	spare   []*Thinner
	reads   []align.Read
	realign realign.Scratch
	byCell  [][]int32
}

func newSpanner(p *Processor) *spanner {
	return &spanner{p: p, starts: map[int]*Thinner{}, reach: p.o.reach()}
}

func (s *spanner) span(ctx context.Context, cells []GridCell, visit func(*Pileup) error) error {
	contig, from, to := cells[0].Contig, cells[0].Start, cells[len(cells)-1].End
	whole, _ := s.p.contigs.Find(contig)
	lo, hi := max(from-s.reach, 0), min(to+s.reach, whole.Length)
	began := time.Now()
	if err := s.collect(ctx, locus.Region{Contig: contig, Start: lo, End: hi}); err != nil {
		return err
	}
	s.p.spent.Read += time.Since(began)
	s.p.spent.Reads += len(s.reads)
	if s.p.o.SplitSkips {
		s.reads = append(s.reads[:0], s.p.intake.parts(s.reads, true)...)
	}
	last := hi
	for i := range s.reads {
		last = max(last, s.reads[i].End())
	}
	ref, err := s.p.window(contig, lo-2*Margin, last+2*Margin)
	if err != nil {
		return err
	}
	near := locus.Region{Contig: contig, Start: max(from-beside, 0), End: min(to+beside, whole.Length)}
	if s.reads, err = s.p.set(&s.realign, s.reads, ref, near); err != nil {
		return err
	}
	s.distribute(cells)
	for i, c := range cells {
		s.p.near = s.p.near[:0]
		for _, k := range s.byCell[i] {
			s.p.near = append(s.p.near, s.reads[k])
		}
		if err := s.p.finish(c, s.p.near, ref, visit); err != nil {
			return err
		}
	}
	return nil
}

// collect leaves in s.reads the kept reads that overlap a region, in coordinate
// order. Where reads come into it from before its first cell, the cells that
// they start in are read as well, for only all reads of a cell decide which of
// them stay.
func (s *spanner) collect(ctx context.Context, r locus.Region) error {
	for _, t := range s.starts {
		s.spare = append(s.spare, t)
	}
	clear(s.starts)
	size := s.p.o.CellSize
	known := r.Start / size // cells from here on have all their reads
	earliest := known
	err := s.take(ctx, locus.Region{Contig: r.Contig, Start: known * size, End: r.End}, func(cell int) bool {
		earliest = min(earliest, cell)
		return cell >= known
	})
	if err != nil {
		return err
	}
	// The cells before, in which long reads start. Those of still earlier cells
	// that are met on the way end before the region.
	if earliest < known {
		err := s.take(ctx, locus.Region{Contig: r.Contig, Start: earliest * size, End: known * size}, func(cell int) bool {
			return earliest <= cell && cell < known
		})
		if err != nil {
			return err
		}
	}
	most := 0
	for _, t := range s.starts {
		most += len(t.Reads())
	}
	s.reads = slices.Grow(s.reads[:0], most)
	for cell := earliest; cell*size < r.End; cell++ {
		t := s.starts[cell]
		if t == nil {
			continue
		}
		for _, read := range t.Reads() {
			if read.End() > r.Start && read.Start < r.End {
				s.reads = append(s.reads, read)
			}
		}
	}
	return nil
}

// maxSpan is the longest stretch of reference that a read may cover to take
// part, skips and deletions included. It bounds how far before a span its reads
// can start.
const maxSpan = 100_000

// take adds the reads of a region that start in a wanted cell.
func (s *spanner) take(ctx context.Context, r locus.Region, wanted func(cell int) bool) error {
	for read, err := range s.p.reads.Reads(ctx, r) {
		if err != nil {
			return err
		}
		if read.End()-read.Start > maxSpan {
			continue
		}
		cell := read.Start / s.p.o.CellSize
		if read = s.p.intake.take(read); read != nil && wanted(cell) {
			s.thinner(cell).Add(read)
		}
	}
	return nil
}

func (s *spanner) thinner(cell int) *Thinner {
	t := s.starts[cell]
	if t != nil {
		return t
	}
	if n := len(s.spare); n > 0 {
		t, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		t = &Thinner{Max: s.p.o.MaxReads, MaxBases: s.p.o.MaxBasesPerBase * s.p.o.CellSize}
	}
	t.Reset(locus.Region{})
	s.starts[cell] = t
	return t
}

// distribute lists for each cell the reads whose alignments touch it or the
// bases beside it that its candidates may reach into.
func (s *spanner) distribute(cells []GridCell) {
	for len(s.byCell) < len(cells) {
		s.byCell = append(s.byCell, nil)
	}
	for i := range cells {
		s.byCell[i] = s.byCell[i][:0]
	}
	size := s.p.o.CellSize
	index := make(map[int]int, len(cells)) // cells of a span need not be neighbours
	for i, c := range cells {
		index[c.Start/size] = i
	}
	for k := range s.reads {
		r := &s.reads[k]
		for cell := max(r.Start-beside, 0) / size; cell*size < r.End()+beside; cell++ {
			if i, ok := index[cell]; ok {
				s.byCell[i] = append(s.byCell[i], int32(k))
			}
		}
	}
}

// beside is how near a cell a read must come to belong to its pileup: images
// take reads that come within 5 bases of a candidate, which may be a deletion
// that reaches out of the cell.
const beside = 100

// of a partition.
