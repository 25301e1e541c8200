package example

import (
	"encoding/binary"
	"math"

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
}

// Decode reads a message. It says false where that is damaged or has more in
// it than a Plain holds: DecodeCall then tells. Slices and strings of Site and
// AltSet are not used again by later calls.
func (p *Plain) Decode(b []byte) bool {
	*p = Plain{names: p.names}
	variants := 0
	ok := plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 1 && kind == protowire.BytesType:
			variants++
			return p.variant(data)
		case num == 2 && kind == protowire.BytesType:
			p.AltSet = nil
			return plainFields(data, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
				return num == 1 && plainInts(&p.AltSet, kind, bits, data)
			})
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
	return ok && variants == 1 && p.calls == 1 && p.probabilities == 3 && s.Ref != "" && s.Start >= 0 && s.End == s.Start+len(s.Ref) &&
		len(s.AD) == len(s.Alts)+1 && len(s.VAF) == len(s.Alts)
}

func (p *Plain) variant(b []byte) bool {
	s := &p.Site
	return plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 6 && kind == protowire.BytesType:
			s.Ref = p.intern(data)
		case num == 7 && kind == protowire.BytesType:
			s.Alts = append(s.Alts, p.intern(data))
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
}

func (p *Plain) call(b []byte) bool {
	var genotype []int // of no use here, but it must be whole
	return plainFields(b, func(num protowire.Number, kind protowire.Type, bits uint64, data []byte) bool {
		switch {
		case num == 2 && kind == protowire.BytesType:
			return p.entry(data)
		case num == 7:
			return plainInts(&genotype, kind, bits, data)
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
		s.AD = make([]int, 0, len(s.Alts)+1)
		return values(func(num protowire.Number, kind protowire.Type, bits uint64, _ []byte) bool {
			s.AD = append(s.AD, int(int64(bits)))
			return num == 7 && kind == protowire.VarintType
		})
	case "VAF":
		s.VAF = make([]float64, 0, len(s.Alts))
		return values(func(num protowire.Number, kind protowire.Type, bits uint64, _ []byte) bool {
			s.VAF = append(s.VAF, math.Float64frombits(bits))
			return num == 2 && kind == protowire.Fixed64Type
		})
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

// plainInts takes repeated integers, packed or not.
func plainInts(dst *[]int, kind protowire.Type, bits uint64, data []byte) bool {
	switch kind {
	case protowire.VarintType:
		*dst = append(*dst, int(int64(bits)))
	case protowire.BytesType:
		for len(data) > 0 {
			x, n := protowire.ConsumeVarint(data)
			if n < 0 {
				return false
			}
			*dst = append(*dst, int(int64(x)))
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
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		var bits uint64
		var data []byte
		switch kind {
		case protowire.VarintType:
			bits, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			bits, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(b)
		default:
			return false
		}
		if n < 0 || !f(num, kind, bits, data) {
			return false
		}
		b = b[n:]
	}
	return true
}
