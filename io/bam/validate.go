package bam

import (
	"fmt"

	"github.com/gx-genomics/gx/variant/align"
)

// inconsistent is a fault of one record that does not keep the next ones from
// being read.
type inconsistent struct {
	kind kind
	err  error
}

func (e *inconsistent) Error() string { return e.err.Error() }
func (e *inconsistent) Unwrap() error { return e.err }

func bad(k kind, format string, args ...any) *inconsistent {
	return &inconsistent{k, fmt.Errorf(format, args...)}
}

// check finds what is inconsistent in the Read that was decoded last. What
// passes can be used without looking twice: contigs exist, positions and
// alignment lie on them, the CIGAR covers the bases, the optional fields end.
func (d *decoder) check() *inconsistent {
	r := &d.read
	var ref, read int
	for _, x := range r.Cigar {
		op := x.Op()
		if op > align.X {
			return bad(kCigar, "CIGAR operation %d, want 0 to %d", op, align.X)
		}
		ref += x.Len() & -int(takesRef>>op&1)
		read += x.Len() & -int(takesRead>>op&1)
	}
	if read != len(r.Bases) && len(r.Cigar) > 0 && len(r.Bases) > 0 {
		return bad(kCigarLength, "its CIGAR covers %d bases, but it has %d", read, len(r.Bases))
	}
	d.refLen = ref
	if uint(r.Contig+1) > uint(len(d.contigs)) {
		return bad(kContig, "contig number %d, the header has %d contigs", r.Contig, len(d.contigs))
	}
	if uint(r.MateContig+1) > uint(len(d.contigs)) {
		return bad(kContig, "contig number %d of its mate, the header has %d contigs", r.MateContig, len(d.contigs))
	}
	if r.Start < -1 || r.MateStart < -1 {
		return bad(kPosition, "position %d, of its mate %d, want 0 or more", r.Start+1, r.MateStart+1)
	}
	if r.Contig >= 0 {
		if c := &d.contigs[r.Contig]; r.Start >= c.Length {
			return bad(kPositionAdvice, "position %d lies beyond the end of %s (%d bases)", r.Start+1, c.Name, c.Length)
		} else if r.Flag&align.Unmapped == 0 && r.Start+ref > c.Length {
			return bad(kPositionAdvice, "its alignment at position %d ends %d bases beyond the end of %s", r.Start+1, r.Start+ref-c.Length, c.Name)
		}
	}
	if r.MateContig >= 0 {
		if c := &d.contigs[r.MateContig]; r.MateStart >= c.Length {
			return bad(kMateAdvice, "position %d of its mate lies beyond the end of %s (%d bases)", r.MateStart+1, c.Name, c.Length)
		}
	}
	for b := r.Aux; len(b) > 0; {
		n := auxField(b)
		if n < 0 {
			return bad(kTag, "damaged optional field %.2q", b)
		}
		b = b[n:]
	}
	return nil
}

// The operations that take bases of the reference and of the read, as bits.
const (
	takesRef  = 1<<align.M | 1<<align.D | 1<<align.N | 1<<align.Eq | 1<<align.X
	takesRead = 1<<align.M | 1<<align.I | 1<<align.S | 1<<align.Eq | 1<<align.X
)
