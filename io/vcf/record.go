package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Record is a line of a VCF file. The strings in it may be kept; the slices,
// and what its methods give of samples, are valid until the Reader's next
// call, unless the record is cloned.
type Record struct {
	Contig string
	Pos    int // 0-based; -1 for POS 0, the telomere
	ID     string
	Ref    string
	Alts   []string // empty where ALT is .
	Qual   float64  // NaN where it is missing
	Filter string   // as in the file: PASS, ., or names joined by ;
	Info   string   // as in the file: ., or key=value joined by ;
	Format string   // as in the file: keys joined by :, empty where there is no such column

	parse *parser
	line  int64
	qual  string // the text of Qual
	keys  []string
	text  []byte  // all samples
	ends  []int32 // where each sample ends in text
}

func (r *Record) reset(p *parser, line int64) {
	*r = Record{Alts: r.Alts[:0], parse: p, line: line, ends: r.ends[:0]}
}

// cut finds the samples in text.
func (r *Record) cut(samples int) error {
	n := 0
	for at := 0; r.text != nil && n <= samples; n++ {
		i := bytes.IndexByte(r.text[at:], '\t')
		if i < 0 {
			r.ends = append(r.ends, int32(len(r.text)))
			n++
			break
		}
		r.ends = append(r.ends, int32(at+i))
		at += i + 1
	}
	if r.Format == "" && samples > 0 {
		return fmt.Errorf("no FORMAT column, want one and %d samples", samples)
	}
	if n != samples {
		if n > samples {
			n = 1 + bytes.Count(r.text, []byte{'\t'})
		}
		return fmt.Errorf("%d samples, want the %d of the header", n, samples)
	}
	return nil
}

// Clone is a copy that stays valid.
func (r *Record) Clone() *Record {
	c := *r
	c.Alts, c.text, c.ends = slices.Clone(r.Alts), bytes.Clone(r.text), slices.Clone(r.ends)
	return &c
}

// Header is the header of the file the record is from.
func (r *Record) Header() *Header { return r.parse.header }

// Line is the number of the line in its file, from 1, in BCF that of the
// record; 0 in answers to queries.
func (r *Record) Line() int64 { return r.line }

// where names the record as a person would: chr20:101 G>T.
func (r *Record) where() string {
	if r.Contig == "" {
		return ""
	}
	s := r.Contig + ":" + strconv.Itoa(r.Pos+1)
	if r.Ref != "" {
		s += " " + short(r.Ref) + ">"
		if len(r.Alts) == 0 {
			s += "."
		}
		s += short(strings.Join(r.Alts, ","))
	}
	return s
}

// Bad is an error about the record, which says where it stands.
func (r *Record) Bad(err error) error {
	return &source.Error{Path: r.parse.path, Line: r.line, Record: r.where(), Err: err}
}

// Passed says whether no filter failed: FILTER is PASS, or . for not filtered.
func (r *Record) Passed() bool { return r.Filter == "PASS" || r.Filter == "." }

// End is the end of the record on the reference, 0-based and exclusive: INFO
// END where it is given, else behind the last base of Ref.
func (r *Record) End() int {
	if s, ok := r.InfoValue("END"); ok {
		if n, err := strconv.Atoi(s); err == nil && n > r.Pos && n <= locus.MaxLength {
			return n
		}
	}
	return r.Pos + len(r.Ref)
}

// InfoValue is the text of an INFO key, empty for a flag, and whether the key
// is there.
func (r *Record) InfoValue(key string) (string, bool) {
	for rest, more := r.Info, true; more; {
		var item string
		item, rest, more = strings.Cut(rest, ";")
		if s, ok := strings.CutPrefix(item, key); ok {
			if s == "" {
				return "", true
			}
			if s[0] == '=' {
				return s[1:], true
			}
		}
	}
	return "", false
}

// MissingInt stands for a missing value among integers. Among floats it is
// NaN.
const MissingInt = math.MinInt

// InfoInts appends the values of an INFO key to dst. A key that is absent adds
// nothing. Their number is checked against the header.
func (r *Record) InfoInts(dst []int, key string) ([]int, error) {
	s, ok := r.InfoValue(key)
	if !ok || s == "." {
		return dst, nil
	}
	at := len(dst)
	dst, err := appendInts(dst, []byte(s))
	return dst, r.checked("INFO", key, s, len(dst)-at, 2, err)
}

