package realign

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/gx-genomics/gx/variant/align"
)

// selector counts, per position, the reads that contradict the reference.
// It looks at mismatching bases only: a read that agrees costs one comparison
// of its bases with the reference, eight at a time.
type selector struct {
	o          *Options
	reads      []align.Read
	ref        stretch
	start, n   int // the positions counted: [start, start+n)
	longest    int // longer alleles are left out
	subs       []int32
	events     []event
	weight     []int32 // difference array of the votes
	score      []float32
	refSupport []int32 // only where a rule asks for it
	total      []int32
	held       event
	holds      bool
	positions  []int // result: positions that are worth a window
}

// event is what one read shows at one position beside a matching base: a
// mismatch, or an insertion, soft clip or deletion of n bases behind it.
type event struct {
	pos    int32
	kind   kind
	anchor byte // the read's base at the position
	low    bool // of low base quality: it replaces what it replaces, but counts nowhere
	n      int32
	read   int32
	off    int32 // of the first inserted or clipped base in the read
}

type kind byte

// The kinds of events, in DeepVariant's order.
const (
	match kind = iota
	substitution
	insertion
	deletion
	softClip
)

// longestAllele bounds how far an allele can vote, so that what is far away
// has no say. Only the windows of a partition go without it.
const longestAllele = 512

// find lists the positions of [start, end) that enough reads contradict, each
// by counting all reads given.
func (s *selector) find(reads []align.Read, ref stretch, start, end int, o *Options) []int {
	s.o, s.reads, s.ref = o, reads, ref
	s.start, s.n = start, max(end-start, 0)
	s.longest = longestAllele
	if o.ByPartition {
		s.longest = 1 << 30
	}
	s.positions = s.positions[:0]
	s.events = s.events[:0]
	s.subs = zeroed(s.subs, 4*s.n)
	if s.needsTotals() {
		s.refSupport = zeroed(s.refSupport, s.n)
	}
	for i := range reads {
		r := &reads[i]
		if int(r.MapQ) < o.Window.MinMapQ || !wellFormed(r) || o.aside(r) || r.Start-s.start > s.n {
			continue
		}
		s.walk(r, int32(i))
	}
	if len(s.events) > 1 {
		slices.SortFunc(s.events, s.compare)
	}
	if s.needsTotals() {
		s.sumTotals()
	}
	if o.Window.Linear {
		s.linear()
	} else {
		s.vote()
	}
	return s.positions
}

func (s *selector) needsTotals() bool {
	return s.o.Window.Linear || s.o.Window.StrictInsertions
}

// aside says whether a read is too long to be realigned.
func (o *Options) aside(r *align.Read) bool {
	return o.MaxReadLen > 0 && len(r.Bases) > o.MaxReadLen
}

// wellFormed says whether there are bases, and as many qualities and aligned
// bases as bases.
func wellFormed(r *align.Read) bool {
	return len(r.Bases) > 0 && len(r.Quals) == len(r.Bases) && r.Cigar.ReadLen() == len(r.Bases)
}

// walk takes a read's alignment apart. An event at the position of the one
// before takes its place.
func (s *selector) walk(r *align.Read, index int32) {
	o, q := r.Start-s.start, 0
	for _, x := range r.Cigar {
		if o > s.n {
			break
		}
		n := x.Len()
		if n == 0 {
			continue
		}
		switch x.Op() {
		case align.M, align.Eq, align.X:
			s.matched(r, index, o, q, n)
			o += n
			q += n
		case align.I, align.S:
			k := insertion
			if x.Op() == align.S {
				k = softClip
			}
			if bs := r.Bases[q : q+n]; s.inside(o-1) && n < s.longest && canonical(bs) {
				s.hold(event{kind: k, n: int32(n), off: int32(q), low: s.low(r, q, n)}, r, index, o, q)
			}
			q += n
		case align.D:
			if s.inside(o-1) && n < s.longest && canonical(s.ref.span(s.start+o, s.start+o+n)) {
				s.hold(event{kind: deletion, n: int32(n)}, r, index, o, q)
			}
			o += n
		case align.N, align.P:
			o += n
		}
	}
	s.flush()
}

