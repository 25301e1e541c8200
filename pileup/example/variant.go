package example

import (
	"fmt"

	"github.com/gx-genomics/gx/variant"
)

// Variant is nucleus' genomics.v1.Variant: a site as DeepVariant hands it on.
// Positions are 0-based, half-open.
type Variant struct {
	ID      string
	Names   []string // the ID column of VCF
	Ref     string
	Alts    []string
	Quality float64
	Filter  []string
	Info    Info
	Calls   []VariantCall
	Created int
	End     int
	Contig  string
	SetID   string
	Start   int
}

// VariantCall is what is known of one sample at a site.
type VariantCall struct {
	Info        Info // FORMAT fields: DP, AD, VAF, GQ, MIN_DP ...
	PhaseSet    string
	Likelihoods []float64 // log10, in VCF's order of genotypes
	Genotype    []int     // allele numbers, -1 where missing
	SetID       string
	Sample      string
	Phased      bool
}

// DecodeVariant reads a Variant message. Fields that are not known are left
// out.
func DecodeVariant(b []byte) (*Variant, error) {
	v := new(Variant)
	if err := v.decode(b); err != nil {
		return nil, fmt.Errorf("message Variant: %w", err)
	}
	return v, nil
}

func (v *Variant) decode(b []byte) error {
	err := eachField(b, func(f field) error {
		switch f.num {
		case 2:
			return f.text(&v.ID)
		case 3:
			return f.texts(&v.Names)
		case 6:
			return f.text(&v.Ref)
		case 7:
			return f.texts(&v.Alts)
		case 8:
			return f.double(&v.Quality)
		case 9:
			return f.texts(&v.Filter)
		case 10:
			return v.Info.add(f)
		case 11:
			v.Calls = append(v.Calls, VariantCall{})
			return f.message(v.Calls[len(v.Calls)-1].decode)
		case 12:
			return f.whole(&v.Created)
		case 13:
			return f.whole(&v.End)
		case 14:
			return f.text(&v.Contig)
		case 15:
			return f.text(&v.SetID)
		case 16:
			return f.whole(&v.Start)
		}
		return nil
	})
	v.Info.order()
	return err
}

// Append appends the message; the same value gives the same bytes.
func (v *Variant) Append(b []byte) []byte {
	b = appendText(b, 2, v.ID)
	b = appendTexts(b, 3, v.Names)
	b = appendText(b, 6, v.Ref)
	b = appendTexts(b, 7, v.Alts)
	b = appendDouble(b, 8, v.Quality)
	b = appendTexts(b, 9, v.Filter)
	b = v.Info.append(b, 10)
	for i := range v.Calls {
		b = appendMessage(b, 11, v.Calls[i].append)
	}
	b = appendWhole(b, 12, v.Created)
	b = appendWhole(b, 13, v.End)
	b = appendText(b, 14, v.Contig)
	b = appendText(b, 15, v.SetID)
	return appendWhole(b, 16, v.Start)
}

func (c *VariantCall) decode(b []byte) error {
	err := eachField(b, func(f field) error {
		switch f.num {
		case 2:
			return c.Info.add(f)
		case 5:
			return f.text(&c.PhaseSet)
		case 6:
			return f.doubles(&c.Likelihoods)
		case 7:
			return f.wholes(&c.Genotype)
		case 8:
			return f.text(&c.SetID)
		case 9:
			return f.text(&c.Sample)
		case 10:
			return f.boolean(&c.Phased)
		}
		return nil
	})
	c.Info.order()
	return err
}

func (c *VariantCall) append(b []byte) []byte {
	b = c.Info.append(b, 2)
	b = appendText(b, 5, c.PhaseSet)
	b = appendDoubles(b, 6, c.Likelihoods)
	b = appendWholes(b, 7, c.Genotype)
	b = appendText(b, 8, c.SetID)
	b = appendText(b, 9, c.Sample)
	return appendBool(b, 10, c.Phased)
}

// noAlt is the alternate allele of a site of the reference.
const noAlt = "."

// FromSite is a candidate as DeepVariant writes it: one call of the sample
// without a genotype, with the counts of reads as DP, AD and VAF, of a site of
// the reference DP alone.
func FromSite(s *variant.Site, sample string) *Variant {
	v := &Variant{Contig: s.Contig, Start: s.Start, End: s.End, Ref: s.Ref, Alts: s.Alts}
	call := VariantCall{Sample: sample, Genotype: []int{variant.Missing, variant.Missing}}
	ad, vaf := make([]Value, len(s.AD)), make([]Value, len(s.VAF))
	for i, n := range s.AD {
		ad[i] = IntValue(n)
	}
	for i, x := range s.VAF {
		vaf[i] = NumberValue(x)
	}
	call.Info = Info{{"AD", ad}, {"DP", []Value{IntValue(s.Depth)}}, {"VAF", vaf}}
	if len(s.Alts) == 1 && s.Alts[0] == noAlt {
		call.Info = Info{{"DP", []Value{IntValue(s.Depth)}}}
	}
	v.Calls = []VariantCall{call}
	return v
}

// Site is the site with the counts of its first call. A site without a
// reference allele, whose end does not fit it, or whose counts do not fit its
// alleles is an error. Counts that are absent stay empty.
func (v *Variant) Site() (variant.Site, error) {
	s := variant.Site{Variant: variant.Variant{Contig: v.Contig, Start: v.Start, End: v.End, Ref: v.Ref, Alts: v.Alts}}
	if v.Ref == "" || v.Start < 0 || v.End != v.Start+len(v.Ref) {
		return s, fmt.Errorf("%s: reference allele %.20q at [%d, %d): want as many bases as positions", v.Place(), v.Ref, v.Start, v.End)
	}
	if len(v.Calls) == 0 {
		return s, nil
	}
	info := v.Calls[0].Info
	if dp := info.Get("DP"); len(dp) == 1 {
		s.Depth = dp[0].whole()
	}
	for _, x := range info.Get("AD") {
		s.AD = append(s.AD, x.whole())
	}
	for _, x := range info.Get("VAF") {
		s.VAF = append(s.VAF, x.Number)
	}
	if s.AD != nil && len(s.AD) != len(v.Alts)+1 {
		return s, fmt.Errorf("%s: AD has %d values, want %d", v.Place(), len(s.AD), len(v.Alts)+1)
	}
	if s.VAF != nil && len(s.VAF) != len(v.Alts) {
		return s, fmt.Errorf("%s: VAF has %d values, want %d", v.Place(), len(s.VAF), len(v.Alts))
	}
	return s, nil
}

// whole is the number of a value, written as an int or as a double.
func (v *Value) whole() int {
	if v.Kind == Number {
		return int(v.Number)
	}
	return v.Int
}

// Place is the site for a person, 1-based: chr20:10000117 G>T.
func (v *Variant) Place() string {
	s := fmt.Sprintf("%s:%d %s>", v.Contig, v.Start+1, v.Ref)
	for i, a := range v.Alts {
		if i > 0 {
			s += ","
		}
		s += a
	}
	return s
}

// Locus is the text of an example's locus: the contig, the 1-based first and
// the last position.
func (v *Variant) Locus() string { return fmt.Sprintf("%s:%d-%d", v.Contig, v.Start+1, v.End) }
