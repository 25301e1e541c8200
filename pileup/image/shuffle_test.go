package image_test

import (
	"slices"

	"github.com/gx-genomics/gx/internal/mt"
)

// lastTwoNumPy is the last two of 0 .. 96 in the order of 1.5, ascending.
func lastTwoNumPy() []int { return lastTwo(mt.ShuffleNumPy(2101079370, 97)) }

// lastTwoStd is the last two of 0 .. 96 in the order of 1.9, ascending.
func lastTwoStd() []int { return lastTwo(mt.ShuffleStd(2101079370, 97)) }

func lastTwo(order []int) []int {
	out := slices.Clone(order[len(order)-2:])
	slices.Sort(out)
	return out
}
