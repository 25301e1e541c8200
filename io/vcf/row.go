package vcf

import (
	"math"
	"strconv"

	"github.com/gx-genomics/gx/variant"
)

// Row is a record that is being written: a line of text that grows from left
// to right, without allocation once it is warm. Site begins it; then come the
// other columns in the order of VCF, any of which may be left out; then Format
// and, for each sample, Sample and one value per key.
//
//	row.Site("chr20", 99, "G", "T")
//	row.Qual(37.6)
//	row.Filter("PASS")
//	row.Format("GT", "GQ")
//	row.Sample()
//	row.GT(variant.Genotype{A: 0, B: 1})
//	row.Int(36)
//
// Columns out of order are a mistake of the program and panic.
type Row struct {
	contig     string
	start, end int
	b          []byte
	column     column
	samples    int
	keys       int // of FORMAT
	values     int // of this sample, -1 before Sample
}

type column int

const (
	colNone column = iota
	colQual        // QUAL is next
	colFilter
	colInfo
	colFormat
	colSamples
)

// Site begins a record at a 0-based position. Without alternate alleles ALT is
// a dot.
func (r *Row) Site(contig string, pos int, ref string, alts ...string) {
	r.SiteID(contig, pos, "", ref, alts...)
}

// SiteID is Site with an ID; an empty one is a dot.
func (r *Row) SiteID(contig string, pos int, id, ref string, alts ...string) {
	*r = Row{b: r.b[:0], contig: contig, start: pos, end: pos + len(ref), column: colQual, values: -1}
	r.b = append(r.b, contig...)
	r.b = append(r.b, '\t')
	r.b = strconv.AppendInt(r.b, int64(pos)+1, 10)
	r.b = append(r.b, '\t')
	r.b = appendText(r.b, id)
	r.b = append(r.b, '\t')
	r.b = append(r.b, ref...)
	r.b = append(r.b, '\t')
	for i, a := range alts {
		if i > 0 {
			r.b = append(r.b, ',')
		}
		r.b = append(r.b, a...)
	}
	if len(alts) == 0 {
		r.b = append(r.b, '.')
	}
}

// CopySite begins a record with the columns of another, up to INFO, as they
// stand there.
func (r *Row) CopySite(rec *Record) {
	r.SiteID(rec.Contig, rec.Pos, rec.ID, rec.Ref, rec.Alts...)
	r.end = rec.End()
	for _, text := range [...]string{rec.qual, rec.Filter, rec.Info} {
		r.b = append(r.b, '\t')
		r.b = appendText(r.b, text)
	}
	r.column = colFormat
}

// Copy begins a record as a copy of another, with all its samples.
func (r *Row) Copy(rec *Record) {
	r.CopySite(rec)
	if rec.Format == "" {
		return
	}
	r.Format(rec.keys...)
	if rec.text != nil {
		r.b = append(r.b, '\t')
		r.b = append(r.b, rec.text...)
		r.samples = len(rec.ends)
	}
}

// to goes on to a column, with dots in those before it. A column may be
// entered once, but INFO once per key.
func (r *Row) to(c column) {
	if r.column > c && !(c == colInfo && r.column == colFormat) {
		panic("vcf: columns of a Row out of order")
	}
	for r.column < c {
		r.b = append(r.b, '\t', '.')
		r.column++
	}
}

// Qual sets QUAL as the text of a float32, as Float does; NaN is a dot.
func (r *Row) Qual(q float64) {
	r.to(colQual)
	r.b = append(r.b, '\t')
	r.b = AppendFloat(r.b, q)
	r.column = colFilter
}

// Filter sets FILTER: names, or none for a dot.
func (r *Row) Filter(names ...string) {
	r.to(colFilter)
	r.b = append(r.b, '\t')
	for i, n := range names {
		if i > 0 {
			r.b = append(r.b, ';')
		}
		r.b = append(r.b, n...)
	}
	if len(names) == 0 {
		r.b = append(r.b, '.')
	}
	r.column = colInfo
}

// info begins a key of INFO.
func (r *Row) info(key string) {
	r.to(colInfo)
	if r.column == colInfo {
		r.b = append(r.b, '\t')
		r.column = colFormat
	} else {
		r.b = append(r.b, ';')
	}
	r.b = append(r.b, key...)
}

