package glm

// Common is what the models of many genotypes share: one trait, the same
// covariates, and the logistic model of the covariates alone, which every fit
// begins at. It is read only once made.
type Common struct {
	n, c int
	cols []float32 // c columns of n, orthonormal under w, and the linear predictor as one more
	p, w []float32 // probabilities, and p(1-p)
}

// NewCommon takes the basis, made orthonormal under w by columns, and the
// fitted model of the covariates.
func NewCommon(basis [][]float64, eta, p, w []float64) *Common {
	m := &Common{n: len(p), c: len(basis)}
	m.cols = make([]float32, 0, (m.c+1)*m.n)
	for _, b := range basis {
		m.cols = appendFloat32(m.cols, b)
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
