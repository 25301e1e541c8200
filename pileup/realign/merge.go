package realign

import "github.com/gx-genomics/gx/variant/align"

// merger joins the alignment of a read to a haplotype with that of the
// haplotype to the reference, one base at a time, as DeepVariant does.
type merger struct {
	out     align.Cigar
	readLen int
	done    int // bases of the read in out
	a, b    ops // what is left of both alignments
}

// ops is a list of operations that is taken from the front and put back there.
type ops struct {
	list  align.Cigar
	extra int      // single matches put back in front of the list
	op    align.Op // the operation at hand
	n     int      // what is left of it
}

func (o *ops) empty() bool { return o.extra == 0 && len(o.list) == 0 }

func (o *ops) pop() (align.Op, int) {
	if o.extra > 0 {
		o.extra--
		return align.M, 1
	}
	x := o.list[0]
	o.list = o.list[1:]
	op := x.Op()
	if op == align.Eq || op == align.X {
		op = align.M
	}
	return op, x.Len()
}

func (o *ops) load() { o.op, o.n = o.pop() }

// skip drops what of the haplotype's alignment lies before position pos of the
// haplotype, and a deletion that would then come first.
func (o *ops) skip(pos int) {
	for pos > 0 && len(o.list) > 0 {
		x := o.list[0]
		switch {
		case x.Op() == align.D:
			o.list = o.list[1:]
		case x.Len() > pos:
			o.list[0] = align.MakeOp(x.Op(), x.Len()-pos)
			pos = 0
		default:
			pos -= x.Len()
			o.list = o.list[1:]
		}
	}
	if len(o.list) > 0 && o.list[0].Op() == align.D {
		o.list = o.list[1:]
	}
}

// merge appends to dst the alignment of a read of readLen bases to the
// reference, with the operations M, I, D and S. toHap is the read's alignment
// to the haplotype, beginning at position pos there; toRef is the haplotype's
// to the reference, which merge uses up. Without a result dst comes back as it
// was.
func (m *merger) merge(dst, toHap, toRef align.Cigar, pos, readLen int, v Version) align.Cigar {
	*m = merger{out: m.out[:0], readLen: readLen, a: ops{list: toHap}, b: ops{list: toRef}}
	m.b.skip(pos)
	if len(toHap) > 0 && toHap[0].Op() == align.S {
		m.emit(m.a.pop())
	}
	for (!m.a.empty() || !m.b.empty()) && m.done < readLen {
		if !m.a.empty() && m.b.empty() && m.b.n == 0 {
			m.emit(m.a.pop())
			continue
		}
		if m.a.empty() && m.a.n == 0 {
			break
		}
		if m.a.n == 0 {
			m.a.load()
		}
		if m.b.n == 0 {
			m.b.load()
		}
		m.pair()
	}
	if v >= V19 {
		for ; m.a.n > 0 && m.a.op == align.S; m.a.n-- {
			m.emit(align.S, 1)
		}
		if !m.a.empty() || m.a.n > 0 {
			m.out = m.out[:0]
		}
	}
	return append(dst, m.out...)
}

// pair works off the two operations at hand until one is used up.
func (m *merger) pair() {
	a, b := &m.a, &m.b
	for a.n > 0 && b.n > 0 {
		switch {
		case a.op == align.M && b.op == align.M: // the most of all reads
			n := min(a.n, b.n)
			m.emit(align.M, n)
			a.n -= n
			b.n -= n
			continue
		case a.op == align.D && b.op == align.I:
			a.n--
			b.n--
			continue
		case a.op == align.I && b.op == align.D:
			// The read has what the haplotype lacks: a match after all.
			a.n--
			b.n--
			a.extra++
			b.extra++
			continue
		}
		m.emit(dominant(a.op, b.op), 1)
		switch {
		case a.op == align.I:
			a.n--
		case b.op == align.D:
			b.n--
		default:
			a.n--
			b.n--
		}
	}
}

// dominant is the operation that a pair comes to.
func dominant(a, b align.Op) align.Op {
	for _, op := range [...]align.Op{align.S, align.D, align.I} {
		if a == op || b == op {
			return op
		}
	}
	return align.M
}

// emit appends an operation, no further than the read reaches. An insertion
// behind a deletion, or a deletion behind an insertion, takes a base away from
// that and makes it a match.
func (m *merger) emit(op align.Op, n int) {
	if op != align.D {
		n = min(n, m.readLen-m.done)
	}
	if n <= 0 || m.done == m.readLen {
		return
	}
	last := len(m.out) - 1
	switch {
	case last >= 0 && m.out[last].Op() == op:
		m.out[last] = align.MakeOp(op, m.out[last].Len()+n)
		if op != align.D {
			m.done += n
		}
	case last >= 0 && (op == align.I && m.out[last].Op() == align.D || op == align.D && m.out[last].Op() == align.I):
		m.cancel(last)
	default:
		m.out = append(m.out, align.MakeOp(op, n))
		if op != align.D {
			m.done += n
		}
	}
}

// cancel shortens the last operation by one base and adds a match before it.
func (m *merger) cancel(last int) {
	indel := m.out[last]
	if last > 0 && m.out[last-1].Op() == align.M {
		m.out[last-1] = align.MakeOp(align.M, m.out[last-1].Len()+1)
	} else {
		m.out[last] = align.MakeOp(align.M, 1)
		m.out = append(m.out, indel)
		last++
	}
	m.done++
	if indel.Op() == align.I {
		m.done--
	}
	if indel.Len() == 1 {
		m.out = m.out[:last]
	} else {
		m.out[last] = align.MakeOp(indel.Op(), indel.Len()-1)
	}
}

// normalised says whether no insertion or deletion of an alignment could stand
// further left. ref is the reference, of which the alignment begins at index o.
func normalised(c align.Cigar, read, ref []byte, o int) bool {
	if o < 0 {
		return true
	}
	q := 0
	for _, x := range c {
		n := x.Len()
		switch x.Op() {
		case align.S:
			q += n
		case align.I:
			if q+n > len(read) || o > len(ref) {
				return false
			}
			if o > 0 && read[q+n-1] == ref[o-1] {
				return false
			}
			q += n
		case align.D:
			if o+n > len(ref) || q > 0 && q <= len(read) && ref[o+n-1] == read[q-1] {
				return false
			}
			o += n
		default:
			o += n
			q += n
		}
	}
	return true
}
