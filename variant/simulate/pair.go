package simulate

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/variant/align"
)

// pair reads both ends of the fragment [from, to) of a haplotype.
func (s *sequencer) pair(w *window, from, to int, forward, duplicate bool) {
	for read := range 2 {
		m := &s.mates[read]
		m.reverse = (read == 0) != forward
		s.mate(w, m, read, from, to)
	}
	s.write(duplicate)
}

// mate makes one read and places it.
func (s *sequencer) mate(w *window, m *mate, read, from, to int) {
	r := s.random
	n := s.o.Length
	strand := 0
	if m.reverse {
		strand = 1
	}
	m.bases = slices.Grow(m.bases[:0], n)[:n]
	m.quals = slices.Grow(m.quals[:0], n)[:n]
	s.mine = append(s.mine[:0], s.edits...)
	// What the run errors of one read and the slips of its fragment have in
	// common keeps the earlier of two edits.
	if reach := min(n+n/4, to-from); s.o.RunErrors > 0 && reach > 1 {
		low, high := from, from+reach
		if m.reverse {
			low, high = to-reach, to
		}
		s.mine = s.runErrors(s.mine, w, r, strand, low, high)
		if len(s.edits) > 0 && len(s.mine) > len(s.edits) {
			slices.SortStableFunc(s.mine, func(a, b slip) int { return a.pos - b.pos })
			s.mine = slices.CompactFunc(s.mine, func(a, b slip) bool { return b.pos < a.pos+max(a.n, 1) })
		}
	}
	s.cut(s.mine, m.reverse, from, to, n)
	s.lay(w, m, read)
	tail := n
	if r.Float64() < s.o.Chimeras {
		tail = s.chimera(w, m, from, to)
	}
	s.m.sequence(r, read, m.reverse, m.bases, m.quals)
	if hot := w.between(strand, from, to); len(hot) > 0 {
		s.misreadHot(w, m, hot, tail)
	}
	if t := s.unsure.from; t != nil {
		s.resettle(m, t)
	}
	m.start, m.cigar, m.distance, m.placed = 0, m.cigar[:0], 0, false
	if start, c, distance, ok := s.place.place(m.bases, w.sequence); ok {
		m.start, m.distance, m.placed = start, distance, true
		m.cigar = append(m.cigar, c...)
	}
}

// cut lists the pieces of the fragment that a read of n bases sees, from left
// to right: from the left end, or from the right one where it is reverse.
func (s *sequencer) cut(edits []slip, reverse bool, from, to, n int) {
	s.pieces = s.pieces[:0]
	put := func(a, b int, extra bool) {
		switch {
		case n <= 0 || a >= b:
			return
		case b-a > n && reverse:
			a = b - n
		case b-a > n:
			b = a + n
		}
		s.pieces = append(s.pieces, piece{a, b, extra})
		n -= b - a
	}
	if !reverse {
		for _, e := range edits {
			put(from, e.pos, false)
			if e.n < 0 {
				put(e.pos, e.pos-e.n, true)
			}
			from = max(from, e.pos+max(e.n, 0))
		}
		put(from, to, false)
		return
	}
	for i := len(edits) - 1; i >= 0; i-- {
		e := edits[i]
		put(e.pos+max(e.n, 0), to, false)
		if e.n < 0 {
			put(e.pos, e.pos-e.n, true)
		}
		to = min(to, e.pos)
	}
	put(from, to, false)
	slices.Reverse(s.pieces)
}

// lay copies the pieces to the read and notes where they stand on the
// reference. What they do not fill, behind the end of the fragment, is adapter.
func (s *sequencer) lay(w *window, m *mate, read int) {
	n := 0
	for _, p := range s.pieces {
		n += p.to - p.from
	}
	q := 0
	if m.reverse {
		q = len(m.bases) - n
	}
	adapted := m.bases[n:]
	if m.reverse {
		adapted = m.bases[:q]
	}
	if len(adapted) > 0 {
		k := copy(adapted, adapters[read])
		for ; k < len(adapted); k++ {
			adapted[k] = letters[s.random.IntN(4)]
		}
		if m.reverse {
			reverseComplement(adapted)
		}
	}
	s.place.segments = s.place.segments[:0]
	for _, p := range s.pieces {
		copy(m.bases[q:], w.Bases[p.from:p.to])
		if !p.extra {
			for i := w.block(p.from); i < len(w.Blocks) && w.Blocks[i].Start < p.to; i++ {
				b := w.Blocks[i]
				a, e := max(b.Start, p.from), min(b.Start+b.N, p.to)
				s.place.add(q+a-p.from, b.Ref+a-b.Start, e-a)
			}
		}
		q += p.to - p.from
	}
}

