// Package glm holds the tests of association on numbers already summed: least
// squares, the score test, logistic regression, Firth's penalised likelihood and
// the saddlepoint approximation.
package glm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// NormalTail is -log10 of the two-sided probability of a standard normal beyond
// |z|. It does not underflow. It is NaN for NaN.
func NormalTail(z float64) float64 {
	z = math.Abs(z)
	if z < 25 {
		return max(-math.Log10(math.Erfc(z/math.Sqrt2)), 0)
	}
	// Mills' ratio as a continued fraction, which needs few terms this far out:
	// Q(z) = phi(z) / (z + 1/(z + 2/(z + 3/...))).
	f := z
	for k := 12; k >= 1; k-- {
		f = z + float64(k)/f
	}
	return (float64(z*z)/2+math.Log(f)+0.5*math.Log(2*math.Pi))/math.Ln10 - math.Log10(2)
}

// hillFrom is the degrees of freedom from which the normal deviate of Hill is
// good to more digits than a result has.
const hillFrom = 60

// StudentTail is -log10 of the two-sided probability of Student's t with df > 0
// degrees of freedom beyond |t|. It does not underflow.
func StudentTail(t, df float64) float64 {
	t2 := float64(t * t)
	if math.IsNaN(t2) || df <= 0 {
		return math.NaN()
	}
	if df >= hillFrom {
		if z, ok := hill(t2, df); ok {
			return NormalTail(z)
		}
	}
	return logBeta(t2, df)
}

// hill turns t with df degrees of freedom into a normal deviate of the same
// tail (Hill 1970, algorithm 395, CACM 13:617). Far out its series is left.
func hill(t2, df float64) (float64, bool) {
	a := df - 0.5
	b := 48 * float64(a*a)
	z2 := a * math.Log1p(t2/df)
	if z2*z2 > 0.05*b { // terms fall too slowly
		return 0, false
	}
	z := math.Sqrt(z2)
	s := (((-0.4*z2-3.3)*z2-24)*z2 - 85.5) / (0.8*float64(z2*z2) + 100 + b)
	return z + z*(z2+3+s)/b, true
}

// logBeta is the tail by the incomplete beta function I_x(df/2, 1/2), x =
// df/(df+t^2), as a continued fraction in logarithms.
func logBeta(t2, df float64) float64 {
	a, b := df/2, 0.5
	x := df / (df + t2)
	la, _ := math.Lgamma(a)
	lab, _ := math.Lgamma(a + b)
	// front = x^a (1-x)^b / (a B(a,b))
	lx := -math.Log1p(t2 / df)
	front := a*lx + b*math.Log(t2/(df+t2)) + lab - la - 0.5*math.Log(math.Pi)
	if t2 == 0 {
		return 0
	}
	if x < (a+1)/(a+b+2) {
		return -(front + math.Log(betaFraction(a, b, x)/a)) / math.Ln10
	}
	// the other side of the symmetry: the probability is not small
	p := 1 - math.Exp(front)*betaFraction(b, a, 1-x)/b
	return max(-math.Log10(p), 0)
}

// betaFraction is the continued fraction of the incomplete beta function by
// Lentz's method.
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	h := d
	for m := 1.0; m < 20000; m++ {
		for _, num := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 + float64(num*d)
			if math.Abs(d) < tiny {
				d = tiny
			}
			c = 1 + num/c
			if math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			h *= d * c
		}
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return h
}

// ChiSquareTail is -log10 of the probability of chi-square with df degrees of
// freedom beyond x.
func ChiSquareTail(x, df float64) float64 {
	switch {
	case math.IsNaN(x) || x < 0:
		return math.NaN()
	case df == 1:
		return NormalTail(math.Sqrt(x))
	case df == 2:
		return x / (2 * math.Ln10)
	}
	p := distuv.ChiSquared{K: df}.Survival(x)
	if p > 1e-290 {
		return -math.Log10(p)
	}
	// Leading terms of the upper incomplete gamma function at a = df/2, y = x/2.
	a, y := df/2, x/2
	lg, _ := math.Lgamma(a)
	return -(float64((a-1)*math.Log(y)) - y - lg + math.Log1p((a-1)/y+(a-1)*(a-2)/(y*y))) / math.Ln10
}
