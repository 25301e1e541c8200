package show

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/gx-genomics/gx/pileup/example"
)

// Name is a name for the file of an example's picture: the site, the alleles
// and the alternate alleles that are shown, like chr20_10001436_A_AAGGCT_0.png.
// Of long alleles it has a digest, and other characters than letters, digits,
// points and dashes become underscores.
func Name(e *example.Example) (string, error) {
	v, err := example.DecodeVariant(e.Variant)
	if err != nil {
		return "", fmt.Errorf("example %.60s: %w", e.Locus, err)
	}
	alleles := v.Ref
	for _, a := range v.Alts {
		alleles += "_" + a
	}
	if len(alleles) > 60 {
		h := fnv.New64a()
		h.Write([]byte(alleles)) // a hash never fails
		alleles = fmt.Sprintf("%s_%016x", alleles[:20], h.Sum64())
	}
	contig := v.Contig
	if len(contig) > 100 {
		contig = contig[:100]
	}
	var alts strings.Builder
	for i, a := range e.AltIndices {
		if i == 8 {
			break
		}
		fmt.Fprintf(&alts, "_%d", a)
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, fmt.Sprintf("%s_%d_%s%s", contig, v.Start+1, alleles, alts.String()))
	return strings.TrimLeft(name, ".-") + ".png", nil
}
