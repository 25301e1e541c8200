package kern

import (
	"fmt"
	"math"
)

// Cholesky factors symmetric positive definite matrices by panels: the diagonal
// block by scalars, the block below it by tiles against the inverted diagonal
// triangles of the factor, and what remains by Syrk. It belongs to one caller at a
// time. The result does not depend on the number of threads.
type Cholesky struct {
	gemm *Gemm[float64]
	low  []float64 // packed -L of the diagonal block, one piece per block of columns
	inv  []float64 // packed inverses of its triangles, transposed
}

// NewCholesky makes a solver with up to threads threads.
func (k *Kernels) NewCholesky(threads int) *Cholesky { return &Cholesky{gemm: k.NewGemm64(threads)} }

// panelCols is the width of a panel, a multiple of the columns of all tiles.
const panelCols = 96

// Factor replaces the lower triangle of A by L, where A = L L'; above the
// diagonal nothing is read or written. It is an error where A is not positive
// definite: A is then half done.
func (f *Cholesky) Factor(a Matrix[float64]) error {
	if a.Rows != a.Cols || a.Col != 1 {
		panic("kern: Cholesky of a matrix that is not square")
	}
	a.check()
	n := a.Rows
	for j := 0; j < n; j += panelCols {
		end := min(j+panelCols, n)
		diag := a.Slice(j, end, j, end)
		if row := factorBlock(diag); row >= 0 {
			return fmt.Errorf("matrix of %d rows is not positive definite at row %d", n, j+row)
		}
		if end == n {
			break
		}
		below := a.Slice(end, n, j, end)
		f.packTriangle(diag)
		f.solveBelow(below, end-j)
		f.gemm.Syrk(-1, below, a.Slice(end, n, end, n))
	}
	return nil
}

// factorBlock is the factorization by rows; it gives the row that has no root,
// or -1.
func factorBlock(a Matrix[float64]) int {
	for i := range a.Rows {
		ri := a.Data[i*a.Row:][:i+1]
		for j := range i {
			rj := a.Data[j*a.Row:][:j+1]
			ri[j] = (ri[j] - dot(ri[:j], rj[:j])) / rj[j]
		}
		d := ri[i] - dot(ri[:i], ri[:i])
		if !(d > 0) || math.IsInf(d, 0) {
			return i
		}
		ri[i] = math.Sqrt(d)
	}
	return -1
}

// dot sums in four lanes, in a fixed order.
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

// packTriangle packs a full diagonal block. For the block of columns c of width
// nr, X[:,c] = (B[:,c] - X[:,:c] L[c,:c]') inv(L[c,c])': low holds -L[c,:c]' as
// rows of nr, inv the inverse triangle transposed.
func (f *Cholesky) packTriangle(l Matrix[float64]) {
	nr := f.gemm.tiler.shape().Cols
	f.low = grow(f.low, panelCols*panelCols)
	f.inv = grow(f.inv, panelCols*nr)
	clear(f.inv)
	low := f.low
	for c := 0; c < l.Rows; c += nr {
		for p := range c {
			for j := range nr {
				low[p*nr+j] = -l.Data[(c+j)*l.Row+p]
			}
		}
		low = low[c*nr:]
		invertTriangle(f.inv[c*nr:(c+nr)*nr], l.Slice(c, c+nr, c, c+nr))
	}
}

// invertTriangle writes inv(L)' for a small lower triangle L: element (p, j) is
// that of row j, column p of the inverse.
func invertTriangle(dst []float64, l Matrix[float64]) {
	n := l.Rows
	for p := range n {
		for j := p; j < n; j++ {
			s := 0.0
			if j == p {
				s = 1
			}
			for q := p; q < j; q++ {
				s -= float64(l.Data[j*l.Row+q] * dst[p*n+q])
			}
			dst[p*n+j] = s / l.Data[j*l.Row+j]
		}
	}
}

// solveBelow replaces B by X where X L' = B.
func (f *Cholesky) solveBelow(b Matrix[float64], width int) {
	s := f.gemm.tiler.shape()
	blocks := (b.Rows + s.Rows - 1) / s.Rows
	zero := make([]float64, s.Cols)
	f.gemm.each(blocks, func(w *gemmWorker[float64], i int) {
		rows := min(s.Rows, b.Rows-i*s.Rows)
		x := b.Data[i*s.Rows*b.Row:]
		low := f.low
		for c := 0; c < width; c += s.Cols {
			rhs, ld := x[c:], b.Row
			if c > 0 {
				w.tile.strided(c, rows, s.Cols, x, b.Row, low, x[c:], b.Row, w.edge, s.Cols)
				rhs, ld = w.edge, s.Cols
				low = low[c*s.Cols:]
			}
			w.tile.strided(s.Cols, rows, s.Cols, rhs, ld, f.inv[c*s.Cols:], zero, 0, x[c:], b.Row)
		}
	})
}

// Solve replaces the columns of B by the solutions of L L' X = B, where l comes
// from Factor.
func (f *Cholesky) Solve(l, b Matrix[float64]) {
	if l.Rows != l.Cols || l.Rows != b.Rows || l.Col != 1 || b.Col != 1 {
		panic("kern: Cholesky solve of shapes that differ")
	}
	l.check()
	b.check()
	n := l.Rows
	for j := 0; j < n; j += panelCols { // L Y = B
		end := min(j+panelCols, n)
		for i := j; i < end; i++ {
			row := b.Data[i*b.Row:][:b.Cols]
			for p := j; p < i; p++ {
				axpy(row, -l.Data[i*l.Row+p], b.Data[p*b.Row:][:b.Cols])
			}
			scale(row, 1/l.Data[i*l.Row+i])
		}
		f.gemm.Add(-1, l.Slice(end, n, j, end), b.Slice(j, end, 0, b.Cols), b.Slice(end, n, 0, b.Cols))
	}
	for end := n; end > 0; { // L' X = Y
		j := (end - 1) / panelCols * panelCols
		for i := end - 1; i >= j; i-- {
			row := b.Data[i*b.Row:][:b.Cols]
			for p := i + 1; p < end; p++ {
				axpy(row, -l.Data[p*l.Row+i], b.Data[p*b.Row:][:b.Cols])
			}
			scale(row, 1/l.Data[i*l.Row+i])
		}
		f.gemm.Add(-1, l.Slice(j, end, 0, j).T(), b.Slice(j, end, 0, b.Cols), b.Slice(0, j, 0, b.Cols))
		end = j
	}
}

func axpy(y []float64, a float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += float64(a * x[i])
	}
}

func scale(y []float64, a float64) {
	for i := range y {
		y[i] *= a
	}
}
