package nullmodel

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// The spline member: natural cubic splines of every column, products of pairs
// of columns, and of two-valued columns with the splines of others, under a
// ridge that leaves the columns themselves free.
const (
	splineKnots   = 8
	splineCurved  = 60      // columns beyond which none has a curve, for the size of the equations
	splinePaired  = 12      // columns that take part in products, at the most
	splineRows    = 100_000 // that are fitted on, evenly spread, at the most
	splineBlock   = 256     // rows that are expanded at once
	splineNewton  = 2       // steps per penalty for a binary trait
	splineTiny    = 1e-6    // ridge of the free terms, per row
	splineScreens = 0.03    // ridge of the fit that ranks columns for products
)

// splinePenalties are ridges per row, from the stiffest; what follows a rise of
// the validation loss is not tried.
var splinePenalties = []float64{1, 0.1, 0.01, 1e-3, 1e-4, 1e-5}

// spline is a linear model of terms: scores are beta[0] + sum beta[t+1]
// (term t - mean) / sd.
type spline struct {
	knots    [][]float64 // by column; nil for a column without curves
	lo, hi   []float64   // bounds of the training rows, beyond which nothing is extrapolated
	terms    []term
	mean, sd []float64
	beta     []float64
}

// term is function i of column a, times function j of column b unless b is -1.
// Function 0 is the column itself.
type term struct{ a, i, b, j int }

// free says that a term is a column as it is, which is not penalised.
func (t term) free() bool { return t.b < 0 && t.i == 0 }

// fitSpline fits on the training rows, of at least one column, and takes the penalty that has the
// smallest loss on the validation rows.
func fitSpline(train, valid sample, binary bool) (*spline, Curve) {
	train = thin(train, splineRows)
	s := &spline{lo: make([]float64, len(train.x)), hi: make([]float64, len(train.x)), knots: make([][]float64, len(train.x))}
	two := make([]bool, len(train.x))
	for k, v := range train.x {
		sorted := slices.Clone(v)
		slices.Sort(sorted)
		s.lo[k], s.hi[k] = sorted[0], sorted[len(sorted)-1]
		if len(train.x) <= splineCurved {
			s.knots[k] = knots(sorted)
		}
		two[k] = len(slices.Compact(sorted)) == 2
	}
	for a := range train.x {
		for i := range s.functions(a) {
			s.terms = append(s.terms, term{a, i, -1, 0})
		}
	}
	s.scale(train)
	mains := len(s.terms)
	s.fit(train, binary, splineScreens, splineNewton)
	s.pair(s.strongest(train), two)
	s.scale(train)
	s.beta = append(s.beta, make([]float64, len(s.terms)-mains)...)
	curve := Curve{Every: 1, Unit: "penalties"}
	best, bestBeta := math.Inf(1), []float64(nil)
	gram := s.normal(train, nil, nil)
	for k, penalty := range splinePenalties {
		if binary {
			s.fit(train, true, penalty, splineNewton)
		} else {
			s.solve(gram, penalty)
		}
		score, _ := s.scores(valid.x, len(valid.y))
		l := loss(score, valid.y, binary)
		curve.Loss = append(curve.Loss, l)
		if l < best {
			best, bestBeta, curve.Kept = l, slices.Clone(s.beta), k
		} else if k > curve.Kept+1 {
			break
		}
	}
	if bestBeta != nil {
		s.beta = bestBeta
	}
	return s, curve
}

// thin takes at most n rows, evenly spread.
func thin(s sample, n int) sample {
	rows := len(s.y)
	if rows <= n {
		return s
	}
	pick := func(v []float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = v[i*rows/n]
		}
		return out
	}
	out := sample{x: make([][]float64, len(s.x)), y: pick(s.y)}
	for k := range s.x {
		out.x[k] = pick(s.x[k])
	}
	return out
}

// knots are quantiles of a sorted column, nil where there are fewer than three.
func knots(sorted []float64) []float64 {
	var k []float64
	for q := range splineKnots {
		at := 0.02 + 0.96*float64(q)/(splineKnots-1)
		k = append(k, sorted[int(at*float64(len(sorted)-1))])
	}
	if k = slices.Compact(k); len(k) < 3 {
		return nil
	}
	return k
}

// functions is how many functions of column a there are: itself, and one per
// knot but the last two (Hastie, Tibshirani and Friedman, The Elements of
// Statistical Learning, equation 5.4).
func (s *spline) functions(a int) int { return 1 + max(len(s.knots[a])-2, 0) }

