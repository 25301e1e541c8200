package pileup

import (
	"iter"

	"github.com/gx-genomics/gx/variant/locus"
)

// CellSize is the number of bases of a cell (partition_size).
const CellSize = 1000

// GridCell is the unit of work: a stretch of a contig whose reads are taken, thinned
// and counted together.
type GridCell struct {
	locus.Region

	// Emit is where in the cell candidates may start that are wanted: in order,
	// disjoint, never empty. Reads and counts are those of the whole cell.
	Emit []locus.Region

	// EndsRegion says that a calling region ends here.
	EndsRegion bool
}

// Emits says whether a candidate that starts at pos is wanted.
func (c *GridCell) Emits(pos int) bool {
	for _, r := range c.Emit {
		if r.Contains(pos) {
			return true
		}
	}
	return false
}

// Cells is the cells of an absolute grid on the contigs, [0, size), [size,
// 2 size) and so on, that the regions touch. The regions are disjoint and in
// the order of the contigs, as CallingRegions gives them. What is found in a
// cell does not depend on the regions, which only say what of it is wanted; so
// regions can be split in any way.
func Cells(contigs *locus.Contigs, regions []locus.Region, size int) iter.Seq[GridCell] {
	return func(yield func(GridCell) bool) {
		var next GridCell
		for _, r := range regions {
			length := r.End
			if c, ok := contigs.Find(r.Contig); ok {
				length = c.Length
			}
			for start := r.Start / size * size; start < r.End; start += size {
				cell := locus.Region{Contig: r.Contig, Start: start, End: min(start+size, length)}
				part := locus.Region{Contig: r.Contig, Start: max(start, r.Start), End: min(cell.End, r.End)}
				if cell != next.Region {
					if len(next.Emit) > 0 && !yield(next) {
						return
					}
					next = GridCell{Region: cell}
				}
				next.Emit = append(next.Emit, part)
				next.EndsRegion = part.End == r.End
			}
		}
		if len(next.Emit) > 0 {
			yield(next)
		}
	}
}

// Partitions cuts each region at its start + k size, as DeepVariant does: what
// is found there depends on where the region starts.
func Partitions(regions []locus.Region, size int) iter.Seq[GridCell] {
	return func(yield func(GridCell) bool) {
		for _, r := range regions {
			for start := r.Start; start < r.End; start += size {
				if !yield(partition(locus.Region{Contig: r.Contig, Start: start, End: min(start+size, r.End)}, r.End)) {
					return
				}
			}
		}
	}
}

func partition(r locus.Region, end int) GridCell {
	return GridCell{Region: r, Emit: []locus.Region{r}, EndsRegion: r.End == end}
}
