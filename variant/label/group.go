package label

import (
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// The bounds of a group, as DeepVariant has them.
const (
	maxOfKind   = 8       // candidates, and truths
	separation  = 30      // bases to the nearest member before
	maxProduct  = 100_000 // of the numbers of genotypes
	beforeGroup = 1       // bases of the reference that are looked at beside a group
	behindGroup = 20
)

// member is a candidate or a truth, in a group of those that are compared
// together.
type member struct {
	*variant.Variant
	truth bool
	index int
}

// groups cuts the candidates and the truths of a stretch into groups that are
// compared each for itself, greedily from the left. Members that end at one
// base, one behind the other, stay together whatever the bounds say, and so do
// those that end no later than the ones before.
func groups(candidates []variant.Variant, truths []Truth) [][]member {
	all := make([]member, 0, len(candidates)+len(truths))
	for i := range candidates {
		all = append(all, member{&candidates[i], false, i})
	}
	for i := range truths {
		all = append(all, member{&truths[i].Variant, true, i})
	}
	slices.SortStableFunc(all, func(a, b member) int { return a.Start - b.Start })
	var out [][]member
	var group []member
	product, lastEnd := 1.0, 0
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].End == all[0].End {
			n++
		}
		together := 1.0
		for _, m := range all[:n] {
			together *= float64(variant.Genotypes(len(m.Alts) + 1))
		}
		if len(group) > 0 && all[0].End > lastEnd && !joins(group, all[:n], product*together) {
			out = append(out, group)
			group, product = nil, 1
		}
		group = append(group, all[:n]...)
		product *= together
		lastEnd = all[0].End
		all = all[n:]
	}
	if len(group) > 0 {
		out = append(out, group)
	}
	return out
}

// joins says whether all of some further members may be taken into a group.
func joins(group, more []member, product float64) bool {
	if product >= maxProduct {
		return false
	}
	for _, m := range more {
		same, near := 0, false
		for _, g := range group {
			if g.truth == m.truth {
				same++
			}
			near = near || m.Start-g.End+1 <= separation
		}
		if same >= maxOfKind || !near {
			return false
		}
	}
	return true
}
