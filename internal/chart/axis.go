package chart

import (
	"math"
	"strconv"
	"strings"
)

// Axis is a scale and what stands beside it.
type Axis struct {
	Label    string
	Min, Max float64 // the ends, Min < Max; both above 0 where Log is set
	Log      bool    // by the logarithm
	Ticks    []Tick
}

// Tick is a marked place of an axis. Without a text it is a line only.
type Tick struct {
	At   float64
	Text string
}

// Linear is an axis from lo to hi with about n ticks at round numbers. The
// ends are moved outwards to a tick where that is set; equal or missing ends
// make an axis of length 1.
func Linear(label string, lo, hi float64, n int, outwards bool) Axis {
	lo, hi = proper(lo, hi)
	step := Step(hi-lo, n)
	a := Axis{Label: label, Min: lo, Max: hi}
	if outwards {
		a.Min, a.Max = math.Floor(lo/step+1e-9)*step, math.Ceil(hi/step-1e-9)*step
	}
	for k := math.Ceil(a.Min/step - 1e-9); k*step <= a.Max+1e-9*step; k++ {
		a.Ticks = append(a.Ticks, Tick{k * step, number(k*step, step)})
	}
	return a
}

// Log10 is an axis of powers of ten, a text at each, from the one at or below lo to
// the one at or above hi. What is not above 0 counts as 1.
func Log10(label string, lo, hi float64) Axis {
	if !(lo > 0) || math.IsInf(lo, 0) {
		lo = 1
	}
	if !(hi > lo) || math.IsInf(hi, 0) {
		hi = 10 * lo
	}
	from, to := int(math.Floor(math.Log10(lo)+1e-9)), int(math.Ceil(math.Log10(hi)-1e-9))
	a := Axis{Label: label, Log: true, Min: math.Pow(10, float64(from)), Max: math.Pow(10, float64(to))}
	every := (to-from)/6 + 1
	for k := from; k <= to; k++ {
		t := Tick{At: math.Pow(10, float64(k))}
		if (k-from)%every == 0 {
			t.Text = number(t.At, t.At)
		}
		a.Ticks = append(a.Ticks, t)
	}
	return a
}

func proper(lo, hi float64) (float64, float64) {
	if math.IsNaN(lo) || math.IsInf(lo, 0) {
		lo = 0
	}
	if !(hi > lo) || math.IsInf(hi, 0) {
		hi = lo + 1
	}
	return lo, hi
}

// Step is the round number (1, 2 or 5 and zeros) that cuts a length into at most
// n pieces and the fewest more.
func Step(length float64, n int) float64 {
	raw := length / float64(max(n, 1))
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if raw <= k*unit*(1+1e-9) {
			return k * unit
		}
	}
	return 10 * unit
}

// number writes a tick of a step: as many decimals as the step has, and commas
// between thousands.
func number(x, step float64) string {
	if math.Abs(x) < step*1e-6 {
		return "0"
	}
	if math.Abs(x) >= 1e15 || step < 1e-6 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return Commas(strconv.FormatFloat(x, 'f', decimals, 64))
}

// Commas puts commas between the thousands of a plain number.
func Commas(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, point := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if point {
		whole += "." + rest
	}
	return sign + whole
}

// place is where a value lies between the ends, 0 to 1; outside it may be less or
// more.
func (a *Axis) place(v float64) float64 {
	if a.Log {
		return (math.Log10(max(v, math.SmallestNonzeroFloat64)) - math.Log10(a.Min)) / (math.Log10(a.Max) - math.Log10(a.Min))
	}
	return (v - a.Min) / (a.Max - a.Min)
}

var raised = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹", "-", "⁻")

// Scientific writes a number as people do: 5×10⁻⁸.
func Scientific(x float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if err != nil || e == 0 {
		return mantissa
	}
	power := "10" + raised.Replace(strconv.Itoa(e))
	if mantissa == "1" {
		return power
	}
	return mantissa + "×" + power
}

// Raised is a whole number as an exponent is written.
func Raised(n int) string { return raised.Replace(strconv.Itoa(n)) }
