package sets

import "math"

// Nodes and weights of Gauss and Kronrod on (-1, 1): 7 and 15 points (Kronrod
// 1965); those of odd place are Gauss's.
var (
	kronrodNodes = [8]float64{0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
		0.741531185599394439863864773280788, 0.586087235467691130294144691693361, 0.405845151377397166906606412076961,
		0.207784955007898467600689403773245, 0}
	kronrodWeights = [8]float64{0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
		0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
		0.204432940075298892414161999234649, 0.209482141084727828012999174891714}
	gaussWeights = [4]float64{0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
		0.381830050505118944950369775488975, 0.417959183673469387755102040816327}
)

// panel is an integral over one interval and its error, both over e^shift.
type panel struct{ from, to, value, fault, shift float64 }

// precision of integrateLog, relative.
const precision = 1e-7

// integrateLog is the logarithm of the integral of e^f over the intervals between
// the corners, which ascend. Panels are halved where the error is largest.
func integrateLog(f func(float64) float64, corners []float64) float64 {
	var list []panel
	for i := 1; i < len(corners); i++ {
		list = append(list, integratePanel(f, corners[i-1], corners[i]))
	}
	for range 200 {
		top := math.Inf(-1)
		for _, p := range list {
			top = max(top, p.shift)
		}
		if math.IsInf(top, -1) {
			return top
		}
		value, fault, worst, at := 0.0, 0.0, -1.0, 0
		for i, p := range list {
			scale := math.Exp(p.shift - top)
			value += float64(p.value * scale)
			fault += float64(p.fault * scale)
			if e := p.fault * scale; e > worst {
				worst, at = e, i
			}
		}
		if fault <= precision*value {
			return math.Log(value) + top
		}
		p := list[at]
		mid := (p.from + p.to) / 2
		list[at] = integratePanel(f, p.from, mid)
		list = append(list, integratePanel(f, mid, p.to))
	}
	sum := math.Inf(-1)
	for _, p := range list {
		sum = addLogs(sum, math.Log(p.value)+p.shift)
	}
	return sum
}

func integratePanel(f func(float64) float64, from, to float64) panel {
	mid, half := (from+to)/2, (to-from)/2
	var low, high [8]float64
	top := math.Inf(-1)
	for i, x := range kronrodNodes {
		low[i] = f(mid - float64(half*x))
		high[i] = low[i]
		if x != 0 {
			high[i] = f(mid + float64(half*x))
		}
		top = max(top, low[i], high[i])
	}
	p := panel{from: from, to: to, shift: top}
	if math.IsInf(top, -1) {
		return p
	}
	kronrod, gauss := 0.0, 0.0
	for i, x := range kronrodNodes {
		v := math.Exp(low[i] - top)
		if x != 0 {
			v += math.Exp(high[i] - top)
		}
		kronrod += float64(kronrodWeights[i] * v)
		if i%2 == 1 {
			gauss += float64(gaussWeights[i/2] * v)
		}
	}
	p.value = kronrod * half
	p.fault = math.Abs(kronrod-gauss) * half
	return p
}
