package glm

import "github.com/gx-genomics/gx/internal/kern"

// firthPoints is how many points a lane visits in Firth's method, whose steps
// gain a constant factor each.
const firthPoints = 40

// firthScratch is what Firth's method keeps of all lanes while the leverages are
// summed.
type firthScratch struct {
	grads, infos []float64      // scores and informations by lanes
	inverse      []float64      // of the information of one lane
	unit         []float64      // a column of it
	pairs        []float32      // its part of pairs of columns, by pairs and lanes
	lines        []float32      // its part of columns with the genotype, by columns and lanes
	alpha        [Lanes]float32 // its part of the genotype
	q, t         []float32      // products of a block with pairs and lines
	score        [Lanes]float64 // sums of h(1/2-p) g
	base         []float64      // of h(1/2-p) with columns
}

// FitFirth fits lanes by Firth's penalised likelihood: the score of each sample
// has h(1/2-p) more, h being its leverage in the model of its lane. The standard
// error is from the information without the penalty, as Solver.Firth has it.
// Lanes that do not converge want that slower method.
func (p *Panel) FitFirth(m *Common, lanes []Lane) {
	p.begin(m, lanes)
	c := m.c
	k, pairs := c+1, c*(c+1)/2
	f := &p.firth
	f.grads, f.infos = resize(f.grads, Lanes*k), resize(f.infos, Lanes*k*k)
	f.inverse, f.unit = resize(f.inverse, k*k), resize(f.unit, k)
	f.pairs, f.lines = grow(f.pairs, pairs*Lanes), grow(f.lines, c*Lanes)
	f.q, f.t = grow(f.q, block*Lanes), grow(f.t, block*Lanes)
	f.base = resize(f.base, c*Lanes)
	for left := len(lanes); left > 0; {
		p.sums(m, lanes, true)
		clear(f.pairs)
		clear(f.lines)
		f.alpha = [Lanes]float32{}
		for v := range lanes {
			if !p.active[v] {
				continue
			}
			p.gradient(&lanes[v], c)
			p.move(v, c, true)
			copy(f.grads[v*k:], p.grad)
			copy(f.infos[v*k*k:(v+1)*k*k], p.factor)
			if !p.invert(v, c) {
				p.active[v] = false
				left--
			}
		}
		p.leverages(m, lanes)
		for v := range lanes {
			if !p.active[v] {
				continue
			}
			copy(p.grad, f.grads[v*k:(v+1)*k])
			copy(p.factor, f.infos[v*k*k:(v+1)*k*k])
			for a := range c {
				p.grad[a] += f.base[a*Lanes+v]
			}
			p.grad[c] += f.score[v]
			if p.advance(v, &lanes[v], c, firthPoints) {
				left--
			}
		}
	}
}

// invert lays out the inverse of the information of a lane for the leverages.
func (p *Panel) invert(v, c int) bool {
	f, k := &p.firth, c+1
	if _, err := factorize(p.factor, k); err != nil {
		return false
	}
	for j := range k {
		clear(f.unit)
		f.unit[j] = 1
		solve(p.factor, k, f.unit)
		copy(f.inverse[j*k:], f.unit)
	}
	at := 0
	for a := range c {
		for b := range a + 1 {
			x := f.inverse[a*k+b]
			if a != b {
				x *= 2
			}
			f.pairs[at*Lanes+v] = float32(x)
			at++
		}
		f.lines[a*Lanes+v] = float32(2 * f.inverse[c*k+a])
	}
	f.alpha[v] = float32(f.inverse[c*k+c])
	return true
}

// leverages makes the sums of h(1/2-p) at the coefficients that sums was made at.
func (p *Panel) leverages(m *Common, lanes []Lane) {
	c, f := m.c, &p.firth
	clear(f.base)
	f.score, p.next = [Lanes]float64{}, [Lanes]int{}
	for from := 0; from < m.n; from += block {
		to := min(from+block, m.n)
		n := to - from
		e, g := p.exps(m, from, to)
		p.makePairs(m, from, to)
		p.product(f.q, n, p.pairs, 1, f.pairs, c*(c+1)/2, block)
		p.product(f.t, n, m.cols[from:], 1, f.lines, c, m.n)
		p.s1 = [Lanes]float32{}
		p.k.FirthRows(n, Lanes, e, g, kern.Rows{X: f.q, Stride: Lanes}, kern.Rows{X: f.t, Stride: Lanes}, f.alpha[:], p.s1[:])
		for v := range lanes {
			f.score[v] += float64(p.s1[v])
			missing := lanes[v].Missing
			for ; p.next[v] < len(missing) && missing[p.next[v]] < to; p.next[v]++ {
				p.e[(missing[p.next[v]]-from)*Lanes+v] = 0
			}
		}
		p.product(p.part, c, m.cols[from:], m.n, p.e, n, 1)
		p.add(f.base)
	}
}
