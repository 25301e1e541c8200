package pileup

import (
	"slices"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Evidence lists what each read says about a candidate. It belongs to one
// goroutine; its zero value is ready.
type Evidence struct {
	MinMapQ, MinBaseQ int // the bounds of the counter

	listed []listed // per read
}

// listed is what the candidate itself says of a read.
type listed struct {
	allele int16
	low    bool
}

const notListed = -2

// Append appends the observations of a candidate to dst, in the order of the
// reads: of every read with mapping quality MinMapQ or more that shows an
// allele at the site. reads are those that the candidate was counted from. A
// read that has no usable base there, skips the site (CIGAR N) or gave way to
// another with the same key says nothing.
func (e *Evidence) Append(dst []candidate.Observation, c *candidate.Candidate, reads []align.Read) []candidate.Observation {
	e.list(c, len(reads))
	indel := false
	for _, alt := range c.Alts {
		indel = indel || len(alt) != len(c.Ref)
	}
	reach := c.End // what a read must reach to tell all alleles apart
	if indel {
		reach++
	}
	for i := range reads {
		r := &reads[i]
		if int(r.MapQ) < e.MinMapQ || r.Start > c.Start+1 || !count.WellFormed(r) {
			continue
		}
		at := look(r, c.Start)
		o := candidate.Observation{
			Read: int32(i), Allele: e.listed[i].allele, Low: e.listed[i].low, MapQ: r.MapQ,
			Reverse: r.Flag&align.Reverse != 0, Spans: at.base >= 0 && at.end >= reach,
		}
		switch {
		case o.Allele != notListed:
			o.BaseQ = at.quality(r)
		case at.deleted: // from an earlier anchor on
			o.Allele, o.BaseQ = candidate.OtherAllele, lower(r, at.next-1)
		case at.base < 0 || r.Bases[at.base] != c.Ref[0]:
			continue
		default:
			o.Allele, o.BaseQ = 0, r.Quals[at.base]
			o.Low = int(o.BaseQ) < e.MinBaseQ
			if indel {
				o.BaseQ = lower(r, at.base)
			}
		}
		o.Cycle, o.Edge = at.place(r)
		dst = append(dst, o)
	}
	return dst
}

// list notes for each of n reads what the candidate says of it.
func (e *Evidence) list(c *candidate.Candidate, n int) {
	e.listed = slices.Grow(e.listed[:0], n)[:n]
	for i := range e.listed {
		e.listed[i] = listed{allele: notListed}
	}
	for i, support := range c.Support {
		for _, s := range support {
			e.listed[s.Read] = listed{int16(i + 1), s.Low}
		}
	}
	for _, s := range c.Other {
		e.listed[s.Read] = listed{candidate.OtherAllele, s.Low}
	}
}

// sight is what a read's alignment has at a position of the contig.
type sight struct {
	base    int      // index in the read of the base there, -1 for none
	deleted bool     // the position lies in a deletion
	event   align.Op // what follows the position: I, D or S, M for neither
	n       int      // its bases
	next    int      // index of the first base of the event, or of the first behind a deletion
	first   int      // index of the first aligned base,
	last    int      // and of the last
	end     int      // where the alignment ends on the contig
}

// look walks the alignment of a read. Of several events behind the position the
// last one counts, as in package count.
func look(r *align.Read, pos int) sight {
	at := sight{base: -1, first: -1}
	o, q := r.Start, 0
	for _, x := range r.Cigar {
		n, op := x.Len(), x.Op()
		if n == 0 {
			continue
		}
		if o == pos+1 && (op == align.I || op == align.D || op == align.S) {
			at.event, at.n, at.next = op, n, q
		}
		switch {
		case op.Matches():
			if o <= pos && pos < o+n {
				at.base = q + pos - o
			}
			if at.first < 0 {
				at.first = q
			}
			at.last = q + n - 1
		case op == align.D && o <= pos && pos < o+n:
			at.deleted, at.next = true, q
		}
		if op.TakesRef() {
			o += n
		}
		if op.TakesRead() {
			q += n
		}
	}
	at.end = o
	return at
}

// quality is the quality of an allele that a read shows.
func (at *sight) quality(r *align.Read) byte {
	switch {
	case at.event == align.I || at.event == align.S:
		sum := 0
		for _, v := range r.Quals[at.next : at.next+at.n] {
			sum += int(v)
		}
		return byte(sum / at.n)
	case at.event == align.D:
		return lower(r, at.next-1)
	}
	return r.Quals[max(at.base, 0)]
}

// lower is the lower quality of the bases i and i+1, as far as they exist.
func lower(r *align.Read, i int) byte {
	switch {
	case i < 0:
		return r.Quals[0]
	case i+1 >= len(r.Quals):
		return r.Quals[i]
	}
	return min(r.Quals[i], r.Quals[i+1])
}

// place is how far the site lies in the read from its 5' end and, in aligned
// bases, from the nearer end of the alignment.
func (at *sight) place(r *align.Read) (cycle, edge int32) {
	i := at.base
	if i < 0 {
		i = min(at.next, len(r.Bases)-1)
	}
	if at.first >= 0 {
		edge = int32(max(min(i-at.first, at.last-i), 0))
	}
	if r.Flag&align.Reverse != 0 {
		return int32(len(r.Bases) - 1 - i), edge
	}
	return int32(i), edge
}
