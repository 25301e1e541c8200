package glm

import (
	"errors"
	"math"
)

// Design is a logistic model: columns of predictors, an offset of the linear
// predictor, and what was seen. It is read only while a model is fitted.
type Design struct {
	N, K   int
	X      []float64 // N rows of K
	Y      []float64 // 0 or 1
	Offset []float64 // nil for none
}

// NewDesign lays columns out by rows; offset may be nil.
func NewDesign(columns [][]float64, y, offset []float64) *Design {
	d := &Design{N: len(y), K: len(columns), Y: y, Offset: offset}
	d.X = make([]float64, d.N*d.K)
	for j, col := range columns {
		d.SetColumn(j, col)
	}
	return d
}

// SetColumn replaces one column.
func (d *Design) SetColumn(j int, col []float64) {
	for i, v := range col {
		d.X[i*d.K+j] = v
	}
}

// Without is the design of the samples whose rows are kept.
func (d *Design) Without(drop []bool) *Design {
	out := &Design{K: d.K}
	for i := range d.N {
		if drop[i] {
			continue
		}
		out.N++
		out.X = append(out.X, d.X[i*d.K:(i+1)*d.K]...)
		out.Y = append(out.Y, d.Y[i])
		if d.Offset != nil {
			out.Offset = append(out.Offset, d.Offset[i])
		}
	}
	return out
}

// Causes of a fit that fails.
var (
	ErrSingular      = errors.New("the predictors are collinear or separate cases from controls")
	ErrNoConvergence = errors.New("the iterations do not converge")
)

// Solver fits logistic models. It owns its memory and belongs to one goroutine;
// its results are valid until the next fit.
type Solver struct {
	Beta   []float64 // estimates
	P, W   []float64 // fitted probabilities, and P(1-P)
	LogLik float64   // log likelihood, penalised for Firth's method
	factor []float64 // Cholesky factor of the information, by rows
	score  []float64
	step   []float64
	trial  []float64
	h      []float64
	row    []float64
}

func (s *Solver) size(d *Design) {
	s.Beta = resize(s.Beta, d.K)
	s.P, s.W = resize(s.P, d.N), resize(s.W, d.N)
	s.factor = resize(s.factor, d.K*d.K)
	s.score, s.step = resize(s.score, d.K), resize(s.step, d.K)
	s.trial, s.row = resize(s.trial, d.K), resize(s.row, d.K)
}

func resize(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}

// evaluate sets P and W at beta and gives the log likelihood.
func (s *Solver) evaluate(d *Design, beta []float64) float64 {
	var ll logSum
	for i := range d.N {
		eta := 0.0
		if d.Offset != nil {
			eta = d.Offset[i]
		}
		for j, x := range d.X[i*d.K : (i+1)*d.K] {
			eta += float64(x * beta[j])
		}
		s.P[i], s.W[i] = ll.add(eta, d.Y[i])
	}
	return ll.total()
}

// logSum adds log likelihoods of 0 and 1 under a logistic model. The factors
// 1/(1+exp(-|eta|)), each at least a half, are multiplied, and the logarithm is
// taken before they can underflow.
type logSum struct {
	sum, product float64
	n            int
}

// add takes a linear predictor and what was seen, and gives the probability and
// its variance, both without cancellation.
func (l *logSum) add(eta, y float64) (p, w float64) {
	e := math.Exp(-math.Abs(eta))
	q := 1 / (1 + e)
	if l.n%512 == 0 {
		l.flush()
	}
	l.n++
	l.product *= q
	small := e * q
	w = small * q
	if eta >= 0 {
		if y == 0 {
			l.sum -= eta
		}
		return q, w
	}
	if y != 0 {
		l.sum += eta
	}
	return small, w
}

func (l *logSum) flush() {
	if l.n > 0 {
		l.sum += math.Log(l.product)
	}
	l.product = 1
}

func (l *logSum) total() float64 {
	l.flush()
	return l.sum
}

// inform factors the information X'WX at W, after evaluate. It gives its log
// determinant.
func (s *Solver) inform(d *Design) (logDet float64, err error) {
	k := d.K
	a := s.factor
	clear(a)
	for i := range d.N {
		x := d.X[i*k : (i+1)*k]
		w := s.W[i]
		for j, v := range x {
			v *= w
			row := a[j*k : j*k+j+1]
			for m := range row {
				row[m] += float64(v * x[m])
			}
		}
	}
	return factorize(a, k)
}

// factorize replaces the lower triangle of a by its Cholesky factor.
func factorize(a []float64, k int) (logDet float64, err error) {
	for j := range k {
		whole := a[j*k+j]
		for m := range j + 1 {
			v := a[j*k+m]
			for q := range m {
				v -= float64(a[j*k+q] * a[m*k+q])
			}
			if m < j {
				a[j*k+m] = v / a[m*k+m]
				continue
			}
			if !(v > 1e-11*whole) || math.IsInf(v, 0) {
				return 0, ErrSingular
			}
			a[j*k+j] = math.Sqrt(v)
			logDet += math.Log(v)
		}
	}
	return logDet, nil
}

// solve replaces v by the inverse of the factored matrix times v, of the first
// len(v) rows and columns.
func solve(a []float64, k int, v []float64) {
	forward(a, k, v)
	backward(a, k, v)
}

// backward replaces v by the inverse of the transposed factor times v.
func backward(a []float64, k int, v []float64) {
	for j := len(v) - 1; j >= 0; j-- {
		s := v[j]
		for m := j + 1; m < len(v); m++ {
			s -= float64(a[m*k+j] * v[m])
		}
		v[j] = s / a[j*k+j]
	}
}

// forward replaces v by the inverse of the factor times v.
func forward(a []float64, k int, v []float64) {
	for j := range v {
		s := v[j]
		for m, x := range a[j*k : j*k+j] {
			s -= float64(x * v[m])
		}
		v[j] = s / a[j*k+j]
	}
}

// SE is the standard error of the last coefficient from the information at the
// estimate.
func (s *Solver) SE() float64 {
	k := len(s.Beta)
	return 1 / s.factor[k*k-1]
}

// Factor is the Cholesky factor of an information matrix.
type Factor struct {
	k int
	a []float64
}

// Factor is a copy of that of the last fit.
func (s *Solver) Factor() *Factor {
	return &Factor{len(s.Beta), append([]float64(nil), s.factor...)}
}

// Forward replaces v by the inverse of the factor times v: what are the columns
// of X in a sample become those of a basis that is orthonormal under W, and so do
// products with columns.
func (f *Factor) Forward(v []float64) { forward(f.a, f.k, v) }

// Backward replaces v, coefficients on the basis, by those on the columns of X:
// the inverse of the transposed factor times v.
func (f *Factor) Backward(v []float64) { backward(f.a, f.k, v) }
