package nullmodel

import (
	"slices"

	"github.com/gx-genomics/gx/internal/mt"
)

// folds deals rows, which are in the order of their identifiers, into k folds:
// shuffled as Python's random.shuffle does and dealt out in turn, as DeepNull
// 0.2.2 does, so that the same seed gives the same folds.
// With strata (a binary trait) each stratum is dealt out for itself, the second
// going on where the first ended. With groups it is groups that are dealt, each
// to the fold that has the fewest people so far.
// fold[i] belongs to rows[i].
func folds(t *Table, rows []int, k int, seed int64, strata []bool) []int {
	shuffled := mt.ShufflePython(seed, len(rows))
	fold := make([]int, len(rows))
	if t.Groups != nil {
		dealGroups(t, rows, shuffled, k, fold)
		return fold
	}
	dealt := 0
	for _, stratum := range []bool{false, true} {
		for _, i := range shuffled {
			if strata == nil && stratum || strata != nil && strata[i] != stratum {
				continue
			}
			fold[i] = dealt % k
			dealt++
		}
	}
	return fold
}

func dealGroups(t *Table, rows, shuffled []int, k int, fold []int) {
	members := map[string][]int{}
	var groups []string // in the order of first mention after the shuffle
	for _, i := range shuffled {
		g := t.Groups[rows[i]]
		if _, seen := members[g]; !seen {
			groups = append(groups, g)
		}
		members[g] = append(members[g], i)
	}
	size := make([]int, k)
	for _, g := range groups {
		f := slices.Index(size, slices.Min(size))
		for _, i := range members[g] {
			fold[i] = f
		}
		size[f] += len(members[g])
	}
}
