package image

import "github.com/gx-genomics/gx/variant/align"

// minTrimmed is the bases that a read must keep to be drawn.
const minTrimmed = 15

// trimCigar appends to dst the part of an alignment behind skip reference
// bases that covers the next cover ones, and gives the read bases left out in
// front and kept. As in DeepVariant, clips and insertions in the skipped part
// go with it, those right behind the covered part stay, and the operation after
// it leaves one of length 0, which for a deletion still is a pixel.
func trimCigar(dst, c align.Cigar, skip, cover int) (_ align.Cigar, from, kept int) {
	for _, op := range c {
		n, step := op.Len(), 0
		if op.Op().TakesRef() {
			step = n
		}
		if skip > 0 {
			if step <= skip {
				skip -= step
				if op.Op().TakesRead() {
					from += n
				}
				continue
			}
			if op.Op().TakesRead() {
				from += skip
			}
			step -= skip
			n, skip = step, 0
		}
		last := step > cover
		if last {
			n, step = cover, cover
		}
		dst = append(dst, align.MakeOp(op.Op(), n))
		if op.Op().TakesRead() {
			kept += n
		}
		if last {
			break
		}
		cover -= step
	}
	return dst, from, kept
}

// trimScene cuts the reads of the scene to the window [from, to) of the
// reference, and drops those of which too little stays. Their positions for
// sorting stay what they are.
func (p *Painter) trimScene(from, to int) {
	s, a := &p.scene, &p.alt
	least := minTrimmed
	if p.o.Spanning {
		least = p.o.Width
	}
	a.trimmed = a.trimmed[:0]
	a.ops = a.ops[:0]
	a.offset = a.offset[:0]
	k := 0
	for i, r := range s.reads {
		cover := to - max(from, r.Start)
		if cover <= 0 {
			continue
		}
		t := *r
		start := len(a.ops)
		ops, off, kept := trimCigar(a.ops, r.Cigar, max(from-r.Start, 0), cover)
		a.ops = ops
		t.Cigar = ops[start:len(ops):len(ops)]
		if off+kept > len(r.Bases) || off+kept > len(r.Quals) {
			continue
		}
		t.Bases, t.Quals = r.Bases[off:off+kept], r.Quals[off:off+kept]
		t.Start = max(from, r.Start)
		long := t.Cigar.RefLen() >= least && kept > 0
		if p.o.Version == V15 {
			long = kept >= least
		}
		if !long {
			continue
		}
		a.trimmed = append(a.trimmed, t)
		a.offset = append(a.offset, off)
		s.index[k], s.sortAt[k] = s.index[i], s.sortAt[i]
		k++
	}
	s.index, s.sortAt = s.index[:k], s.sortAt[:k]
}
