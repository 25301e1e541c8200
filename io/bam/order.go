package bam

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/variant/align"
)

// ErrUnsorted is in the chain of errors about records that are not in the
// order of their coordinates although they have to be.
var ErrUnsorted = errors.New("the file is not sorted by coordinate")

// order watches that records of a file that claims to be sorted by coordinate
// are: by contig, then start, those without a contig last.
type order struct {
	header *Header
	contig int
	start  int
	name   []byte
	any    bool
}

// next checks the record behind the ones before.
func (o *order) next(r *align.Read) error {
	if o.header.SortOrder != "coordinate" {
		return nil
	}
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
