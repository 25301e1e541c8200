package kern

import "math"

// number is what a tile of floating point may hold.
type number interface{ float32 | float64 }

// plainF32 defines TileF32.
func plainF32(t *TileF32) {
	for j := 0; j < t.Cols; j += 4 {
		for i := range t.Rows {
			p := (*[4]float32)(t.Init[i*t.InitRow+j:])
			p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
			for o := range t.Outer {
				at, bt := o*t.AOuter+i*t.ARow, o*t.BOuter+j
				for range t.Inner {
					b := (*[4]float32)(t.B[bt:])
					x := t.A[at]
					p0 = fma32(x, b[0], p0)
					p1 = fma32(x, b[1], p1)
					p2 = fma32(x, b[2], p2)
					p3 = fma32(x, b[3], p3)
					at += t.AStep
					bt += t.BStep
				}
			}
			storePlain(t.C[i*t.CRow+j:], [4]float32{p0, p1, p2, p3}, t.Clamp, t.Lo, t.Hi)
		}
	}
}

// plainF64 defines TileF64.
func plainF64(t *TileF64) {
	for j := 0; j < t.Cols; j += 4 {
		for i := range t.Rows {
			p := (*[4]float64)(t.Init[i*t.InitRow+j:])
			p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
			for o := range t.Outer {
				at, bt := o*t.AOuter+i*t.ARow, o*t.BOuter+j
				for range t.Inner {
					b := (*[4]float64)(t.B[bt:])
					x := t.A[at]
					p0 = math.FMA(x, b[0], p0)
					p1 = math.FMA(x, b[1], p1)
					p2 = math.FMA(x, b[2], p2)
					p3 = math.FMA(x, b[3], p3)
					at += t.AStep
					bt += t.BStep
				}
			}
			storePlain(t.C[i*t.CRow+j:], [4]float64{p0, p1, p2, p3}, t.Clamp, t.Lo, t.Hi)
		}
	}
}

func storePlain[T number](c []T, v [4]T, clamp bool, lo, hi T) {
	if clamp {
		for l := range v {
			v[l] = clampTo(v[l], lo, hi)
		}
	}
	copy(c, v[:])
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
