package example

import (
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind is the type of a Value.
type Kind byte

// The types of a Value; Unset is one that a writer left out.
const (
	Unset Kind = iota
	Null
	Number
	Text
	Bool
	Struct
	List
	Int
)

// Value is one value of an INFO or FORMAT field: nucleus' genomics.v1.Value.
// Kind says which of the others counts.
type Value struct {
	Kind   Kind
	Number float64
	Text   string
	Bool   bool
	Int    int
	List   []Value
	Struct []Member
}

// Member is a named value of a Struct.
type Member struct {
	Key   string
	Value Value
}

// IntValue is a whole number as a Value.
func IntValue(v int) Value { return Value{Kind: Int, Int: v} }

// NumberValue is a number as a Value.
func NumberValue(v float64) Value { return Value{Kind: Number, Number: v} }

// TextValue is a text as a Value.
func TextValue(s string) Value { return Value{Kind: Text, Text: s} }

// Info is a map of named lists of values, in the order of the names.
type Info []Entry

// Entry is one named list of values.
type Entry struct {
	Key    string
	Values []Value
}

// Get gives the values of a name, nil where it is absent.
func (m Info) Get(key string) []Value {
	if i, ok := m.find(key); ok {
		return m[i].Values
	}
	return nil
}

// Set gives a name its values, keeping the order of names.
func (m *Info) Set(key string, values ...Value) {
	i, ok := m.find(key)
	if ok {
		(*m)[i].Values = values
		return
	}
	*m = slices.Insert(*m, i, Entry{key, values})
}

// Delete takes a name out.
func (m *Info) Delete(key string) {
	if i, ok := m.find(key); ok {
		*m = slices.Delete(*m, i, i+1)
	}
}

func (m Info) find(key string) (int, bool) {
	return slices.BinarySearchFunc(m, key, func(e Entry, key string) int { return strings.Compare(e.Key, key) })
}

// add takes an entry from the wire: unsorted, and of equal names the last one
// counts. order must follow.
func (m *Info) add(f field) error {
	key, value, err := f.entry()
	if err != nil {
		return err
	}
	e := Entry{Key: key}
	if e.Values, err = decodeList(value, 0); err != nil {
		return err
	}
	*m = append(*m, e)
	return nil
}

func (m *Info) order() { *m = lastOfEach(*m, func(e *Entry) string { return e.Key }) }

// lastOfEach sorts the entries of a map by key and keeps the last of equal
// ones, as protobuf demands of a reader.
func lastOfEach[T any](all []T, key func(*T) string) []T {
	slices.SortStableFunc(all, func(a, b T) int { return strings.Compare(key(&a), key(&b)) })
	kept := all[:0]
	for i := range all {
		if i+1 < len(all) && key(&all[i]) == key(&all[i+1]) {
			continue
		}
		kept = append(kept, all[i])
	}
	return kept
}

func decodeList(b []byte, depth int) ([]Value, error) {
	var all []Value
	err := eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		all = append(all, Value{})
		return f.message(func(b []byte) error { return all[len(all)-1].decode(b, depth+1) })
	})
	return all, err
}

func (v *Value) decode(b []byte, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	return eachField(b, func(f field) error {
		switch f.num { // of several members of a oneof the last one counts
		case 1:
			*v = Value{Kind: Null}
			return f.want(protowire.VarintType)
		case 2:
			*v = Value{Kind: Number}
			return f.double(&v.Number)
		case 3:
			*v = Value{Kind: Text}
			return f.text(&v.Text)
		case 4:
			*v = Value{Kind: Bool}
			return f.boolean(&v.Bool)
		case 5:
			*v = Value{Kind: Struct}
			return f.message(func(b []byte) error { return v.decodeStruct(b, depth) })
		case 6:
			*v = Value{Kind: List}
			return f.message(func(b []byte) (err error) {
				v.List, err = decodeList(b, depth)
				return err
			})
		case 7:
			*v = Value{Kind: Int}
			return f.whole(&v.Int)
		}
		return nil
	})
}

func (v *Value) decodeStruct(b []byte, depth int) error {
	err := eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		key, value, err := f.entry()
		if err != nil {
			return err
		}
		v.Struct = append(v.Struct, Member{Key: key})
		return v.Struct[len(v.Struct)-1].Value.decode(value, depth+1)
	})
	v.Struct = lastOfEach(v.Struct, func(m *Member) string { return m.Key })
	return err
}

func (m Info) append(b []byte, num protowire.Number) []byte {
	for i := range m {
		b = appendEntry(b, num, m[i].Key, func(b []byte) []byte {
			return appendMessage(b, 2, func(b []byte) []byte { return appendList(b, m[i].Values) })
		})
	}
	return b
}

func appendList(b []byte, all []Value) []byte {
	for i := range all {
		b = appendMessage(b, 1, all[i].append)
	}
	return b
}

// append appends the data of a Value: a member of a oneof is written even where
// it is zero.
func (v *Value) append(b []byte) []byte {
	switch v.Kind {
	case Null:
		return append(protowire.AppendTag(b, 1, protowire.VarintType), 0)
	case Number:
		return protowire.AppendFixed64(protowire.AppendTag(b, 2, protowire.Fixed64Type), math.Float64bits(v.Number))
	case Text:
		return appendEach(b, 3, v.Text)
	case Bool:
		return protowire.AppendVarint(protowire.AppendTag(b, 4, protowire.VarintType), protowire.EncodeBool(v.Bool))
	case Struct:
		return appendMessage(b, 5, func(b []byte) []byte {
			for i := range v.Struct {
				m := &v.Struct[i]
				b = appendEntry(b, 1, m.Key, func(b []byte) []byte { return appendMessage(b, 2, m.Value.append) })
			}
			return b
		})
	case List:
		return appendMessage(b, 6, func(b []byte) []byte { return appendList(b, v.List) })
	case Int:
		return protowire.AppendVarint(protowire.AppendTag(b, 7, protowire.VarintType), uint64(int64(v.Int)))
	}
	return b
}
