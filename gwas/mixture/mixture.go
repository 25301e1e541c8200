// Package mixture is the distribution of a sum of independent chi-squares of one
// degree of freedom with positive weights, that of a quadratic form in normal
// variables: the null distribution of variance component tests.
//
// The tail is Davies' inversion of the characteristic function (Davies 1980),
// taken not along the imaginary axis, where small tails are differences of large
// numbers, but along a parabola through the saddlepoint that bends around the
// branch cut. With K(t) = -1/2 sum log(1 - 2 w t),
//
//	P(Q > q) = 1/(2 pi i) int exp(K(t) - t q) / t dt,
//
// over any path that passes the real axis between 0 and the first branch point
// 1/(2 max w) and ends on the right on both sides. At the saddlepoint of the whole
// integrand, its pole included, the integrand is positive and largest; along the
// parabola it falls like a Gaussian and the trapezoidal rule converges
// geometrically. The integral is a number near 1 times the value at the
// saddlepoint, whose logarithm is kept, so a tail of 1e-300 or 1e-30000 has as
// many digits as one of 0.1. Below the mean the same is done for P(Q <= q) with a
// saddlepoint left of 0.
//
// The relative error of a tail is below 1e-10 (see the tests: chi-squares of many
// degrees of freedom, sums of exponentials in closed form, convolutions integrated
// at high precision).
package mixture

import (
	"math"
	"slices"
)

// tolerance is the relative change at which the rule's halving ends. The change is
// about the root of the error of the finer sum.
const (
	tolerance = 1e-9
	halvings  = 10
	endless   = 20_000 // nodes of one sum, more than any tail was seen to take
)

// Mixture is a distribution. It is read only and may be shared.
type Mixture struct {
	w     []float64 // weights over the largest, descending, positive
	unit  float64   // the largest
	total float64   // their sum, the mean in that unit
}