// InfoFlag adds a flag to INFO.
func (r *Row) InfoFlag(key string) { r.info(key) }

// InfoInts adds integers to INFO. END also tells the index where the record
// ends.
func (r *Row) InfoInts(key string, values ...int) {
	r.info(key)
	r.b = append(r.b, '=')
	r.b = appendIntList(r.b, values)
	if key == "END" && len(values) == 1 {
		r.end = values[0]
	}
}

// InfoFloats adds floating-point values to INFO.
func (r *Row) InfoFloats(key string, values ...float64) {
	r.info(key)
	r.b = append(r.b, '=')
	r.b = appendFloatList(r.b, values)
}

// InfoText adds a text to INFO as it is: without blanks, semicolons and equal
// signs.
func (r *Row) InfoText(key, value string) {
	r.info(key)
	r.b = append(r.b, '=')
	r.b = appendText(r.b, value)
}

// Format sets the keys of the samples.
func (r *Row) Format(keys ...string) {
	r.to(colFormat)
	r.b = append(r.b, '\t')
	for i, k := range keys {
		if i > 0 {
			r.b = append(r.b, ':')
		}
		r.b = append(r.b, k...)
	}
	if len(keys) == 0 {
		r.b = append(r.b, '.')
	}
	r.column, r.keys = colSamples, len(keys)
}

// Sample begins the next sample.
func (r *Row) Sample() {
	if r.column != colSamples {
		panic("vcf: Sample before Format in a Row")
	}
	r.endSample()
	r.b = append(r.b, '\t')
	r.samples++
	r.values = 0
}

// endSample ends a sample: one without any value is a dot.
func (r *Row) endSample() {
	if r.values == 0 {
		r.b = append(r.b, '.')
	}
}

func (r *Row) value() {
	if r.values < 0 || r.values == r.keys {
		panic("vcf: more values than keys in a sample of a Row")
	}
	if r.values > 0 {
		r.b = append(r.b, ':')
	}
	r.values++
}

// GT adds a genotype of two alleles; variant.Missing is a dot.
func (r *Row) GT(g variant.Genotype) {
	r.value()
	r.b = appendAllele(r.b, g.A)
	r.b = append(r.b, "/|"[b2i(g.Phased)])
	r.b = appendAllele(r.b, g.B)
}

// Haploid adds a genotype of one allele.
func (r *Row) Haploid(allele int) {
	r.value()
	r.b = appendAllele(r.b, allele)
}

// Int adds an integer; MissingInt is a dot.
func (r *Row) Int(v int) {
	r.value()
	r.b = appendInt(r.b, v)
}

// Ints adds a list of integers; an empty one is a dot.
func (r *Row) Ints(values ...int) {
	r.value()
	r.b = appendIntList(r.b, values)
}

// Float adds a floating-point value; NaN is a dot.
func (r *Row) Float(v float64) {
	r.value()
	r.b = AppendFloat(r.b, v)
}

// Floats adds a list of floating-point values; an empty one is a dot.
func (r *Row) Floats(values ...float64) {
	r.value()
	r.b = appendFloatList(r.b, values)
}

// Text adds a text as it is; an empty one is a dot.
func (r *Row) Text(s string) {
	r.value()
	r.b = appendText(r.b, s)
}

// Missing adds a missing value.
func (r *Row) Missing() { r.Text("") }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func appendInt(dst []byte, v int) []byte {
	if v == MissingInt {
		return append(dst, '.')
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

func appendIntList(dst []byte, values []int) []byte {
	if len(values) == 0 {
		return append(dst, '.')
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendInt(dst, v)
	}
	return dst
}

func appendFloatList(dst []byte, values []float64) []byte {
	if len(values) == 0 {
		return append(dst, '.')
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendFloat(dst, v)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, '.')
	}
	return append(dst, s...)
}

// AppendFloat appends the text of a value as VCF files have it: of the float32
// nearest to it, by the rules of %g of C, six digits at most. NaN is a dot.
func AppendFloat(dst []byte, v float64) []byte {
	f := float64(float32(v))
	switch {
	case math.IsNaN(f):
		return append(dst, '.')
	case math.IsInf(f, 0):
		if f < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "inf"...)
	}
	return appendFloat(dst, f)
}
