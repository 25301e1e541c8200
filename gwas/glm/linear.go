package glm

import "math"

// Fit is the estimate of one effect and its test.
type Fit struct {
	Beta, SE  float64
	Stat      float64 // t, z, or a signed root of chi-square
	NegLog10P float64
}

// NoFit is what stands where there is no estimate.
func NoFit() Fit {
	nan := math.NaN()
	return Fit{nan, nan, nan, nan}
}

// LeastSquares is ordinary least squares of y on a genotype, the covariates
// taken out of both: gy and gg are the sums of products, yy the sum of squares,
// df the degrees of freedom with the genotype in the model. ok is false where y
// is nothing but the genotype and covariates.
func LeastSquares(gy, gg, yy, df float64) (f Fit, ok bool) {
	f.Beta = gy / gg
	rss := yy - float64(f.Beta*gy)
	if rss <= 1e-12*yy || df <= 0 {
		return NoFit(), false
	}
	f.SE = math.Sqrt(rss / float64(df*gg))
	f.Stat = f.Beta / f.SE
	f.NegLog10P = StudentTail(f.Stat, df)
	return f, true
}

// ScoreTest is the normal test of a score with its variance, the estimate of
// one step from the null: the linear one has score gy/s2 and variance gg/s2,
// where s2 is the null's residual variance.
func ScoreTest(score, variance float64) Fit {
	z := score / math.Sqrt(variance)
	return Fit{Beta: score / variance, SE: 1 / math.Sqrt(variance), Stat: z, NegLog10P: NormalTail(z)}
}
