package realign

import (
	"sort"

	"github.com/gx-genomics/gx/variant/align"
)

// lists is a list of reads per window: those of window i are
// reads[first[i]:first[i+1]], in the order they were given.
type lists struct {
	first []int32
	reads []int32
}

func (l *lists) at(i int) []int32 { return l.reads[l.first[i]:l.first[i+1]] }

// begin readies the lists of n windows for counting with add.
func (l *lists) begin(n int) { l.first = zeroed(l.first, n+1) }

func (l *lists) add(i int) { l.first[i+1]++ }

// fill calls f, which is to put every read that was added before.
func (l *lists) fill(f func()) {
	n := len(l.first) - 1
	for i := range n {
		l.first[i+1] += l.first[i]
	}
	l.reads = zeroed(l.reads, int(l.first[n]))
	f()
	copy(l.first[1:], l.first[:n])
	l.first[0] = 0
}

func (l *lists) put(i int, read int32) {
	l.reads[l.first[i]] = read
	l.first[i]++
}

// meets is the windows [first, last) that a stretch of the contig overlaps.
// Windows are disjoint and in order.
func (s *Scratch) meets(start, end int) (first, last int) {
	n := len(s.windows)
	first = sort.Search(n, func(i int) bool { return s.windows[i].End > start })
	for last = first; last < n && s.windows[last].Start < end; last++ {
	}
	return first, last
}

// overlaps lists the reads that overlap each window, but for those too long to
// be realigned.
func (s *Scratch) overlaps(reads []align.Read, o *Options) {
	s.over.begin(len(s.windows))
	if len(s.windows) == 0 {
		return
	}
	each := func(f func(i int, read int32)) {
		for j := range reads {
			r := &reads[j]
			if o.aside(r) {
				continue
			}
			first, last := s.meets(r.Start, r.End())
			for i := first; i < last; i++ {
				f(i, int32(j))
			}
		}
	}
	each(func(i int, _ int32) { s.over.add(i) })
	s.over.fill(func() { each(s.over.put) })
}

// keeps says whether the graph of a window gives haplotypes beside the
// reference.
func (s *Scratch) keeps(i int, reads []align.Read, ref *stretch, o *Options) bool {
	w := &s.windows[i]
	if w.known {
		return w.kept
	}
	mark := len(s.haps.spans)
	w.known = true
	w.kept = s.graph.build(&s.haps, ref.span(w.Start, w.End), reads, s.over.at(i), &o.Graph)
	w.haps = segment{mark, len(s.haps.spans)}
	return w.kept
}

// assign gives every read the kept window that it overlaps most, the first
// among equals. Windows that are not near are only looked at where a read
// reaches from one into one that is.
func (s *Scratch) assign(reads []align.Read, ref *stretch, o *Options) {
	s.of = zeroed(s.of, len(reads))
	s.own.begin(len(s.windows))
	for j := range reads {
		s.of[j] = -1
		r := &reads[j]
		end := r.End()
		if o.aside(r) || !wellFormed(r) || end-r.Start > maxSpan {
			continue
		}
		first, last := s.meets(r.Start, end)
		inside := false
		for i := first; i < last; i++ {
			inside = inside || s.windows[i].near && s.windows[i].kept
		}
		if !inside {
			continue
		}
		most := 0
		for i := first; i < last; i++ {
			w := &s.windows[i]
			if by := min(end, w.End) - max(r.Start, w.Start); by > most && s.keeps(i, reads, ref, o) {
				most, s.of[j] = by, int32(i)
			}
		}
		if w := s.of[j]; w >= 0 {
			s.own.add(int(w))
		}
	}
	s.own.fill(func() {
		for j, w := range s.of {
			if w >= 0 {
				s.own.put(int(w), int32(j))
			}
		}
	})
}

// order lays out the result: a copy of the reads in the order in which they
// come back.
func (s *Scratch) order(reads []align.Read, o *Options) {
	s.out = s.out[:0]
	if !o.ByPartition {
		s.out = append(s.out, reads...)
		return
	}
	for j := range reads {
		if o.aside(&reads[j]) {
			s.out = append(s.out, reads[j])
		}
	}
	for j := range reads {
		if s.of[j] < 0 && !o.aside(&reads[j]) {
			s.out = append(s.out, reads[j])
		}
	}
	for _, j := range s.own.reads {
		s.out = append(s.out, reads[j])
	}
}
