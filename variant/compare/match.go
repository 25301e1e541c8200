package compare

import (
	"cmp"
	"slices"
)

// side is whose a record or a sequence is.
type side int8

const (
	ofTruth side = iota
	ofQuery
)

// event is a record of a cluster as the search meets it.
type event struct {
	*place
	side    side
	index   int      // among the records of its side
	choices [][2]int // how its alleles may lie on the haplotypes: 0 the reference, i the i-th of alleles
}

// lane is one haplotype of a path: how far along the reference the sequences of
// both sides are built, and by which bases one of them is ahead of the other.
type lane struct {
	at   [2]int // of each side: the first reference base that is not yet used
	lead string // the bases that one side has and the other does not yet
	of   side   // whose they are
}

// path is one way to have come to a place: which records it keeps and how they
// lie. Paths that stand alike can be told apart by nothing that comes later.
type path struct {
	lanes   [2]lane
	kept    score // since the last place where both sides were equal
	settled score // before it
	last    *step
}

// score counts the records that are kept of each side.
type score [2]int

func (s score) plus(o score) score { return score{s[0] + o[0], s[1] + o[1]} }

// compare orders by the sum of both sides, then by the truth's.
func (s score) compare(o score) int {
	return cmp.Or(cmp.Compare(s[0]+s[1], o[0]+o[1]), cmp.Compare(s[0], o[0]))
}

// both says whether there is something on either side: only then do records
// that make equal sequences confirm each other.
func (s score) both() bool { return s[0] > 0 && s[1] > 0 }

// step is a decision of a path, or the border between two groups of records
// that match each other.
type step struct {
	before *step
	event  int // of the list; -1: a border
	keeps  bool
}

// width bounds how many paths are kept. Denser places lose the ways that have
// kept fewest records so far.
const width = 3000

// search matches the records of both sides. It is scratch memory of one
// goroutine.
type search struct {
	haplotypes int
	text       string // of the reference, from base `from`
	from       int
	paths      []path
	next       []path
	keys       map[string]int
	key        []byte
	cut        bool // paths were dropped
}

// diploid gives the ways in which a genotype may lie on two haplotypes.
func diploid(p *place) [][2]int {
	if p.a == p.b {
		return [][2]int{{p.a, p.a}}
	}
	return [][2]int{{p.a, p.b}, {p.b, p.a}}
}

// haploid gives any called allele, for one haplotype.
func haploid(p *place) [][2]int {
	var out [][2]int
	for i := range p.alleles {
		out = append(out, [2]int{i + 1, 0})
	}
	return out
}

// match finds what to keep of the events, which are in order of their starts,
// within the reference bases `text` from base `from`. keep gets, for each kept
// event, the number of its group: records of a group confirm each other.
func (s *search) match(events []event, haplotypes int, text string, from int, keep func(event, group int)) {
	s.haplotypes, s.text, s.from, s.cut = haplotypes, text, from, false
	first := path{}
	for h := range haplotypes {
		first.lanes[h].at = [2]int{from, from}
	}
	s.paths = append(s.paths[:0], first)
	for i := range events {
		s.advance(events[i].start)
		s.branch(events, i)
	}
	s.advance(from + len(text))
	var best *path
	for i := range s.paths {
		if p := &s.paths[i]; p.even() && (best == nil || p.settled.compare(best.settled) > 0) {
			best = p
		}
	}
	group := 0 // the path that keeps nothing is always even, so there is a best
	for x := best.last; x != nil; x = x.before {
		if x.event < 0 {
			group++
		} else if x.keeps {
			keep(x.event, group)
		}
	}
}

// even says whether both sides are equal up to the same base and none is ahead.
func (p *path) even() bool {
	for _, l := range p.lanes {
		if l.lead != "" || l.at[0] != l.at[1] {
			return false
		}
	}
	return true
}

// advance builds the sequences of all paths up to base x, drops those that
// differ, settles those that are even and keeps one of those that stand alike.
func (s *search) advance(x int) {
	s.next = s.next[:0]
	if len(s.paths) == 1 {
		if p := s.paths[0]; s.move(&p, x) {
			s.next = append(s.next, p)
		}
		s.paths, s.next = s.next, s.paths
		return
	}
	if s.keys == nil {
		s.keys = map[string]int{}
	}
	clear(s.keys)
	for _, p := range s.paths {
		if !s.move(&p, x) {
			continue
		}
		s.key = p.appendKey(s.key[:0], s.haplotypes)
		i, seen := s.keys[string(s.key)]
		switch {
		case !seen:
			s.keys[string(s.key)] = len(s.next)
			s.next = append(s.next, p)
		case p.settled.plus(p.kept).compare(s.next[i].settled.plus(s.next[i].kept)) > 0:
			s.next[i] = p
		}
	}
	if len(s.next) > width {
		slices.SortStableFunc(s.next, func(a, b path) int {
			if a.even() != b.even() {
				if a.even() {
					return -1 // one of these leads through for sure
				}
				return 1
			}
			return b.settled.plus(b.kept).compare(a.settled.plus(a.kept))
		})
		s.next, s.cut = s.next[:width], true
	}
	s.paths, s.next = s.next, s.paths
}

