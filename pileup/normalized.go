package pileup

import (
	"slices"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// normalized are reads with their indels shifted to the left, as they are
// counted and as they are drawn. That is the same, with one exception in the
// compatible modes: where normalizing does nothing but dissolve an indel that an
// alignment begins with, DeepVariant counts the read without the indel and draws
// it with.
func (p *Processor) normalized(reads []align.Read, ref count.Window) (counted, drawn []align.Read) {
	p.shifted, p.drawn = append(p.shifted[:0], reads...), append(p.drawn[:0], reads...)
	for i := range reads {
		r := &p.shifted[i]
		r.Cigar, r.Start, _ = count.Normalize(nil, r, ref)
		if p.o.Compat == Default || !dissolves(reads[i].Cigar, r.Cigar) {
			p.drawn[i] = *r
		}
	}
	return p.shifted, p.drawn
}

// dissolves says whether all that became of an alignment is that the indel at
// its start is gone: a deletion dropped, an insertion turned into matches.
func dissolves(old, now align.Cigar) bool {
	if len(old) < 2 || len(now) == 0 {
		return false
	}
	switch old[0].Op() {
	case align.I:
		return now[0].Len() == old[0].Len() && slices.Equal(now[1:], old[1:])
	case align.D:
		return slices.Equal(now, old[1:])
	}
	return false
}
