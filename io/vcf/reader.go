package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// Reader reads the records of a VCF file in its order: VCF 4.0 to 4.5, plain,
// gzip or bgzip, and BCF2. It is not safe for concurrent use.
type Reader struct {
	header *Header
	lines  lines
	rec    Record
	parse  parser
	close  func() error
}

// lines gives the lines of a file behind its header, with their number or 0.
type lines interface {
	Line() ([]byte, error)
	Number() int64
}

// Open opens a file; "-" is standard input.
func Open(path string) (*Reader, error) { return OpenParallel(path, 1) }

// OpenParallel is Open with so many goroutines that inflate bgzip and BCF ahead
// of the caller.
func OpenParallel(path string, threads int) (*Reader, error) {
	t, err := text.OpenParallel(path, threads)
	if err != nil {
		return nil, err
	}
	r, err := newReader(t)
	if err != nil {
		t.Close()
		return nil, err
	}
	return r, nil
}

// NewReader reads from src; path stands in errors.
func NewReader(path string, src io.Reader) (*Reader, error) {
	t, err := text.New(path, src)
	if err != nil {
		return nil, err
	}
	return newReader(t)
}

func newReader(t *text.Reader) (*Reader, error) {
	r := &Reader{lines: t, close: t.Close}
	magic, err := t.Peek(len(bcfMagic))
	if err != nil {
		return nil, err
	}
	if string(magic) == bcfMagic {
		b, err := newBCF(t.Path(), t)
		if err != nil {
			return nil, source.At(t.Path(), err)
		}
		r.lines, r.header = b, withoutIDX(b.header)
	} else if r.header, err = readHeader(t); err != nil {
		return nil, err
	}
	r.parse = parser{path: t.Path(), header: r.header}
	return r, nil
}

// parseHeader reads a header that is a text of its own.
func parseHeader(path string, src io.Reader) (*Header, error) {
	t, err := text.New(path, src)
	if err != nil {
		return nil, err
	}
	return readHeader(t)
}

// Header is the header of the file.
func (r *Reader) Header() *Header { return r.header }

// Close closes the file and ends the goroutines of OpenParallel.
func (r *Reader) Close() error { return r.close() }

// Read gives the next record, valid until the next call; see Record. At the
// end the error is io.EOF.
func (r *Reader) Read() (*Record, error) {
	for {
		line, err := r.lines.Line()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, source.At(r.parse.path, err)
		}
		if len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			continue
		}
		if err := r.parse.record(&r.rec, line, r.lines.Number()); err != nil {
			return nil, err
		}
		return &r.rec, nil
	}
}

