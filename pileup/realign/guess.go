package realign

// likely is the supported haplotype that read n of the window, whose codes are
// in query, seems to lie on, -1 without any, and a score that the read reaches
// there: that of the best alignment with at most one gap on diagonals that are
// likely.
func (a *aligner) likely(n int) (hap int, score int32) {
	hap = -1
	for i := range a.haps {
		if !a.supported(i) {
			continue
		}
		if by := max(a.guess(n, &a.haps[i], &a.on(i)[n]), 1); by > score {
			hap, score = i, by
		}
	}
	return hap, score
}

// guess is that score on one haplotype. Its diagonals are those of shared
// K-mers, else those of the read's alignment so far, as they are before and
// behind the window.
func (a *aligner) guess(n int, h *hap, p *placement) int32 {
	d := a.guesses[:0]
	for _, at := range p.failed {
		if at > 0 && (len(d) == 0 || d[0] != int(at)-1) {
			d = append(d, int(at)-1)
		}
	}
	if len(d) == 0 {
		r := &a.reads[a.list[n]]
		o, q := r.Start-a.refStart, 0
		for _, x := range r.Cigar {
			if x.Op().Matches() && len(d) < 6 {
				d = append(d, o-q)
				if by := h.to - h.from - len(a.ref); by != 0 {
					d = append(d, o-q+by)
				}
			}
			if x.Op().TakesRef() {
				o += x.Len()
			}
			if x.Op().TakesRead() {
				q += x.Len()
			}
		}
	}
	a.guesses = d
	return a.local.alongDiagonals(a.query, h.target.codes, d)
}

// alongDiagonals is the best score of an alignment that stays on one of the
// diagonals, index in ref less index in query, or changes once from one to
// another. It is 0 where none matches.
func (l *local) alongDiagonals(query, ref []byte, diagonals []int) int32 {
	m := len(query)
	stride := m + 1
	if need := 2 * stride * len(diagonals); len(l.sums) < need {
		l.sums = make([]int32, need)
	}
	best := int32(0)
	for k, d := range diagonals {
		// before[i] is the best sum that ends before letter i, behind[i] the
		// best that begins with it.
		before := l.sums[2*k*stride:][:stride]
		behind := l.sums[(2*k+1)*stride:][:stride]
		sum := int32(0)
		before[0] = 0
		for i, q := range query {
			if j := i + d; j >= 0 && j < len(ref) {
				sum = max(sum+l.scores[q&7][ref[j]&7], 0)
			} else {
				sum = 0
			}
			before[i+1] = sum
			best = max(best, sum)
		}
		if len(diagonals) == 1 {
			return best
		}
		sum = 0
		behind[m] = 0
		for i := m - 1; i >= 0; i-- {
			if j := i + d; j >= 0 && j < len(ref) {
				sum = max(sum+l.scores[query[i]&7][ref[j]&7], 0)
			} else {
				sum = 0
			}
			behind[i] = sum
		}
	}
	for k, from := range diagonals {
		before := l.sums[2*k*stride:][:stride]
		for n, to := range diagonals {
			if from == to {
				continue
			}
			behind := l.sums[(2*n+1)*stride:][:stride]
			gap := max(from-to, to-from)
			inserted := max(from-to, 0)
			loss := l.open + int32(gap-1)*l.extend
			for i := 0; i+inserted <= m; i++ {
				best = max(best, before[i]+behind[i+inserted]-loss)
			}
		}
	}
	return best
}

// greedy is the score of some alignment of two sequences that begin alike:
// where they part, it goes on with a mismatch, or else with the shortest gap,
// behind which they agree for a while. It is at least 1, as if something
// matched somewhere.
func (l *local) greedy(query, ref []byte) int32 {
	const agree, farthest = 12, 200
	alike := func(i, j int) bool {
		for k := range agree {
			if i+k >= len(query) || j+k >= len(ref) {
				return k > 0
			}
			if query[i+k] != ref[j+k] {
				return false
			}
		}
		return true
	}
	best, sum := int32(1), int32(0)
	for i, j := 0, 0; i < len(query) && j < len(ref); {
		s := l.scores[query[i]&7][ref[j]&7]
		if s < 0 && !alike(i+1, j+1) {
			for gap := 1; gap <= farthest; gap++ {
				if loss := l.open + int32(gap-1)*l.extend; alike(i, j+gap) {
					j += gap
					sum -= loss
				} else if alike(i+gap, j) {
					i += gap
					sum -= loss
				} else {
					continue
				}
				s = l.scores[query[i]&7][ref[j]&7]
				break
			}
		}
		sum = max(sum+s, 0)
		best = max(best, sum)
		i++
		j++
	}
	return best
}
