package vcf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A BCF2 file (VCF 4.3 section 6.3) is read by turning each record into the
// line of VCF that it stands for.

const bcfMagic = "BCF\x02"

// maxRecord bounds the two parts of a record of a BCF file, in bytes.
const maxRecord = 1 << 25

// maxText is the longest text of a record of a BCF file, in bytes.
const maxText = 1 << 26

// bcfReader gives the records of a BCF file as lines. Its memory grows with
// what the file holds, not with the lengths that stand in it.
type bcfReader struct {
	src     io.Reader
	header  *Header
	strings []string // the dictionary of FILTER, INFO and FORMAT
	contigs []string
	records int64
	raw     bytes.Buffer
	line    []byte
}

// newBCF reads the header behind the magic bytes.
func newBCF(path string, src io.Reader) (*bcfReader, error) {
	b := &bcfReader{src: src}
	text, err := b.take(9)
	if err == nil && string(text[:4]) != bcfMagic {
		err = errors.New("is no BCF file")
	}
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(text[5:])
	if n > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, want at most %d", n, maxHeader)
	}
	if text, err = b.take(int(n)); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	lines := bytes.TrimRight(text, "\x00")
	if b.header, err = parseHeader(path, bytes.NewReader(lines)); err != nil {
		return nil, err
	}
	return b, b.dictionaries()
}

// dictionaries numbers what records refer to by number: in the order of the
// header, unless IDX says otherwise.
func (b *bcfReader) dictionaries() error {
	b.strings = []string{"PASS"}
	known := map[string]bool{"PASS": true}
	for _, m := range b.header.metas {
		id, _ := m.Get("ID")
		list := &b.strings
		switch m.Key {
		case "contig":
			list = &b.contigs
		case "FILTER", "INFO", "FORMAT":
			if known[id] {
				continue
			}
			known[id] = true
		default:
			continue
		}
		at := len(*list)
		if s, ok := m.Get("IDX"); ok {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n > 1<<20 {
				return fmt.Errorf("##%s %s: IDX %q, want a number up to %d", m.Key, id, s, 1<<20)
			}
			at = n
		}
		for len(*list) <= at {
			*list = append(*list, "")
		}
		(*list)[at] = id
	}
	return nil
}

// take reads n bytes, valid until the next call.
func (b *bcfReader) take(n int) ([]byte, error) {
	b.raw.Reset()
	k, err := io.CopyN(&b.raw, b.src, int64(n))
	if err == io.EOF && k > 0 {
		err = io.ErrUnexpectedEOF
	}
	return b.raw.Bytes(), err
}

// Number is the number of the record given last, from 1.
func (b *bcfReader) Number() int64 { return b.records }

// Line gives the next record as a line, valid until the next call.
func (b *bcfReader) Line() ([]byte, error) {
	head, err := b.take(8)
	if err != nil {
		return nil, err
	}
	shared, samples := int(binary.LittleEndian.Uint32(head)), int(binary.LittleEndian.Uint32(head[4:]))
	if shared < 24 || shared > maxRecord || samples > maxRecord {
		return nil, fmt.Errorf("record %d of %d and %d bytes, want 24 to %d", b.records+1, shared, samples, maxRecord)
	}
	body, err := b.take(shared + samples)
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	b.records++
	if b.line, err = b.record(b.line[:0], body[:shared], body[shared:]); len(b.line) > maxText {
		return nil, fmt.Errorf("record %d: more than %d bytes as text", b.records, maxText)
	} else if err != nil {
		return nil, fmt.Errorf("record %d: %w", b.records, err)
	}
	return b.line, nil
}

var errBCF = errors.New("damaged BCF record")

