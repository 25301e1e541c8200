package pileup

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant/align"
)

// intake decides which reads take part, and what of them.
type intake struct {
	filter Filter
	sample func(*align.Read) bool // nil: all
	oq     bool
	noTags bool
	read   align.Read // with its original qualities, or without its tags
	quals  []byte
	split  []align.Read
}

func newIntake(o *Options) *intake {
	in := &intake{filter: o.Filter, oq: o.OriginalQuals, noTags: o.NoTags}
	switch {
	case o.Downsample <= 0:
	case o.Compat == Default:
		in.sample = Downsample(o.Downsample)
	default:
		in.sample = DownsampleInOrder(o.Downsample)
	}
	return in
}

// take gives the read as it takes part, nil where it does not. The result is
// valid until the next call.
func (in *intake) take(r *align.Read) *align.Read {
	if !in.filter.Keep(r) || in.sample != nil && !in.sample(r) {
		return nil
	}
	switch {
	case in.noTags:
		in.read = *r
		in.read.Aux = nil
		return &in.read
	case in.oq:
		return in.original(r)
	}
	return r
}

// original gives a read its qualities of before they were recalibrated, where
// its tag OQ tells them.
func (in *intake) original(r *align.Read) *align.Read {
	text, ok := r.StringTag("OQ")
	if !ok || len(text) != len(r.Bases) {
		return r
	}
	in.quals = in.quals[:0]
	for _, c := range text {
		in.quals = append(in.quals, max(c, '!')-'!')
	}
	in.read = *r
	in.read.Quals = in.quals
	return &in.read
}

// minPart is the fewest bases of a part of a read.
const minPart = 15

// parts are reads cut where their alignment skips reference (CIGAR N): part i
// of a read is called NAME_pi, and parts of fewer than minPart bases are left
// out. Reads without a skip are as they were. inOrder asks for parts in the
// order of their starts. The result is valid until the next call.
func (in *intake) parts(reads []align.Read, inOrder bool) []align.Read {
	if !slices.ContainsFunc(reads, func(r align.Read) bool { return skips(r.Cigar) }) {
		return reads
	}
	in.split = in.split[:0]
	for i := range reads {
		if r := &reads[i]; skips(r.Cigar) {
			in.part(r)
		} else {
			in.split = append(in.split, *r)
		}
	}
	if inOrder {
		slices.SortStableFunc(in.split, func(a, b align.Read) int { return cmp.Compare(a.Start, b.Start) })
	}
	return in.split
}

func skips(c align.Cigar) bool {
	return slices.ContainsFunc(c, func(x align.CigarOp) bool { return x.Op() == align.N })
}

// part appends the parts of a read.
func (in *intake) part(r *align.Read) {
	if len(r.Quals) != len(r.Bases) || r.Cigar.ReadLen() != len(r.Bases) {
		in.split = append(in.split, *r) // it shows nothing anyhow
		return
	}
	from, at, q, begin, number := 0, r.Start, 0, r.Start, 0 // from and begin are of the part, at and q of what is next
	first := 0                                              // base of the part
	end := func(i int) {
		if q-first >= minPart {
			p := *r
			p.Name, p.Start, p.Cigar = fmt.Sprintf("%s_p%d", r.Name, number), begin, r.Cigar[from:i:i]
			p.Bases, p.Quals = r.Bases[first:q:q], r.Quals[first:q:q]
			in.split = append(in.split, p)
		}
		number++
	}
	for i, x := range r.Cigar {
		if x.Op() == align.N {
			end(i)
			at += x.Len()
			from, begin, first = i+1, at, q
			continue
		}
		if x.Op().TakesRef() {
			at += x.Len()
		}
		if x.Op().TakesRead() {
			q += x.Len()
		}
	}
	end(len(r.Cigar))
}