func (s *selector) inside(o int) bool { return o >= 0 && o < s.n }

// low says whether the mean quality of n bases is below the bound.
func (s *selector) low(r *align.Read, q, n int) bool {
	sum := 0
	for _, v := range r.Quals[q : q+n] {
		sum += int(v)
	}
	return sum < s.o.Window.MinBaseQ*n
}

// hold keeps an event back until the next is known. Without a base before it,
// the reference stands in as its anchor.
func (s *selector) hold(e event, r *align.Read, index int32, o, q int) {
	e.pos, e.read = int32(o-1), index
	if q > 0 {
		e.anchor = r.Bases[q-1]
	} else {
		e.anchor = s.ref.at(s.start + o - 1)
	}
	if code[e.anchor] == other {
		return
	}
	if s.holds && s.held.pos != e.pos {
		s.flush()
	}
	s.held, s.holds = e, true
}

func (s *selector) flush() {
	if !s.holds {
		return
	}
	s.holds = false
	e := &s.held
	switch {
	case e.low:
	case e.kind == match:
		s.refSupport[e.pos]++
	case e.kind == substitution:
		s.subs[4*e.pos+int32(code[e.anchor])]++
	default:
		s.events = append(s.events, *e)
	}
}

// matched compares n bases that are set on the reference with it.
func (s *selector) matched(r *align.Read, index int32, o, q, n int) {
	if o < 0 {
		n, q, o = n+o, q-o, 0
	}
	if n = min(n, s.n-o); n <= 0 {
		return
	}
	s.flush()
	bs := r.Bases[q : q+n]
	ref := s.ref.span(s.start+o, s.start+o+n)
	if ref == nil || s.needsTotals() {
		for i := range bs {
			s.compareBase(r, index, o+i, q+i)
		}
		return
	}
	i := 0
	for ; i+8 <= len(bs) && i+8 <= len(ref); i += 8 {
		d := binary.LittleEndian.Uint64(bs[i:]) ^ binary.LittleEndian.Uint64(ref[i:])
		for d != 0 {
			k := bits.TrailingZeros64(d) &^ 7
			d &^= 0xff << k
			s.compareBase(r, index, o+i+k/8, q+i+k/8)
		}
	}
	for ; i < len(bs); i++ {
		if bs[i] != ref[i] {
			s.compareBase(r, index, o+i, q+i)
		}
	}
}

// compareBase observes a base set on the reference.
func (s *selector) compareBase(r *align.Read, index int32, o, q int) {
	b := r.Bases[q]
	if code[b] == other {
		return
	}
	k := substitution
	if b == s.ref.at(s.start+o) {
		if !s.needsTotals() {
			return
		}
		k = match
	}
	s.flush()
	s.held = event{pos: int32(o), kind: k, anchor: b, low: int(r.Quals[q]) < s.o.Window.MinBaseQ, read: index}
	s.holds = true
}

// tail is the read's bases of an insertion or a soft clip.
func (s *selector) tail(e *event) []byte {
	if e.kind == deletion {
		return nil
	}
	return s.reads[e.read].Bases[e.off : e.off+e.n]
}

// compare orders events so that those of one allele stand together.
func (s *selector) compare(a, b event) int {
	if c := cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.kind, b.kind), cmp.Compare(a.n, b.n), cmp.Compare(a.anchor, b.anchor)); c != 0 {
		return c
	}
	return bytes.Compare(s.tail(&a), s.tail(&b))
}

// sumTotals is the reads per position that show anything of good quality.
func (s *selector) sumTotals() {
	s.total = append(s.total[:0], s.refSupport...)
	for i := range s.subs {
		s.total[i/4] += s.subs[i]
	}
	for i := range s.events {
		s.total[s.events[i].pos]++
	}
}