// InfoFloats is InfoInts for floating-point values.
func (r *Record) InfoFloats(dst []float64, key string) ([]float64, error) {
	s, ok := r.InfoValue(key)
	if !ok || s == "." {
		return dst, nil
	}
	at := len(dst)
	dst, err := appendFloats(dst, []byte(s))
	return dst, r.checked("INFO", key, s, len(dst)-at, 2, err)
}

// checked makes the error about the values of a key.
func (r *Record) checked(column, key, text string, n, ploidy int, err error) error {
	if err != nil {
		return r.Bad(fmt.Errorf("%s/%s %q: %w", column, key, short(text), err))
	}
	defs := r.parse.header.info
	if column == "FORMAT" {
		defs = r.parse.header.format
	}
	d, ok := defs[key]
	if !ok {
		return nil
	}
	if want := d.Count(len(r.Alts), ploidy); want >= 0 && n != want {
		return r.Bad(fmt.Errorf("%s/%s has %d values, want %d", column, key, n, want))
	}
	return nil
}

// Keys is the keys of the FORMAT column; the caller does not change them.
func (r *Record) Keys() []string { return r.keys }

// Sample is the column of the i-th sample.
func (r *Record) Sample(i int) []byte {
	from := 0
	if i > 0 {
		from = int(r.ends[i-1]) + 1
	}
	return r.text[from:r.ends[i]]
}

// Key is the place of a FORMAT key among Keys, or -1.
func (r *Record) Key(key string) int { return slices.Index(r.keys, key) }

// Field is the text of the k-th FORMAT key of the i-th sample, and whether it
// is there; a missing value "." counts as absent, and so does a k below 0.
func (r *Record) Field(i, k int) ([]byte, bool) {
	if k < 0 {
		return nil, false
	}
	s := r.Sample(i)
	for range k {
		j := bytes.IndexByte(s, ':')
		if j < 0 {
			return nil, false // trailing values may be left out
		}
		s = s[j+1:]
	}
	if j := bytes.IndexByte(s, ':'); j >= 0 {
		s = s[:j]
	}
	return s, len(s) != 1 || s[0] != '.'
}

// Value is Field for a key by its name.
func (r *Record) Value(i int, key string) ([]byte, bool) { return r.Field(i, r.Key(key)) }

// Ints appends the values of a FORMAT key of the i-th sample to dst. A key
// that is absent or missing adds nothing. Their number is checked against the
// header, for a key of Number G against the ploidy of the sample's GT.
func (r *Record) Ints(dst []int, i int, key string) ([]int, error) {
	s, ok := r.Value(i, key)
	if !ok {
		return dst, nil
	}
	at := len(dst)
	dst, err := appendInts(dst, s)
	if err != nil || len(dst)-at != 1 || r.parse.header.format[key].Number != "1" {
		err = r.checked("FORMAT", key, string(s), len(dst)-at, r.ploidy(i), err)
	}
	return dst, err
}

// Floats is Ints for floating-point values.
func (r *Record) Floats(dst []float64, i int, key string) ([]float64, error) {
	s, ok := r.Value(i, key)
	if !ok {
		return dst, nil
	}
	at := len(dst)
	dst, err := appendFloats(dst, s)
	return dst, r.checked("FORMAT", key, string(s), len(dst)-at, r.ploidy(i), err)
}

// ploidy is the number of alleles in the GT of a sample, 2 where there is none.
func (r *Record) ploidy(i int) int {
	gt, _ := r.Value(i, "GT")
	n := 1
	for _, c := range gt {
		if c == '/' || c == '|' {
			n++
		}
	}
	if n == 1 && (len(gt) == 0 || gt[0] == '.') {
		return 2
	}
	return n
}

// first is the GT of a sample where that is the first key, as it ought to be.
func (r *Record) first(i int) []byte {
	if len(r.keys) == 0 || r.keys[0] != "GT" {
		return nil
	}
	s := r.Sample(i)
	if j := bytes.IndexByte(s, ':'); j >= 0 {
		s = s[:j]
	}
	return s
}

