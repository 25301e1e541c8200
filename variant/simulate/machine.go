package simulate

import "math"

// machine is a profile made ready for a read length: it puts qualities and
// errors on the bases of a read.
type machine struct {
	length int
	first  [2]*alias
	chain  [2][5]*[qualities]*alias
	cycles [2][]cycle
	wrong  [qualities][4]float32 // chance of a mismatch by quality and true base, times 2^32
	other  [4][2]uint32          // bounds of 2^32 between the three other bases, in order of letters
}

type cycle struct {
	fifth  int
	factor float32
}

func newMachine(p *Profile, length int) *machine {
	m := &machine{length: length}
	for read := range 2 {
		m.first[read] = newAlias(&p.First[read])
		for fifth := range 5 {
			var rows [qualities]*alias
			for q := range rows {
				rows[q] = newAlias(p.row(read, fifth, q))
			}
			m.chain[read][fifth] = &rows
		}
		m.cycles[read] = p.cycleFactors(read, length)
	}
	byBase := p.errorsByBase()
	for q := range m.wrong {
		for b := range 4 {
			m.wrong[q][b] = float32(min(p.Mismatch[q]*byBase[b], 0.9) * (1 << 32))
		}
	}
	for b := range 4 {
		var w [3]float64
		k := 0
		for to := range 4 {
			if to != b {
				w[k] = p.Substitution[b][to]
				k++
			}
		}
		sum := w[0] + w[1] + w[2]
		if sum <= 0 {
			w, sum = [3]float64{1, 1, 1}, 3
		}
		m.other[b] = [2]uint32{uint32(w[0] / sum * math.MaxUint32), uint32((w[0] + w[1]) / sum * math.MaxUint32)}
	}
	return m
}

// row is the weights of what follows quality q. A quality that was never seen
// in that fifth goes on as the first cycle does.
func (p *Profile) row(read, fifth, q int) *[qualities]float64 {
	if row := &p.Chain[read][fifth][q]; total(row[:]) > 0 {
		return row
	}
	return &p.First[read]
}

// errorsByBase is how much more often than the mean each base is misread.
func (p *Profile) errorsByBase() (f [4]float64) {
	bases, all := total(p.Composition[:]), 0.0
	for b := range 4 {
		all += total(p.Substitution[b][:])
	}
	for b := range 4 {
		f[b] = total(p.Substitution[b][:]) / all / (p.Composition[b] / bases)
	}
	return f
}

// cycleFactors is how much more often a base is wrong at each cycle than its
// quality says: the measured rate over the one that the chain of qualities
// gives there. Cycles of another length are read off at the same share of it.
func (p *Profile) cycleFactors(read, length int) []cycle {
	out := make([]cycle, length)
	at := p.First[read]
	scale(&at)
	for c := range out {
		out[c] = cycle{fifth: c * 5 / length, factor: 1}
		if c > 0 {
			var next [qualities]float64
			for q, w := range at {
				if w == 0 {
					continue
				}
				row := p.row(read, out[c].fifth, q)
				sum := total(row[:])
				for to, x := range row {
					next[to] += w * x / sum
				}
			}
			at = next
		}
		if n := len(p.Cycle[read]); n > 0 {
			expected := 0.0
			for q, w := range at {
				expected += w * p.Mismatch[q]
			}
			if expected > 0 {
				out[c].factor = float32(min(50, p.Cycle[read][c*n/length]/expected))
			}
		}
	}
	return out
}

func scale(w *[qualities]float64) {
	sum := total(w[:])
	for i := range w {
		w[i] /= sum
	}
}

// sequence puts qualities on the bases of a read, which lie in the direction
// of the reference, and errors into them. The first cycle is the last base of
// a reverse read.
func (m *machine) sequence(r random, read int, reverse bool, bases, quals []byte) {
	n := len(bases)
	i, step, flip := 0, 1, byte(0)
	if reverse {
		i, step, flip = n-1, -1, 3
	}
	q := byte(0)
	for c := range n {
		u := r.pcg.Uint64()
		cyc := m.cycles[read][c]
		if c == 0 {
			q = m.first[read].draw(uint32(u))
		} else {
			q = m.chain[read][cyc.fifth][q].draw(uint32(u))
		}
		quals[i] = q
		if b := codes[bases[i]]; b < 4 {
			if b ^= flip; float32(u>>32) < m.wrong[q][b]*cyc.factor {
				bases[i] = letters[m.misread(r, b)^flip]
			}
		} else {
			bases[i], quals[i] = 'N', 2
		}
		i += step
	}
}

// misread draws another base by the profile's substitutions.
func (m *machine) misread(r random, b byte) byte {
	u := uint32(r.pcg.Uint64() >> 32)
	k := byte(0)
	for _, bound := range m.other[b] {
		if u >= bound {
			k++
		}
	}
	if k >= b {
		k++
	}
	return k
}
