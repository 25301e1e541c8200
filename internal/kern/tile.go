package kern

// TileF32 is one call of the float32 micro-kernel, for i < Rows, j < Cols:
//
//	C[i*CRow+j] = clamp(Init[i*InitRow+j] + sum A[o*AOuter+k*AStep+i*ARow] * B[o*BOuter+k*BStep+j])
//
// summed over o < Outer and, inside, k < Inner, in that order, each product
// fused with its sum: one rounding a step, on every machine. All strides count elements and are not negative. Cols is a multiple of Shape.Lanes. Init
// may be C itself. Clamp bounds the result by Lo and Hi; NaN passes through.
type TileF32 struct {
	A, B, Init, C       []float32
	ARow, AStep, AOuter int
	BStep, BOuter       int
	InitRow, CRow       int
	Rows, Cols          int
	Outer, Inner        int
	Lo, Hi              float32
	Clamp               bool
}

// TileF64 is TileF32 in float64.
type TileF64 struct {
	A, B, Init, C       []float64
	ARow, AStep, AOuter int
	BStep, BOuter       int
	InitRow, CRow       int
	Rows, Cols          int
	Outer, Inner        int
	Lo, Hi              float64
	Clamp               bool
}

// TileU8 is one call of the byte micro-kernel: activations of 8 bits without
// sign by weights of 8 bits with sign, requantised to bytes. For i < Rows,
// j < Cols:
//
//	acc = Init[j] + sum A[o*AOuter+4*k+q+i*ARow] * B[((o*Inner+k)*Cols+j)*4+q]
//	C[i*CRow+j] = clamp(round half even(float32(acc) * Scale[j]), 0, 255)
//
// summed over o < Outer, k < Inner and q < 4. Weights lie in -63..63 or the
// products of two would overflow 16 bits on avx2: Kernels with wider weights
// differ. Sum128[j] is 128 times the sum of the weights of column j (SumColumns
// gives it); only neon reads it.
type TileU8 struct {
	A            []uint8
	B            []int8
	Init, Sum128 []int32
	Scale        []float32
	C            []uint8
	ARow, AOuter int
	CRow         int
	Rows, Cols   int
	Outer, Inner int
}

// MaxWeight is the largest magnitude of a weight of TileU8.
const MaxWeight = 63

// TileF32 runs a tile. It panics where the tile reaches outside its slices or
// does not fit the Shape: the promise of the caller.
func (k *Kernels) TileF32(t *TileF32) {
	checkShape(k.f32, t.Rows, t.Cols, t.Outer, t.Inner)
	o, n, r := t.Outer-1, t.Inner-1, t.Rows-1
	_ = t.A[o*t.AOuter+n*t.AStep+r*t.ARow]
	_ = t.B[o*t.BOuter+n*t.BStep+t.Cols-1]
	_ = t.Init[r*t.InitRow+t.Cols-1]
	_ = t.C[r*t.CRow+t.Cols-1]
	k.tileF32(t)
}

// TileF64 is like TileF32.
func (k *Kernels) TileF64(t *TileF64) {
	checkShape(k.f64, t.Rows, t.Cols, t.Outer, t.Inner)
	o, n, r := t.Outer-1, t.Inner-1, t.Rows-1
	_ = t.A[o*t.AOuter+n*t.AStep+r*t.ARow]
	_ = t.B[o*t.BOuter+n*t.BStep+t.Cols-1]
	_ = t.Init[r*t.InitRow+t.Cols-1]
	_ = t.C[r*t.CRow+t.Cols-1]
	k.tileF64(t)
}

// TileU8 is like TileF32.
func (k *Kernels) TileU8(t *TileU8) {
	checkShape(k.u8, t.Rows, t.Cols, t.Outer, t.Inner)
	o, n, r := t.Outer-1, t.Inner-1, t.Rows-1
	_ = t.A[o*t.AOuter+4*n+3+r*t.ARow]
	_ = t.B[4*t.Outer*t.Inner*t.Cols-1]
	_, _, _ = t.Init[t.Cols-1], t.Sum128[t.Cols-1], t.Scale[t.Cols-1]
	_ = t.C[r*t.CRow+t.Cols-1]
	k.tileU8(t)
}

func checkShape(s Shape, rows, cols, outer, inner int) {
	if rows < 1 || rows > s.Rows || cols < 1 || cols > s.Cols || cols%s.Lanes != 0 || outer < 1 || inner < 1 {
		panic("kern: a tile does not fit the shape of the kernels")
	}
}

// vecsF32 is how many vectors of columns a tile has.
func (k *Kernels) vecsF32(t *TileF32) int { return t.Cols / k.f32.Lanes }
func (k *Kernels) vecsF64(t *TileF64) int { return t.Cols / k.f64.Lanes }

// SumColumns adds up the weights of the columns of a block of B and multiplies
// by 128, what TileU8.Sum128 wants. dst has cols values.
func SumColumns(dst []int32, b []int8, cols int) {
	clear(dst[:cols])
	for i, w := range b {
		dst[i/4%cols] += 128 * int32(w)
	}
}
