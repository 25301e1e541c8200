package realign

// seeds narrows down where a read with gaps may lie on a haplotype, by the
// seedLen-mers they share. An alignment of high score has few mismatches and
// gaps, so that between two of them stands a long run of matches, and its gaps
// are short, so that all of it lies near that run's diagonal.
type seeds struct {
	ready bool // for the haplotypes of the window
	kmers table
	head  []int32 // per seed: its last place in the text, from 1
	next  []int32 // per place in the text: the one before with the same seed, from 1
	hap   []int32 // per place in the text: the haplotype
	found []diagonals
}

const seedLen = 12

// build numbers the seeds of the supported haplotypes.
func (s *seeds) build(a *aligner) {
	n := len(a.text)
	s.kmers.begin()
	s.head = s.head[:0]
	s.next = zeroed(s.next, n)
	s.hap = zeroed(s.hap, n)
	for i := range a.haps {
		h := &a.haps[i]
		if !a.supported(i) {
			continue
		}
		scanSeeds(h.target.codes, func(at int, key uint64) {
			id := s.kmers.number(key)
			if int(id) == len(s.head) {
				s.head = append(s.head, 0)
			}
			p := int32(h.from + at)
			s.next[p], s.head[id], s.hap[p] = s.head[id], p+1, int32(i)
		})
	}
	s.ready = true
}

// look finds the diagonals of the seeds that the query of a shares with every
// haplotype.
func (s *seeds) look(a *aligner) {
	if !s.ready {
		s.build(a)
	}
	s.found = s.found[:0]
	for range a.haps {
		s.found = append(s.found, diagonals{len(a.text), -len(a.text) - len(a.query)})
	}
	scanSeeds(a.query, func(at int, key uint64) {
		id := s.kmers.find(key)
		if id < 0 {
			return
		}
		for p := s.head[id]; p > 0; p = s.next[p-1] {
			h := s.hap[p-1]
			d := int(p) - 1 - a.haps[h].from - at
			f := &s.found[h]
			f.lo, f.hi = min(f.lo, d), max(f.hi, d)
		}
	})
}

// diagonals is those that an alignment of the query of the last look to
// haplotype i may touch if its score is at least that. It is everywhere where
// the score is too low to say.
func (s *seeds) diagonals(i int, l *local, query, ref []byte, least int32) diagonals {
	loss := l.match*int32(len(query)) - least // against a match of every letter
	if loss < 0 {
		return diagonals{0, -1}
	}
	penalty := min(-l.scores[0][1], l.open)
	events := loss / min(l.match-l.scores[0][1], l.open) // mismatches and gaps, at most
	// The matches of such an alignment, and with so many events the longest
	// run of them; with fewer events it is longer.
	if run := (least + penalty*events) / (l.match * (events + 1)); run < seedLen {
		return everywhere(query, ref)
	}
	d := s.found[i]
	if d.lo > d.hi {
		return d
	}
	gap := 0
	if loss >= l.open {
		gap = int((loss-l.open)/l.extend) + 1
	}
	return diagonals{d.lo - gap, d.hi + gap}
}

// scanSeeds calls f with every seed of a sequence in codes that is of ACGT
// alone.
func scanSeeds(codes []byte, f func(at int, key uint64)) {
	key, good := uint64(0), 0
	for i, c := range codes {
		good++
		if c == other {
			good = 0
		}
		key = (key<<2 | uint64(c&3)) & (1<<(2*seedLen) - 1)
		if good >= seedLen {
			f(i-seedLen+1, key)
		}
	}
}
