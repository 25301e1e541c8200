package kern

import "sync"

// Matrix is a view of numbers: element (i, j) is Data[i*Row+j*Col]. A transpose
// swaps Row and Col.
type Matrix[T number] struct {
	Data       []T
	Rows, Cols int
	Row, Col   int
}

// Dense is the row-major matrix of data, which holds rows*cols numbers.
func Dense[T number](data []T, rows, cols int) Matrix[T] {
	return Matrix[T]{Data: data, Rows: rows, Cols: cols, Row: cols, Col: 1}
}

// T is the transpose, of the same numbers.
func (m Matrix[T]) T() Matrix[T] {
	return Matrix[T]{Data: m.Data, Rows: m.Cols, Cols: m.Rows, Row: m.Col, Col: m.Row}
}

// Slice is the part of rows i..i2 and columns j..j2.
func (m Matrix[T]) Slice(i, i2, j, j2 int) Matrix[T] {
	from := i*m.Row + j*m.Col
	if i2 == i || j2 == j {
		from = 0
	}
	return Matrix[T]{Data: m.Data[from:], Rows: i2 - i, Cols: j2 - j, Row: m.Row, Col: m.Col}
}

// check panics unless the last element is in Data.
func (m Matrix[T]) check() {
	if m.Rows > 0 && m.Cols > 0 {
		_ = m.Data[(m.Rows-1)*m.Row+(m.Cols-1)*m.Col]
	}
}

// Gemm multiplies matrices by packed panels. It belongs to one caller at a
// time; its buffers are kept between calls, so that a steady caller allocates
// nothing but goroutines. The result does not depend on the number of threads.
type Gemm[T number] struct {
	tiler   tiler[T]
	threads int
	b       []T
	workers []gemmWorker[T]
}

// gemmWorker is what one thread owns.
type gemmWorker[T number] struct {
	a    []T
	edge []T
	tile tileCall[T]
}

// Blocks of a product: kc columns of A at a time, mc rows of it to a worker's
// panel, nc columns of B to the shared panel.
type blocking struct{ kc, mc, nc int }

// NewGemm32 makes a multiplier of float32 with up to threads threads.
func (k *Kernels) NewGemm32(threads int) *Gemm[float32] {
	return newGemm[float32](tiler32{k}, threads)
}

// NewGemm64 makes a multiplier of float64 with up to threads threads.
func (k *Kernels) NewGemm64(threads int) *Gemm[float64] {
	return newGemm[float64](tiler64{k}, threads)
}

func newGemm[T number](t tiler[T], threads int) *Gemm[T] {
	threads = max(threads, 1)
	g := &Gemm[T]{tiler: t, threads: threads, workers: make([]gemmWorker[T], threads)}
	for i := range g.workers {
		g.workers[i].tile = t.newCall()
		s := t.shape()
		g.workers[i].edge = make([]T, s.Rows*s.Cols)
	}
	return g
}

// Add computes C += alpha*A*B. C has unit column stride. It panics where the
// shapes differ or Data is short.
func (g *Gemm[T]) Add(alpha T, a, b, c Matrix[T]) { g.run(alpha, a, b, c, false) }

// Syrk computes the lower triangle of C += alpha*A*A', diagonal included; what
// is above it stays as it is.
func (g *Gemm[T]) Syrk(alpha T, a, c Matrix[T]) { g.run(alpha, a, a.T(), c, true) }

func (g *Gemm[T]) run(alpha T, a, b, c Matrix[T], lower bool) {
	if a.Cols != b.Rows || a.Rows != c.Rows || b.Cols != c.Cols || c.Col != 1 {
		panic("kern: a product of matrices whose shapes differ")
	}
	a.check()
	b.check()
	c.check()
	s, bl := g.tiler.shape(), g.tiler.blocking()
	for j := 0; j < c.Cols; j += bl.nc {
		nc := min(bl.nc, c.Cols-j)
		panels := (nc + s.Cols - 1) / s.Cols
		first := 0 // row of C where this column block begins to count
		if lower {
			first = j / s.Rows * s.Rows
		}
		for p := 0; p < a.Cols; p += bl.kc {
			kc := min(bl.kc, a.Cols-p)
			g.b = grow(g.b, panels*s.Cols*kc)
			g.each(panels, func(_ *gemmWorker[T], i int) {
				packB(g.b[i*s.Cols*kc:], b.Slice(p, p+kc, j+i*s.Cols, min(j+(i+1)*s.Cols, j+nc)), s.Cols)
			})
			blocks := (c.Rows - first + bl.mc - 1) / bl.mc
			g.each(blocks, func(w *gemmWorker[T], i int) {
				from := first + i*bl.mc
				to := min(from+bl.mc, c.Rows)
				w.a = grow(w.a, bl.mc*kc)
				packA(w.a, alpha, a.Slice(from, to, p, p+kc), s.Rows)
				g.block(w, kc, c, from, to, j, nc, lower)
			})
		}
	}
}