// votes is the positions that an event speaks against, clipped to those
// counted: a deletion against the bases it takes, an insertion or a soft clip
// against as many bases on either side as it is long.
func (s *selector) votes(e *event) (from, to int) {
	i, n := int(e.pos), int(e.n)
	from, to = i+1, i+1+n
	if e.kind != deletion {
		from = i + 1 - n
	}
	return max(from, 0), min(to, s.n)
}

// vote adds up the reads that speak against each position.
func (s *selector) vote() {
	s.weight = zeroed(s.weight, s.n+1)
	least := int32(1)
	if s.o.Version >= V19 {
		least = 2 // an allele of a single read has no vote
	}
	for i, v := range s.subs {
		if v >= least {
			s.weight[i/4] += v
			s.weight[i/4+1] -= v
		}
	}
	for i := 0; i < len(s.events); {
		e := &s.events[i]
		if e.kind == softClip && !s.o.ByPartition {
			i = s.voteClips(i)
			continue
		}
		j := i + 1
		for j < len(s.events) && s.compare(*e, s.events[j]) == 0 {
			j++
		}
		v := int32(j - i)
		i = j
		if v < least || s.o.Window.StrictInsertions && e.kind == insertion && e.n == 1 && float32(v)/float32(s.total[e.pos]) < 0.08 {
			continue
		}
		if from, to := s.votes(e); from < to {
			s.weight[from] += v
			s.weight[to] -= v
		}
	}
	sum, lo, hi := int32(0), int32(s.o.Window.MinReads), int32(s.o.Window.MaxReads)
	for i := range s.n {
		if sum += s.weight[i]; lo <= sum && sum <= hi {
			s.positions = append(s.positions, s.start+i)
		}
	}
}

// voteClips has the soft clips from events[i] on vote that stand at one
// position, where two or more begin there on one side of the read, and gives
// the event after them. Where an insertion is longer than reads reach across,
// and where it repeats what stands beside it, all its reads are clipped, each
// with as many bases as it happens to have: as alleles no two are alike, and
// DeepVariant from 1.9 on does not look there.
func (s *selector) voteClips(i int) int {
	j, left := i, 0
	for ; j < len(s.events) && s.events[j].pos == s.events[i].pos && s.events[j].kind == softClip; j++ {
		if s.events[j].off == 0 {
			left++
		}
	}
	right := j - i - left
	for ; i < j; i++ {
		e := &s.events[i]
		if e.off == 0 && left < 2 || e.off > 0 && right < 2 {
			continue
		}
		if from, to := s.votes(e); from < to {
			s.weight[from]++
			s.weight[to]--
		}
	}
	return j
}

// The linear model of DeepVariant's window selector: a score per position,
// from the reads for and against it.
const (
	linearBias         float32 = -0.683379
	linearSoftClip     float32 = 2.997
	linearSubstitution float32 = -0.086644
	linearInsertion    float32 = 2.493585
	linearDeletion     float32 = 1.795914
	linearReference    float32 = -0.059787
	linearBound        float32 = 3
)

// linear scores every position. Sums are taken in the order of positions, in
// single precision; the order within a position is free in DeepVariant, here
// it is that of the events.
func (s *selector) linear() {
	if cap(s.score) < s.n {
		s.score = make([]float32, s.n)
	}
	s.score = s.score[:s.n]
	for i := range s.score {
		s.score[i] = linearBias
	}
	next := 0
	for i := range s.n {
		s.score[i] += float32(s.refSupport[i]) * linearReference
		for k := range 4 {
			s.score[i] += float32(s.subs[4*i+k]) * linearSubstitution
		}
		for ; next < len(s.events) && int(s.events[next].pos) == i; next++ {
			e := &s.events[next]
			by := linearDeletion
			switch e.kind {
			case insertion:
				by = linearInsertion
			case softClip:
				by = linearSoftClip
			}
			from, to := s.votes(e)
			for p := from; p < to; p++ {
				s.score[p] += by
			}
		}
	}
	for i, v := range s.score {
		if v > linearBound {
			s.positions = append(s.positions, s.start+i)
		}
	}
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n+n/4)[:n]
	}
	s = s[:n]
	clear(s)
	return s
}
