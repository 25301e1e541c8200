package locus

import (
	"slices"
	"sort"
)

// Set is a set of bases of a genome: for each contig disjoint intervals in
// ascending order. Overlapping and touching regions are merged. The zero
// value is empty.
type Set struct {
	byContig map[string][]Region
	order    []string // contigs in the order in which they were first added
}

// NewSet makes the set of all bases of the regions. Empty regions add nothing.
func NewSet(regions ...Region) *Set {
	s := &Set{byContig: map[string][]Region{}}
	for _, r := range regions {
		if r.Len() <= 0 {
			continue
		}
		if _, seen := s.byContig[r.Contig]; !seen {
			s.order = append(s.order, r.Contig)
		}
		s.byContig[r.Contig] = append(s.byContig[r.Contig], r)
	}
	for name, list := range s.byContig {
		s.byContig[name] = merge(list)
	}
	return s
}

func merge(list []Region) []Region {
	slices.SortFunc(list, func(a, b Region) int { return a.Start - b.Start })
	out := list[:0]
	for _, r := range list {
		if n := len(out); n > 0 && r.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, r.End)
			continue
		}
		out = append(out, r)
	}
	return out
}

// On is the intervals of one contig in ascending order.
func (s *Set) On(contig string) []Region { return s.byContig[contig] }

// Contains says whether the base lies in the set.
func (s *Set) Contains(contig string, pos int) bool {
	list := s.byContig[contig]
	i := sort.Search(len(list), func(i int) bool { return list[i].End > pos })
	return i < len(list) && list[i].Start <= pos
}

// Overlaps says whether the region shares a base with the set.
func (s *Set) Overlaps(r Region) bool {
	list := s.byContig[r.Contig]
	i := sort.Search(len(list), func(i int) bool { return list[i].End > r.Start })
	return i < len(list) && list[i].Start < r.End
}

// Regions is all intervals, contigs in the given order; contigs that are not
// in it are left out.
func (s *Set) Regions(order *Contigs) []Region {
	var out []Region
	for _, c := range order.List() {
		out = append(out, s.byContig[c.Name]...)
	}
	return out
}

// Names is the contigs that have intervals, in the order of first mention.
func (s *Set) Names() []string { return s.order }

// Bases is the number of bases in the set.
func (s *Set) Bases() int {
	n := 0
	for _, list := range s.byContig {
		for _, r := range list {
			n += r.Len()
		}
	}
	return n
}

// Intersect is the bases that lie in both sets.
func (s *Set) Intersect(o *Set) *Set {
	var out []Region
	for _, name := range s.order {
		a, b := s.byContig[name], o.byContig[name]
		for i, j := 0, 0; i < len(a) && j < len(b); {
			r := Region{name, max(a[i].Start, b[j].Start), min(a[i].End, b[j].End)}
			if r.Len() > 0 {
				out = append(out, r)
			}
			if a[i].End < b[j].End {
				i++
			} else {
				j++
			}
		}
	}
	return NewSet(out...)
}

// Subtract is the bases of s that do not lie in o.
func (s *Set) Subtract(o *Set) *Set {
	var out []Region
	for _, name := range s.order {
		b := o.byContig[name]
		for _, r := range s.byContig[name] {
			at := r.Start
			for _, x := range b {
				if x.End <= at {
					continue
				}
				if x.Start >= r.End {
					break
				}
				if x.Start > at {
					out = append(out, Region{name, at, x.Start})
				}
				at = max(at, x.End)
			}
			if at < r.End {
				out = append(out, Region{name, at, r.End})
			}
		}
	}
	return NewSet(out...)
}
