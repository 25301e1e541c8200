package kern

// number is what a tile of floating point may hold.
type number interface{ float32 | float64 }

// plainTile is what TileF32 and TileF64 have in common.
type plainTile[T number] struct {
	a, b, init, c       []T
	aRow, aStep, aOuter int
	bStep, bOuter       int
	initRow, cRow       int
	rows, cols          int
	outer, inner        int
	lo, hi              T
	clamp               bool
}

func plainF32(t *TileF32) {
	runPlain(&plainTile[float32]{t.A, t.B, t.Init, t.C, t.ARow, t.AStep, t.AOuter, t.BStep, t.BOuter,
		t.InitRow, t.CRow, t.Rows, t.Cols, t.Outer, t.Inner, t.Lo, t.Hi, t.Clamp})
}

func plainF64(t *TileF64) {
	runPlain(&plainTile[float64]{t.A, t.B, t.Init, t.C, t.ARow, t.AStep, t.AOuter, t.BStep, t.BOuter,
		t.InitRow, t.CRow, t.Rows, t.Cols, t.Outer, t.Inner, t.Lo, t.Hi, t.Clamp})
}

// runPlain cuts a tile into blocks of 4 columns by 3 rows or 1. A conversion
// around each product keeps a compiler from fusing it with the sum.
func runPlain[T number](t *plainTile[T]) {
	for j := 0; j < t.cols; j += 4 {
		i := 0
		for ; i+3 <= t.rows; i += 3 {
			plain3x4(t, i, j)
		}
		for ; i < t.rows; i++ {
			plain1x4(t, i, j)
		}
	}
}

func plain3x4[T number](t *plainTile[T], i, j int) {
	p := (*[4]T)(t.init[i*t.initRow+j:])
	q := (*[4]T)(t.init[(i+1)*t.initRow+j:])
	r := (*[4]T)(t.init[(i+2)*t.initRow+j:])
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
	r0, r1, r2, r3 := r[0], r[1], r[2], r[3]
	for o := range t.outer {
		at, bt := o*t.aOuter+i*t.aRow, o*t.bOuter+j
		for range t.inner {
			b := (*[4]T)(t.b[bt:])
			x, y, z := t.a[at], t.a[at+t.aRow], t.a[at+2*t.aRow]
			p0 += T(x * b[0])
			p1 += T(x * b[1])
			p2 += T(x * b[2])
			p3 += T(x * b[3])
			q0 += T(y * b[0])
			q1 += T(y * b[1])
			q2 += T(y * b[2])
			q3 += T(y * b[3])
			r0 += T(z * b[0])
			r1 += T(z * b[1])
			r2 += T(z * b[2])
			r3 += T(z * b[3])
			at += t.aStep
			bt += t.bStep
		}
	}
	t.store(i, j, [4]T{p0, p1, p2, p3})
	t.store(i+1, j, [4]T{q0, q1, q2, q3})
	t.store(i+2, j, [4]T{r0, r1, r2, r3})
}

func plain1x4[T number](t *plainTile[T], i, j int) {
	p := (*[4]T)(t.init[i*t.initRow+j:])
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	for o := range t.outer {
		at, bt := o*t.aOuter+i*t.aRow, o*t.bOuter+j
		for range t.inner {
			b := (*[4]T)(t.b[bt:])
			x := t.a[at]
			p0 += T(x * b[0])
			p1 += T(x * b[1])
			p2 += T(x * b[2])
			p3 += T(x * b[3])
			at += t.aStep
			bt += t.bStep
		}
	}
	t.store(i, j, [4]T{p0, p1, p2, p3})
}

func (t *plainTile[T]) store(i, j int, v [4]T) {
	if t.clamp {
		for l := range v {
			v[l] = clampTo(v[l], t.lo, t.hi)
		}
	}
	copy(t.c[i*t.cRow+j:], v[:])
}

// clampTo bounds v; NaN stays NaN.
func clampTo[T number](v, lo, hi T) T {
	if lo > v {
		v = lo
	}
	if hi < v {
		v = hi
	}
	return v
}

// plainU8 defines TileU8.
func plainU8(t *TileU8) {
	for j := 0; j < t.Cols; j += 4 {
		for i := range t.Rows {
			s0, s1, s2, s3 := t.Init[j], t.Init[j+1], t.Init[j+2], t.Init[j+3]
			bt := 4 * j
			for o := range t.Outer {
				at := o*t.AOuter + i*t.ARow
				for range t.Inner {
					a := (*[4]uint8)(t.A[at:])
					b := (*[16]int8)(t.B[bt:])
					a0, a1, a2, a3 := int32(a[0]), int32(a[1]), int32(a[2]), int32(a[3])
					s0 += a0*int32(b[0]) + a1*int32(b[1]) + a2*int32(b[2]) + a3*int32(b[3])
					s1 += a0*int32(b[4]) + a1*int32(b[5]) + a2*int32(b[6]) + a3*int32(b[7])
					s2 += a0*int32(b[8]) + a1*int32(b[9]) + a2*int32(b[10]) + a3*int32(b[11])
					s3 += a0*int32(b[12]) + a1*int32(b[13]) + a2*int32(b[14]) + a3*int32(b[15])
					at += 4
					bt += 4 * t.Cols
				}
			}
			c := t.C[i*t.CRow+j : i*t.CRow+j+4]
			c[0] = Requantise(s0, t.Scale[j])
			c[1] = Requantise(s1, t.Scale[j+1])
			c[2] = Requantise(s2, t.Scale[j+2])
			c[3] = Requantise(s3, t.Scale[j+3])
		}
	}
}

// Requantise is clamp(round half even(float32(acc) * scale), 0, 255): the sum
// and the product round once each, on every machine alike.
func Requantise(acc int32, scale float32) uint8 {
	return RoundByte(float32(float32(acc) * scale))
}

// RoundByte rounds v half to even and bounds it by 0 and 255; NaN gives 0.
func RoundByte(v float32) uint8 {
	if !(v > 0) {
		return 0
	}
	if v > 255 {
		return 255
	}
	const shift = 1 << 23 // a float32 of this size has no fraction: the sum rounds
	return uint8(float32(v+shift) - shift)
}
