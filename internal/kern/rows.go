package kern

import (
	"math"
	"unsafe"
)

// Rows is a run of rows of channels: row i begins at X[i*Stride].
type Rows struct {
	X      []float32
	Stride int
}

// rowsOp names a kernel of rows.
type rowsOp uint8

const (
	opSumRows rowsOp = iota
	opMaxRows
	opMomentRows
	opAffineRows
	opAddRows
	opMaskRows
	opNormSums
	opNormGrad
	opTapRows
	opTapSums
	opAdamRows
	opExpRows
	opLogitRows
	opFirthRows
)

// operands are the memory of a call, in the order of the generator: what is per
// channel first (with stride 0), then the streams.
type operands [maxOperands]Rows

const (
	maxOperands = 8
	maxScalars  = 11
)

// rowsArgs is what a kernel of rows sees; strides are in bytes.
type rowsArgs struct {
	n, c   int
	p      [maxOperands]unsafe.Pointer
	stride [maxOperands]int
	scalar [maxScalars]float32
}

// rows runs op on n rows of c channels: whole vectors by the kernel, the rest
// by the plain twin. used is how many operands there are.
func (k *Kernels) rows(op rowsOp, n, c, used int, m *operands, scalar [maxScalars]float32) {
	if n < 1 || c < 1 {
		return
	}
	for i := range used {
		width := c
		if op == opLogitRows && (i == logitP0 || i == logitW0) {
			width = 1
		}
		_ = m[i].X[(n-1)*m[i].Stride+width-1]
	}
	done := 0
	if lanes := k.lanesRows(); lanes > 0 && c >= lanes {
		done = c - c%lanes
		t := rowsArgs{n: n, c: done, scalar: scalar}
		for i := range used {
			t.p[i] = unsafe.Pointer(unsafe.SliceData(m[i].X))
			t.stride[i] = 4 * m[i].Stride
		}
		k.runRows(op, &t)
	}
	if done < c {
		plainRows(op, n, done, c, m, scalar)
	}
}

func column(x []float32) Rows { return Rows{X: x} }

// SumRows adds the n rows of c channels of x to sum[:c], one after the other.
func (k *Kernels) SumRows(n, c int, x Rows, sum []float32) {
	k.rows(opSumRows, n, c, 2, &operands{column(sum), x}, [maxScalars]float32{})
}

// MaxRows raises most[:c] to the largest of the n rows of x. A NaN is kept or
// lost as the order has it.
func (k *Kernels) MaxRows(n, c int, x Rows, most []float32) {
	k.rows(opMaxRows, n, c, 2, &operands{column(most), x}, [maxScalars]float32{})
}

// MomentRows adds x-pivot to s1 and its square to s2, over n rows.
func (k *Kernels) MomentRows(n, c int, x Rows, pivot, s1, s2 []float32) {
	k.rows(opMomentRows, n, c, 4, &operands{column(pivot), column(s1), column(s2), x}, [maxScalars]float32{})
}

// AffineRows sets y to x*scale+shift per channel, bounded by lo and hi. All
// kernels give the same bits.
func (k *Kernels) AffineRows(n, c int, x Rows, scale, shift []float32, lo, hi float32, y Rows) {
	k.rows(opAffineRows, n, c, 4, &operands{column(scale), column(shift), x, y}, [maxScalars]float32{lo, hi})
}

// AddRows sets y to x+y, bounded by lo and hi.
func (k *Kernels) AddRows(n, c int, x, y Rows, lo, hi float32) {
	k.rows(opAddRows, n, c, 2, &operands{x, y}, [maxScalars]float32{lo, hi})
}

// MaskRows sets g to zero where y is not between lo and hi: the gradient of the
// clamp that gave y.
func (k *Kernels) MaskRows(n, c int, g, y Rows, lo, hi float32) {
	k.rows(opMaskRows, n, c, 2, &operands{g, y}, [maxScalars]float32{lo, hi})
}

