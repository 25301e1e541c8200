package mixture

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// erlang is log P(chi-square of 2k degrees of freedom > x): a Poisson sum, exact
// for large k and x in big numbers.
func erlang(k int, x float64) float64 {
	const prec = 2000
	half := new(big.Float).SetPrec(prec).SetFloat64(x / 2)
	term, sum := new(big.Float).SetPrec(prec).SetInt64(1), new(big.Float).SetPrec(prec)
	for j := range k {
		if j > 0 {
			term.Mul(term, half)
			term.Quo(term, new(big.Float).SetPrec(prec).SetInt64(int64(j)))
		}
		sum.Add(sum, term)
	}
	return logOf(sum) - x/2
}

// logOf is the natural logarithm of a big number.
func logOf(x *big.Float) float64 {
	var mant big.Float
	exp := x.MantExp(&mant)
	m, _ := mant.Float64()
	return math.Log(m) + float64(exp)*math.Ln2
}

func closeTo(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	// got and want are natural logarithms: their difference is the relative error.
	if d := math.Abs(got - want); !(d <= tol*max(1, math.Abs(want)*1e-4)) {
		t.Errorf("%s: log p %.15g, want %.15g (relative error %.2g)", name, got, want, d)
	}
}

// TestChiSquare: equal weights are a chi-square of an even number of degrees.
func TestChiSquare(t *testing.T) {
	for _, k := range []int{1, 2, 3, 5, 20, 100, 500} {
		w := make([]float64, 2*k)
		for i := range w {
			w[i] = 0.37
		}
		m := New(w)
		for _, x := range []float64{1e-4, 0.1, 0.5, 0.9, 0.999, 1, 1.001, 1.2, 2, 5, 30, 300, 700, 1e4, 1e6} {
			q := x * float64(2*k)
			closeTo(t, fmt.Sprintf("%d degrees, %g times the mean", 2*k, x), m.LogTail(0.37*q), erlang(k, q), 1e-10)
		}
	}
	// One and odd: against the complementary error function.
	one := New([]float64{2})
	for _, z := range []float64{0.001, 0.5, 1, 3, 8, 20, 37} {
		closeTo(t, fmt.Sprintf("z %g", z), one.LogTail(2*z*z), math.Log(math.Erfc(z/math.Sqrt2)), 1e-10)
	}
	three := New([]float64{1, 1, 1})
	for _, x := range []float64{0.01, 1, 3, 10, 100, 1000} {
		r := math.Sqrt(x)
		want := math.Log(math.Erfc(r/math.Sqrt2) + math.Sqrt(2/math.Pi)*r*math.Exp(-x/2))
		closeTo(t, fmt.Sprintf("3 degrees, %g", x), three.LogTail(x), want, 1e-10)
	}
}

// exponentials is log P of a sum of chi-squares that come in pairs of equal
// weights, all pairs unlike: partial fractions in big numbers.
func exponentials(w []float64, q float64) float64 {
	const prec = 4000
	f := func(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }
	sum := f(0)
	for i := range w {
		c := f(1)
		for j := range w {
			if j != i { // w_i / (w_i - w_j)
				d := f(0).Sub(f(w[i]), f(w[j]))
				c.Mul(c, f(0).Quo(f(w[i]), d))
			}
		}
		c.Mul(c, expOf(f(0).Quo(f(-q/2), f(w[i]))))
		sum.Add(sum, c)
	}
	return logOf(sum)
}

// expOf is exp of a big number that is not positive, by the series of a fraction
// squared up again.
func expOf(x *big.Float) *big.Float {
	prec := x.Prec()
	n := 0
	y := new(big.Float).SetPrec(prec).Set(x)
	for y.Sign() != 0 && y.MantExp(nil) > -64 {
		y.Quo(y, new(big.Float).SetPrec(prec).SetInt64(2))
		n++
	}
	sum, term := new(big.Float).SetPrec(prec).SetInt64(1), new(big.Float).SetPrec(prec).SetInt64(1)
	for k := int64(1); k < 80; k++ {
		term.Mul(term, y)
		term.Quo(term, new(big.Float).SetPrec(prec).SetInt64(k))
		sum.Add(sum, term)
	}
	for range n {
		sum.Mul(sum, sum)
	}
	return sum
}

