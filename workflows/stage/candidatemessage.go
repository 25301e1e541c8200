package stage

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant/align"
)

// context19 is how many positions around a candidate DeepVariant 1.9 tells the
// share of other alleles of.
const context19 = 51

// message is a candidate as a Variant, with how many reads of each allele are
// methylated where that is looked at.
func message(c *candidate.Candidate, sample string) *example.Variant {
	v := example.FromSite(&c.Site, sample)
	if m := c.Methylation; m != nil {
		var fractions, depths []example.Value
		for i := range m.Depth {
			fractions, depths = append(fractions, example.NumberValue(m.Fraction[i])), append(depths, example.IntValue(m.Depth[i]))
		}
		v.Calls[0].Info.Set("MF", fractions...)
		v.Calls[0].Info.Set("MD", depths...)
	}
	return v
}

// seenBy is a candidate of r as another sample of the family sees it, without
// reads where that has none.
func (w *exampleWork) seenBy(sample int, r *sampleWork, c *candidate.Candidate) *candidate.Candidate {
	other := w.family[sample].member
	switch {
	case other == r.member:
		return c
	case other < 0:
		return &candidate.Candidate{Site: c.Site}
	case other > r.member:
		other--
	}
	seen := c.In(other)
	return &seen
}

// candidateMessage is a candidate of a sample as a DeepVariantCall: the keys of
// the reads of each allele, of all samples, in order; of reads with one key the
// sample's own comes first. 1.5 tells less of them.
func (d *drawer) candidateMessage(c *candidate.Candidate, r *sampleWork, all []*pileup.Pileup) *example.DeepVariantCall {
	older := d.w.pileup.Compat == pileup.V15
	p := all[r.member]
	m := &example.DeepVariantCall{Variant: message(c, r.sample)}
	d.tellFrequencies(m, c, p)
	list := func(of func(*candidate.Shown) []candidate.Support) (ext []example.ReadSupport, plain []string) {
		add := func(from *sampleWork, support []candidate.Support) {
			for _, s := range support {
				read := &all[from.member].Reads[s.Read]
				x := example.ReadSupport{Read: fmt.Sprintf("%s/%d", read.Name, read.Number()), Low: s.Low}
				if !older {
					x.MapQ, x.BaseQuality, x.Reverse, x.Sample = int(read.MapQ), int(s.BaseQ), read.Flag&align.Reverse != 0, from.sample
					x.Methylated, x.Methylation = s.Methylated, int(s.Level)
				}
				ext = append(ext, x)
			}
		}
		add(r, of(&c.Shown))
		for _, from := range d.w.family {
			if from != r && from.member >= 0 {
				seen := d.w.seenBy(from.role, r, c)
				add(from, of(&seen.Shown))
			}
		}
		slices.SortStableFunc(ext, func(a, b example.ReadSupport) int { return cmp.Compare(a.Read, b.Read) })
		if len(d.w.family) > 1 {
			ext = slices.CompactFunc(ext, func(a, b example.ReadSupport) bool { return a.Read == b.Read })
		}
		for _, x := range ext {
			plain = append(plain, x.Read)
		}
		return ext, plain
	}
	add := func(allele string, of func(*candidate.Shown) []candidate.Support) {
		if ext, plain := list(of); len(ext) > 0 {
			m.Support = append(m.Support, example.AlleleReads{Allele: allele, Reads: plain})
			m.SupportExt = append(m.SupportExt, example.AlleleReadsExt{Allele: allele, Reads: ext})
		}
	}
	for i := range c.Alts {
		add(c.Alts[i], func(s *candidate.Shown) []candidate.Support {
			if i >= len(s.Support) {
				return nil
			}
			return s.Support[i]
		})
	}
	add(example.Uncalled, func(s *candidate.Shown) []candidate.Support { return s.Other })
	slices.SortFunc(m.Support, func(a, b example.AlleleReads) int { return cmp.Compare(a.Allele, b.Allele) })
	slices.SortFunc(m.SupportExt, func(a, b example.AlleleReadsExt) int { return cmp.Compare(a.Allele, b.Allele) })
	m.RefExt, m.Ref = list(func(s *candidate.Shown) []candidate.Support { return s.RefSupport })
	if older {
		return m
	}
	around, first := candidate.Context(nil, p.Counts, c.Start, context19)
	for i, percent := range around {
		m.FrequencyAt = append(m.FrequencyAt, example.FrequencyAt{Offset: first + i, Value: percent})
	}
	return m
}
