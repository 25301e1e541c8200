package mt

import (
	"slices"
	"testing"
)

// TestShufflePython: lists 1..n as CPython 3 leaves them.
func TestShufflePython(t *testing.T) {
	for _, c := range []struct {
		seed int64
		want []int
	}{
		{1234, []int{3, 9, 4, 6, 7, 5, 10, 1, 2, 8}},
		{318753108, []int{7, 15, 9, 16, 17, 10, 20, 1, 12, 18, 11, 6, 13, 3, 4, 5, 19, 14, 2, 8}},
		{5000000000, []int{10, 9, 6, 5, 4, 3, 7, 8, 1, 2}}, // two words of key
		{-7, []int{9, 4, 2, 5, 8, 1, 10, 7, 3, 6}},
	} {
		got := ShufflePython(c.seed, len(c.want))
		for i := range got {
			got[i]++
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("seed %d: %v, want %v", c.seed, got, c.want)
		}
	}
}
