package label

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Classes is the labeler of classes of the user's own
// (customized_classes_labeler): a candidate whose alternate allele is the first
// one of the truth at its position, over the same reference bases, is of the
// class that the truth tells; every other is of the first class.
type Classes struct {
	Confident *locus.Set // where the truth is known; nil: everywhere
	Names     []string   // the classes, in the order of their numbers
}

// Label labels the candidates. A record of the truth that is needed and has no
// class, or one that is not among the names, is an error.
func (k *Classes) Label(dst []Label, candidates []variant.Variant, truths []Truth) ([]Label, error) {
	for i := range candidates {
		c := &candidates[i]
		l := Label{Known: known(k.Confident, c), GT: variant.NoCall, alt: -1}
		t := sameStart(k.Confident, c, truths)
		if t != nil && (t.GT.A != 0 || t.GT.B != 0) && t.Ref == c.Ref && len(t.Alts) > 0 {
			class := slices.Index(k.Names, t.Class)
			if class < 0 {
				return nil, fmt.Errorf("%s:%d %s: class %q of the truth, want one of %s", t.Contig, t.Start+1, t.Ref, t.Class, strings.Join(k.Names, ", "))
			}
			l.class, l.alt = class, slices.Index(c.Alts, t.Alts[0])
		}
		dst = append(dst, l)
	}
	return dst, nil
}
