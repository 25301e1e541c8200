package vcf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// bcfEncoder turns lines of VCF into records of BCF2. What stands in a record
// by number, its contig and keys, must be declared in the header.
type bcfEncoder struct {
	parse   parser
	rec     Record
	strings map[string]int
	contigs map[string]int
	names   []string // contigs by their number
	shared  []byte
	indiv   []byte
	ints    []int
	floats  []float64
}

func newBCFEncoder(path string, h *Header) (*bcfEncoder, error) {
	d := &bcfReader{header: h}
	if err := d.dictionaries(); err != nil {
		return nil, err
	}
	e := &bcfEncoder{parse: parser{path: path, header: h}, strings: map[string]int{}, contigs: map[string]int{}}
	for i, s := range d.strings {
		if s != "" { // a number that IDX leaves out
			e.strings[s] = i
		}
	}
	for i, s := range d.contigs {
		if s != "" {
			e.contigs[s] = i
		}
	}
	e.names = d.contigs
	return e, nil
}

// bcfHeader is the beginning of a BCF file.
func bcfHeader(h *Header) []byte {
	text := append(h.Text(), 0)
	b := append([]byte(bcfMagic), 2)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

// append appends the record of a line, without newline, to dst.
func (e *bcfEncoder) append(dst, line []byte) ([]byte, error) {
	r := &e.rec
	if err := e.parse.record(r, line, 0); err != nil {
		return dst, bare(err)
	}
	contig, ok := e.contigs[r.Contig]
	if !ok {
		return dst, errors.New("the header does not declare this contig")
	}
	e.shared, e.indiv = e.shared[:0], e.indiv[:0]
	infos := 0
	if r.Info != "." && r.Info != "" {
		infos = 1 + strings.Count(r.Info, ";")
	}
	samples := len(e.parse.header.Samples)
	switch {
	case infos > math.MaxUint16 || len(r.Alts) >= math.MaxUint16:
		return dst, fmt.Errorf("%d alleles and %d INFO keys, BCF has room for %d", 1+len(r.Alts), infos, math.MaxUint16)
	case len(r.keys) > math.MaxUint8:
		return dst, fmt.Errorf("%d FORMAT keys, BCF has room for %d", len(r.keys), math.MaxUint8)
	}
	for _, v := range []uint32{uint32(contig), uint32(int32(r.Pos)), uint32(int32(r.End() - r.Pos)), floatBits(r.Qual),
		uint32(1+len(r.Alts))<<16 | uint32(infos), uint32(len(r.keys))<<24 | uint32(samples)} {
		e.shared = binary.LittleEndian.AppendUint32(e.shared, v)
	}
	if r.ID == "." {
		e.shared = append(e.shared, bcfChar)
	} else {
		e.shared = appendChars(e.shared, r.ID)
	}
	e.shared = appendChars(e.shared, r.Ref)
	for _, a := range r.Alts {
		e.shared = appendChars(e.shared, a)
	}
	if err := e.filters(r.Filter); err != nil {
		return dst, err
	}
	if infos > 0 {
		for item := range strings.SplitSeq(r.Info, ";") {
			if err := e.info(item); err != nil {
				return dst, err
			}
		}
	}
	for k, key := range r.keys {
		if err := e.format(k, key, samples); err != nil {
			return dst, err
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(e.shared)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(e.indiv)))
	return append(append(dst, e.shared...), e.indiv...), nil
}

func (e *bcfEncoder) number(column, key string) (int, error) {
	n, ok := e.strings[key]
	if !ok {
		return 0, fmt.Errorf("the header does not declare %s %s, which BCF asks for", column, short(key))
	}
	return n, nil
}

func (e *bcfEncoder) filters(s string) error {
	e.ints = e.ints[:0]
	if s != "." {
		for name := range strings.SplitSeq(s, ";") {
			n, err := e.number("FILTER", name)
			if err != nil {
				return err
			}
			e.ints = append(e.ints, n)
		}
	}
	e.shared = appendTypedInts(e.shared, e.ints)
	return nil
}

func (e *bcfEncoder) info(item string) error {
	key, value, _ := strings.Cut(item, "=")
	n, err := e.number("INFO", key)
	if err != nil {
		return err
	}
	e.ints = append(e.ints[:0], n)
	e.shared = appendTypedInts(e.shared, e.ints)
	switch e.parse.header.info[key].Type {
	case "Flag":
		e.shared = append(e.shared, 0)
	case "Integer":
		if e.ints, err = appendInts(e.ints[:0], []byte(value)); err == nil {
			e.shared = appendTypedInts(e.shared, e.ints)
		}
	case "Float":
		if e.floats, err = appendFloats(e.floats[:0], []byte(value)); err == nil {
			e.shared = appendHead(e.shared, bcfFloat, len(e.floats))
			for _, f := range e.floats {
				e.shared = binary.LittleEndian.AppendUint32(e.shared, floatBits(f))
			}
		}
	default:
		e.shared = appendChars(e.shared, value)
	}
	if err != nil {
		return fmt.Errorf("INFO/%s %q: %w", key, short(value), err)
	}
	return nil
}

// format encodes the values of a key of all samples. Each takes the room of
// the longest.
func (e *bcfEncoder) format(k int, key string, samples int) error {
	n, err := e.number("FORMAT", key)
	if err != nil {
		return err
	}
	e.ints = append(e.ints[:0], n)
	e.indiv = appendTypedInts(e.indiv, e.ints)
	kind := e.parse.header.format[key].Type
	switch {
	case key == "GT":
		err = e.matrix(samples, func(dst []int, i int) ([]int, error) { return e.genotype(dst, i, k) })
	case kind == "Integer":
		err = e.matrix(samples, func(dst []int, i int) ([]int, error) {
			if s, ok := e.rec.Field(i, k); ok {
				return appendInts(dst, s)
			}
			return append(dst, MissingInt), nil
		})
	case kind == "Float":
		err = e.floatMatrix(samples, k)
	default:
		e.charMatrix(samples, k)
	}
	if err != nil {
		return fmt.Errorf("FORMAT/%s: %w", key, err)
	}
	return nil
}

// genotype appends the alleles of a sample as BCF numbers them: one more than
// in VCF, twice, and one more for a phased one.
func (e *bcfEncoder) genotype(dst []int, i, k int) ([]int, error) {
	s, _ := e.rec.Field(i, k)
	var marks []byte
	for _, c := range s {
		if c == '/' || c == '|' {
			marks = append(marks, c)
		}
	}
	from := len(dst)
	dst, _, err := e.rec.Alleles(dst, i)
	if err != nil {
		return dst, bare(err)
	}
	if len(dst) == from {
		return append(dst, 0), nil
	}
	for j := range dst[from:] {
		v := (dst[from+j] + 1) << 1
		if j > 0 && j <= len(marks) && marks[len(marks)-(len(dst)-from)+j] == '|' {
			v |= 1
		}
		dst[from+j] = v
	}
	return dst, nil
}

// matrix encodes a list of integers per sample.
func (e *bcfEncoder) matrix(samples int, list func(dst []int, i int) ([]int, error)) error {
	e.ints = e.ints[:0]
	ends := make([]int, samples)
	longest := 0
	for i := range samples {
		from := len(e.ints)
		var err error
		if e.ints, err = list(e.ints, i); err != nil {
			return fmt.Errorf("sample %s: %w", short(e.parse.header.Samples[i]), err)
		}
		ends[i] = len(e.ints)
		longest = max(longest, len(e.ints)-from)
	}
	kind := intKind(e.ints)
	e.indiv = appendHead(e.indiv, kind, longest)
	from := 0
	for _, to := range ends {
		for j := range longest {
			v := intEnd
			if from+j < to {
				v = e.ints[from+j]
			}
			e.indiv = appendKind(e.indiv, kind, v)
		}
		from = to
	}
	return nil
}

func (e *bcfEncoder) floatMatrix(samples, k int) error {
	longest := 1
	for i := range samples {
		s, _ := e.rec.Field(i, k)
		longest = max(longest, 1+bytes.Count(s, []byte{','}))
	}
	e.indiv = appendHead(e.indiv, bcfFloat, longest)
	for i := range samples {
		e.floats = e.floats[:0]
		if s, ok := e.rec.Field(i, k); ok {
			var err error
			if e.floats, err = appendFloats(e.floats, s); err != nil {
				return fmt.Errorf("sample %s: %w", short(e.parse.header.Samples[i]), err)
			}
		} else {
			e.floats = append(e.floats, math.NaN())
		}
		for j := range longest {
			bits := uint32(floatEnd)
			if j < len(e.floats) {
				bits = floatBits(e.floats[j])
			}
			e.indiv = binary.LittleEndian.AppendUint32(e.indiv, bits)
		}
	}
	return nil
}

func (e *bcfEncoder) charMatrix(samples, k int) {
	longest := 1
	for i := range samples {
		s, _ := e.rec.Field(i, k)
		longest = max(longest, len(s))
	}
	e.indiv = appendHead(e.indiv, bcfChar, longest)
	for i := range samples {
		s, _ := e.rec.Field(i, k)
		if len(s) == 0 {
			s = []byte{'.'}
		}
		e.indiv = append(e.indiv, s...)
		e.indiv = append(e.indiv, make([]byte, longest-len(s))...)
	}
}

// floatBits is a value as BCF has it; NaN is missing.
func floatBits(f float64) uint32 {
	if math.IsNaN(f) {
		return floatMissing
	}
	return math.Float32bits(float32(f))
}

// intKind is the smallest type that holds the values. The 8 smallest numbers
// of each type are reserved.
func intKind(values []int) int {
	kind := 1
	for _, v := range values {
		switch {
		case v == MissingInt, v >= math.MinInt8+8 && v <= math.MaxInt8:
		case v >= math.MinInt16+8 && v <= math.MaxInt16:
			kind = max(kind, 2)
		default:
			return 3
		}
	}
	return kind
}

func appendKind(dst []byte, kind, v int) []byte {
	least := [4]int{0, math.MinInt8, math.MinInt16, math.MinInt32}[kind]
	switch v {
	case MissingInt:
		v = least
	case intEnd:
		v = least + 1
	}
	switch kind {
	case 1:
		return append(dst, byte(v))
	case 2:
		return binary.LittleEndian.AppendUint16(dst, uint16(v))
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(v))
}

// appendHead appends the type and number of values.
func appendHead(dst []byte, kind, n int) []byte {
	if n < 15 {
		return append(dst, byte(n<<4|kind))
	}
	dst = append(dst, byte(15<<4|kind))
	k := intKind([]int{n})
	return appendKind(append(dst, byte(1<<4|k)), k, n)
}

// appendTypedInts appends a list of integers; an empty one has no type.
func appendTypedInts(dst []byte, values []int) []byte {
	if len(values) == 0 {
		return append(dst, 0)
	}
	kind := intKind(values)
	dst = appendHead(dst, kind, len(values))
	for _, v := range values {
		dst = appendKind(dst, kind, v)
	}
	return dst
}

func appendChars(dst []byte, s string) []byte {
	return append(appendHead(dst, bcfChar, len(s)), s...)
}
