package gvcf

import (
	"math"
	"testing"
)

// TestLog10: the exact logarithms to 60 digits, rounded; made with Python's
// decimal module.
func TestLog10(t *testing.T) {
	for x, want := range map[float64]float64{
		1.0:                0.0,
		1.0039388577222823: 0.0017072640416689203,
		1.5:                0.17609125905568124,
		2.0:                0.3010299956639812,
		3.0:                0.47712125471966244,
		1.0000000000000002: 9.64327466553287e-17,
		1.25:               0.09691001300805642,
		2.9:                0.4623979978989561,
		1.000001:           4.3429426472042774e-07,
		2.141592653589793:  0.33073686839979194,
	} {
		if got := log10(x); got != want {
			t.Errorf("log10(%v) = %v, want %v", x, got, want)
		}
	}
	for x := 1.0; x <= 3; x += 0.01 {
		if got, near := log10(x), math.Log10(x); math.Abs(got-near) > 4e-16 {
			t.Errorf("log10(%v) = %v, far from %v", x, got, near)
		}
	}
}
