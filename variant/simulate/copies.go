package simulate

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// twin is a stretch of a contig that has a copy elsewhere on it: base start+i
// is alike to base other+i, or, of a copy on the other strand, pairs with base
// other-i.
type twin struct {
	start, end int
	other      int
	reverse    bool
}

// partner is the base that is alike to base pos.
func (t *twin) partner(pos int) int {
	if t.reverse {
		return t.other - (pos - t.start)
	}
	return t.other + (pos - t.start)
}

const (
	seedLen    = 31  // bases of a seed
	seedShare  = 32  // one of so many seeds is looked at, the same ones in all copies
	mostCopies = 8   // of a seed: those of mobile elements are too many, and most have diverged
	seedGap    = 400 // bases between seeds of one copy at most
	leastCopy  = 250 // bases of a copy
)

// seed is a place of a sampled word of the sequence.
type seed struct {
	hash    uint64
	pos     int32
	reverse bool // the word is that of the other strand
}

// diagonal is a word that stands twice: at pos and at a place that differs from
// it by a constant, or, on the other strand, sums up with it to one.
type diagonal struct {
	constant int
	pos      int32
	reverse  bool
}

// twins finds the stretches of at least leastCopy bases that stand at two or a
// few places of a sequence with few differences and no shift between them. Both
// places are listed, in order of their starts.
func twins(seq []byte) []twin {
	seeds := sampled(seq)
	slices.SortFunc(seeds, func(a, b seed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.pos, b.pos)) })
	var pairs []diagonal
	for i := 0; i < len(seeds); {
		j := i
		for j < len(seeds) && seeds[j].hash == seeds[i].hash {
			j++
		}
		if j-i <= mostCopies {
			for a := i; a < j; a++ {
				for b := a + 1; b < j; b++ {
					d := diagonal{int(seeds[b].pos - seeds[a].pos), seeds[a].pos, false}
					if seeds[a].reverse != seeds[b].reverse {
						d.constant, d.reverse = int(seeds[a].pos)+int(seeds[b].pos)+seedLen-1, true
					}
					pairs = append(pairs, d)
				}
			}
		}
		i = j
	}
	slices.SortFunc(pairs, func(a, b diagonal) int {
		switch {
		case a.reverse != b.reverse && a.reverse:
			return 1
		case a.reverse != b.reverse:
			return -1
		}
		return cmp.Or(cmp.Compare(a.constant, b.constant), cmp.Compare(a.pos, b.pos))
	})
	var out []twin
	for i := 0; i < len(pairs); {
		j := i + 1
		for j < len(pairs) && pairs[j].reverse == pairs[i].reverse && pairs[j].constant == pairs[i].constant && pairs[j].pos-pairs[j-1].pos <= seedGap {
			j++
		}
		out = append(out, chained(seq, pairs[i], int(pairs[j-1].pos)+seedLen)...)
		i = j
	}
	slices.SortFunc(out, func(a, b twin) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.other, b.other))
	})
	return out
}

// sampled lists the words that are looked at.
func sampled(seq []byte) []seed {
	var out []seed
	const mask = 1<<(2*seedLen) - 1
	var forward, backward uint64
	length := 0
	for i, b := range seq {
		c := uint64(codes[b])
		if c > 3 {
			length = 0
			continue
		}
		forward = (forward<<2 | c) & mask
		backward = backward>>2 | (3-c)<<(2*(seedLen-1))
		if length++; length < seedLen {
			continue
		}
		h := mix(min(forward, backward))
		if h%seedShare == 0 && forward != backward {
			out = append(out, seed{h, int32(i - seedLen + 1), backward < forward})
		}
	}
	return out
}

// chained makes the two twins of a diagonal from its first seed to the end of
// its last, lengthened as far as both copies are equal. Copies that are too
// short or overlap each other, as those of tandem repeats, give none.
func chained(seq []byte, first diagonal, end int) []twin {
	start := int(first.pos)
	at := func(pos int) int {
		if first.reverse {
			return first.constant - pos
		}
		return first.constant + pos
	}
	alike := func(pos int) bool {
		p := at(pos)
		if pos < 0 || pos >= len(seq) || p < 0 || p >= len(seq) || codes[seq[pos]] > 3 {
			return false
		}
		if first.reverse {
			return seq[p] == complements[seq[pos]]
		}
		return seq[p] == seq[pos]
	}
	for alike(start - 1) {
		start--
	}
	for alike(end) {
		end++
	}
	low, high := at(start), at(end-1)
	if low > high {
		low, high = high, low
	}
	if end-start < leastCopy || low < end && start <= high {
		return nil
	}
	here := twin{start, end, at(start), first.reverse}
	there := twin{low, high + 1, start, first.reverse}
	if first.reverse {
		there.other = end - 1
	}
	return []twin{here, there}
}

