package kern

import "math"

// plainRows is the twin of all kernels of rows, for channels from..to.
func plainRows(op rowsOp, n, from, to int, m *operands, s [maxScalars]float32) {
	for c := from; c < to; c++ {
		for i := range n {
			at := func(j int) *float32 { return &m[j].X[i*m[j].Stride+c] }
			switch op {
			case opSumRows:
				*at(0) += *at(1)
			case opMaxRows:
				if x := *at(1); !(*at(0) > x) {
					*at(0) = x
				}
			case opMomentRows:
				d := *at(3) - *at(0)
				*at(1) += d
				*at(2) = fma32(d, d, *at(2))
			case opAffineRows:
				*at(3) = clampTo(float32(*at(2)**at(0))+*at(1), s[0], s[1])
			case opAddRows:
				*at(1) = clampTo(*at(0)+*at(1), s[0], s[1])
			case opMaskRows:
				*at(0) = masked(*at(0), *at(1), s)
			case opNormSums:
				g := masked(*at(3), *at(4), s)
				*at(1) += g
				*at(2) = fma32(g, *at(5)-*at(0), *at(2))
			case opNormGrad:
				*at(6) = fma32(*at(0), masked(*at(3), *at(4), s), float32(*at(5)**at(1))+*at(2))
			case opTapRows:
				*at(2) += float32(*at(1) * *at(0))
			case opTapSums:
				*at(0) = fma32(*at(1), *at(2), *at(0))
			case opAdamRows:
				plainAdam(at(0), at(1), at(2), at(3), s)
			case opExpRows:
				*at(0) = plainExp(*at(0), s)
			case opLogitRows:
				e, g := *at(2), *at(3)
				p := 1 / (1 + e)
				v := float32(float32(e*p)*p) - m[logitW0].X[i*m[logitW0].Stride]
				d := p - m[logitP0].X[i*m[logitP0].Stride]
				vg := float32(v * g)
				*at(0) = fma32(d, g, *at(0))
				*at(1) = fma32(vg, g, *at(1))
				*at(2), *at(6), *at(7) = d, v, vg
			case opFirthRows:
				e, g := *at(2), *at(3)
				p := 1 / (1 + e)
				h := float32(float32(e*p)*p) * fma32(fma32(*at(0), g, *at(5)), g, *at(4))
				e = float32((0.5 - p) * h)
				*at(1) = fma32(e, g, *at(1))
				*at(2) = e
			}
		}
	}
}

func masked(g, y float32, s [maxScalars]float32) float32 {
	if y > s[0] && y < s[1] {
		return g
	}
	return 0
}

func plainAdam(g, m, v, w *float32, s [maxScalars]float32) {
	*m = fma32(s[1], *g, float32(s[0]**m))
	*v = fma32(s[3], float32(*g**g), float32(s[2]**v))
	root := float32(math.Sqrt(float64(*v))) // of a float32 by a float64: rounded right
	*w -= fma32(s[6], *w, float32(s[4]**m)/(root+s[5]))
}

func plainExp(x float32, s [maxScalars]float32) float32 {
	x = clampTo(x, s[0], s[1])
	t := float32(x*s[2]) + s[3]
	x = fma32(-(t - s[3]), s[4], x)
	p := s[5]
	for _, c := range [...]float32{s[6], s[7], s[8], s[9], s[10], s[10]} {
		p = fma32(p, x, c)
	}
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23)
}
