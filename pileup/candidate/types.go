package candidate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Types is a choice of kinds of variants (select_variant_types); the zero value
// is everything.
type Types struct{ names []string }

// kinds are the words of a choice. All but the last two mean variants with one
// alternate allele.
var kinds = map[string]func(ref, alt int, alts int) bool{
	"snps":           func(ref, alt, alts int) bool { return alts == 1 && ref == 1 && alt == 1 },
	"indels":         func(ref, alt, alts int) bool { return alts == 1 && ref != alt },
	"insertions":     func(ref, alt, alts int) bool { return alts == 1 && ref < alt },
	"deletions":      func(ref, alt, alts int) bool { return alts == 1 && ref > alt },
	"multi-allelics": func(_, _, alts int) bool { return alts > 1 },
	"all":            func(_, _, _ int) bool { return true },
}

// ParseTypes reads words separated by blanks: snps, indels, insertions,
// deletions, multi-allelics, all. A variant that one of them means is chosen.
func ParseTypes(s string) (Types, error) {
	names := strings.Fields(s)
	for _, name := range names {
		if kinds[name] == nil {
			return Types{}, fmt.Errorf("select-variant-types %q: want some of snps, indels, insertions, deletions, multi-allelics, all", name)
		}
	}
	return Types{names}, nil
}

// All says whether every variant is chosen.
func (t Types) All() bool { return len(t.names) == 0 }

// Has says whether the variant is one of those chosen.
func (t Types) Has(v *variant.Variant) bool {
	alt := ""
	if len(v.Alts) > 0 {
		alt = v.Alts[0]
	}
	return len(t.names) == 0 || slices.ContainsFunc(t.names, func(name string) bool {
		return kinds[name](len(v.Ref), len(alt), len(v.Alts))
	})
}
