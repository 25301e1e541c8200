package nullmodel

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/internal/mt"
)

// folds deals rows into k folds: the individuals sorted (as numbers where all
// of them are numbers), shuffled as Python's random.shuffle does, and dealt out
// in turn, as DeepNull 0.2.2 does, so that the same seed gives the same folds.
// With strata (a binary trait) each stratum is dealt out for itself, the second
// going on where the first ended. With groups it is groups that are dealt, each
// to the fold that has the fewest people so far.
// fold[i] belongs to rows[i].
func folds(t *Table, rows []int, k int, seed int64, strata []bool) []int {
	order := sortedByID(t, rows)
	shuffled := mt.ShufflePython(seed, len(order))
	fold := make([]int, len(rows))
	if t.Groups != nil {
		dealGroups(t, rows, order, shuffled, k, fold)
		return fold
	}
	dealt := 0
	for _, stratum := range []bool{false, true} {
		for _, p := range shuffled {
			i := order[p]
			if strata == nil && stratum || strata != nil && strata[i] != stratum {
				continue
			}
			fold[i] = dealt % k
			dealt++
		}
	}
	return fold
}

// sortedByID gives the indices of rows in the order of their identifiers.
func sortedByID(t *Table, rows []int) []int {
	order := make([]int, len(rows))
	numbers := make([]float64, len(rows))
	numeric := true
	for i, r := range rows {
		order[i] = i
		x, err := strconv.ParseFloat(t.IDs[r], 64)
		numbers[i] = x
		numeric = numeric && err == nil
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if numeric {
			return cmp.Compare(numbers[a], numbers[b])
		}
		return cmp.Compare(t.IDs[rows[a]], t.IDs[rows[b]])
	})
	return order
}

func dealGroups(t *Table, rows, order, shuffled []int, k int, fold []int) {
	members := map[string][]int{}
	var groups []string // in the order of first mention after the shuffle
	for _, p := range shuffled {
		i := order[p]
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
