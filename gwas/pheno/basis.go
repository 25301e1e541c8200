package pheno

import "math"

// Basis is an orthonormal basis of the intercept and the covariates over the
// samples of a mask; outside the mask its rows are zero. The first column is
// the intercept's.
type Basis struct {
	Q       [][]float64 // Q[j][i] is column j of sample i
	Dropped []Dropped
}

// Dropped is a covariate that adds nothing to those before it.
type Dropped struct {
	Name     string
	Constant bool // else it is a combination of those before it
}

func (d Dropped) String() string {
	if d.Constant {
		return "covariate " + d.Name + " is constant: dropped"
	}
	return "covariate " + d.Name + " is a combination of those before it: dropped"
}

// negligible is what remains of a column, relative to its spread, that counts
// as nothing.
const negligible = 1e-7

// NewBasis orthonormalises the covariates in their order, by Gram-Schmidt taken
// twice, over the samples whose mask is true; a nil mask takes all of n.
func NewBasis(covariates []Covariate, mask []bool, n int) *Basis {
	b := &Basis{}
	one := make([]float64, n)
	count := 0
	for i := range one {
		if mask == nil || mask[i] {
			one[i] = 1
			count++
		}
	}
	if count == 0 {
		return b
	}
	scale(one, 1/math.Sqrt(float64(count)))
	b.Q = append(b.Q, one)
	for _, c := range covariates {
		v := make([]float64, n)
		most := 0.0
		for i, x := range c.Values {
			if one[i] != 0 {
				v[i] = x
				most = max(most, math.Abs(x))
			}
		}
		if most == 0 {
			b.Dropped = append(b.Dropped, Dropped{c.Name, true})
			continue
		}
		scale(v, 1/most) // squares neither overflow nor vanish
		whole := Norm(v)
		b.project(v, 1)
		b.project(v, 1)
		spread := Norm(v)
		if spread <= 1e-12*whole {
			b.Dropped = append(b.Dropped, Dropped{c.Name, true})
			continue
		}
		b.project(v, len(b.Q))
		b.project(v, len(b.Q))
		rest := Norm(v)
		if rest <= negligible*spread {
			b.Dropped = append(b.Dropped, Dropped{c.Name, false})
			continue
		}
		scale(v, 1/rest)
		b.project(v, len(b.Q))
		scale(v, 1/Norm(v))
		b.Q = append(b.Q, v)
	}
	return b
}

// project takes the first k columns out of v.
func (b *Basis) project(v []float64, k int) {
	for _, q := range b.Q[:k] {
		d := Dot(q, v)
		for i, x := range q {
			v[i] -= float64(d * x)
		}
	}
}

// Residual takes the basis out of v, which is zero outside the mask.
func (b *Basis) Residual(v []float64) {
	b.project(v, len(b.Q))
	b.project(v, len(b.Q))
}

// Rank is how many columns there are, the intercept among them.
func (b *Basis) Rank() int { return len(b.Q) }

// Dot is the sum of products in four lanes, the same bits on every machine.
func Dot(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += float64(x[i] * y[i])
		s1 += float64(x[i+1] * y[i+1])
		s2 += float64(x[i+2] * y[i+2])
		s3 += float64(x[i+3] * y[i+3])
	}
	for ; i < len(x); i++ {
		s0 += float64(x[i] * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// Norm is the Euclidean length of v.
func Norm(v []float64) float64 { return math.Sqrt(Dot(v, v)) }

func scale(v []float64, a float64) {
	for i := range v {
		v[i] *= a
	}
}
