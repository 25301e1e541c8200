package classify

import (
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Observer turns candidates into Evidence. It keeps memory between calls and
// belongs to one goroutine.
type Observer struct {
	Options count.Options // those that the candidates were counted with
	Flank   int           // bases of the reference on either side of a site; 0 for 100

	allele []int16 // per read, 0 for none seen so far
}

// Observe gives the evidence at a candidate of counts. Reads that show the
// reference are found in the alignments themselves, so nothing need have been
// tracked for them.
func (o *Observer) Observe(cand *candidate.Candidate, counts *count.Counts) *Evidence {
	reads := counts.Reads()
	e := &Evidence{Site: cand.Site}
	flank := o.Flank
	if flank == 0 {
		flank = 100
	}
	ref := counts.Ref()
	from := max(cand.Start-flank, ref.Start)
	to := max(from, min(cand.End+flank, ref.Start+len(ref.Bases)))
	e.RefStart, e.Ref = from, ref.Bases[from-ref.Start:to-ref.Start]
	if len(o.allele) < len(reads) {
		o.allele = make([]int16, len(reads))
	}
	for i, list := range cand.Support {
		for _, s := range list {
			if !s.Low {
				o.allele[s.Read] = int16(i + 1)
			}
		}
	}
	for _, s := range cand.Other {
		o.allele[s.Read] = Other
	}
	for i := range reads {
		a := o.allele[i]
		o.allele[i] = 0
		if r, ok := o.read(&reads[i], cand, int(a)); ok {
			e.Reads = append(e.Reads, r)
		}
	}
	return e
}

// read is what a read shows at the start of the site, false where it does not
// cover it or shows nothing that counts. allele is 0 where the counts kept
// nothing of it.
func (o *Observer) read(r *align.Read, cand *candidate.Candidate, allele int) (Read, bool) {
	if r.Start > cand.Start || int(r.MapQ) < o.Options.MinMapQ || len(r.Quals) != len(r.Bases) {
		return Read{}, false
	}
	place, ok := locate(r, cand.Start)
	if !ok {
		return Read{}, false
	}
	q := r.Quals[place.base]
	if allele == 0 {
		if r.Bases[place.base] != cand.Variant.Ref[0] || int(q) < o.Options.MinBaseQ || place.event {
			return Read{}, false // low quality, or lost to another read of its key
		}
	} else if place.event && place.base+1 < len(r.Quals) {
		q = min(q, r.Quals[place.base+1])
	}
	return Read{Allele: allele, BaseQ: q, MapQ: r.MapQ, Reverse: r.Flag&align.Reverse != 0, Left: place.left, Right: place.right}, true
}

// spot is where a read covers a position of the reference.
type spot struct {
	base        int  // index of the read's base there
	event       bool // an insertion, a deletion or a clip follows it
	left, right int  // bases of the read before and behind it, clips left out
}

func locate(r *align.Read, pos int) (spot, bool) {
	at, q := r.Start, 0
	var s spot
	found := false
	aligned := 0 // bases so far, clips left out
	for i, op := range r.Cigar {
		n := op.Len()
		if op.Op().Matches() {
			if !found && at <= pos && pos < at+n {
				found = true
				s.base, s.left = q+pos-at, aligned+pos-at
				s.event = pos == at+n-1 && i+1 < len(r.Cigar) && !r.Cigar[i+1].Op().Matches()
			}
		}
		if op.Op().TakesRead() {
			q += n
			if op.Op() != align.S {
				aligned += n
			}
		}
		if op.Op().TakesRef() {
			at += n
		}
	}
	s.right = aligned - s.left - 1
	return s, found && s.base < len(r.Bases)
}
