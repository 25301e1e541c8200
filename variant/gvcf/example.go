package gvcf

import (
	"fmt"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

// FromExample is a reference block as a file of them holds it (the --gvcf
// output of DeepVariant's make_examples), and the name of its sample.
func FromExample(v *example.Variant) (b variant.Block, sample string, err error) {
	bad := func(what string, found, want int) (variant.Block, string, error) {
		return variant.Block{}, "", fmt.Errorf("reference block %s: %d %s, want %d", v.Place(), found, what, want)
	}
	switch {
	case len(v.Calls) != 1:
		return bad("samples", len(v.Calls), 1)
	case len(v.Ref) != 1:
		return bad("reference bases", len(v.Ref), 1)
	case len(v.Calls[0].Likelihoods) != 3:
		return bad("likelihoods", len(v.Calls[0].Likelihoods), 3)
	case len(v.Calls[0].Genotype) != 2:
		return bad("alleles in the genotype", len(v.Calls[0].Genotype), 2)
	case v.Start < 0 || v.End <= v.Start:
		return variant.Block{}, "", fmt.Errorf("reference block %s: it ends at %d", v.Place(), v.End)
	}
	c := &v.Calls[0]
	b = variant.Block{Contig: v.Contig, Start: v.Start, End: v.End, Ref: v.Ref[0], GT: variant.Genotype{A: c.Genotype[0], B: c.Genotype[1]}, MedDP: -1}
	if b.GT != (variant.Genotype{}) && b.GT != variant.NoCall {
		return variant.Block{}, "", fmt.Errorf("reference block %s: genotype %v, want 0/0 or none", v.Place(), c.Genotype)
	}
	copy(b.GL[:], c.Likelihoods)
	for _, f := range []struct {
		key  string
		to   *int
		must bool
	}{{"GQ", &b.GQ, true}, {"MIN_DP", &b.MinDP, true}, {"MED_DP", &b.MedDP, false}} {
		switch x := c.Info.Get(f.key); {
		case len(x) == 1 && x[0].Int >= 0:
			*f.to = x[0].Int
		case f.must:
			return variant.Block{}, "", fmt.Errorf("reference block %s: no %s", v.Place(), f.key)
		}
	}
	return b, c.Sample, nil
}

// ToExample is the message of a block: the other way of FromExample. any is
// its symbolic allele.
func ToExample(b *variant.Block, sample, any string) *example.Variant {
	v := &example.Variant{Contig: b.Contig, Start: b.Start, End: b.End, Ref: string(b.Ref), Alts: []string{any}}
	c := example.VariantCall{Sample: sample, Genotype: []int{b.GT.A, b.GT.B}, Likelihoods: b.GL[:]}
	c.Info.Set("GQ", example.IntValue(b.GQ))
	c.Info.Set("MIN_DP", example.IntValue(b.MinDP))
	if b.MedDP >= 0 {
		c.Info.Set("MED_DP", example.IntValue(b.MedDP))
	}
	v.Calls = []example.VariantCall{c}
	return v
}
