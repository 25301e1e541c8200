package kern

import "math"

// plainRows is the twin of all kernels of rows, for channels from..to.
func plainRows(op rowsOp, n, from, to int, m *operands, s [8]float32) {
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
			}
		}
	}
}

func masked(g, y float32, s [8]float32) float32 {
	if y > s[0] && y < s[1] {
		return g
	}
	return 0
}

func plainAdam(g, m, v, w *float32, s [8]float32) {
	*m = fma32(s[1], *g, float32(s[0]**m))
	*v = fma32(s[3], float32(*g**g), float32(s[2]**v))
	root := float32(math.Sqrt(float64(*v))) // of a float32 by a float64: rounded right
	*w -= fma32(s[6], *w, float32(s[4]**m)/(root+s[5]))
}
