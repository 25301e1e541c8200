package align

import (
	"bytes"
	"encoding/binary"
)

// Tag finds an optional field by its two letters and gives its type letter and
// its raw value in BAM's encoding (SAM specification, section 4.2.4). Damaged
// fields end the search.
func (r *Read) Tag(name string) (kind byte, value []byte, ok bool) {
	b := r.Aux
	for len(b) >= 3 {
		n := auxSize(b[2], b[3:])
		if n < 0 || n > len(b)-3 {
			return 0, nil, false
		}
		if b[0] == name[0] && b[1] == name[1] {
			return b[2], b[3 : 3+n], true
		}
		b = b[3+n:]
	}
	return 0, nil, false
}

// IntTag is the value of an integer tag.
func (r *Read) IntTag(name string) (int, bool) {
	kind, v, ok := r.Tag(name)
	if !ok {
		return 0, false
	}
	switch kind {
	case 'c':
		return int(int8(v[0])), true
	case 'C':
		return int(v[0]), true
	case 's':
		return int(int16(binary.LittleEndian.Uint16(v))), true
	case 'S':
		return int(binary.LittleEndian.Uint16(v)), true
	case 'i':
		return int(int32(binary.LittleEndian.Uint32(v))), true
	case 'I':
		return int(binary.LittleEndian.Uint32(v)), true
	}
	return 0, false
}

// StringTag is the value of a Z or H tag; the bytes belong to the read.
func (r *Read) StringTag(name string) ([]byte, bool) {
	kind, v, ok := r.Tag(name)
	if !ok || kind != 'Z' && kind != 'H' {
		return nil, false
	}
	return v[:len(v)-1], true
}

// auxSize is the number of bytes of a value, or -1 where it does not end.
func auxSize(kind byte, b []byte) int {
	if n := scalarSize(kind); n > 0 {
		return n
	}
	switch kind {
	case 'Z', 'H':
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return i + 1
		}
	case 'B':
		if len(b) < 5 {
			return -1
		}
		n, count := scalarSize(b[0]), binary.LittleEndian.Uint32(b[1:])
		if n == 0 || b[0] == 'A' || int64(count) > int64(len(b)) {
			return -1
		}
		return 5 + n*int(count)
	}
	return -1
}

func scalarSize(kind byte) int {
	switch kind {
	case 'A', 'c', 'C':
		return 1
	case 's', 'S':
		return 2
	case 'i', 'I', 'f':
		return 4
	}
	return 0
}
