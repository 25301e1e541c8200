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
// of the one before belongs to its window. Windows that leave the contig are
// left out, and so are those whose first position lies outside [from, to).
// A window that is too long is dropped where cut is 0; else it is cut wherever
// a multiple of cut lies between two of its positions.
func join(dst []Window, positions []int, ref *stretch, from, to, cut int, o *WindowOptions) []Window {
	add := func(list []int) {
		w := Window{Start: list[0] - o.Distance, End: list[len(list)-1] + o.Distance, First: list[0]}
		if w.End-w.Start <= o.MaxSize && w.Start >= ref.Start && w.End <= ref.end() && from <= w.First && w.First < to {
			dst = append(dst, w)
		}
	}
	for len(positions) > 0 {
		n := 1
		for n < len(positions) && positions[n]-positions[n-1] <= 2*o.Distance {
			n++
		}
		list := positions[:n]
		positions = positions[n:]
		for tooLong := list[n-1]-list[0]+2*o.Distance > o.MaxSize; cut > 0 && tooLong && len(list) > 0; list = list[n:] {
			for n = 1; n < len(list) && list[n]/cut == list[0]/cut; n++ {
			}
			add(list[:n])
		}
		if len(list) > 0 {
			add(list)
		}
	}
	return dst
}

// absolute finds the windows of which the first position lies in [from, to).
// They are a function of the positions around: whether one begins a window
// depends on those up to twice the distance before it, and whether that is too
// long on those up to the greatest size away. DeepVariant drops the part of a
// long window that one partition holds; here it is cut into parts of half the
// greatest size, as a noisy sample would else go without any realignment.
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
	return join(dst, all[i:j], ref, from, to, max(o.Window.MaxSize/2, 1), &o.Window)
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
	return join(dst, s.sel.find(reads, *ref, lo, hi, o), ref, lo, hi, 0, &o.Window)
}
