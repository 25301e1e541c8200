package bam

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/variant/align"
)

// ErrUnsorted is in the chain of errors about records that are not in the
// order of their coordinates although they have to be.
var ErrUnsorted = errors.New("the file is not sorted by coordinate")

// order watches that records come sorted by coordinate: by contig, then start,
// those without a contig last.
type order struct {
	header *Header
	off    bool
	contig int
	start  int
	name   []byte
	any    bool
}

// orderOf watches whatever the header says.
func orderOf(h *Header) order { return order{header: h} }

// orderSaid watches only where the header says that the file is sorted.
func orderSaid(h *Header) order { return order{header: h, off: h.SortOrder != "coordinate"} }

// next checks the record behind the ones before.
func (o *order) next(r *align.Read) error {
	if o.off {
		return nil
	}
	// As an unsigned number -1 is behind all contigs.
	if o.any && (uint(r.Contig) < uint(o.contig) || r.Contig == o.contig && r.Start < o.start) {
		return fmt.Errorf("%w: it is at %s, behind %s at %s; run `samtools sort`", ErrUnsorted,
			o.header.place(r.Contig, r.Start), o.name, o.header.place(o.contig, o.start))
	}
	o.any, o.contig, o.start = true, r.Contig, r.Start
	o.name = append(o.name[:0], r.Name...)
	return nil
}

// place is contig:position as people write it.
func (h *Header) place(contig, start int) string {
	if contig < 0 {
		return "no contig"
	}
	return fmt.Sprintf("%s:%d", h.Contigs.At(contig).Name, start+1)
}