func (s *spline) function(a, i int, x float64) float64 {
	x = min(max(x, s.lo[a]), s.hi[a])
	if i == 0 {
		return x
	}
	k := s.knots[a]
	last := len(k) - 1
	d := func(j int) float64 { return (cube(x-k[j]) - cube(x-k[last])) / (k[last] - k[j]) }
	return d(i-1) - d(last-1)
}

func cube(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * x * x
}

// strongest are the columns whose own curves vary the scores most, in the order
// of the columns.
func (s *spline) strongest(train sample) []int {
	variance := make([]float64, len(s.knots))
	n := float64(len(train.y))
	s.blocks(train.x, len(train.y), func(_ int, block [][]float64) {
		part := make([]float64, len(block[0]))
		for a, t := 0, 0; a < len(s.knots); a++ {
			clear(part)
			for range s.functions(a) {
				for i, v := range block[t] {
					part[i] += float64(s.beta[t+1] * v)
				}
				t++
			}
			variance[a] += dot(part, part) / n
		}
	})
	order := make([]int, len(variance))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(variance[b], variance[a]) })
	order = order[:min(splinePaired, len(order))]
	slices.Sort(order)
	return order
}

// pair adds the products.
func (s *spline) pair(columns []int, two []bool) {
	for p, a := range columns {
		for _, b := range columns[p+1:] {
			s.terms = append(s.terms, term{a, 0, b, 0})
			for c, other := a, b; ; c, other = b, a {
				if two[c] && !two[other] {
					for j := 1; j < s.functions(other); j++ {
						s.terms = append(s.terms, term{c, 0, other, j})
					}
				}
				if c == b {
					break
				}
			}
		}
	}
}

// scale gives every term mean 0 and variance 1 over the training rows. One that
// does not vary stays 0.
func (s *spline) scale(train sample) {
	m := len(s.terms)
	s.mean, s.sd = make([]float64, m), constant(m, 1)
	sum, squares := make([]float64, m), make([]float64, m)
	n := float64(len(train.y))
	s.blocks(train.x, len(train.y), func(_ int, block [][]float64) {
		for t, v := range block {
			for _, x := range v {
				sum[t] += x
			}
			squares[t] += dot(v, v)
		}
	})
	for t := range m {
		s.mean[t] = sum[t] / n
		s.sd[t] = math.Sqrt(max(squares[t]/n-float64(s.mean[t]*s.mean[t]), 0))
		if s.sd[t] <= 1e-7*math.Sqrt(squares[t]/n) || s.sd[t] == 0 {
			s.sd[t] = math.Inf(1)
		}
	}
}

// blocks expands rows into terms, block after block; do gets the first row of
// each. The block is reused.
func (s *spline) blocks(x [][]float64, n int, do func(from int, block [][]float64)) {
	whole := make([][]float64, len(s.terms))
	for t := range whole {
		whole[t] = make([]float64, splineBlock)
	}
	curves := make([][][]float64, len(s.knots)) // functions of columns
	for a := range curves {
		curves[a] = make([][]float64, s.functions(a))
		for i := range curves[a] {
			curves[a][i] = make([]float64, splineBlock)
		}
	}
	block := make([][]float64, len(s.terms))
	for from := 0; from < n; from += splineBlock {
		k := min(splineBlock, n-from)
		for a, f := range curves {
			for i := range f {
				for r, v := range x[a][from : from+k] {
					f[i][r] = s.function(a, i, v)
				}
			}
		}
		for t, e := range s.terms {
			v, scale := whole[t][:k], 1/s.sd[t]
			block[t] = v
			if e.b < 0 {
				for i, f := range curves[e.a][e.i][:k] {
					v[i] = (f - s.mean[t]) * scale
				}
				continue
			}
			g := curves[e.b][e.j]
			for i, f := range curves[e.a][e.i][:k] {
				v[i] = (float64(f*g[i]) - s.mean[t]) * scale
			}
		}
		do(from, block)
	}
}

// system is the normal equations of weighted least squares.
type system struct {
	a []float64 // upper triangle of (terms+1)^2, the intercept first
	b []float64
	n int
}