// record appends the line of a record to dst.
func (b *bcfReader) record(dst, shared, indiv []byte) ([]byte, error) {
	le := binary.LittleEndian
	contig, pos, qual := int32(le.Uint32(shared)), int32(le.Uint32(shared[4:])), le.Uint32(shared[12:])
	infos, alleles := int(le.Uint16(shared[16:])), int(le.Uint16(shared[18:]))
	samples, formats := int(le.Uint32(shared[20:]))&0xffffff, int(shared[23])
	if contig < 0 || int(contig) >= len(b.contigs) {
		return dst, fmt.Errorf("%w: contig %d, the header has %d", errBCF, contig, len(b.contigs))
	}
	if alleles < 1 {
		return dst, fmt.Errorf("%w: no allele", errBCF)
	}
	if samples != len(b.header.Samples) {
		return dst, fmt.Errorf("%w: %d samples, want the %d of the header", errBCF, samples, len(b.header.Samples))
	}
	c := &typed{b: shared[24:]}
	dst = append(dst, b.contigs[contig]...)
	dst = append(dst, '\t')
	dst = strconv.AppendInt(dst, int64(pos)+1, 10)
	dst = append(dst, '\t')
	dst = c.text(dst)
	for i := range alleles {
		dst = append(dst, "\t,"[min(max(i-1, 0), 1)])
		dst = c.text(dst)
	}
	if alleles == 1 {
		dst = append(dst, '\t', '.')
	}
	dst = append(dst, '\t')
	dst = appendFloat32(dst, qual)
	dst = append(dst, '\t')
	dst = b.filters(dst, c)
	dst = append(dst, '\t')
	dst = b.infos(dst, c, infos)
	if c.bad {
		return dst, errBCF
	}
	if samples == 0 {
		return dst, nil
	}
	return b.samples(dst, &typed{b: indiv}, formats, samples)
}

// name is an entry of the dictionary of strings.
func (b *bcfReader) name(c *typed) string {
	kind, n := c.head()
	if n != 1 || kind < 1 || kind > 3 {
		c.fail()
		return ""
	}
	i := c.integer(kind)
	if i < 0 || i >= len(b.strings) || b.strings[i] == "" {
		c.fail()
		return ""
	}
	return b.strings[i]
}

func (b *bcfReader) filters(dst []byte, c *typed) []byte {
	kind, n := c.head()
	if n == 0 {
		return append(dst, '.')
	}
	if kind > 3 {
		c.fail()
		return dst
	}
	for i := range n {
		if i > 0 {
			dst = append(dst, ';')
		}
		k := c.integer(kind)
		if c.bad || k < 0 || k >= len(b.strings) {
			c.fail()
			return dst
		}
		dst = append(dst, b.strings[k]...)
	}
	return dst
}

func (b *bcfReader) infos(dst []byte, c *typed, n int) []byte {
	if n == 0 {
		return append(dst, '.')
	}
	for i := range n {
		if c.bad {
			return dst
		}
		if i > 0 {
			dst = append(dst, ';')
		}
		key := b.name(c)
		dst = append(dst, key...)
		kind, n := c.head()
		if b.header.info[key].Type == "Flag" || n == 0 {
			c.skip(kind, n)
			continue
		}
		dst = append(dst, '=')
		dst = c.values(dst, kind, n)
	}
	return dst
}

// samples appends FORMAT and the samples. In BCF all samples of a key stand
// together.
func (b *bcfReader) samples(dst []byte, c *typed, formats, samples int) ([]byte, error) {
	type column struct {
		gt      bool
		kind, n int
		values  typed
	}
	columns := make([]column, 0, formats)
	dst = append(dst, '\t')
	for i := range formats {
		if i > 0 {
			dst = append(dst, ':')
		}
		key := b.name(c)
		dst = append(dst, key...)
		kind, n := c.head()
		width := widths[kind&7] * n
		if c.bad || kind > 7 || width > 0 && samples > len(c.b)/width {
			return dst, errBCF
		}
		columns = append(columns, column{key == "GT", kind, n, typed{b: c.b[:samples*width]}})
		c.b = c.b[samples*width:]
	}
	if formats == 0 {
		dst = append(dst, '.')
	}
	for range samples {
		dst = append(dst, '\t')
		for i := range columns {
			if i > 0 {
				dst = append(dst, ':')
			}
			if x := &columns[i]; x.gt && x.kind <= 3 {
				dst = x.values.genotype(dst, x.kind, x.n)
			} else {
				dst = x.values.values(dst, x.kind, x.n)
			}
			if columns[i].values.bad {
				return dst, errBCF
			}
		}
		if formats == 0 {
			dst = append(dst, '.')
		}
	}
	return dst, nil
}

// typed walks over typed values (VCF 4.3 section 6.3.3).
type typed struct {
	b   []byte
	bad bool
}

const (
	bcfFloat = 5
	bcfChar  = 7

	floatMissing = 0x7f800001
	floatEnd     = 0x7f800002 // behind the last value of a shorter list
)

// widths is the bytes of a value of each type.
var widths = [8]int{0, 1, 2, 4, 0, 4, 0, 1}

func (c *typed) fail() { c.b, c.bad = nil, true }

func (c *typed) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.fail()
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

