package genotype

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

// FromExample takes what a file of classified examples says of one alt set,
// and the name of its sample. The phases of alleles (ALT_PS, PS_CONTIG:
// DeepVariant 1.9 and later), methylation (MF, MD, MT) and the model (MID) come
// along where they are told.
func FromExample(c *example.CallVariantsOutput) (out Output, sample string, err error) {
	v := c.Variant
	if v == nil {
		return out, "", errors.New("a classified example without its variant")
	}
	if len(v.Calls) != 1 {
		return out, "", fmt.Errorf("%s: %d samples, want 1", v.Place(), len(v.Calls))
	}
	if out.Site, err = v.Site(); err != nil {
		return out, "", err
	}
	if len(c.Probabilities) != 3 {
		return out, "", fmt.Errorf("%s: %d probabilities, want 3", v.Place(), len(c.Probabilities))
	}
	out.AltSet = c.AltIndices
	copy(out.P[:], c.Probabilities)
	call := &v.Calls[0]
	if id := call.Info.Get("MID"); len(id) == 1 {
		out.Model = id[0].Text
	}
	if phases := v.Info.Get("ALT_PS"); len(phases) == len(v.Alts)+1 {
		for _, p := range phases {
			out.Phases = append(out.Phases, p.Int)
		}
		if set := v.Info.Get("PS_CONTIG"); len(set) == 1 {
			out.PhaseSet = set[0].Text
		}
	}
	fractions, depths := call.Info.Get("MF"), call.Info.Get("MD")
	if len(fractions) == 0 && len(depths) == 0 {
		return out, call.Sample, nil
	}
	m := &variant.Methylation{}
	for _, x := range fractions {
		m.Fraction = append(m.Fraction, x.Number)
	}
	for _, x := range depths {
		m.Depth = append(m.Depth, x.Int)
	}
	if mt := call.Info.Get("MT"); len(mt) == 1 {
		m.Type = mt[0].Text
	}
	out.Methylation = m
	return out, call.Sample, nil
}

// ToExample is the message of one alt set, as the classifying stage writes it
// for the sample: the other way of FromExample, phases left out.
func ToExample(s *variant.Site, l *variant.Likelihoods, sample string) *example.CallVariantsOutput {
	v := example.FromSite(s, sample)
	if l.Model != "" {
		v.Calls[0].Info.Set("MID", example.TextValue(l.Model))
	}
	return &example.CallVariantsOutput{Variant: v, AltIndices: l.AltSet, Probabilities: l.P[:]}
}