// Alleles appends the allele numbers of the GT of the i-th sample to dst, with
// variant.Missing for a missing one, and says whether all of them are phased.
// A sample without GT adds nothing.
func (r *Record) Alleles(dst []int, i int) (alleles []int, phased bool, err error) {
	gt, ok := r.Value(i, "GT")
	if len(gt) == 0 {
		return dst, false, nil
	}
	if !ok {
		return append(dst, variant.Missing), false, nil
	}
	phased = len(gt) > 1
	if gt[0] == '|' || gt[0] == '/' { // VCF 4.4: a mark before the first allele
		gt = gt[1:]
	}
	for {
		a, n := variant.Missing, 0
		if len(gt) > 0 && gt[0] == '.' {
			n = 1
		} else {
			for a = 0; n < len(gt) && '0' <= gt[n] && gt[n] <= '9' && a <= len(r.Alts); n++ {
				a = 10*a + int(gt[n]-'0')
			}
			if n == 0 {
				return dst, false, r.Bad(fmt.Errorf("GT of sample %s: %q, want allele numbers parted by / or |", r.parse.header.Samples[i], gt))
			}
			if a > len(r.Alts) {
				return dst, false, r.Bad(fmt.Errorf("GT of sample %s names allele %d, want at most %d", r.parse.header.Samples[i], a, len(r.Alts)))
			}
		}
		dst = append(dst, a)
		if gt = gt[n:]; len(gt) == 0 {
			return dst, phased, nil
		}
		if gt[0] != '|' && gt[0] != '/' {
			return dst, false, r.Bad(fmt.Errorf("GT of sample %s: %q, want allele numbers parted by / or |", r.parse.header.Samples[i], gt))
		}
		phased = phased && gt[0] == '|'
		gt = gt[1:]
	}
}

// ErrPloidy is in the chain of errors about a genotype of more than two
// alleles where two are wanted.
var ErrPloidy = errors.New("genotype of more than two alleles")

// Genotype is the GT of the i-th sample as a pair: a haploid genotype is its
// allele twice, an absent one is variant.NoCall.
func (r *Record) Genotype(i int) (variant.Genotype, error) {
	if gt := r.first(i); len(gt) == 3 && (gt[1] == '/' || gt[1] == '|') { // nearly all are like 0/1
		a, b := int(gt[0]-'0'), int(gt[2]-'0')
		if 0 <= a && a <= min(9, len(r.Alts)) && 0 <= b && b <= min(9, len(r.Alts)) {
			return variant.Genotype{A: a, B: b, Phased: gt[1] == '|'}, nil
		}
	}
	var buf [4]int
	a, phased, err := r.Alleles(buf[:0], i)
	switch {
	case err != nil:
		return variant.NoCall, err
	case len(a) == 0:
		return variant.NoCall, nil
	case len(a) == 1:
		return variant.Genotype{A: a[0], B: a[0], Phased: phased}, nil
	case len(a) == 2:
		return variant.Genotype{A: a[0], B: a[1], Phased: phased}, nil
	}
	return variant.NoCall, r.Bad(fmt.Errorf("sample %s: %w", r.parse.header.Samples[i], ErrPloidy))
}

// Variant is the site as a noun.
func (r *Record) Variant() variant.Variant {
	return variant.Variant{Contig: r.Contig, Start: r.Pos, End: r.End(), Ref: r.Ref, Alts: slices.Clone(r.Alts)}
}

func appendInts(dst []int, s []byte) ([]int, error) {
	for more := true; more; {
		var v []byte
		v, s, more = bytes.Cut(s, []byte{','})
		if len(v) == 1 && v[0] == '.' {
			dst = append(dst, MissingInt)
			continue
		}
		n, err := strconv.ParseInt(string(v), 10, 32)
		if err != nil {
			return dst, errors.New("want integers of 32 bits")
		}
		dst = append(dst, int(n))
	}
	return dst, nil
}

func appendFloats(dst []float64, s []byte) ([]float64, error) {
	for more := true; more; {
		var v []byte
		v, s, more = bytes.Cut(s, []byte{','})
		if len(v) == 1 && v[0] == '.' {
			dst = append(dst, math.NaN())
			continue
		}
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return dst, errors.New("want numbers")
		}
		dst = append(dst, f)
	}
	return dst, nil
}
