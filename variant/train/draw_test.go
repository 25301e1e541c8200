package train

import (
	"math"
	"testing"
)

// kindSource is examples of which every fifth is of an indel.
type kindSource int

func (n kindSource) Len() int { return int(n) }
func (n kindSource) Meta(i int) Meta {
	return Meta{Kind: Kind(min(i%5, 1)) ^ 1, Held: i%11 == 0, Set: uint16(i % 2), Weight: 1}
}
func (n kindSource) Read(int, []float32, []byte) error { return nil }

// Examples of indels are drawn as many times as asked for, those of SNPs once, in
// every way through a set.
func TestIndelsAreDrawnMoreOften(t *testing.T) {
	for _, times := range []int{1, 3} {
		o := Defaults()
		o.Indels = times
		src := kindSource(1100)
		d, err := newDrawer(src, Shape{}, false, &o, 0)
		if err != nil {
			t.Fatal(err)
		}
		drawn := make([]int, src.Len())
		for range 200_000 {
			drawn[d.pick()]++
		}
		indels, all := 0, 0
		for i, n := range drawn {
			m := src.Meta(i)
			if m.Held {
				if n > 0 {
					t.Fatalf("example %d is of a held-out locus", i)
				}
				continue
			}
			all += n
			if m.Kind != SNP {
				indels += n
			}
		}
		f := float64(times)
		if got, want := float64(indels)/float64(all), 0.2*f/(0.2*f+0.8); math.Abs(got-want) > 0.01 {
			t.Errorf("indels %d: %.3f of the draws, want %.3f", times, got, want)
		}
	}
}
