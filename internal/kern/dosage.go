package kern

import "unsafe"

// dotArgs is one block of sums: up to 4 rows of each operand, n steps of 64
// bytes (avx512) or 16 (avx2).
type dotArgs struct {
	a, b       unsafe.Pointer
	lda, ldb   int
	n          int
	rows, cols int
	sum        [16]int32
}

// dotChunk is how many products one s32 takes: 32768*255*128 is below 2^31. A
// chunk of eight rows stays in the second cache.
const dotChunk = 32768

// DotU8S8 adds to dst[i*ldd+j] the product of row i of a with row j of b, for
// i < m and j < p, over n bytes: dosages by fixed-point residuals. Row i of a
// begins at a[i*lda]. The sums are exact, so they depend neither on the kernels
// nor on the order; an int64 holds them for any n in memory.
func (k *Kernels) DotU8S8(dst []int64, ldd int, a []uint8, lda, m int, b []int8, ldb, p, n int) {
	if m < 1 || p < 1 || n < 1 {
		return
	}
	_ = a[(m-1)*lda+n-1]
	_ = b[(p-1)*ldb+n-1]
	_ = dst[(m-1)*ldd+p-1]
	for from := 0; from < n; from += dotChunk {
		count := min(n-from, dotChunk)
		for i := 0; i < m; {
			rows := 1
			if m-i >= 4 {
				rows = 4
			}
			for j := 0; j < p; {
				cols := min(p-j, 4)
				if k.isa == isaAVX2 && rows == 4 {
					cols = min(cols, 2)
				}
				k.dotBlock(dst[i*ldd+j:], ldd, a[i*lda+from:], lda, rows, b[j*ldb+from:], ldb, cols, count)
				j += cols
			}
			i += rows
		}
	}
}

// dotBlock adds the sums of rows x cols pairs over n bytes, n at most dotChunk.
func (k *Kernels) dotBlock(dst []int64, ldd int, a []uint8, lda, rows int, b []int8, ldb, cols, n int) {
	step := 16
	if k.isa == isaAVX512 {
		step = 64
	}
	done := 0
	if n >= step {
		t := dotArgs{a: unsafe.Pointer(unsafe.SliceData(a)), b: unsafe.Pointer(unsafe.SliceData(b)),
			lda: lda, ldb: ldb, n: n / step, rows: rows, cols: cols}
		if k.runDot(&t) {
			done = n - n%step
			for i := range rows {
				for j := range cols {
					dst[i*ldd+j] += int64(t.sum[4*i+j])
				}
			}
		}
	}
	for i := range rows {
		x := a[i*lda+done : i*lda+n]
		for j := range cols {
			y := b[j*ldb+done : j*ldb+n]
			y = y[:len(x)]
			var s int32
			for q, v := range x {
				s += int32(v) * int32(y[q])
			}
			dst[i*ldd+j] += int64(s)
		}
	}
}