// All gives all records; the first error ends it. A record is valid until the
// next.
func (r *Reader) All() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Read()
			if err == io.EOF {
				return
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// maxHeader is the longest header that is read, in bytes.
const maxHeader = 1 << 26

func readHeader(t *text.Reader) (*Header, error) {
	h := NewHeader("")
	total := 0
	for {
		line, err := t.Line()
		if err == io.EOF {
			err = errors.New("no #CHROM line: the header has no end")
			if t.Number() == 0 {
				err = errors.New("is empty, want a VCF file")
			}
			return nil, &source.Error{Path: t.Path(), Err: err}
		}
		if err != nil {
			return nil, err
		}
		bad := func(err error) error {
			return &source.Error{Path: t.Path(), Line: t.Number(), Err: err}
		}
		if total += len(line); total > maxHeader {
			return nil, bad(fmt.Errorf("header of more than %d bytes", maxHeader))
		}
		s := strings.TrimSuffix(string(line), "\r")
		switch {
		case t.Number() == 1:
			if h.Version, err = version(s); err != nil {
				return nil, bad(err)
			}
		case strings.HasPrefix(s, "##"):
			if err := h.AddLine(s); err != nil {
				return nil, bad(err)
			}
		case strings.HasPrefix(s, "#CHROM"):
			if h.Samples, err = columns(s); err != nil {
				return nil, bad(err)
			}
			return h, nil
		default:
			return nil, bad(errors.New("the header has no #CHROM line before the first record; remedy: bcftools reheader"))
		}
	}
}

// version reads the first line of a file.
func version(line string) (string, error) {
	v, ok := strings.CutPrefix(line, "##fileformat=")
	if !ok {
		return "", errors.New("no header: the first line is not ##fileformat=VCFv4.x; remedy: bcftools reheader, or the program that wrote it")
	}
	if n, ok := strings.CutPrefix(v, "VCFv4."); !ok || len(n) != 1 || n[0] < '0' || n[0] > '9' {
		return "", fmt.Errorf("version %q, want VCFv4.1 to VCFv4.5", short(v))
	}
	return v, nil
}

// fixed is the first eight columns.
const fixed = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

// maxSamples is the most samples of a file.
const maxSamples = 1 << 21

// columns reads the #CHROM line, and gives the samples.
func columns(line string) ([]string, error) {
	rest, ok := strings.CutPrefix(line, fixed)
	if !ok {
		return nil, fmt.Errorf("columns %q, want %q, parted by tabs", short(line), fixed)
	}
	if rest == "" || rest == "\tFORMAT" {
		return nil, nil
	}
	rest, ok = strings.CutPrefix(rest, "\tFORMAT\t")
	if !ok {
		return nil, fmt.Errorf("column %q behind INFO, want FORMAT", short(rest))
	}
	if n := 1 + strings.Count(rest, "\t"); n > maxSamples {
		return nil, fmt.Errorf("%d samples, want at most %d", n, maxSamples)
	}
	samples := strings.Split(rest, "\t")
	seen := make(map[string]bool, len(samples))
	for i, s := range samples {
		if s == "" {
			return nil, fmt.Errorf("sample %d has no name", i+1)
		}
		if seen[s] {
			return nil, fmt.Errorf("sample %q stands twice", s)
		}
		seen[s] = true
	}
	return samples, nil
}

// parser cuts lines into records. It owns what records of one reader share.
type parser struct {
	path   string
	header *Header
	names  map[string]string // one string per contig
	keys   map[string][]string
}

// What a record may hold at most, so that a line of a few bytes per item does
// not take a hundred times its size. BCF has room for fewer.
const (
	maxAlts = 1 << 16
	maxKeys = 1 << 10
)

// record reads a line into rec. What rec holds of an earlier line is lost.
func (p *parser) record(rec *Record, line []byte, number int64) error {
	if n := len(line); line[n-1] == '\r' {
		line = line[:n-1]
	}
	bad := func(format string, args ...any) error {
		return &source.Error{Path: p.path, Line: number, Record: rec.where(), Err: fmt.Errorf(format, args...)}
	}
	rec.reset(p, number)
	var cut [9]int // where the columns end
	n, at := 0, 0
	rec.text = line
	for n < len(cut) {
		i := bytes.IndexByte(rec.text, '\t')
		if i < 0 {
			cut[n], rec.text = len(line), nil
			n++
			break
		}
		at += i + 1
		cut[n], rec.text = at-1, line[at:]
		n++
	}
	if n < 8 {
		return bad("%d columns, want at least 8, parted by tabs", n)
	}
	// One string holds the first nine columns, so that what a caller keeps of
	// them outlives the line.
	s := string(line[:cut[n-1]])
	col := func(i int) string { return s[cut[i-1]+1 : cut[i]] }

	name := s[:cut[0]]
	if kept, ok := p.names[name]; ok {
		name = kept
	} else {
		if name == "" {
			return bad("no contig in the first column")
		}
		if p.names == nil || len(p.names) > 1<<20 {
			p.names = map[string]string{}
		}
		name = strings.Clone(name)
		p.names[name] = name
	}
	pos, err := strconv.Atoi(col(1))
	if err != nil || pos < 0 || pos > locus.MaxLength {
		return bad("POS %q, want a number up to %d", short(col(1)), locus.MaxLength)
	}
	rec.Contig, rec.Pos = name, pos-1
	rec.ID, rec.Ref, rec.Filter, rec.Info = col(2), col(3), col(6), col(7)
	if rec.Ref == "" || !isSequence(rec.Ref) {
		return bad("REF %q, want bases", short(rec.Ref))
	}
	if alt := col(4); alt != "." {
		for more := true; more; {
			var a string
			if a, alt, more = strings.Cut(alt, ","); a == "" {
				return bad("an allele of ALT is empty")
			}
			if rec.Alts = append(rec.Alts, a); len(rec.Alts) > maxAlts {
				return bad("more than %d alleles in ALT", maxAlts)
			}
		}
	}
	rec.Qual = math.NaN()
	rec.qual = col(5)
	if q := rec.qual; q != "." {
		if rec.Qual, err = strconv.ParseFloat(q, 64); err != nil {
			return bad("QUAL %q, want a number or .", short(q))
		}
	}
	if n == 9 {
		rec.Format = col(8)
		if strings.Count(rec.Format, ":") > maxKeys {
			return bad("more than %d keys in FORMAT", maxKeys)
		}
		if rec.Format != "." {
			rec.keys = p.split(rec.Format)
		}
	}
	if err := rec.cut(len(p.header.Samples)); err != nil {
		return bad("%w", err)
	}
	return nil
}

func isSequence(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// split gives the keys of a FORMAT column; those of one text are one slice.
func (p *parser) split(format string) []string {
	if keys, ok := p.keys[format]; ok {
		return keys
	}
	if p.keys == nil || len(p.keys) > 1000 { // a file with ever new formats does not fill the memory
		p.keys = map[string][]string{}
	}
	format = strings.Clone(format)
	keys := strings.Split(format, ":")
	p.keys[format] = keys
	return keys
}