// New makes the distribution of the weighted sum. Weights that are not positive
// are left out, as are those that add nothing to a float64; the slice is not kept.
func New(weights []float64) *Mixture {
	m := &Mixture{}
	for _, w := range weights {
		m.unit = max(m.unit, w)
	}
	for _, w := range weights {
		if w > m.unit*1e-16 {
			m.w = append(m.w, w/m.unit)
		}
	}
	slices.SortFunc(m.w, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	for _, w := range m.w {
		m.total += w
	}
	return m
}

// Len is how many weights count.
func (m *Mixture) Len() int { return len(m.w) }

// LogTail is the natural logarithm of P(Q > q). Without weights, Q is 0. NaN for a
// q that is no number.
func (m *Mixture) LogTail(q float64) float64 { return m.logTail(q, tolerance) }

func (m *Mixture) logTail(q, tolerance float64) float64 {
	switch {
	case math.IsNaN(q):
		return math.NaN()
	case q < 0 || q == 0 && len(m.w) > 0:
		return 0
	case len(m.w) == 0 || math.IsInf(q, 1):
		return math.Inf(-1)
	}
	q /= m.unit
	if q >= m.total {
		return m.log(q, m.above(q), tolerance)
	}
	low := m.log(q, m.below(q), tolerance)
	if low > -1e-300 {
		low = 0
	}
	return math.Log1p(-math.Exp(low))
}

// LogTailRough is LogTail with a relative error below 1e-7, at half the cost: for
// integrands.
func (m *Mixture) LogTailRough(q float64) float64 { return m.logTail(q, 1e-4) }

// Weights are those that count, descending.
func (m *Mixture) Weights() []float64 {
	out := make([]float64, len(m.w))
	for i, w := range m.w {
		out[i] = w * m.unit
	}
	return out
}

// NegLog10Tail is -log10 P(Q > q), at least 0.
func (m *Mixture) NegLog10Tail(q float64) float64 { return max(-m.LogTail(q)/math.Ln10, 0) }

// slope is the derivative of log of the integrand at c = (1-e)/2, q beside it:
// sum w/(1-2wc) - q - 1/c. It grows with c on either side of 0.
func (m *Mixture) slope(e, q float64) float64 {
	s := 2/(e-1) - q
	for _, w := range m.w {
		s += w / (1 - w + float64(w*e))
	}
	return s
}

// steps of bisection that place the saddlepoint: any path near it will do.
const steps = 40

// above gives e = 1-2c of the saddlepoint between 0 and 1/2; e is what keeps its
// digits far out, where c is all but 1/2.
func (m *Mixture) above(q float64) float64 {
	lo, hi := math.Log(min(1/(q+4), 0.5)), math.Log1p(-1e-12)
	for range steps {
		mid := (lo + hi) / 2
		if m.slope(math.Exp(mid), q) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Exp((lo + hi) / 2)
}

// below gives that of the saddlepoint left of 0.
func (m *Mixture) below(q float64) float64 {
	lo, hi := math.Log(1e-12), math.Log(float64(len(m.w)+3)/q)
	for range steps {
		mid := (lo + hi) / 2
		if m.slope(1+math.Exp(mid), q) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return 1 + math.Exp((lo+hi)/2)
}

// path is the integrand along the parabola t = c + bend v^2 + iv, over its value
// at c.
type path struct {
	mu      []float64 // 2w/(1-2wc): the factors are 1 - mu (t-c)
	c, q    float64
	bend    float64
	least   float64 // size of the integrand that counts as nothing
	spacing float64 // 1/root of the second derivative at c: the width of the integrand
}

// log integrates along the parabola through c = (1-e)/2 and gives the logarithm of
// the tail on c's side of 0.
func (m *Mixture) log(q, e, tolerance float64) float64 {
	c := (1 - e) / 2
	p := path{mu: make([]float64, len(m.w)), c: c, q: q}
	logs := 0.0 // summed apart: c q may be millions
	k2, k3 := 1/(c*c), -2/(c*c*c)
	for i, w := range m.w {
		d := 1 - w + float64(w*e)
		logs += math.Log(d)
		mu := 2 * w / d
		p.mu[i] = mu
		k2 += float64(mu*mu) / 2
		k3 += float64(float64(mu*mu) * mu)
	}
	p.spacing = 1 / math.Sqrt(k2)
	// The path of steepest descent has this curvature; less than some curvature
	// would leave the decay to the algebraic factors alone.
	p.bend = max(k3/(6*k2), 0.2*k2/q)
	p.least = tolerance * tolerance / 10
	h := p.spacing / 2
	first, _ := p.value(0)
	sum := first/2 + p.sum(h, h)
	whole := sum * h
	for range halvings {
		sum += p.sum(h/2, h)
		h /= 2
		next := sum * h
		done := math.Abs(next-whole) <= tolerance*math.Abs(next)
		whole = next
		if done {
			break
		}
	}
	return math.Log(whole/math.Pi) - logs/2 - math.Log(math.Abs(c)) - float64(c*q)
}

// sum adds the integrand from v on in steps of h, until it is nothing.
func (p *path) sum(v, h float64) float64 {
	s, small := 0.0, 0
	for range endless {
		f, size := p.value(v)
		s += f
		if size < p.least {
			if small++; small == 2 {
				break
			}
		} else {
			small = 0
		}
		v += h
	}
	return s
}

// value is the imaginary part of the integrand times dt/dv, and its size.
//
// The product of the factors is taken first and its root once. Each factor's
// argument is between -pi and 0, so the argument of the running product falls by
// less than pi a step, and every change of sign of its imaginary part is one more
// half turn: counting them tells the branch of the root.
func (p *path) value(v float64) (f, size float64) {
	x := float64(float64(p.bend*v) * v) // t-c = x + iv
	re, im, turns := 1.0, 0.0, 0
	upper := false // the running product has a positive imaginary part
	scale := 0.0   // natural logarithm of what was taken off it
	for _, mu := range p.mu {
		a, b := 1-float64(mu*x), -float64(mu*v)
		re, im = float64(re*a)-float64(im*b), float64(re*b)+float64(im*a)
		if im > 0 != upper && im != 0 {
			upper = !upper
			turns++
		}
		if math.Abs(re)+math.Abs(im) > 1e120 {
			re, im, scale = re*1e-120, im*1e-120, scale+120*math.Ln10
		}
	}
	// The root: half of the argument, which is that of the principal one but for
	// whole turns.
	r := math.Hypot(re, im)
	rootRe, rootIm := math.Sqrt((r+re)/2), math.Sqrt((r-re)/2)
	if !upper {
		rootIm = -rootIm
	}
	if (turns+1)/2%2 == 1 {
		rootRe, rootIm = -rootRe, -rootIm
	}
	// exp(-(t-c)q) c/t (2 bend v + i) over the root; c's sign makes both tails
	// positive.
	tr, ti := p.c+x, v
	bottomRe, bottomIm := float64(rootRe*tr)-float64(rootIm*ti), float64(rootRe*ti)+float64(rootIm*tr)
	sin, cos := math.Sincos(float64(v * p.q))
	dr := 2 * p.bend * v
	topRe, topIm := float64(cos*dr)+sin, cos-float64(sin*dr)
	bottom := float64(bottomRe*bottomRe) + float64(bottomIm*bottomIm)
	size = math.Exp(-float64(x*p.q)-scale/2) * p.c
	f = size * (float64(topIm*bottomRe) - float64(topRe*bottomIm)) / bottom
	return f, math.Abs(size) * math.Sqrt((1+float64(dr*dr))/bottom)
}
