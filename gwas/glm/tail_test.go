package glm

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

// TestStudentTail compares both ways with each other and with gonum.
func TestStudentTail(t *testing.T) {
	for _, df := range []float64{1, 2, 3.5, 10, 59, 60, 100, 498, 9990, 499_989} {
		for _, x := range []float64{0, 1e-6, 0.01, 0.3, 1, 1.96, 3, 5, 8, 12, 20, 30, 38} {
			got := StudentTail(x, df)
			exact := logBeta(x*x, df)
			if math.Abs(got-exact) > 1e-8*(1+exact) {
				t.Errorf("t %g, df %g: %.12g, by the beta function %.12g", x, df, got, exact)
			}
			p := mathext.RegIncBeta(df/2, 0.5, df/(df+x*x))
			if x > 1e-3 && p > 1e-250 && math.Abs(got+math.Log10(p)) > 1e-8*(1+got) {
				t.Errorf("t %g, df %g: %.12g, gonum %.12g", x, df, got, -math.Log10(p))
			}
		}
	}
}

func TestNormalTail(t *testing.T) {
	for _, c := range []struct{ z, want float64 }{
		{0, 0}, {1.959963984540054, 1.301029995663981}, {-1.959963984540054, 1.301029995663981},
		{24.999, 137.20}, {25.001, 137.22}, {40, 349.1370}, {1e4, 21714728.1},
	} {
		tol := 1e-12
		if c.z > 20 {
			tol = 1e-4
		}
		if got := NormalTail(c.z); math.Abs(got-c.want) > tol*(1+c.want) {
			t.Errorf("z %g: %.10g, want %.10g", c.z, got, c.want)
		}
	}
	if a, b := NormalTail(24.999999999), NormalTail(25); math.Abs(a-b) > 1e-7 {
		t.Errorf("a step at the change of method: %g to %g", a, b)
	}
}

func TestChiSquareTail(t *testing.T) {
	if got := ChiSquareTail(3.841458820694124, 1); math.Abs(got-1.301029995663981) > 1e-12 {
		t.Errorf("df 1: %g", got)
	}
	if got := ChiSquareTail(5.991464547107979, 2); math.Abs(got-1.301029995663981) > 1e-12 {
		t.Errorf("df 2: %g", got)
	}
	for _, df := range []float64{3, 4, 5} { // the two ways meet
		lo, hi := ChiSquareTail(1330, df), ChiSquareTail(1350, df)
		if math.Abs(hi-lo-20/(2*math.Ln10)) > 0.05 {
			t.Errorf("df %g: %g to %g", df, lo, hi)
		}
	}
}
