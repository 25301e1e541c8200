package realign

import (
	"slices"
	"time"

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
	forced  forced

	from, to int // what the reads of a window must come near to
	windows  []candidateWindow
	plain    []Window
	over     lists   // reads that overlap each window
	own      lists   // reads assigned to each window
	of       []int32 // per read: its window, -1 without
	out      []align.Read
	cigars   align.Cigar
	changed  []change
	spent    Spent
}

// Spent is how long reads were looked at for windows, graphs were built, and
// reads were aligned.
type Spent struct{ Window, Graph, Align time.Duration }

// Spent is what was spent so far.
func (s *Scratch) Spent() Spent { return s.spent }

// candidateWindow is a window with what its graph gave.
type candidateWindow struct {
	Window
	near  bool    // its reads may come to lie in the region
	known bool    // kept is known
	kept  bool    // the graph gave haplotypes beside the reference
	haps  segment // these, in Scratch.haps
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
// and the new Cigars are valid until the next call; where nothing changes, the
// result is the reads given.
//
// By default a read stays as it is where it would fit the reference much worse,
// and all windows are taken of which the reads may come to lie in the
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
func (s *Scratch) Realign(reads []align.Read, ref count.Window, region locus.Region, o *Options) []align.Read {
	s.from, s.to = region.Start, region.End
	if !o.ByPartition {
		wide := maxSpan + pad + 2*o.Window.MaxSize + maxSpan
		region.Start, region.End = s.from-wide, s.to+wide
		s.from, s.to = s.from-maxSpan-pad, s.to+maxSpan+pad
	}
	s.windows = s.windows[:0]
	began := time.Now()
	for _, w := range s.Windows(reads, ref, region, o) {
		near := o.ByPartition || w.Start < s.to && w.End > s.from
		s.windows = append(s.windows, candidateWindow{Window: w, near: near})
	}
	found := time.Now()
	s.spent.Window += found.Sub(began)
	s.overlaps(reads, o)
	s.haps.reset()
	some := false
	for i := range s.windows {
		if s.windows[i].near {
			some = s.keeps(i, reads, (*stretch)(&ref), o) || some
		}
	}
	built := time.Now()
	s.spent.Graph += built.Sub(found)
	if !some && !(o.ByPartition && slices.ContainsFunc(reads, func(r align.Read) bool { return o.aside(&r) })) {
		return reads
	}
	s.assign(reads, (*stretch)(&ref), o)
	s.order(reads, o)
	s.cigars, s.changed = s.cigars[:0], s.changed[:0]
	for i := range s.windows {
		if w := &s.windows[i]; w.near && w.kept {
			s.window(i, reads, (*stretch)(&ref), o)
		}
	}
	for _, c := range s.changed {
		r := &s.out[c.read]
		r.Start, r.Cigar = c.start, s.cigars[c.from:c.to:c.to]
	}
	s.spent.Align += time.Since(built)
	return s.out
}

// window realigns the reads of window i.
func (s *Scratch) window(i int, reads []align.Read, ref *stretch, o *Options) {
	w := &s.windows[i]
	list := s.own.at(i)
	from, to := w.Start, w.End
	for _, j := range list {
		from = min(from, reads[j].Start)
		to = max(to, reads[j].End())
	}
	from, to = max(ref.Start, from-pad), min(ref.end(), to+pad)
	a := &s.aligner
	if !a.begin(o, reads, list, ref, from, to, w.Window, &s.haps, w.haps) {
		return
	}
	base := len(s.out) - len(s.own.reads) + int(s.own.first[i])
	for n, j := range list {
		mark := len(s.cigars)
		start, cigars, what := a.realign(s.cigars, n)
		s.cigars = cigars
		if what != moved || !o.ByPartition && a.worse(n, start, cigars[mark:]) {
			s.cigars = cigars[:mark]
			continue
		}
		at := j
		if o.ByPartition {
			at = int32(base + n)
		}
		s.changed = append(s.changed, change{at, start, mark, len(cigars)})
	}
}
