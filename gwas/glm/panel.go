package glm

import (
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// Lanes is how many genotypes a Panel fits side by side.
const Lanes = 16

// Lane is one genotype g of a Panel, by sums with the model of the covariates
// over the samples that have it; a constant may have been taken off g.
type Lane struct {
	Score     float64   // of g with y-p
	Info      float64   // of its square with w
	Cross     []float64 // of it with w and each column of the basis
	Base      []float64 // of y-p with each column of the basis
	Gram      []float64 // of w with each pair of columns, the lower triangle by rows
	Missing   []int     // samples without it, ascending
	Beta, SE  float64   // the estimate
	Converged bool

	coef, last, step []float64 // coefficients of the columns, then of g; before the last step; that step
	decrement        float64   // Newton's, of the last point
	halved           int
	points           int // visited
}

// Panel fits the logistic models of up to Lanes genotypes in lockstep. Newton's
// method starts at the model without the genotype, whose sums are exact; what
// changes from there, small by comparison, is summed in float32 over blocks of
// samples and in float64 over the blocks, in one order whatever the kernels. The
// part of the information that belongs to the covariates costs most and hardly
// moves: it is made from the second point on. The standard error is from the
// information at the last point, less than 1e-5 standard errors from the maximum.
// A Panel belongs to one goroutine.
type Panel struct {
	// G holds the genotypes: that of sample i in lane v is G[i*Lanes+v], zero where
	// missing or where there is no lane.
	G []float32

	k       *kern.Kernels
	tile    kern.TileF32
	slope   [Lanes]float32 // -beta
	coef    []float32      // minus the coefficients of the columns, by columns and lanes
	zero    [Lanes]float32 // what sums start with
	pairs   []float32      // products of two columns in a block, by pairs
	e, v, g []float32      // of a block: exp(-eta), then p-p0; w-w0; times g
	s1, s2  [Lanes]float32 // of a block: sums of (p-p0) g and (w-w0) g^2
	part    []float32      // sums of a block by columns or pairs and lanes
	score   [Lanes]float64 // sums of (p-p0) g
	info    [Lanes]float64 // of (w-w0) g^2
	base    []float64      // of (p-p0) with columns
	cross   []float64      // of (w-w0) g with columns
	gram    []float64      // of (w-w0) with pairs
	factor  []float64      // of the information of one lane
	grad    []float64      // its score
	step    []float64      // Newton's step
	next    [Lanes]int     // place in Missing
	active  [Lanes]bool
	firth   firthScratch
}

// block is how many samples are summed in float32.
const block = 512

// Points that a lane visits, and when it has arrived: by the Newton decrement, which
// is the distance to the maximum in standard errors.
const (
	panelPoints   = 16
	panelHalvings = 6
	arrived       = 1e-5
)

// NewPanel makes a panel that runs the kernels.
func NewPanel(k *kern.Kernels) *Panel {
	return &Panel{k: k, e: make([]float32, block*Lanes), v: make([]float32, block*Lanes), g: make([]float32, block*Lanes)}
}

// Resize makes room for the genotypes of n samples. What was in G is lost.
func (p *Panel) Resize(n int) {
	if cap(p.G) < n*Lanes {
		p.G = make([]float32, n*Lanes)
	}
	p.G = p.G[:n*Lanes]
}

// Fit fits the models of lanes. Those that do not converge say so; they want a
// slower method. An estimate depends on its own lane only.
func (p *Panel) Fit(m *Common, lanes []Lane) {
	p.begin(m, lanes)
	c, left := m.c, len(lanes)
	for v := range lanes {
		l := &lanes[v]
		p.gradient(l, c)
		if p.advance(v, l, c, panelPoints) {
			left--
		}
	}
	for pass := 1; left > 0; pass++ {
		full := pass > 1
		p.sums(m, lanes, full)
		for v := range lanes {
			if l := &lanes[v]; p.active[v] {
				p.gradient(l, c)
				p.move(v, c, full)
				if p.advance(v, l, c, panelPoints) {
					left--
				}
			}
		}
	}
}

// begin sizes the memory and puts all lanes at the model without the genotype.
func (p *Panel) begin(m *Common, lanes []Lane) {
	c, pairs := m.c, m.c*(m.c+1)/2
	p.coef = grow(p.coef, (c+1)*Lanes)
	p.part = grow(p.part, max(pairs, c)*Lanes)
	p.pairs = grow(p.pairs, pairs*block)
	p.base, p.cross, p.gram = resize(p.base, c*Lanes), resize(p.cross, c*Lanes), resize(p.gram, pairs*Lanes)
	p.factor, p.grad, p.step = resize(p.factor, (c+1)*(c+1)), resize(p.grad, c+1), resize(p.step, c+1)
	for v := range p.active {
		p.active[v] = v < len(lanes)
	}
	for v := range lanes {
		l := &lanes[v]
		l.Converged, l.points, l.halved, l.decrement = false, 0, 0, math.MaxFloat64
		l.coef, l.last, l.step = resize(l.coef, c+1), resize(l.last, c+1), resize(l.step, c+1)
		clear(l.coef)
	}
}

// gradient sets the score and the information of a lane at the model without the
// genotype; move takes them to where the last sums were made, the covariates'
// part of the information too if full.
func (p *Panel) gradient(l *Lane, c int) {
	k := c + 1
	at := 0
	for a := range c {
		p.grad[a] = l.Base[a]
		for b := range a + 1 {
			p.factor[a*k+b] = l.Gram[at]
			at++
		}
		p.factor[c*k+a] = l.Cross[a]
	}
	p.grad[c], p.factor[c*k+c] = l.Score, l.Info
}

func (p *Panel) move(v, c int, full bool) {
	k := c + 1
	at := 0
	for a := range c {
		p.grad[a] -= p.base[a*Lanes+v]
		p.factor[c*k+a] += p.cross[a*Lanes+v]
		for b := range a + 1 {
			if full {
				p.factor[a*k+b] += p.gram[at*Lanes+v]
			}
			at++
		}
	}
	p.grad[c] -= p.score[v]
	p.factor[c*k+c] += p.info[v]
}

// advance takes Newton's step of a lane, or half of the last one where that
// went too far. It says whether the lane is done, for good or for ill; it is for
// ill after so many points.
func (p *Panel) advance(v int, l *Lane, c, most int) bool {
	copy(p.step, p.grad)
	decrement := math.NaN()
	if _, err := factorize(p.factor, c+1); err == nil {
		solve(p.factor, c+1, p.step)
		decrement = 0
		for j, s := range p.step {
			decrement += float64(s * p.grad[j])
		}
	}
	l.points++
	worse := !(decrement <= l.decrement) // or not a number
	switch {
	case l.points >= most, worse && (l.points == 1 || l.halved == panelHalvings):
		p.active[v] = false
		return true
	case worse:
		l.halved++
		for j := range l.step {
			l.step[j] /= 2
			l.coef[j] = l.last[j] + l.step[j]
		}
		return false
	}
	l.halved, l.decrement = 0, decrement
	copy(l.step, p.step)
	copy(l.last, l.coef)
	for j, s := range l.step {
		l.coef[j] += s
	}
	if l.points > 2 && decrement < arrived*arrived {
		l.Beta, l.SE = l.coef[c], 1/p.factor[(c+1)*(c+1)-1]
		l.Converged = true
		p.active[v] = false
		return true
	}
	return false
}

// sums makes the sums at the coefficients of the lanes, those of pairs if full.
func (p *Panel) sums(m *Common, lanes []Lane, full bool) {
	c := m.c
	p.next, p.score, p.info, p.slope = [Lanes]int{}, [Lanes]float64{}, [Lanes]float64{}, [Lanes]float32{}
	clear(p.base)
	clear(p.cross)
	clear(p.gram)
	clear(p.coef)
	for v := range lanes {
		if p.active[v] {
			for a := range c {
				p.coef[a*Lanes+v] = float32(-lanes[v].coef[a])
			}
			p.slope[v] = float32(-lanes[v].coef[c])
		}
		p.coef[c*Lanes+v] = -1
	}
	for from := 0; from < m.n; from += block {
		to := min(from+block, m.n)
		n := to - from
		e, g := p.exps(m, from, to)
		p.s1, p.s2 = [Lanes]float32{}, [Lanes]float32{}
		p.k.LogitRows(n, Lanes, e, g, m.p[from:to], m.w[from:to], kern.Rows{X: p.v, Stride: Lanes}, kern.Rows{X: p.g, Stride: Lanes}, p.s1[:], p.s2[:])
		for v := range lanes {
			p.score[v] += float64(p.s1[v])
			p.info[v] += float64(p.s2[v])
			missing := lanes[v].Missing
			for ; p.next[v] < len(missing) && missing[p.next[v]] < to; p.next[v]++ {
				at := (missing[p.next[v]]-from)*Lanes + v
				p.e[at], p.v[at] = 0, 0
			}
		}
		p.product(p.part, c, m.cols[from:], m.n, p.e, n, 1)
		p.add(p.base)
		p.product(p.part, c, m.cols[from:], m.n, p.g, n, 1)
		p.add(p.cross)
		if !full {
			continue
		}
		p.makePairs(m, from, to)
		p.product(p.part, c*(c+1)/2, p.pairs, block, p.v, n, 1)
		p.add(p.gram)
	}
}

// exps sets e of a block to exp(-eta) and gives it with the genotypes.
func (p *Panel) exps(m *Common, from, to int) (e, g kern.Rows) {
	n := to - from
	e, g = kern.Rows{X: p.e, Stride: Lanes}, kern.Rows{X: p.G[from*Lanes : to*Lanes], Stride: Lanes}
	p.product(p.e, n, m.cols[from:], 1, p.coef, m.c+1, m.n)
	p.k.TapRows(n, Lanes, g, p.slope[:], e)
	p.k.ExpRows(n, Lanes, e)
	return e, g
}

// makePairs multiplies the columns of a block in pairs.
func (p *Panel) makePairs(m *Common, from, to int) {
	n, at := to-from, 0
	for a := range m.c {
		for b := range a + 1 {
			pair := p.pairs[at*block : at*block+n]
			clear(pair)
			p.k.TapRows(1, n, kern.Rows{X: m.cols[a*m.n+from:], Stride: n}, m.cols[b*m.n+from:b*m.n+to], kern.Rows{X: pair, Stride: n})
			at++
		}
	}
}

func (p *Panel) add(to []float64) {
	for i := range to {
		to[i] += float64(p.part[i])
	}
}

// product sets dst, rows of Lanes, to the product of a, whose rows are apart by
// row and columns by step, with inner rows of Lanes.
func (p *Panel) product(dst []float32, rows int, a []float32, row int, b []float32, inner, step int) {
	shape := p.k.F32()
	t := &p.tile
	t.ARow, t.AStep, t.BStep, t.CRow, t.Outer, t.Inner = row, step, Lanes, Lanes, 1, inner
	t.Init, t.InitRow = p.zero[:], 0
	for i := 0; i < rows; i += shape.Rows {
		t.Rows = min(shape.Rows, rows-i)
		t.A = a[i*row:]
		for j := 0; j < Lanes; j += shape.Cols {
			t.Cols = min(shape.Cols, Lanes-j)
			t.B, t.C = b[j:], dst[i*Lanes+j:]
			p.k.TileF32(t)
		}
	}
}

func grow(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}
