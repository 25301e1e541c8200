package example

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxDepth bounds how deep messages may lie in one another; the deepest that
// these have by themselves is seven.
const maxDepth = 32

var errDepth = fmt.Errorf("messages lie in one another more than %d deep", maxDepth)

// field is one field of a message as it stands on the wire.
type field struct {
	num  protowire.Number
	kind protowire.Type
	bits uint64 // of a varint, fixed32 or fixed64
	data []byte // of a length-delimited field; belongs to the input
}

// eachField calls f for the fields of a message in the order of the wire.
func eachField(b []byte, f func(field) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		x := field{num: num, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.bits, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			x.bits, n = protowire.ConsumeFixed64(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.bits = uint64(v)
		case protowire.BytesType:
			x.data, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(x); err != nil {
			return fmt.Errorf("field %d: %w", num, err)
		}
	}
	return nil
}

var errKind = errors.New("another wire type than the schema's")

func (f field) want(kind protowire.Type) error {
	if f.kind != kind {
		return errKind
	}
	return nil
}

// text takes a string.
func (f field) text(s *string) error {
	*s = string(f.data)
	return f.want(protowire.BytesType)
}

// texts takes one of repeated strings.
func (f field) texts(s *[]string) error {
	*s = append(*s, string(f.data))
	return f.want(protowire.BytesType)
}

// whole takes an int32, int64 or an enum; what does not fit an int is cut, as
// protobuf's own readers cut it.
func (f field) whole(v *int) error {
	*v = int(int64(f.bits))
	return f.want(protowire.VarintType)
}

func (f field) boolean(v *bool) error {
	*v = f.bits != 0
	return f.want(protowire.VarintType)
}

func (f field) double(v *float64) error {
	*v = math.Float64frombits(f.bits)
	return f.want(protowire.Fixed64Type)
}

// wholes takes repeated integers, packed or not.
func (f field) wholes(v *[]int) error {
	if f.kind == protowire.VarintType {
		*v = append(*v, int(int64(f.bits)))
		return nil
	}
	for b := f.data; len(b) > 0; {
		x, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		*v = append(*v, int(int64(x)))
		b = b[n:]
	}
	return f.want(protowire.BytesType)
}

// doubles takes repeated doubles, packed or not.
func (f field) doubles(v *[]float64) error {
	if f.kind == protowire.Fixed64Type {
		*v = append(*v, math.Float64frombits(f.bits))
		return nil
	}
	if len(f.data)%8 != 0 {
		return errors.New("packed doubles end within one")
	}
	for b := f.data; len(b) > 0; b = b[8:] {
		*v = append(*v, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return f.want(protowire.BytesType)
}

// message takes a message with its own decoder.
func (f field) message(decode func([]byte) error) error {
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	return decode(f.data)
}

// entry takes an entry of a map whose keys are strings and whose values are
// messages, strings or bytes.
func (f field) entry() (key string, value []byte, err error) {
	err = f.message(func(b []byte) error {
		return eachField(b, func(f field) error {
			switch f.num {
			case 1:
				return f.text(&key)
			case 2:
				value = f.data
				return f.want(protowire.BytesType)
			}
			return nil
		})
	})
	return key, value, err
}

// What follows appends fields; scalars of value zero stay out, as in proto3.

func appendText(b []byte, num protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendEach(b, num, s)
}

// appendEach appends one of repeated strings, empty or not.
func appendEach(b []byte, num protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func appendTexts(b []byte, num protowire.Number, all []string) []byte {
	for _, s := range all {
		b = appendEach(b, num, s)
	}
	return b
}

func appendWhole(b []byte, num protowire.Number, v int) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(int64(v)))
}

func appendBool(b []byte, num protowire.Number, v bool) []byte {
	if !v {
		return b
	}
	return appendWhole(b, num, 1)
}

func appendDouble(b []byte, num protowire.Number, v float64) []byte {
	if math.Float64bits(v) == 0 { // minus zero is written
		return b
	}
	return protowire.AppendFixed64(protowire.AppendTag(b, num, protowire.Fixed64Type), math.Float64bits(v))
}

func appendWholes(b []byte, num protowire.Number, all []int) []byte {
	if len(all) == 0 {
		return b
	}
	return appendMessage(b, num, func(b []byte) []byte {
		for _, v := range all {
			b = protowire.AppendVarint(b, uint64(int64(v)))
		}
		return b
	})
}

func appendDoubles(b []byte, num protowire.Number, all []float64) []byte {
	if len(all) == 0 {
		return b
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(8*len(all)))
	for _, v := range all {
		b = protowire.AppendFixed64(b, math.Float64bits(v))
	}
	return b
}

// appendMessage appends a length-delimited field whose data f appends. One byte
// is kept for the length; the data move where it needs more.
func appendMessage(b []byte, num protowire.Number, f func([]byte) []byte) []byte {
	b = append(protowire.AppendTag(b, num, protowire.BytesType), 0)
	start := len(b)
	b = f(b)
	n := len(b) - start
	if more := protowire.SizeVarint(uint64(n)) - 1; more > 0 {
		b = append(b, make([]byte, more)...)
		copy(b[start+more:], b[start:start+n])
	}
	protowire.AppendVarint(b[:start-1], uint64(n))
	return b
}

// appendEntry appends an entry of a map: its key as field 1, and field 2.
func appendEntry(b []byte, num protowire.Number, key string, value func([]byte) []byte) []byte {
	return appendMessage(b, num, func(b []byte) []byte {
		return value(appendEach(b, 1, key))
	})
}
