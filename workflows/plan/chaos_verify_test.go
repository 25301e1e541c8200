//go:build verify

package plan

import (
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyChaos kills and fails at every point that there is.
func TestVerifyChaos(t *testing.T) {
	want := undisturbed(t)
	points := 0
	for _, fail := range failpoints(true) {
		dir := t.TempDir()
		if !spawn(t, dir, fail, 0) {
			t.Errorf("%s was not reached", fail)
			continue
		}
		goOn(t, dir, want)
		points++
	}
	const kills = 200
	killAtRandom(t, kills, want)
	operations := storeFaults(t, 1)
	if t.Failed() {
		t.FailNow()
	}
	err := verify.Write("../..", verify.Chaos, []verify.Figure{
		{Name: "named points of a kill, same bytes after each", Value: float64(points), Unit: "points", Bar: 20},
		{Name: "kills at random moments, same bytes after all", Value: kills, Unit: "kills", Bar: 200},
		{Name: "operations of the store that failed in turn, same bytes after each", Value: float64(operations), Unit: "operations", Bar: 200},
	})
	if err != nil {
		t.Fatal(err)
	}
}
