package bam

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"unsafe"
)

// tags reads the optional fields TAG:TYPE:VALUE and appends them in BAM's
// encoding (SAM specification, sections 1.5 and 4.2.4).
func (s *samLine) tags(b []byte) {
	for {
		f, rest, more := bytes.Cut(b, []byte{'\t'})
		if len(f) == 0 && !more {
			s.f.add(kFieldsAdvice, "a tab at the end of the line")
			return
		}
		s.tag(f)
		if !more {
			return
		}
		b = rest
	}
}

func (s *samLine) tag(f []byte) {
	if len(f) < 5 || f[2] != ':' || f[4] != ':' || !isLetter(f[0]) || !isLetter(f[1]) && !isDigit(f[1]) {
		s.fault(kTag, "optional field %.40q, want TAG:TYPE:VALUE", f)
		return
	}
	start := len(s.d.aux)
	s.d.aux = append(s.d.aux, f[0], f[1], f[3])
	v := f[5:]
	ok := false
	switch f[3] {
	case 'A':
		ok = len(v) == 1 && v[0] > ' ' && v[0] < 0x7f
		s.d.aux = append(s.d.aux, v...)
	case 'i':
		ok = s.integer(v)
	case 'f':
		var x float32
		x, ok = parseFloat(v)
		s.d.aux = binary.LittleEndian.AppendUint32(s.d.aux, math.Float32bits(x))
	case 'Z':
		ok = printable(v)
		s.d.aux = append(append(s.d.aux, v...), 0)
	case 'H':
		ok = hexadecimal(v)
		s.d.aux = append(append(s.d.aux, v...), 0)
	case 'B':
		ok = s.array(v)
	}
	if !ok {
		s.d.aux = s.d.aux[:start]
		s.fault(kTag, "optional field %.40q: not a value of type %c", f, f[3])
	}
}

func printable(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func hexadecimal(v []byte) bool {
	for _, c := range v {
		if !isDigit(c) && (c < 'A' || c > 'F') {
			return false
		}
	}
	return len(v)%2 == 0
}

// integer appends a value of type i in the smallest type that holds it, as
// htslib does.
func (s *samLine) integer(v []byte) bool {
	n, ok := parseInt(v, math.MinInt32, math.MaxUint32)
	if !ok {
		return false
	}
	a, le := s.d.aux, binary.LittleEndian
	kind := byte('i')
	switch {
	case n >= 0 && n <= math.MaxUint8:
		kind, a = 'C', append(a, byte(n))
	case n >= 0 && n <= math.MaxUint16:
		kind, a = 'S', le.AppendUint16(a, uint16(n))
	case n >= 0:
		kind, a = 'I', le.AppendUint32(a, uint32(n))
	case n >= math.MinInt8:
		kind, a = 'c', append(a, byte(n))
	case n >= math.MinInt16:
		kind, a = 's', le.AppendUint16(a, uint16(n))
	default:
		a = le.AppendUint32(a, uint32(n))
	}
	a[len(s.d.aux)-1] = kind
	s.d.aux = a
	return true
}

// array appends a value of type B, which may be empty: B:i.
func (s *samLine) array(v []byte) bool {
	if len(v) == 0 || bytes.IndexByte([]byte("cCsSiIf"), v[0]) < 0 {
		return false
	}
	kind, v := v[0], v[1:]
	s.d.aux = append(s.d.aux, kind, 0, 0, 0, 0)
	at := len(s.d.aux) - 4
	count := uint32(0)
	for len(v) > 0 {
		if v[0] != ',' {
			return false
		}
		one := v[1:]
		if i := bytes.IndexByte(one, ','); i >= 0 {
			one = one[:i]
		}
		if !s.element(kind, one) {
			return false
		}
		v = v[1+len(one):]
		count++
	}
	binary.LittleEndian.PutUint32(s.d.aux[at:], count)
	return true
}

func (s *samLine) element(kind byte, v []byte) bool {
	var low, high int64
	switch kind {
	case 'f':
		x, ok := parseFloat(v)
		s.d.aux = binary.LittleEndian.AppendUint32(s.d.aux, math.Float32bits(x))
		return ok
	case 'c':
		low, high = math.MinInt8, math.MaxInt8
	case 'C':
		high = math.MaxUint8
	case 's':
		low, high = math.MinInt16, math.MaxInt16
	case 'S':
		high = math.MaxUint16
	case 'i':
		low, high = math.MinInt32, math.MaxInt32
	case 'I':
		high = math.MaxUint32
	}
	n, ok := parseInt(v, low, high)
	switch auxScalar(kind) {
	case 1:
		s.d.aux = append(s.d.aux, byte(n))
	case 2:
		s.d.aux = binary.LittleEndian.AppendUint16(s.d.aux, uint16(n))
	default:
		s.d.aux = binary.LittleEndian.AppendUint32(s.d.aux, uint32(n))
	}
	return ok
}

// parseInt reads [-+]?[0-9]+ within bounds.
func parseInt(v []byte, low, high int64) (int64, bool) {
	sign := int64(1)
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		if v[0] == '-' {
			sign = -1
		}
		v = v[1:]
	}
	n := int64(0)
	for _, c := range v {
		if !isDigit(c) || n > math.MaxUint32 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	n *= sign
	return n, len(v) > 0 && low <= n && n <= high
}

// parseFloat reads [-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)? of the range of a
// float32; what would become infinite or, not being 0, 0 is refused.
func parseFloat(v []byte) (float32, bool) {
	i, zero := 0, true
	if i < len(v) && (v[i] == '-' || v[i] == '+') {
		i++
	}
	digits := func() int {
		from := i
		for i < len(v) && isDigit(v[i]) {
			zero = zero && v[i] == '0'
			i++
		}
		return i - from
	}
	n := digits()
	if i < len(v) && v[i] == '.' {
		i++
		n = digits()
	}
	if n == 0 {
		return 0, false
	}
	wasZero := zero
	if i < len(v) && v[i]&^0x20 == 'E' {
		if i++; i < len(v) && (v[i] == '-' || v[i] == '+') {
			i++
		}
		if digits() == 0 {
			return 0, false
		}
	}
	if i < len(v) {
		return 0, false
	}
	x, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(v), len(v)), 32)
	if errors.Is(err, strconv.ErrRange) || x == 0 && !wasZero {
		return 0, false
	}
	return float32(x), true
}
