package label

import (
	"cmp"
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// pair is the two haplotypes of a choice of alleles of the truth.
type pair struct {
	haplotypes [2]string
	chosen     []genotype // of the truths
	missed     int        // alleles of the truth that are left out
}

// maxPairs bounds the ways of giving alleles of the truth to haplotypes. It is
// above what groups within their bounds can have.
const maxPairs = 1 << 19

// options lists what may be found of a genotype of the truth: itself, one of its
// alternate alleles, or none, in ascending order.
func options(gt variant.Genotype) []genotype {
	a, b := uint8(min(gt.A, gt.B)), uint8(max(gt.A, gt.B))
	out := []genotype{ref, {a, b}}
	for _, x := range [2]uint8{a, b} {
		if x > 0 {
			out = append(out, genotype{0, x})
		}
	}
	slices.SortFunc(out, func(x, y genotype) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	return slices.Compact(out)
}

// truthPairs lists the pairs of haplotypes of all choices of alleles of the
// truth, in order of what they miss. Where several choices make the same pair,
// the last one counts, as in DeepVariant.
func truthPairs(truths []*variant.Variant, gt []variant.Genotype, text string, start int) ([]pair, bool) {
	b := pairBuilder{truths: truths, text: text, start: start, chosen: make([]genotype, len(truths)), known: map[[2]string]int{}}
	ways := 1
	for _, g := range gt {
		list := options(g)
		b.options = append(b.options, list)
		n := 0
		for _, o := range list {
			n++
			if o[0] != o[1] {
				n++
			}
		}
		b.zeros += genotype{uint8(g.A), uint8(g.B)}.zeros()
		if ways *= n; ways > maxPairs {
			return nil, false
		}
	}
	b.choose(0)
	slices.SortStableFunc(b.pairs, func(x, y pair) int { return x.missed - y.missed })
	return b.pairs, true
}

// pairBuilder goes through all choices.
type pairBuilder struct {
	truths  []*variant.Variant
	options [][]genotype
	text    string // of the reference, from start on
	start   int
	zeros   int // reference alleles in the truth as it is

	chosen []genotype
	known  map[[2]string]int // the place of each pair in pairs
	pairs  []pair
}

// choose goes through the choices for truth i and those behind it.
func (b *pairBuilder) choose(i int) {
	if i < len(b.truths) {
		for _, o := range b.options[i] {
			b.chosen[i] = o
			b.choose(i + 1)
		}
		return
	}
	missed := -b.zeros
	for _, g := range b.chosen {
		missed += g.zeros()
	}
	from := strand{pos: b.start}
	b.build(0, from, from, missed)
}

// strand is a haplotype in the making, up to position pos of the contig.
type strand struct {
	pos   int
	bases []byte
}

// build goes through the ways in which the chosen alleles of truth i and those
// behind it lie on the haplotypes.
func (b *pairBuilder) build(i int, x, y strand, missed int) {
	if i == len(b.truths) {
		p := [2]string{string(x.bases) + b.text[x.pos-b.start:], string(y.bases) + b.text[y.pos-b.start:]}
		if p[1] < p[0] {
			p[0], p[1] = p[1], p[0]
		}
		k, seen := b.known[p]
		if !seen {
			k = len(b.pairs)
			b.known[p] = k
			b.pairs = append(b.pairs, pair{haplotypes: p})
		}
		b.pairs[k].missed = missed
		b.pairs[k].chosen = append(b.pairs[k].chosen[:0], b.chosen...)
		return
	}
	g := b.chosen[i]
	for way := range 2 {
		if way == 1 && (g[0] == g[1] || x.pos == y.pos && string(x.bases) == string(y.bases)) {
			break // the same with the haplotypes exchanged
		}
		x2, okX := b.lay(x, i, g[way])
		y2, okY := b.lay(y, i, g[1-way])
		if okX && okY {
			b.build(i+1, x2, y2, missed)
		}
	}
}

// lay puts an allele of truth i on a haplotype; false where it cannot lie there.
func (b *pairBuilder) lay(s strand, i int, allele uint8) (strand, bool) {
	v := b.truths[i]
	if v.Start < s.pos {
		return s, allele == 0
	}
	bases := append(s.bases[:len(s.bases):len(s.bases)], b.text[s.pos-b.start:v.Start-b.start]...)
	if allele == 0 {
		return strand{v.Start + 1, append(bases, b.text[v.Start-b.start])}, true
	}
	return strand{v.End, append(bases, v.Alts[allele-1]...)}, true
}