// move builds the sequences of a path up to base x; false where they differ.
func (s *search) move(p *path, x int) bool {
	for h := range s.haplotypes {
		l := &p.lanes[h]
		if l.lead == "" && l.at[0] == l.at[1] {
			l.at[0], l.at[1] = max(l.at[0], x), max(l.at[1], x)
			continue
		}
		for k := range l.at {
			if l.at[k] < x {
				if !l.extend(side(k), s.text[l.at[k]-s.from:x-s.from]) {
					return false
				}
				l.at[k] = x
			}
		}
	}
	if p.kept != (score{}) || p.last != nil && p.last.event >= 0 {
		for h := range s.haplotypes {
			if l := &p.lanes[h]; l.lead != "" || l.at[0] > x || l.at[1] > x {
				return true
			}
		}
		p.settle()
	}
	return true
}

// settle closes a group: what is kept in it counts if both sides have some of
// it.
func (p *path) settle() {
	if p.kept.both() {
		p.settled = p.settled.plus(p.kept)
	} else if p.kept != (score{}) {
		p.last = p.last.without() // nothing on the other side confirms these
	}
	p.kept = score{}
	p.last = &step{before: p.last, event: -1}
}

// without is the steps of the last group again, none of them kept.
func (x *step) without() *step {
	if x == nil || x.event < 0 {
		return x
	}
	return &step{before: x.before.without(), event: x.event}
}

// extend appends bases to a side's sequence: those that the other side has
// ahead must be the same. False where they differ.
func (l *lane) extend(of side, b string) bool {
	switch n := min(len(b), len(l.lead)); {
	case b == "":
	case l.lead == "" || l.of == of:
		l.lead, l.of = l.lead+b, of
	case l.lead[:n] != b[:n]:
		return false
	case n < len(b):
		l.lead, l.of = b[n:], of
	default:
		if l.lead = l.lead[n:]; l.lead == "" {
			l.of = ofTruth
		}
	}
	return true
}

// branch replaces each path by those that keep the event, in each of the ways
// in which it may lie, and the one that leaves it out: of equal paths the first
// is taken, so that of two calls which say the same the first one is right.
func (s *search) branch(events []event, i int) {
	e := &events[i]
	s.next = s.next[:0]
	for _, p := range s.paths {
		for k, c := range e.choices {
			if k == 1 && s.haplotypes == 2 && p.lanes[0] == p.lanes[1] {
				continue // the other way round is the same with the haplotypes exchanged
			}
			if with, ok := s.keep(p, e, i, c); ok {
				s.next = append(s.next, with)
			}
		}
		p.last = &step{before: p.last, event: i}
		s.next = append(s.next, p)
	}
	s.paths, s.next = s.next, s.paths
}

// keep lays the alleles of an event on a path; false where they overlap what
// lies there, or make a sequence that the other side cannot have.
func (s *search) keep(p path, e *event, i int, choice [2]int) (path, bool) {
	for h := range s.haplotypes {
		if choice[h] == 0 {
			continue
		}
		a, l := &e.alleles[choice[h]-1], &p.lanes[h]
		at := l.at[e.side]
		if a.start < at || !l.extend(e.side, s.text[at-s.from:a.start-s.from]) || !l.extend(e.side, a.bases) {
			return p, false
		}
		l.at[e.side] = a.end
	}
	p.kept[e.side]++
	p.last = &step{before: p.last, event: i, keeps: true}
	return p, true
}

// appendKey writes what the future of a path hangs on: how its haplotypes
// stand, in either order, and what is kept without being confirmed.
func (p *path) appendKey(dst []byte, haplotypes int) []byte {
	lanes := p.lanes[:haplotypes]
	if haplotypes == 2 && lanes[1].compare(lanes[0]) < 0 {
		lanes = []lane{lanes[1], lanes[0]}
	}
	for _, l := range lanes {
		for _, n := range [4]int{l.at[0], l.at[1], int(l.of), len(l.lead)} {
			dst = append(dst, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		}
		dst = append(dst, l.lead...)
	}
	if p.kept.both() {
		return append(dst, 'b')
	}
	return append(dst, byte(p.kept[0]), byte(p.kept[0]>>8), byte(p.kept[1]), byte(p.kept[1]>>8))
}

func (l lane) compare(o lane) int {
	return cmp.Or(cmp.Compare(l.at[0], o.at[0]), cmp.Compare(l.at[1], o.at[1]), cmp.Compare(l.of, o.of), cmp.Compare(l.lead, o.lead))
}