// twinList is the twins of a contig in order of their starts.
type twinList struct {
	twins   []twin
	longest int
}

func newTwinList(seq []byte) twinList {
	l := twinList{twins: twins(seq)}
	for _, t := range l.twins {
		l.longest = max(l.longest, t.end-t.start)
	}
	return l
}

// overlapping appends the twins that reach into [from, to) to dst.
func (l twinList) overlapping(dst []twin, from, to int) []twin {
	i := sort.Search(len(l.twins), func(i int) bool { return l.twins[i].start > from-l.longest })
	for ; i < len(l.twins) && l.twins[i].start < to; i++ {
		if l.twins[i].end > from {
			dst = append(dst, l.twins[i])
		}
	}
	return dst
}

// ambiguity is what an aligner makes of a fragment of which there are copies.
type ambiguity struct {
	from *twin  // the copy that the fragment comes from; nil: the place itself
	cap  [2]int // mapping qualities of both reads at most
}

// sure is an ambiguity of none.
var sure = ambiguity{cap: [2]int{math.MaxInt, math.MaxInt}}

// ambiguous compares the places [start, end) of both reads of a fragment with
// the copies that hold both. Where a copy is equal in both, an aligner cannot
// tell them apart, so the fragment that is set here is as likely one of there.
// Else each difference in a read is worth five points of score, from which the
// quality follows as in BWA-MEM: 18 a difference less 3, raised by up to 40
// where the pair as a whole tells more.
func (s *sequencer) ambiguous(reads [2][2]int) ambiguity {
	seq := s.contig.Bases
	a := sure
	fewest := math.MaxInt
	equal := s.equal[:0]
	for i := range s.near {
		t := &s.near[i]
		if min(reads[0][0], reads[1][0]) < t.start || max(reads[0][1], reads[1][1]) > t.end {
			continue
		}
		d := [2]int{t.differences(seq, reads[0]), t.differences(seq, reads[1])}
		if d[0]+d[1] == 0 {
			equal = append(equal, t)
		}
		if d[0]+d[1] < fewest {
			fewest = d[0] + d[1]
			for k := range d {
				alone := max(0, 18*d[k]-3)
				a.cap[k] = max(alone, min(30*fewest, alone+40))
			}
		}
	}
	s.equal = equal
	if k := s.random.IntN(len(equal) + 1); k < len(equal) {
		a.from = equal[k]
	}
	return a
}

// differences counts the bases of [start, end) that the copy has otherwise.
func (t *twin) differences(seq []byte, where [2]int) int {
	n := 0
	for pos := where[0]; pos < where[1]; pos++ {
		other := seq[t.partner(pos)]
		if t.reverse {
			other = complements[other]
		}
		if other != seq[pos] {
			n++
		}
	}
	return n
}

// home finds where the fragment that is set at [start, end) of the reference
// lies on the haplotype of the copy it comes from. False where that reaches
// over an end.
func (s *sequencer) home(t *twin, donor, haplotype, start, end, length int) (w *window, from, to int, ok bool) {
	at := t.partner(start)
	if t.reverse {
		at = t.partner(end - 1)
	}
	const chunk = 1 << 13
	key := homeKey{donor, haplotype, at / chunk}
	w = s.homes[key]
	if w == nil {
		first := key.chunk * chunk
		w = s.newWindow(s.contig.Bases, s.tracks[donor][haplotype].Window(first, min(first+chunk+s.span(), len(s.contig.Bases))))
		w.origin = uint64(2*donor + haplotype)
		if s.homes == nil || len(s.homes) >= mostHomes {
			s.homes = map[homeKey]*window{}
		}
		s.homes[key] = w
	}
	from = w.At(at)
	to = from + length
	return w, from, to, to <= len(w.Bases) && w.unknown[to] == w.unknown[from]
}

// homeKey names a window of a copy, of which mostHomes are kept.
type homeKey struct {
	donor, haplotype, chunk int
}

const mostHomes = 64

// resettle moves a read, made where its fragment comes from, to the place where
// the aligner sets it: the path through the reference, and, of a copy on the
// other strand, bases, qualities and direction.
func (s *sequencer) resettle(m *mate, t *twin) {
	list := s.place.segments
	if !t.reverse {
		for i := range list {
			list[i].r += t.start - t.other
		}
		return
	}
	n := len(m.bases)
	for i, x := range list {
		list[i] = segment{n - x.q - x.n, t.start + t.other - (x.r + x.n - 1), x.n}
	}
	slices.Reverse(list)
	reverseComplement(m.bases)
	slices.Reverse(m.quals)
	m.reverse = !m.reverse
}