// TestExponentials: weights in unlike pairs, of like size and over many orders.
func TestExponentials(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	sizes := map[string]func(i int) float64{
		"alike":     func(int) float64 { return 1 + rng.Float64() },
		"falling":   func(i int) float64 { return math.Pow(0.6, float64(i)) * (1 + rng.Float64()/10) },
		"one large": func(i int) float64 { return map[bool]float64{true: 50, false: 0.1 + rng.Float64()}[i == 0] },
	}
	for _, name := range []string{"alike", "falling", "one large"} {
		for _, pairs := range []int{2, 3, 8, 25} {
			var w, both []float64
			mean := 0.0
			for i := range pairs {
				x := sizes[name](i)
				w = append(w, x)
				both = append(both, x, x)
				mean += 2 * x
			}
			m := New(both)
			for _, x := range []float64{0.01, 0.3, 0.99, 1.01, 2, 6, 40, 200, 1000} {
				closeTo(t, fmt.Sprintf("%s, %d pairs, %g times the mean", name, pairs, x), m.LogTail(x*mean), exponentials(w, x*mean), 1e-10)
			}
		}
	}
}

// convolution is log P(a X + b Y > q) of two chi-squares of one degree of freedom,
// over the angle of the normal plane: with X = r^2 cos^2, Y = r^2 sin^2 and r^2/2
// exponential, P = 2/pi int exp(-q / (2 (a cos^2 + b sin^2))), which the
// trapezoidal rule integrates to all digits, as it is periodic.
func convolution(a, b, q float64) float64 {
	const n = 20_000
	top := max(a, b)
	sum := 0.0
	for i := range n {
		s, c := math.Sincos(math.Pi * float64(i) / n)
		sum += math.Exp(-q / 2 * (1/(a*c*c+b*s*s) - 1/top))
	}
	return math.Log(sum/n) - q/2/top
}

func TestTwo(t *testing.T) {
	for _, b := range []float64{1, 0.999, 0.7, 0.1, 1e-3, 1e-6} {
		m := New([]float64{b, 1})
		for _, q := range []float64{1e-6, 1e-3, 0.1, 1, 1.5, 3, 10, 100, 1380, 1e4} {
			closeTo(t, fmt.Sprintf("weights 1 and %g, q %g", b, q), m.LogTail(q), convolution(1, b, q), 1e-10)
		}
	}
}

func TestLogTailEdges(t *testing.T) {
	m := New([]float64{1, 0, -1e-17, 1})
	if m.Len() != 2 || m.LogTail(0) != 0 || m.LogTail(-3) != 0 || !math.IsInf(m.LogTail(math.Inf(1)), -1) || !math.IsNaN(m.LogTail(math.NaN())) {
		t.Errorf("%d weights; tails %g %g %g", m.Len(), m.LogTail(0), m.LogTail(-3), m.LogTail(math.Inf(1)))
	}
	if none := New(nil); !math.IsInf(none.LogTail(1), -1) || none.LogTail(-1) != 0 {
		t.Error("without weights the sum is 0")
	}
	if l := m.NegLog10Tail(1e5); math.Abs(l-5e4/math.Ln10) > 1e-6 {
		t.Errorf("far out -log10 p %g, want %g", l, 5e4/math.Ln10)
	}
	last := 0.0
	for q := 0.001; q < 1e6; q *= 1.01 { // no step where the method changes
		l := m.NegLog10Tail(q)
		if l < last {
			t.Fatalf("the tail rises at %g", q)
		}
		last = l
	}
}

func BenchmarkLogTail(b *testing.B) {
	for _, n := range []int{5, 50, 500} {
		w := make([]float64, n)
		for i := range w {
			w[i] = math.Pow(0.97, float64(i))
		}
		m := New(w)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				m.LogTail(3 * m.total)
			}
		})
	}
}

func TestChiSquareTail(t *testing.T) {
	for _, k := range []int{1, 2, 10, 100} {
		for _, x := range []float64{1e-3, 1, 3, 20, 250, 1400, 1e5} {
			want := erlang(k, x)
			closeTo(t, fmt.Sprintf("%d degrees, x %g", 2*k, x), LogChiSquareTail(x, float64(2*k)), want, 1e-10)
			if want > -1e-4 { // the tail is 1 to too many digits
				continue
			}
			if got := ChiSquareQuantile(want, float64(2*k)); math.Abs(got-x) > 1e-9*x {
				t.Errorf("%d degrees: quantile %.12g, want %g", 2*k, got, x)
			}
		}
	}
	for _, df := range []float64{0.7, 1, 3.3, 41} { // the two ways meet
		at := df + 2
		if a, b := LogChiSquareTail(at*(1-1e-13), df), LogChiSquareTail(at, df); math.Abs(a-b) > 1e-11 {
			t.Errorf("%g degrees: a step from %.15g to %.15g", df, a, b)
		}
	}
}
