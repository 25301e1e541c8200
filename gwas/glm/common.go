package glm

// Common is what the models of many genotypes share: one trait, the same
// covariates, and the logistic model of the covariates alone, which every fit
// begins at. It is read only once made.
type Common struct {
	n, c int
	cols []float32 // c columns of n, orthonormal under w, and the linear predictor as one more
	p, w []float32 // probabilities, and p(1-p)
}

// NewCommon takes the covariates by columns, and their fitted model: the factor
// of its information, linear predictor, probabilities and p(1-p).
func NewCommon(x [][]float64, f *Factor, eta, p, w []float64) *Common {
	m := &Common{n: len(p), c: len(x)}
	m.cols = make([]float32, m.c*m.n, (m.c+1)*m.n)
	row := make([]float64, m.c)
	for i := range p {
		for j, col := range x {
			row[j] = col[i]
		}
		f.Forward(row)
		for j, v := range row {
			m.cols[j*m.n+i] = float32(v)
		}
	}
	m.cols = appendFloat32(m.cols, eta)
	m.p, m.w = appendFloat32(nil, p), appendFloat32(nil, w)
	return m
}

func appendFloat32(dst []float32, v []float64) []float32 {
	for _, x := range v {
		dst = append(dst, float32(x))
	}
	return dst
}
