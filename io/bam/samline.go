package bam

import (
	"bytes"
	"math"
	"unsafe"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// samLine turns lines of SAM into one Read whose memory it uses again for the
// next. The rules are those of the SAM specification, section 1.4.
type samLine struct {
	contigs *locus.Contigs
	d       decoder
	f       *findings
	bad     bool // the line has a failure
	fields  [mandatory][]byte
	last    string // name of the last contig looked up
	lastAt  int
}

const mandatory = 11

// The mandatory fields in their order.
const (
	fName = iota
	fFlag
	fContig
	fPos
	fMapQ
	fCigar
	fNextContig
	fNextPos
	fTemplate
	fSeq
	fQual
)

var fieldName = [mandatory]string{"QNAME", "FLAG", "RNAME", "POS", "MAPQ", "CIGAR", "RNEXT", "PNEXT", "TLEN", "SEQ", "QUAL"}

func (s *samLine) fault(k kind, format string, args ...any) {
	s.bad = true
	s.f.add(k, format, args...)
}

// parse notes all the faults of a line and gives its Read, or nil where a field
// cannot be read. The Read is valid until the next call.
func (s *samLine) parse(line []byte, n int64) *align.Read {
	s.bad = false
	s.f.place.Line, s.f.place.Record = n, ""
	rest, more := line, true
	for i := range mandatory {
		if !more {
			s.fault(kFields, "%d fields, want at least %d: is the line cut off?", i, mandatory)
			return nil
		}
		s.fields[i], rest, more = bytes.Cut(rest, []byte{'\t'})
	}
	s.name()
	s.numbers()
	s.sequence()
	s.d.aux = s.d.aux[:0]
	if more {
		s.tags(rest)
	}
	s.d.read.Aux = s.d.aux
	if s.bad {
		return nil
	}
	return &s.d.read
}

func (s *samLine) name() {
	b := s.fields[fName]
	s.d.read.Name = unsafe.String(unsafe.SliceData(b), len(b))
	s.f.place.Record = s.d.read.Name
}

func (s *samLine) numbers() {
	r := &s.d.read
	r.Flag = align.Flag(s.number(fFlag, kFlag, 0, math.MaxUint16))
	r.Contig = s.contig(fContig, s.fields[fContig])
	r.Start = s.number(fPos, kPosition, 0, locus.MaxLength) - 1
	r.MapQ = byte(s.number(fMapQ, kMapQ, 0, math.MaxUint8))
	s.cigar(s.fields[fCigar])
	switch next := s.fields[fNextContig]; {
	case string(next) == "=":
		r.MateContig = r.Contig
	default:
		if r.MateContig = s.contig(fNextContig, next); r.MateContig >= 0 && r.MateContig == r.Contig {
			s.f.add(kMateAdvice, "RNEXT is %.40q, the same as RNAME, want =", next)
		}
	}
	r.MateStart = s.number(fNextPos, kMate, 0, locus.MaxLength) - 1
	r.TemplateLen = s.number(fTemplate, kTemplate, -math.MaxInt32, math.MaxInt32)
}

// number reads a decimal field within bounds.
func (s *samLine) number(field int, k kind, low, high int) int {
	b := s.fields[field]
	digits, sign := b, 1
	if low < 0 && len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if digits = b[1:]; b[0] == '-' {
			sign = -1
		}
	}
	n := 0
	for _, c := range digits {
		if !isDigit(c) || n > math.MaxInt32 {
			n = math.MaxInt
			break
		}
		n = 10*n + int(c-'0')
	}
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' || n == math.MaxInt || sign*n < low || sign*n > high {
		s.fault(k, "%s is %.40q, want a number of %d to %d", fieldName[field], b, low, high)
		return 0
	}
	return sign * n
}

// contig is the number of a contig in the header, or -1 for *.
func (s *samLine) contig(field int, b []byte) int {
	if string(b) == "*" {
		return -1
	}
	if s.last != string(b) || s.last == "" {
		s.last, s.lastAt = "", s.contigs.Index(string(b))
		if s.lastAt >= 0 {
			s.last = s.contigs.At(s.lastAt).Name
		}
	}
	if s.lastAt < 0 {
		s.fault(kContig, "%s is %.40q, which no @SQ line names", fieldName[field], b)
		return -1
	}
	return s.lastAt
}

func (s *samLine) cigar(b []byte) {
	d := &s.d
	d.cigar = d.cigar[:0]
	defer func() { d.read.Cigar = d.cigar }()
	if string(b) == "*" {
		return
	}
	n, digits := 0, 0
	for _, c := range b {
		if isDigit(c) && n < 1<<28 {
			n, digits = 10*n+int(c-'0'), digits+1
			continue
		}
		op := bytes.IndexByte([]byte("MIDNSHP=X"), c)
		if digits == 0 || op < 0 || n >= 1<<28 {
			digits = 1
			break
		}
		d.cigar = append(d.cigar, align.MakeOp(align.Op(op), n))
		n, digits = 0, 0
	}
	if digits > 0 || len(b) == 0 {
		s.fault(kCigar, "CIGAR is %.40q, want * or pairs of a length and one of MIDNSHP=X", b)
	}
}

// baseLetters is what each letter of SEQ becomes: as in BAM, upper case, and N
// where BAM has no code for it; 0 where the letter is not allowed.
var baseLetters = func() (t [256]byte) {
	for c := byte('A'); c <= 'Z'; c++ {
		t[c], t[c|0x20] = 'N', 'N'
	}
	for _, c := range []byte("ACMGRSVTWYHKDBN") {
		t[c], t[c|0x20] = c, c
	}
	t['U'], t['u'], t['='], t['.'] = 'T', 'T', '=', 'N'
	return t
}()

func (s *samLine) sequence() {
	d := &s.d
	seq, qual := s.fields[fSeq], s.fields[fQual]
	none := string(seq) == "*"
	d.bases = d.bases[:0]
	if !none {
		odd := false
		for _, c := range seq {
			u := baseLetters[c]
			if u == 0 {
				s.fault(kSequence, "SEQ has %q, want letters, = or .", c)
				break
			}
			odd = odd || u != c
			d.bases = append(d.bases, u)
		}
		if odd {
			s.f.add(kSequenceAdvice, "SEQ has letters that BAM cannot keep: lower case, or none of =ACMGRSVTWYHKDBN")
		}
		if len(seq) == 0 {
			s.fault(kSequence, "SEQ is empty, want * or bases")
		}
	}
	d.read.Bases = d.bases
	d.quals = d.quals[:0]
	if string(qual) == "*" {
		for range d.bases {
			d.quals = append(d.quals, 0xff)
		}
		d.read.Quals = d.quals
		return
	}
	if len(qual) != len(seq) || none {
		bases := len(seq)
		if none {
			bases = 0
		}
		s.fault(kQuality, "QUAL has %d letters for %d bases", len(qual), bases)
	}
	for _, c := range qual {
		if c < '!' || c > '~' {
			s.fault(kQuality, "QUAL has %q, want ! to ~", c)
			break
		}
		d.quals = append(d.quals, c-'!')
	}
	d.read.Quals = d.quals
}