// head reads the type and number of values. Their bytes are there.
func (c *typed) head() (kind, n int) {
	b := c.take(1)
	if b == nil {
		return 0, 0
	}
	kind, n = int(b[0]&15), int(b[0]>>4)
	if n == 15 {
		k, one := c.head()
		if one != 1 || k < 1 || k > 3 {
			c.fail()
			return 0, 0
		}
		n = c.integer(k)
	}
	if kind > 7 || kind == 4 || kind == 6 || n < 0 || n > maxRecord {
		c.fail()
		return 0, 0
	}
	return kind, n
}

// Results of integer that are no values.
const (
	intMissing = math.MinInt
	intEnd     = math.MinInt + 1
)

// integer reads an integer of a type.
func (c *typed) integer(kind int) int {
	b := c.take(widths[kind])
	if b == nil {
		return intMissing
	}
	v, least := 0, math.MinInt32
	switch kind {
	case 1:
		v, least = int(int8(b[0])), math.MinInt8
	case 2:
		v, least = int(int16(binary.LittleEndian.Uint16(b))), math.MinInt16
	default:
		v = int(int32(binary.LittleEndian.Uint32(b)))
	}
	switch v {
	case least:
		return intMissing
	case least + 1:
		return intEnd
	}
	return v
}

func (c *typed) skip(kind, n int) { c.take(widths[kind] * n) }

// text appends a string.
func (c *typed) text(dst []byte) []byte {
	kind, n := c.head()
	if n > 0 && kind != bcfChar {
		c.fail()
		return dst
	}
	return c.values(dst, kind, n)
}

// values appends n values of a type as VCF has them.
func (c *typed) values(dst []byte, kind, n int) []byte {
	if kind == bcfChar {
		s := bytes.TrimRight(c.take(n), "\x00")
		if len(s) == 0 {
			return append(dst, '.')
		}
		for _, b := range s {
			if b < ' ' { // a tab or newline would be a column or a line of its own
				b = '?'
			}
			dst = append(dst, b)
		}
		return dst
	}
	if n == 0 || widths[kind] == 0 {
		return append(dst, '.')
	}
	list := typed{b: c.take(widths[kind] * n)}
	for i := range n {
		if c.bad || len(dst) > maxText {
			c.fail()
			return dst
		}
		if kind == bcfFloat {
			v := binary.LittleEndian.Uint32(list.take(4))
			if v == floatEnd {
				break
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendFloat32(dst, v)
			continue
		}
		v := list.integer(kind)
		if v == intEnd {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendInt(dst, v)
	}
	return dst
}

// genotype appends a GT of n alleles at most.
func (c *typed) genotype(dst []byte, kind, n int) []byte {
	if n == 0 || kind == 0 {
		return append(dst, '.')
	}
	list := typed{b: c.take(widths[kind] * n)}
	for i := range n {
		if c.bad || len(dst) > maxText {
			c.fail()
			return dst
		}
		v := list.integer(kind)
		if v == intEnd {
			if i == 0 {
				dst = append(dst, '.')
			}
			break
		}
		if v < 0 {
			v = 0
		}
		if i > 0 {
			dst = append(dst, "/|"[v&1])
		}
		dst = appendAllele(dst, v>>1-1)
	}
	return dst
}

// appendFloat32 appends the text of a float32 given by its bits.
func appendFloat32(dst []byte, bits uint32) []byte {
	if bits == floatMissing {
		return append(dst, '.')
	}
	f := float64(math.Float32frombits(bits))
	if math.IsNaN(f) {
		return append(dst, "nan"...)
	}
	return AppendFloat(dst, f)
}

// withoutIDX drops what numbers the dictionaries of BCF from a header.
func withoutIDX(h *Header) *Header {
	c := NewHeader(h.Version, h.Samples...)
	for _, m := range h.metas {
		pairs := m.Pairs[:0:0]
		for _, p := range m.Pairs {
			if p.Key != "IDX" {
				pairs = append(pairs, p)
			}
		}
		if m.Pairs != nil {
			m.Pairs = pairs
		}
		if err := c.Add(m); err != nil {
			panic("vcf: " + err.Error()) // it was added before
		}
	}
	return c
}

// bcfText is the text of a BCF file: what bcftools view would print.
type bcfText struct {
	bcf  *bcfReader
	rest []byte // not yet read
	err  error
}

func newBCFText(b *bcfReader) *bcfText {
	return &bcfText{bcf: b, rest: withoutIDX(b.header).Text()}
}

// Read is io.Reader.
func (t *bcfText) Read(p []byte) (int, error) {
	for len(t.rest) == 0 && t.err == nil {
		if t.rest, t.err = t.bcf.Line(); t.err == nil {
			t.rest = append(t.rest, '\n')
		}
	}
	if t.err != nil {
		return 0, t.err
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}
