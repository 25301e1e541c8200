package realign

import (
	"sort"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Scratch is the memory of one goroutine that realigns. Its zero value is
// ready.
type Scratch struct {
	sel     selector
	graph   graph
	haps    haplotypes
	aligner aligner

	windows []candidateWindow
	plain   []Window
	out     []align.Read
	over    []int32 // reads that overlap a window
	of      []int32 // per read: its window, -1 without
	starts  []int32 // reads of window i are listed[starts[i]:starts[i+1]]
	listed  []int32
	cigars  align.Cigar
	changed []change
}

// candidateWindow is a window with what its graph gave.
type candidateWindow struct {
	Window
	known, kept bool
	haps        segment // in Scratch.haps
}

// change is the new alignment of a read.
type change struct {
	read     int32 // in out
	start    int
	from, to int // in Scratch.cigars
}

// maxSpan is the longest stretch of reference that a read may cover to be
// realigned. It bounds how far from a site the reads lie that have a say
// there; a read with a longer deletion or skip stays as it is.
const maxSpan = 600

// pad is what is added at both ends of the stretch of reference that the reads
// of a window are aligned to.
const pad = 20

// Margin is how far beyond a region the reads and the reference must reach
// that are given to Realign or Windows, so that the result in the region does
// not depend on where the region ends.
func (o *Options) Margin() int {
	if o.ByPartition {
		return max(o.Window.Expand, o.Window.Distance) + maxSpan + pad
	}
	w := o.Window.MaxSize
	active := maxSpan + pad             // the nearer end of a window whose reads may come to lie in the region
	passive := active + w + maxSpan + w // the farther end of a window that such reads may belong to
	selected := passive + w + longestAllele + 2*o.Window.Distance
	return selected + maxSpan
}

// Windows lists the windows that begin in a region by their first position, in
// order. Reads, sorted by start, and reference reach Margin beyond the region
// at both ends, or to the end of the contig; windows near where they end are
// not to be relied upon. With ByPartition the region is the partition.
// The result is valid until the next call.
func (s *Scratch) Windows(reads []align.Read, ref count.Window, region locus.Region, o *Options) []Window {
	if o.ByPartition {
		s.plain = s.ofPartition(s.plain[:0], reads, (*stretch)(&ref), region.Start, region.End, o)
	} else {
		s.plain = s.absolute(s.plain[:0], reads, (*stretch)(&ref), region.Start, region.End, o)
	}
	return s.plain
}

// Realign sets reads anew on the reference where they call for it. Start and
// Cigar may change, nothing else; the reads given are not changed. The result
// and the new Cigars are valid until the next call.
//
// By default all windows are taken of which the reads may come to lie in the
// region, and every read that covers a base of it before or after comes out as
// if the whole contig had been realigned; reads farther away may come out as
// they were. The reads are in the order they were given.
//
// With ByPartition the region is DeepVariant's partition and the reads are
// those that overlap it. They come back in DeepVariant's order: those too long
// to realign, those of no window, then window by window.
//
// The reads and the reference reach Margin beyond the region, or to the end of
// the contig.
func (s *Scratch) Realign(reads []align.Read, window count.Window, region locus.Region, o *Options) []align.Read {
	ref := (*stretch)(&window)
	from, to := region.Start, region.End
	reach := 0
	if !o.ByPartition {
		reach = maxSpan + pad
		wide := reach + 2*o.Window.MaxSize + maxSpan
		region.Start, region.End = from-wide, to+wide
	}
	s.windows = s.windows[:0]
	for _, w := range s.Windows(reads, window, region, o) {
		s.windows = append(s.windows, candidateWindow{Window: w})
	}
	s.haps.reset()
	some := false
	for i := range s.windows {
		w := &s.windows[i]
		if o.ByPartition || w.Start < to+reach && w.End > from-reach {
			some = s.keeps(i, reads, ref, o) || some
		}
	}
	if !some && !o.ByPartition {
		return reads
	}
	s.assign(reads, ref, from-reach, to+reach, o)
	s.cigars, s.changed = s.cigars[:0], s.changed[:0]
	s.order(reads, o)
	for i := range s.windows {
		if w := &s.windows[i]; w.kept && (o.ByPartition || w.Start < to+reach && w.End > from-reach) {
			s.window(i, reads, ref, o)
		}
	}
	for _, c := range s.changed {
		r := &s.out[c.read]
		r.Start, r.Cigar = c.start, s.cigars[c.from:c.to:c.to]
	}
	return s.out
}

// keeps says whether the graph of a window gives haplotypes beside the
// reference.
func (s *Scratch) keeps(i int, reads []align.Read, ref *stretch, o *Options) bool {
	w := &s.windows[i]
	if w.known {
		return w.kept
	}
	w.known = true
	s.over = s.over[:0]
	for j := range reads {
		r := &reads[j]
		if r.Start < w.End && r.End() > w.Start && !s.sel.aside(r) {
			s.over = append(s.over, int32(j))
		}
	}
	mark := len(s.haps.spans)
	w.kept = s.graph.build(&s.haps, ref.span(w.Start, w.End), reads, s.over, &o.Graph)
	w.haps = segment{mark, len(s.haps.spans)}
	return w.kept
}

// assign gives every read the kept window that it overlaps most, the first
// among equals. Windows outside [from, to) are only looked at where a read
// reaches from there into one inside.
func (s *Scratch) assign(reads []align.Read, ref *stretch, from, to int, o *Options) {
	s.of = zeroed(s.of, len(reads))
	n := len(s.windows)
	s.starts = zeroed(s.starts, n+1)
	for j := range reads {
		s.of[j] = -1
		r := &reads[j]
		end := r.End()
		if s.sel.aside(r) || !wellFormed(r) || end-r.Start > maxSpan {
			continue
		}
		first := sort.Search(n, func(i int) bool { return s.windows[i].End > r.Start })
		last := first
		inside := false
		for ; last < n && s.windows[last].Start < end; last++ {
			w := &s.windows[last]
			inside = inside || o.ByPartition || w.kept && w.Start < to && w.End > from
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
			s.starts[w+1]++
		}
	}
	for i := range n {
		s.starts[i+1] += s.starts[i]
	}
	s.listed = zeroed(s.listed, int(s.starts[n]))
	for j, w := range s.of {
		if w >= 0 {
			s.listed[s.starts[w]] = int32(j)
			s.starts[w]++
		}
	}
	copy(s.starts[1:], s.starts[:n])
	s.starts[0] = 0
}

// order lays out the result: a copy of the reads in the order in which they
// come back. place is then where read j stands.
func (s *Scratch) order(reads []align.Read, o *Options) {
	s.out = s.out[:0]
	if !o.ByPartition {
		s.out = append(s.out, reads...)
		return
	}
	for j := range reads {
		if s.sel.aside(&reads[j]) {
			s.out = append(s.out, reads[j])
		}
	}
	for j := range reads {
		if s.of[j] < 0 && !s.sel.aside(&reads[j]) {
			s.out = append(s.out, reads[j])
		}
	}
	for _, j := range s.listed {
		s.out = append(s.out, reads[j])
	}
}

// window realigns the reads of window i.
func (s *Scratch) window(i int, reads []align.Read, ref *stretch, o *Options) {
	w := &s.windows[i]
	list := s.listed[s.starts[i]:s.starts[i+1]]
	from, to := w.Start, w.End
	for _, j := range list {
		from = min(from, reads[j].Start)
		to = max(to, reads[j].End())
	}
	from, to = max(ref.Start, from-pad), min(ref.end(), to+pad)
	a := &s.aligner
	a.force = false
	if !a.begin(o, reads, list, ref, from, to, w.Window, &s.haps, w.haps) {
		return
	}
	a.rank()
	base := len(s.out) - len(s.listed) + int(s.starts[i])
	for n, j := range list {
		mark := len(s.cigars)
		start, cigars, what := a.realign(s.cigars, n)
		s.cigars = cigars
		if what != moved {
			continue
		}
		at := j
		if o.ByPartition {
			at = int32(base + n)
		}
		s.changed = append(s.changed, change{at, start, mark, len(cigars)})
	}
}
