package stage

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

func someRows() [][]result.Row {
	row := func(id string, beta float64, m result.Method, f result.Flags) result.Row {
		return result.Row{Variant: &dosage.Variant{Chrom: "chrX", Start: 12345, ID: id, Ref: "A", Alt: "GTT"}, N: 500, Cases: -1, Controls: 7, EAF: 0.1, Info: 0.9, Test: "ADD",
			Beta: beta, SE: math.Inf(1), Stat: math.Copysign(0, -1), NegLog10P: 1e-300, Method: m, Flags: f}
	}
	return [][]result.Row{{row("rs1", math.Pi, result.OLS, 0), row("", -1, result.FirthSPA, result.OnX|result.TooFew)}, {}, {row("größe", 2, result.None, result.OutOfHWE)}}
}

func TestRowsOfParts(t *testing.T) {
	want := someRows()
	got, err := parseRows(appendRows(nil, want), len(want))
	if err != nil {
		t.Fatal(err)
	}
	for k := range want {
		if len(got[k]) != len(want[k]) || len(want[k]) > 0 && !reflect.DeepEqual(got[k], want[k]) {
			t.Errorf("trait %d: %+v, want %+v", k, got[k], want[k])
		}
	}
	if _, err := parseRows(appendRows(nil, want), 2); !errors.Is(err, errPart) {
		t.Errorf("rows of another number of traits: %v", err)
	}
}

func FuzzRowsOfParts(f *testing.F) {
	f.Add(appendRows(nil, someRows()), 3)
	f.Add([]byte{1}, 1)
	f.Fuzz(func(t *testing.T, b []byte, traits int) {
		if traits < 0 || traits > 20 {
			return
		}
		rows, err := parseRows(b, traits)
		if err != nil {
			if !errors.Is(err, errPart) {
				t.Errorf("%v is no fault of a part", err)
			}
			return
		}
		again, err := parseRows(appendRows(nil, rows), traits)
		if err != nil || len(again) != len(rows) {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}
