package label

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkMatch labels crowded places: one to four candidates and one to three
// records of the truth in 14 bases.
func BenchmarkMatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var places []func()
	for range 256 {
		g, cands, truths, gt := cluster(rng)
		text := string(g[5:50])
		places = append(places, func() { match(cands, truths, gt, text, 5) })
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		places[i%len(places)]()
		i++
	}
}