// normal sums the normal equations of y on the terms. With weights w and
// residuals r these are those of a Newton step.
func (s *spline) normal(train sample, w, r []float64) *system {
	m := len(s.terms) + 1
	e := &system{a: make([]float64, m*m), b: make([]float64, m), n: len(train.y)}
	one, weighted := constant(splineBlock, 1), make([]float64, splineBlock)
	s.blocks(train.x, len(train.y), func(from int, block [][]float64) {
		k := len(block[0])
		y := train.y[from:][:k]
		if r != nil {
			y = r[from:][:k]
		}
		columns := append([][]float64{one[:k]}, block...)
		for p, u := range columns {
			e.b[p] += dot(u, y)
			if w != nil {
				for i, v := range u {
					weighted[i] = v * w[from+i]
				}
				u = weighted[:k]
			}
			q := p
			for ; q+4 <= m; q += 4 {
				d0, d1, d2, d3 := dots(u, columns[q], columns[q+1], columns[q+2], columns[q+3])
				row := e.a[p*m+q:][:4]
				row[0], row[1], row[2], row[3] = row[0]+d0, row[1]+d1, row[2]+d2, row[3]+d3
			}
			for ; q < m; q++ {
				e.a[p*m+q] += dot(u, columns[q])
			}
		}
	})
	return e
}

// solve takes the coefficients of a quantitative trait for a penalty.
func (s *spline) solve(e *system, penalty float64) {
	if step, ok := s.step(e, penalty, make([]float64, len(e.b))); ok {
		s.beta = step
	}
}

// step solves (A + ridge) x = b - ridge beta.
func (s *spline) step(e *system, penalty float64, beta []float64) ([]float64, bool) {
	m := len(e.b)
	a, b := mat.NewSymDense(m, slices.Clone(e.a)), mat.NewVecDense(m, slices.Clone(e.b))
	for t, term := range s.terms {
		ridge := splineTiny * float64(e.n)
		if !term.free() {
			ridge = penalty * float64(e.n)
		}
		a.SetSym(t+1, t+1, a.At(t+1, t+1)+ridge)
		b.SetVec(t+1, b.AtVec(t+1)-float64(ridge*beta[t+1]))
	}
	var chol mat.Cholesky
	var x mat.VecDense
	if !chol.Factorize(a) || chol.SolveVecTo(&x, b) != nil {
		return nil, false
	}
	return x.RawVector().Data, true
}

// fit fits one penalty, for a binary trait by Newton's steps from where beta
// stands.
func (s *spline) fit(train sample, binary bool, penalty float64, steps int) {
	if s.beta == nil {
		s.beta = make([]float64, len(s.terms)+1)
		s.beta[0] = baseScore(train.y, binary)
	}
	if !binary {
		s.solve(s.normal(train, nil, nil), penalty)
		return
	}
	w, r := make([]float64, len(train.y)), make([]float64, len(train.y))
	for range steps {
		eta, _ := s.scores(train.x, len(train.y))
		for i, v := range eta {
			mu := sigmoid(v)
			w[i], r[i] = math.Max(mu*(1-mu), 1e-10), train.y[i]-mu
		}
		step, ok := s.step(s.normal(train, w, r), penalty, s.beta)
		if !ok {
			return
		}
		for t, d := range step {
			s.beta[t] += d
		}
	}
}

// scores is the mean, or the logit for a binary trait. The error is always nil.
func (s *spline) scores(x [][]float64, n int) ([]float64, error) {
	out := constant(n, s.beta[0])
	s.blocks(x, n, func(from int, block [][]float64) {
		for t, v := range block {
			b := s.beta[t+1]
			for i, f := range v {
				out[from+i] += float64(b * f)
			}
		}
	})
	return out, nil
}

// dot is the sum of products in four lanes, the same bits on every machine.
func dot(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += float64(x[i] * y[i])
		s1 += float64(x[i+1] * y[i+1])
		s2 += float64(x[i+2] * y[i+2])
		s3 += float64(x[i+3] * y[i+3])
	}
	for ; i < len(x); i++ {
		s0 += float64(x[i] * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// dots is the products of x with four columns.
func dots(x, a, b, c, d []float64) (s0, s1, s2, s3 float64) {
	n := len(x)
	a, b, c, d = a[:n], b[:n], c[:n], d[:n]
	for i, v := range x {
		s0 += float64(v * a[i])
		s1 += float64(v * b[i])
		s2 += float64(v * c[i])
		s3 += float64(v * d[i])
	}
	return s0, s1, s2, s3
}