// chimera replaces up to half of a read, at its end, by bases of another place:
// half of the time of anywhere in the contig, else of the other strand nearby, where a
// molecule folded back. It gives the cycle from which on they are foreign.
func (s *sequencer) chimera(w *window, m *mate, from, to int) int {
	r := s.random
	n := len(m.bases)
	tail := n/2 + r.IntN(n-n/2)
	k := n - tail
	var other []byte
	turned := r.IntN(2) == 0
	if r.IntN(2) == 0 && len(w.sequence) > k {
		at := r.IntN(len(w.sequence) - k + 1)
		other = w.sequence[at : at+k]
	} else {
		at := max(0, min(from+r.IntN(to-from)-k/2, len(w.Bases)-k))
		other, turned = w.Bases[at:at+min(k, len(w.Bases)-at)], true
	}
	part := m.bases[tail:]
	if m.reverse {
		part = m.bases[:k]
	}
	copy(part, other)
	if turned {
		reverseComplement(part)
	}
	return tail
}

// misreadHot puts systematic errors on the bases before the cycle `tail`. Their
// qualities are low, as those of such errors are.
func (s *sequencer) misreadHot(w *window, m *mate, hot []hotSpot, tail int) {
	r := s.random
	for _, spot := range hot {
		if r.Float64() >= spot.rate {
			continue
		}
		q, ok := s.readBase(spot.pos, m)
		if !ok {
			continue
		}
		c := q
		if m.reverse {
			c = len(m.bases) - 1 - q
		}
		if c < tail && m.bases[q] == w.Bases[spot.pos] {
			m.bases[q] = spot.base
			m.quals[q] = min(m.quals[q], byte(8+r.IntN(20)))
		}
	}
}

// readBase is the base of a read that a position of the haplotype gave.
func (s *sequencer) readBase(pos int, m *mate) (int, bool) {
	q := 0
	if m.reverse {
		q = len(m.bases)
		for _, p := range s.pieces {
			q -= p.to - p.from
		}
	}
	for _, p := range s.pieces {
		if !p.extra && p.from <= pos && pos < p.to {
			return q + pos - p.from, true
		}
		q += p.to - p.from
	}
	return 0, false
}

// write adds the two reads of a pair to the batch. A pair that comes from a copy
// with a long deletion may stand before the cell, where all is written already:
// it is left out.
func (s *sequencer) write(duplicate bool) {
	a, b := &s.mates[0], &s.mates[1]
	if a.placed && a.start < s.floor || b.placed && b.start < s.floor {
		return
	}
	name := strconv.AppendInt(s.name, int64(s.number), 36)
	s.number++
	text := string(name)
	length, proper := 0, false
	if a.placed && b.placed {
		start := min(a.start, b.start)
		end := max(a.start+a.cigar.RefLen(), b.start+b.cigar.RefLen())
		length, proper = end-start, end-start <= s.span()
	}
	for i, m := range [2]*mate{a, b} {
		other := s.mates[1-i]
		r := align.Read{Name: text, Flag: align.Paired, Contig: s.index, MateContig: s.index, Bases: m.bases, Quals: m.quals}
		r.Flag |= [2]align.Flag{align.FirstOfPair, align.SecondOfPair}[i]
		if m.reverse {
			r.Flag |= align.Reverse
		}
		if other.reverse {
			r.Flag |= align.MateReverse
		}
		if duplicate {
			r.Flag |= align.Duplicate
		}
		if proper {
			r.Flag |= align.ProperPair
		}
		r.Start, r.MateStart = m.start, other.start
		if m.placed {
			r.Cigar, r.MapQ = m.cigar, byte(min(s.mapq.draw(s.random), s.unsure.cap[i]))
		} else {
			r.Flag |= align.Unmapped
			r.Start = other.start
		}
		if !other.placed {
			r.Flag |= align.MateUnmapped
			r.MateStart = m.start
		}
		if !m.placed && !other.placed {
			r.Contig, r.MateContig, r.Start, r.MateStart = -1, -1, -1, -1
		}
		if length > 0 {
			r.TemplateLen = length
			if m.start > other.start || m.start == other.start && i == 1 {
				r.TemplateLen = -length
			}
		}
		r.Aux = s.tags(m)
		s.out.Add(&r)
	}
}

// tags encodes RG and, for placed reads, NM as BAM does.
func (s *sequencer) tags(m *mate) []byte {
	m.aux = m.aux[:0]
	if s.o.ReadGroup != "" {
		m.aux = append(m.aux, 'R', 'G', 'Z')
		m.aux = append(m.aux, s.o.ReadGroup...)
		m.aux = append(m.aux, 0)
	}
	if m.placed {
		m.aux = append(m.aux, 'N', 'M', 'S')
		m.aux = binary.LittleEndian.AppendUint16(m.aux, uint16(m.distance))
	}
	return m.aux
}
