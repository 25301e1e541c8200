package example

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gx-genomics/gx/variant"
)

// Plain is a CallVariantsOutput of the form that nearly all have, decoded at a
// third of the cost of DecodeCall: one call with DP, AD, VAF and perhaps MID,
// and nothing else.
type Plain struct {
	Site   variant.Site
	AltSet []int
	P      [3]float64
	Sample string
	Model  string

	calls, probabilities int
	names                map[string]string // short strings that come again and again
	ints                 []int             // what slices are cut from
	floats               []float64
	texts                []string
}

// Reset takes back the slices of all messages decoded so far.
func (p *Plain) Reset() { p.ints, p.floats, p.texts = p.ints[:0], p.floats[:0], p.texts[:0] }

// Decode reads a message. It says false where that is damaged or has more in
// it than a Plain holds: DecodeCall then tells. Slices of Site and AltSet are
// valid until the next Reset, strings for good.
func (p *Plain) Decode(b []byte) bool {
	p.Site, p.AltSet, p.P, p.Sample, p.Model, p.calls, p.probabilities = variant.Site{}, nil, [3]float64{}, "", "", 0, 0
	variants := 0
	ok := plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 1 && kind == protowire.BytesType:
			variants++
			return p.variant(data)
		case num == 2 && kind == protowire.BytesType:
			from := len(p.ints)
			ok := plainFields(data, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
				return num == 1 && p.whole(kind, bits, data)
			})
			p.AltSet = slices.Clip(p.ints[from:])
			return ok
		case num == 3 && kind == protowire.BytesType && len(data) == 24:
			for i := range p.P {
				p.P[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
			}
			p.probabilities += 3
			return true
		}
		return false
	})
	s := &p.Site
	return ok && variants == 1 && p.calls == 1 && p.probabilities == 3 && len(p.AltSet) > 0 && s.Ref != "" && s.Start >= 0 && s.End == s.Start+len(s.Ref) &&
		len(s.AD) == len(s.Alts)+1 && len(s.VAF) == len(s.Alts)
}

func (p *Plain) variant(b []byte) bool {
	s := &p.Site
	from := len(p.texts)
	ok := plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 6 && kind == protowire.BytesType:
			s.Ref = p.intern(data)
		case num == 7 && kind == protowire.BytesType:
			p.texts = append(p.texts, p.intern(data))
		case num == 11 && kind == protowire.BytesType:
			p.calls++
			return p.call(data)
		case num == 13 && kind == protowire.VarintType:
			s.End = int(int64(bits))
		case num == 14 && kind == protowire.BytesType:
			s.Contig = p.intern(data)
		case num == 16 && kind == protowire.VarintType:
			s.Start = int(int64(bits))
		default:
			return false
		}
		return true
	})
	s.Alts = slices.Clip(p.texts[from:])
	return ok
}

func (p *Plain) call(b []byte) bool {
	return plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 2 && kind == protowire.BytesType:
			return p.entry(data)
		case num == 7:
			from := len(p.ints) // the genotype is of no use here, but it must be whole
			ok := p.whole(kind, bits, data)
			p.ints = p.ints[:from]
			return ok
		case num == 9 && kind == protowire.BytesType:
			p.Sample = p.intern(data)
			return true
		}
		return false
	})
}

// entry reads a field of the call's info.
func (p *Plain) entry(b []byte) bool {
	var key, list []byte
	ok := plainFields(b, func(num protowire.Number, kind protowire.Type, _ uint64, data []byte) bool {
		switch {
		case num == 1 && kind == protowire.BytesType:
			key = data
		case num == 2 && kind == protowire.BytesType:
			list = data
		default:
			return false
		}
		return true
	})
	if !ok {
		return false
	}
	n := 0
	s := &p.Site
	values := func(f func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool) bool {
		return plainFields(list, func(num protowire.Number, kind protowire.Type, _ uint64, data []byte) bool {
			if num != 1 || kind != protowire.BytesType {
				return false
			}
			n++
			members := 0
			return plainFields(data, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
				members++
				return members == 1 && f(num, kind, bits, data)
			}) && members == 1
		})
	}
	switch string(key) {
	case "DP":
		return values(func(num protowire.Number, kind protowire.Type, bits uint64, _ []byte) bool {
			s.Depth = int(int64(bits))
			return num == 7 && kind == protowire.VarintType
		}) && n == 1
	case "AD":
		from := len(p.ints)
		ok := values(func(num protowire.Number, kind protowire.Type, bits uint64, _ []byte) bool {
			p.ints = append(p.ints, int(int64(bits)))
			return num == 7 && kind == protowire.VarintType
		})
		s.AD = slices.Clip(p.ints[from:])
		return ok
	case "VAF":
		from := len(p.floats)
		ok := values(func(num protowire.Number, kind protowire.Type, bits uint64, _ []byte) bool {
			p.floats = append(p.floats, math.Float64frombits(bits))
			return num == 2 && kind == protowire.Fixed64Type
		})
		s.VAF = slices.Clip(p.floats[from:])
		return ok
	case "MID":
		return values(func(num protowire.Number, kind protowire.Type, _ uint64, data []byte) bool {
			p.Model = p.intern(data)
			return num == 3 && kind == protowire.BytesType
		}) && n == 1
	}
	return false
}

// intern is a string of bytes; short ones are kept, to be given again.
func (p *Plain) intern(b []byte) string {
	const longest, most = 24, 4096
	if len(b) > longest {
		return string(b)
	}
	if s, ok := p.names[string(b)]; ok {
		return s
	}
	if p.names == nil || len(p.names) >= most {
		p.names = map[string]string{}
	}
	s := string(b)
	p.names[s] = s
	return s
}

// whole takes repeated integers, packed or not.
func (p *Plain) whole(kind protowire.Type, bits uint64, data []byte) bool {
	switch kind {
	case protowire.VarintType:
		p.ints = append(p.ints, int(int64(bits)))
	case protowire.BytesType:
		for len(data) > 0 {
			x, n := protowire.ConsumeVarint(data)
			if n < 0 {
				return false
			}
			p.ints = append(p.ints, int(int64(x)))
			data = data[n:]
		}
	default:
		return false
	}
	return true
}

// plainFields calls f for the fields of a message, until it says false.
func plainFields(b []byte, f func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool) bool {
	for len(b) > 0 {
		// Nearly all tags and lengths are one byte.
		num, kind, n := protowire.Number(b[0]>>3), protowire.Type(b[0]&7), 1
		if b[0] >= 0x80 || num == 0 {
			if num, kind, n = protowire.ConsumeTag(b); n < 0 {
				return false
			}
		}
		b = b[n:]
		var bits uint64
		var data []byte
		switch kind {
		case protowire.VarintType, protowire.BytesType:
			if len(b) > 0 && b[0] < 0x80 {
				bits, n = uint64(b[0]), 1
			} else if bits, n = protowire.ConsumeVarint(b); n < 0 {
				return false
			}
			if kind == protowire.BytesType {
				if uint64(len(b)-n) < bits {
					return false
				}
				data, bits, n = b[n:n+int(bits)], 0, n+int(bits)
			}
		case protowire.Fixed64Type:
			if bits, n = protowire.ConsumeFixed64(b); n < 0 {
				return false
			}
		default:
			return false
		}
		if !f(num, kind, bits, data) {
			return false
		}
		b = b[n:]
	}
	return true
}