// NormSums adds, over n rows, the masked gradient of y (see MaskRows) to s1 and
// its product with x-pivot to s2.
func (k *Kernels) NormSums(n, c int, g, y, x Rows, pivot []float32, lo, hi float32, s1, s2 []float32) {
	k.rows(opNormSums, n, c, 6, &operands{column(pivot), column(s1), column(s2), g, y, x}, [maxScalars]float32{lo, hi})
}

// NormGrad sets d to the masked gradient of y times a, plus x*b, plus shift,
// per channel.
func (k *Kernels) NormGrad(n, c int, g, y, x Rows, a, b, shift []float32, lo, hi float32, d Rows) {
	k.rows(opNormGrad, n, c, 7, &operands{column(a), column(b), column(shift), g, y, x, d}, [maxScalars]float32{lo, hi})
}

// TapRows adds x*w to y per channel, over n rows: one tap of a depthwise
// convolution.
func (k *Kernels) TapRows(n, c int, x Rows, w []float32, y Rows) {
	k.rows(opTapRows, n, c, 3, &operands{column(w), x, y}, [maxScalars]float32{})
}

// TapSums adds the products of the n rows of x and g to s per channel.
func (k *Kernels) TapSums(n, c int, x, g Rows, s []float32) {
	k.rows(opTapSums, n, c, 3, &operands{column(s), x, g}, [maxScalars]float32{})
}

// AdamStep is one step of Adam for len(w) weights with gradient g, whose
// moments it keeps in m and v: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2,
// w -= rate m / (sqrt(v) + eps) + decay w. Bias correction is in rate and eps.
func (k *Kernels) AdamStep(w, m, v, g []float32, b1, b2, rate, eps, decay float32) {
	n := len(w)
	k.rows(opAdamRows, 1, n, 4, &operands{{g, n}, {m, n}, {v, n}, {w, n}}, [maxScalars]float32{b1, 1 - b1, b2, 1 - b2, rate, eps, decay})
}

// Places of the operands of LogitRows that have one number per row.
const (
	logitP0 = 4
	logitW0 = 5
)

// expBound is the largest magnitude that ExpRows takes the exponential of.
const expBound = 80

// expScalars are the constants of ExpRows: the polynomial is that of least
// relative error on |f| <= ln(2)/2 among those that begin with 1 + f.
var expScalars = [maxScalars]float32{-expBound, expBound, math.Log2E, 3 << 22, math.Ln2,
	1.381454e-3, 8.368745e-3, 4.1668391e-2, 0.1666652, 0.49999993, 1}

// ExpRows sets x to its exponential over n rows of c channels; x is bounded by
// 80 either way first. All kernels give the same bits.
func (k *Kernels) ExpRows(n, c int, x Rows) {
	k.rows(opExpRows, n, c, 1, &operands{x}, expScalars)
}

// LogitRows is the logistic model in n samples (rows) of c fits (channels), as
// what differs from a model with probabilities p0 and variances w0, one of each
// per sample. e holds exp(-eta) and becomes p - p0; v is set to p(1-p) - w0 and
// vg to v*g; (p-p0)*g is added to s1[:c] and v*g*g to s2[:c]. All kernels give
// the same bits.
func (k *Kernels) LogitRows(n, c int, e, g Rows, p0, w0 []float32, v, vg Rows, s1, s2 []float32) {
	m := operands{column(s1), column(s2), e, g, {p0, 1}, {w0, 1}, v, vg}
	k.rows(opLogitRows, n, c, len(m), &m, [maxScalars]float32{1})
}

// FirthRows is what Firth's penalty adds to the residuals of logistic models, n
// samples (rows) of c fits (channels): e holds exp(-eta) and becomes h(1/2 - p),
// where h = p(1-p) (q + g (t + alpha g)) is the leverage; e*g is added to s[:c].
// All kernels give the same bits.
func (k *Kernels) FirthRows(n, c int, e, g, q, t Rows, alpha, s []float32) {
	k.rows(opFirthRows, n, c, 6, &operands{column(alpha), column(s), e, g, q, t}, [maxScalars]float32{1, 0.5})
}
