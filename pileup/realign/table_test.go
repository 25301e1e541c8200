package realign

import (
	"math/rand/v2"
	"testing"
)

// TestTable: keys are numbered in the order they come, through growth and
// again after each beginning.
func TestTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	var x table
	for range 5 {
		x.begin()
		want := map[uint64]int32{}
		for range 20_000 {
			key := rng.Uint64N(15_000) * 0x10001
			if n, ok := want[key]; x.find(key) >= 0 != ok || ok && x.find(key) != n {
				t.Fatalf("key %d: found %d, want %d, %v", key, x.find(key), n, ok)
			}
			if _, ok := want[key]; !ok {
				want[key] = int32(len(want))
			}
			if n := x.number(key); n != want[key] {
				t.Fatalf("key %d: %d, want %d", key, n, want[key])
			}
		}
		if x.n != len(want) {
			t.Fatalf("%d keys, want %d", x.n, len(want))
		}
	}
}
