package realign

import "github.com/gx-genomics/gx/variant/align"

// Window is a stretch of the contig that is worth realigning. First is the
// first of the positions that made it; a window belongs to the region in which
// that lies.
type Window struct {
	Start, End int
	First      int
}

// join makes windows of sorted positions: a position within twice the distance
// of the one before belongs to its window. Windows that are too long or leave
// the contig are dropped, and so are those whose first position lies outside
// [from, to).
func join(dst []Window, positions []int, ref *stretch, from, to int, o *WindowOptions) []Window {
	for i := 0; i < len(positions); {
		j := i + 1
		for j < len(positions) && positions[j]-positions[j-1] <= 2*o.Distance {
			j++
		}
		w := Window{Start: positions[i] - o.Distance, End: positions[j-1] + o.Distance, First: positions[i]}
		i = j
		if w.End-w.Start <= o.MaxSize && w.Start >= ref.Start && w.End <= ref.end() && from <= w.First && w.First < to {
			dst = append(dst, w)
		}
	}
	return dst
}

// absolute finds the windows of which the first position lies in [from, to).
// They are a function of the positions around: whether one begins a window
// depends on those up to twice the distance before it, and whether that is too
// long on those up to the greatest size away. A long stretch in which reads
// disagree everywhere is dropped whole: it is foreign sequence more often than
// variants, and haplotypes put together of that make false calls.
func (s *Scratch) absolute(dst []Window, reads []align.Read, ref *stretch, from, to int, o *Options) []Window {
	reach := o.Window.MaxSize + 2*o.Window.Distance
	lo, hi := max(from-reach, ref.Start), min(to+reach, ref.end())
	all := s.sel.find(reads, *ref, max(lo-longestAllele, ref.Start), min(hi+longestAllele, ref.end()), o)
	i, j := 0, len(all)
	for i < j && all[i] < lo {
		i++
	}
	for j > i && all[j-1] >= hi {
		j--
	}
	return join(dst, all[i:j], ref, from, to, &o.Window)
}

// ofPartition finds the windows of a partition; what is counted ends a little
// beyond it.
func (s *Scratch) ofPartition(dst []Window, reads []align.Read, ref *stretch, from, to int, o *Options) []Window {
	if o.WholeRegion {
		if to-from <= o.Window.MaxSize && from >= ref.Start && to <= ref.end() {
			dst = append(dst, Window{from, to, from})
		}
		return dst
	}
	lo, hi := max(from-o.Window.Expand, ref.Start), min(to+o.Window.Expand, ref.end())
	return join(dst, s.sel.find(reads, *ref, lo, hi, o), ref, lo, hi, &o.Window)
}
