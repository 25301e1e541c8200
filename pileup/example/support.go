package example

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Uncalled is the allele under which reads stand whose allele is not called.
const Uncalled = "UNCALLED_ALLELE"

// DeepVariantCall is a candidate with the reads behind its alleles. What are
// maps in the message are lists here, in the order of their keys.
type DeepVariantCall struct {
	Variant     *Variant // nil where the message has none
	Support     []AlleleReads
	Frequency   []AlleleFrequency // in a population
	Ref         []string          // reads with the reference allele, where these are tracked
	SupportExt  []AlleleReadsExt
	RefExt      []ReadSupport
	FrequencyAt []FrequencyAt // DeepVariant 1.9: reads with an allele, around the site
	AltSets     [][]int       // DeepVariant 1.9
}

// AlleleReads are the keys (name/0, name/1) of the reads of an allele.
type AlleleReads struct {
	Allele string
	Reads  []string
}

// AlleleReadsExt is AlleleReads with more about each read.
type AlleleReadsExt struct {
	Allele string
	Reads  []ReadSupport
}

// AlleleFrequency is the frequency of an allele.
type AlleleFrequency struct {
	Allele string
	Value  float32
}

// FrequencyAt is the percentage of reads with another allele than the
// reference's at a position near a candidate. Offset is that position on the
// contig, whatever its name says.
type FrequencyAt struct{ Offset, Value int }

// ReadSupport is a read that carries an allele. All but the first two fields
// are of DeepVariant 1.9.
type ReadSupport struct {
	Read        string // key
	Low         bool   // of low base quality
	MapQ        int
	BaseQuality int // mean
	Reverse     bool
	Methylated  bool
	Sample      string
	Methylation int
}

// DecodeCandidate reads a DeepVariantCall message.
func DecodeCandidate(b []byte) (*DeepVariantCall, error) {
	c := new(DeepVariantCall)
	if err := eachField(b, c.field); err != nil {
		return nil, fmt.Errorf("message DeepVariantCall: %w", err)
	}
	c.Support = lastOfEach(c.Support, func(x *AlleleReads) string { return x.Allele })
	c.SupportExt = lastOfEach(c.SupportExt, func(x *AlleleReadsExt) string { return x.Allele })
	c.Frequency = lastOfEach(c.Frequency, func(x *AlleleFrequency) string { return x.Allele })
	slices.SortStableFunc(c.FrequencyAt, func(a, b FrequencyAt) int { return a.Offset - b.Offset })
	return c, nil
}

func (c *DeepVariantCall) field(f field) error {
	switch f.num {
	case 1:
		c.Variant = new(Variant)
		return f.message(c.Variant.decode)
	case 2:
		key, value, err := f.entry()
		if err != nil {
			return err
		}
		x := AlleleReads{Allele: key}
		err = eachField(value, func(f field) error {
			if f.num == 1 {
				return f.texts(&x.Reads)
			}
			return nil
		})
		c.Support = append(c.Support, x)
		return err
	case 3:
		return f.message(c.frequency)
	case 4:
		return f.texts(&c.Ref)
	case 5:
		key, value, err := f.entry()
		if err != nil {
			return err
		}
		x := AlleleReadsExt{Allele: key}
		x.Reads, err = decodeReads(value)
		c.SupportExt = append(c.SupportExt, x)
		return err
	case 6:
		return f.message(func(b []byte) error {
			more, err := decodeReads(b)
			c.RefExt = append(c.RefExt, more...)
			return err
		})
	case 7:
		return f.message(c.frequencyAt)
	case 8:
		return f.message(func(b []byte) error {
			set, err := decodeIndices(b)
			c.AltSets = append(c.AltSets, set)
			return err
		})
	}
	return nil
}

func (c *DeepVariantCall) frequency(b []byte) error {
	var x AlleleFrequency
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&x.Allele)
		case 2:
			x.Value = math.Float32frombits(uint32(f.bits))
			return f.want(protowire.Fixed32Type)
		}
		return nil
	})
	c.Frequency = append(c.Frequency, x)
	return err
}

func (c *DeepVariantCall) frequencyAt(b []byte) error {
	var x FrequencyAt
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.whole(&x.Offset)
		case 2:
			return f.whole(&x.Value)
		}
		return nil
	})
	c.FrequencyAt = append(c.FrequencyAt, x)
	return err
}

func decodeReads(b []byte) ([]ReadSupport, error) {
	var all []ReadSupport
	err := eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		all = append(all, ReadSupport{})
		return f.message(all[len(all)-1].decode)
	})
	return all, err
}

func (r *ReadSupport) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&r.Read)
		case 2:
			return f.boolean(&r.Low)
		case 3:
			return f.whole(&r.MapQ)
		case 4:
			return f.whole(&r.BaseQuality)
		case 5:
			return f.boolean(&r.Reverse)
		case 6:
			return f.boolean(&r.Methylated)
		case 7:
			return f.text(&r.Sample)
		case 8:
			return f.whole(&r.Methylation)
		}
		return nil
	})
}

// Append appends the message; the same value gives the same bytes.
func (c *DeepVariantCall) Append(b []byte) []byte {
	if c.Variant != nil {
		b = appendMessage(b, 1, c.Variant.Append)
	}
	for _, x := range c.Support {
		b = appendEntry(b, 2, x.Allele, func(b []byte) []byte {
			return appendMessage(b, 2, func(b []byte) []byte { return appendTexts(b, 1, x.Reads) })
		})
	}
	for _, x := range c.Frequency {
		b = appendEntry(b, 3, x.Allele, func(b []byte) []byte {
			return protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(x.Value))
		})
	}
	b = appendTexts(b, 4, c.Ref)
	for _, x := range c.SupportExt {
		b = appendEntry(b, 5, x.Allele, func(b []byte) []byte {
			return appendMessage(b, 2, func(b []byte) []byte { return appendReads(b, x.Reads) })
		})
	}
	if len(c.RefExt) > 0 {
		b = appendMessage(b, 6, func(b []byte) []byte { return appendReads(b, c.RefExt) })
	}
	for _, x := range c.FrequencyAt {
		b = appendMessage(b, 7, func(b []byte) []byte {
			b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), uint64(int64(x.Offset)))
			return protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(int64(x.Value)))
		})
	}
	for _, set := range c.AltSets {
		b = appendMessage(b, 8, func(b []byte) []byte { return AppendIndices(b, set) })
	}
	return b
}

func appendReads(b []byte, all []ReadSupport) []byte {
	for i := range all {
		b = appendMessage(b, 1, all[i].append)
	}
	return b
}

func (r *ReadSupport) append(b []byte) []byte {
	b = appendText(b, 1, r.Read)
	b = appendBool(b, 2, r.Low)
	b = appendWhole(b, 3, r.MapQ)
	b = appendWhole(b, 4, r.BaseQuality)
	b = appendBool(b, 5, r.Reverse)
	b = appendBool(b, 6, r.Methylated)
	b = appendText(b, 7, r.Sample)
	return appendWhole(b, 8, r.Methylation)
}

// SplitKey takes the key of a read apart: the name of the fragment and 0 or 1.
func SplitKey(key string) (name string, number int, err error) {
	i := strings.LastIndexByte(key, '/')
	if i < 0 || i != len(key)-2 || key[i+1] != '0' && key[i+1] != '1' {
		return "", 0, errors.New("read key " + fmt.Sprintf("%.60q", key) + ": want a name that ends in /0 or /1")
	}
	return key[:i], int(key[i+1] - '0'), nil
}