// block multiplies the packed rows from..to of A by the packed panel of B at
// column j.
func (g *Gemm[T]) block(w *gemmWorker[T], kc int, c Matrix[T], from, to, j, nc int, lower bool) {
	s := g.tiler.shape()
	for jj := 0; jj < nc; jj += s.Cols {
		cols := min(s.Cols, nc-jj)
		for i := from; i < to; i += s.Rows {
			rows := min(s.Rows, to-i)
			if lower && i+rows <= j+jj {
				continue // all above the diagonal
			}
			a, b := w.a[(i-from)*kc:], g.b[jj*kc:]
			at := c.Data[i*c.Row+j+jj:]
			if cols == s.Cols && (!lower || i >= j+jj+cols-1) {
				w.tile.run(kc, rows, cols, a, b, at, c.Row)
				continue
			}
			for r := range rows {
				copy(w.edge[r*s.Cols:(r+1)*s.Cols], at[r*c.Row:r*c.Row+cols])
			}
			w.tile.run(kc, rows, s.Cols, a, b, w.edge, s.Cols)
			for r := range rows {
				n := cols
				if lower {
					n = min(n, i+r-j-jj+1)
				}
				if n > 0 {
					copy(at[r*c.Row:], w.edge[r*s.Cols:r*s.Cols+n])
				}
			}
		}
	}
}

// each runs f for 0..n-1, worker w taking every threads-th.
func (g *Gemm[T]) each(n int, f func(w *gemmWorker[T], i int)) {
	threads := min(g.threads, n)
	if threads <= 1 {
		for i := range n {
			f(&g.workers[0], i)
		}
		return
	}
	var wg sync.WaitGroup
	for t := range threads {
		wg.Go(func() {
			for i := t; i < n; i += threads {
				f(&g.workers[t], i)
			}
		})
	}
	wg.Wait()
}

// packB lays out rows of m as cols numbers each, the rest zero.
func packB[T number](dst []T, m Matrix[T], cols int) {
	if m.Col == 1 && m.Cols == cols {
		for p := range m.Rows {
			copy(dst[p*cols:(p+1)*cols], m.Data[p*m.Row:])
		}
		return
	}
	if m.Cols < cols {
		clear(dst[:m.Rows*cols])
	}
	if m.Row == 1 {
		packAcross(dst, 1, m.T(), cols)
		return
	}
	for p := range m.Rows {
		for j := range m.Cols {
			dst[p*cols+j] = m.Data[p*m.Row+j*m.Col]
		}
	}
}

// packA lays out panels of rows: for each column of m the numbers of rows rows,
// times alpha. A last panel of fewer rows keeps the stride; the tile leaves the
// missing ones alone.
func packA[T number](dst []T, alpha T, m Matrix[T], rows int) {
	for i := 0; i < m.Rows; i += rows {
		panel := dst[i*m.Cols:]
		part := m.Slice(i, min(i+rows, m.Rows), 0, m.Cols)
		if part.Col == 1 {
			packAcross(panel, alpha, part, rows)
			continue
		}
		for p := range part.Cols {
			to := panel[p*rows:]
			if part.Row == 1 {
				from := part.Data[p*part.Col : p*part.Col+part.Rows]
				for r, v := range from {
					to[r] = alpha * v
				}
				continue
			}
			for r := range part.Rows {
				to[r] = alpha * part.Data[r*part.Row+p*part.Col]
			}
		}
	}
}

// packAcross transposes m, whose rows are contiguous, into rows of width
// numbers, four rows of m at a time.
func packAcross[T number](dst []T, alpha T, m Matrix[T], width int) {
	n := m.Cols
	r := 0
	for ; r+4 <= m.Rows; r += 4 {
		x0 := m.Data[r*m.Row:][:n]
		x1 := m.Data[(r+1)*m.Row:][:n]
		x2 := m.Data[(r+2)*m.Row:][:n]
		x3 := m.Data[(r+3)*m.Row:][:n]
		at := r
		for p, v := range x0 {
			d := (*[4]T)(dst[at:])
			d[0], d[1], d[2], d[3] = alpha*v, alpha*x1[p], alpha*x2[p], alpha*x3[p]
			at += width
		}
	}
	for ; r < m.Rows; r++ {
		at := r
		for _, v := range m.Data[r*m.Row:][:n] {
			dst[at] = alpha * v
			at += width
		}
	}
}

func grow[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
