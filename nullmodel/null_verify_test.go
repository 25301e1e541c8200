//go:build verify

package nullmodel

import (
	"math"
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyNullModel measures on cohortA the original's recipe, which reached
// an R2 of 0.290 for y_nl with one seed, with five; and the defaults.
func TestVerifyNullModel(t *testing.T) {
	table, col := cohortA(t)
	original := Defaults()
	original.Original, original.Members, original.Networks = true, []Member{Network}, 1
	mean := 0.0
	y := &Trait{Name: "y_nl", Values: col["y_nl"]}
	const seeds = 5
	for seed := range seeds {
		original.Seed = 1234 + int64(seed)
		r := R2(mustPredict(t, table, y, original).Values, y.Values)
		t.Logf("original's recipe, seed %d: R2 %.4f", original.Seed, r)
		mean += r / seeds
	}
	figures := []verify.Figure{
		{Name: "cohortA y_nl, original's recipe: R2, mean of 5 seeds", Value: mean, Bar: 0.26},
		{Name: "the same, distance from DeepNull's own 0.290", Value: math.Abs(mean - 0.290), Bar: 0.03, Most: true},
	}
	o := Defaults()
	o.Seed = 1234
	nl := mustPredict(t, table, y, o)
	lin := &Trait{Name: "y_lin", Values: col["y_lin"]}
	linear := mustPredict(t, table, lin, o)
	b := &Trait{Name: "b_nl", Values: col["b_nl"], Binary: true}
	binary := mustPredict(t, table, b, o)
	figures = append(figures,
		verify.Figure{Name: "cohortA y_nl: R2 out of fold", Value: R2(nl.Values, y.Values), Bar: 0.42},
		verify.Figure{Name: "cohortA y_lin: R2 lost against least squares out of fold", Value: R2(linear.OLS, lin.Values) - R2(linear.Values, lin.Values), Bar: 0.002, Most: true},
		verify.Figure{Name: "cohortA b_nl: area under the curve out of fold", Value: AUC(binary.Values, b.Values), Bar: 0.78})
	if err := verify.Write("..", verify.NullModel, figures); err != nil {
		t.Fatal(err)
	}
}
