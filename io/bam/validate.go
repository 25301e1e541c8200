package bam

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/variant/align"
)

// check finds what is inconsistent in the Read that was decoded last. Fields
// pass that a consumer can use without looking twice: contigs exist, positions
// lie on them, the CIGAR covers the bases, the optional fields end.
func (d *decoder) check() error {
	r := &d.read
	var ref, read int
	for _, x := range r.Cigar {
		op := x.Op()
		if op > align.X {
			return fmt.Errorf("CIGAR operation %d, want 0 to %d", op, align.X)
		}
		if op.TakesRef() {
			ref += x.Len()
		}
		if op.TakesRead() {
			read += x.Len()
		}
	}
	if read != len(r.Bases) && len(r.Cigar) > 0 && len(r.Bases) > 0 {
		return fmt.Errorf("its CIGAR covers %d bases, but it has %d", read, len(r.Bases))
	}
	if r.Contig < -1 || r.Contig >= len(d.contigs) {
		return fmt.Errorf("contig number %d, the header has %d contigs", r.Contig, len(d.contigs))
	}
	if r.MateContig < -1 || r.MateContig >= len(d.contigs) {
		return fmt.Errorf("contig number %d of its mate, the header has %d contigs", r.MateContig, len(d.contigs))
	}
	if r.Start < -1 || r.MateStart < -1 {
		return errors.New("a position below 0")
	}
	if r.Contig >= 0 {
		if c := d.contigs[r.Contig]; r.Start >= c.Length {
			return fmt.Errorf("position %d lies beyond the end of %s (%d bases)", r.Start+1, c.Name, c.Length)
		} else if r.Flag&align.Unmapped == 0 && r.Start+ref > c.Length {
			return fmt.Errorf("its alignment at position %d ends %d bases beyond the end of %s", r.Start+1, r.Start+ref-c.Length, c.Name)
		}
	} else if r.Flag&align.Unmapped == 0 {
		return errors.New("it is flagged as mapped, but has no contig")
	}
	if r.MateContig >= 0 {
		if c := d.contigs[r.MateContig]; r.MateStart >= c.Length {
			return fmt.Errorf("position %d of its mate lies beyond the end of %s (%d bases)", r.MateStart+1, c.Name, c.Length)
		}
	}
	for b := r.Aux; len(b) > 0; {
		n := auxField(b)
		if n < 0 {
			return fmt.Errorf("damaged optional field %.2q", b)
		}
		b = b[n:]
	}
	return nil
}

// inconsistent is a fault of one record that does not keep the next ones from
// being read.
type inconsistent struct{ err error }

func (e *inconsistent) Error() string { return e.err.Error() }
func (e *inconsistent) Unwrap() error { return e.err }
