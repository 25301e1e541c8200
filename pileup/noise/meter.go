package noise

import (
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const (
	goodMapQ = 20
	beside   = 5 // bases on either side of a run that a read across it covers

	// Where so many reads, and one of so many, agree on something else than the
	// rest it may be a variant.
	agree, ofSo = 2, 4
)

// dropped is the reads that do not count.
const dropped = align.Unmapped | align.Secondary | align.Supplementary | align.Duplicate | align.QCFail

// run is a run of one base.
type run struct {
	start, end int
	base       byte
	class      int
	seen       [2*farthest + 1]int // reads by how many bases they have more or fewer
}

// farthest is the number of bases from which on differences are not told apart.
const farthest = 4

// gap is an insertion (n above 0) before a position, or a deletion from there on,
// and the first base that it inserts or deletes.
type gap struct {
	at, n int
	base  byte
}

// meter looks at a piece. Its memory is used again for the next.
type meter struct {
	piece locus.Region
	bases []byte
	runs  []run
	first int // of runs: none before reaches to where reads begin by now
	last  int // start of the read before
	reads int
	gaps  []gap
	sum   Noise
}

// open begins a piece.
func (m *meter) open(bases func([]byte, locus.Region) ([]byte, error), r locus.Region) (err error) {
	m.piece, m.sum, m.first, m.last, m.reads = r, Noise{}, 0, 0, 0
	if m.bases, err = bases(m.bases[:0], r); err != nil {
		return err
	}
	n := len(m.bases)
	m.runs = m.runs[:0]
	for i := 0; i < n; {
		end := i + 1
		for end < n && m.bases[end] == m.bases[i] {
			end++
		}
		if c := class(end - i); c >= 0 && i >= beside && n-end >= beside && known(m.bases[i]) {
			m.runs = append(m.runs, run{start: r.Start + i, end: r.Start + end, base: m.bases[i], class: c})
		}
		i = end
	}
	return nil
}

// at is a base of the piece, 0 beside it.
func (m *meter) at(pos int) byte {
	if i := pos - m.piece.Start; i >= 0 && i < len(m.bases) {
		return m.bases[i]
	}
	return 0
}

func known(b byte) bool { return b == 'A' || b == 'C' || b == 'G' || b == 'T' }

// read counts a read, and says whether more are wanted.
func (m *meter) read(r *align.Read) bool {
	m.reads++
	if m.reads > mostReads {
		return false
	}
	if r.Flag&dropped != 0 || r.MapQ < goodMapQ || r.Cigar.ReadLen() != len(r.Bases) {
		return true
	}
	m.gaps = m.gaps[:0]
	at, q := r.Start, 0
	for _, op := range r.Cigar {
		n := op.Len()
		if n == 0 {
			continue
		}
		switch op.Op() {
		case align.I:
			m.gaps = append(m.gaps, gap{at, n, r.Bases[q]})
		case align.D:
			m.gaps = append(m.gaps, gap{at, -n, m.at(at)})
		case align.N:
			return true
		}
		if op.Op().TakesRef() {
			at += n
		}
		if op.Op().TakesRead() {
			q += n
		}
	}
	m.across(r.Start, at)
	return true
}

// across notes which lengths of the runs between two positions a read has.
func (m *meter) across(start, end int) {
	if start < m.last {
		m.first = 0 // another file's, which follow each other under a compatible mode
	}
	m.last = start
	for m.first < len(m.runs) && m.runs[m.first].start < start {
		m.first++
	}
	for i := m.first; i < len(m.runs) && m.runs[i].end+beside <= end; i++ {
		x := &m.runs[i]
		if x.start-beside < start {
			continue
		}
		d := 0
		for _, g := range m.gaps {
			if g.at >= x.start && g.at <= x.end && g.base == x.base { // aligners may leave a gap at any place of a run
				d += g.n
			}
		}
		x.seen[max(-farthest, min(d, farthest))+farthest]++
	}
}

// close ends a piece.
func (m *meter) close() Noise {
	for i := range m.runs {
		m.sum.run(&m.runs[i])
	}
	return m.sum
}

func (n *Noise) run(x *run) {
	all, most, second := 0, 0, 0
	for _, k := range x.seen {
		all += k
		switch {
		case k > most:
			most, second = k, most
		case k > second:
			second = k
		}
	}
	if all == 0 || second >= agree && second*ofSo > all {
		return
	}
	n.Across[x.class] += all
	n.Off[x.class] += all - most
	for _, k := range x.seen {
		if k == 1 && k != most {
			n.Lonely++
		}
	}
}
