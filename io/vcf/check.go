package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// Problem is something wrong with a file.
type Problem struct {
	source.Error
	Warning bool // the file can be used all the same
}

// Report is what Check found.
type Report struct {
	Path     string
	Problems []Problem // the first ones, in the order of the file
	Errors   int64     // of all of them, also those not kept
	Warnings int64
	Records  int64
	Version  string
}

// Valid says whether nothing but warnings was found.
func (r *Report) Valid() bool { return r.Errors == 0 }

// CheckOptions say what a file is checked against.
type CheckOptions struct {
	Keep    int                                              // problems kept in the report; 0 for 100
	Contigs *locus.Contigs                                   // the reference, where there is one
	Bases   func(dst []byte, r locus.Region) ([]byte, error) // its bases, as fasta.File.Bases gives them; nil to leave REF unchecked
}

// Check reads a whole file and lists what breaks the rules of its version of
// VCF, 4.1 to 4.4; of 4.5, which is not checked in full, the rules of 4.4 are
// taken. It is stricter than a Reader, which takes all that it can understand.
// A BCF file is checked as the text that it stands for, and lines are those of
// that text. An index beside the file must belong to it. "-" is standard input. An error is returned only where the file
// cannot be opened.
func Check(path string, o CheckOptions) (*Report, error) {
	t, err := text.Open(path)
	if err != nil {
		var e *source.Error
		if !errors.As(err, &e) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		return &Report{Path: path, Errors: 1, Problems: []Problem{{Error: *e}}}, nil
	}
	defer t.Close()
	var r *Report
	if magic, err := t.Peek(len(bcfMagic)); err != nil || string(magic) != bcfMagic {
		r = check(t, o)
	} else {
		b, err := newBCF(path, t)
		var lines *text.Reader
		if err == nil {
			lines, err = text.New(path, newBCFText(b))
		}
		if err != nil {
			return &Report{Path: path, Errors: 1, Problems: []Problem{{Error: source.Error{Path: path, Err: bare(err)}}}}, nil
		}
		r = check(lines, o)
	}
	if t.Kind() == text.BGZF && path != "-" {
		r.checkIndex()
	}
	return r, nil
}

// checkIndex checks the index beside a file that is sound so far, where there
// is one.
func (r *Report) checkIndex() {
	if !r.Valid() {
		return
	}
	v, err := OpenIndexed(r.Path)
	if errors.Is(err, ErrNoIndex) {
		return
	}
	if err == nil {
		defer v.Close()
		if n, told := v.index.Total(); told && n != r.Records {
			err = &source.Error{Path: r.Path, Err: fmt.Errorf("%w: it counts %d records, the file has %d; remedy: index it again with tabix or bcftools index", ErrStale, n, r.Records)}
		}
	}
	var e *source.Error
	if errors.As(err, &e) {
		r.Errors++
		r.Problems = append(r.Problems, Problem{Error: *e})
	}
}

// checker is the state of a check.
type checker struct {
	o       CheckOptions
	report  *Report
	lines   *text.Reader
	minor   int // of the version: 4.minor
	header  *Header
	columns int
	warned  map[string]bool

	before int64 // errors before this record
	placed int64 // records on contigs of the reference
	order  order
	rec    Record
	parse  parser
	seen   twins
	bases  []byte
	words  []string
}

func check(t *text.Reader, o CheckOptions) *Report {
	if o.Keep <= 0 {
		o.Keep = 100
	}
	c := &checker{o: o, report: &Report{Path: t.Path()}, lines: t, header: NewHeader(""), warned: map[string]bool{}}
	c.parse = parser{path: t.Path(), header: c.header}
	if c.head() {
		c.body()
		c.rec = Record{}
		if o.Contigs != nil && c.report.Records > 0 && c.placed == 0 {
			c.problem(false, fmt.Errorf("no record lies on a contig of the reference: %w", o.Contigs.Unknown(c.order.contig)))
		}
	}
	return c.report
}

// line gives the next line, or false at the end, where a problem of reading is
// reported.
func (c *checker) line() ([]byte, bool) {
	b, err := c.lines.Line()
	if err == nil {
		return b, true
	}
	if err != io.EOF {
		var e *source.Error
		if !errors.As(err, &e) {
			e = &source.Error{Path: c.report.Path, Err: err}
		}
		c.add(Problem{Error: *e})
	} else if c.lines.Unfinished() {
		c.rec = Record{}
		c.lenient("the last line has no newline: the file may be cut short")
	}
	return nil, false
}

func (c *checker) add(p Problem) {
	if p.Warning {
		c.report.Warnings++
	} else {
		c.report.Errors++
	}
	if len(c.report.Problems) < c.o.Keep {
		c.report.Problems = append(c.report.Problems, p)
	}
}

// enough says that so much is wrong with a record that the rest of it is left
// alone.
func (c *checker) enough() bool { return c.report.Errors-c.before > 100 }

func (c *checker) problem(warning bool, err error) {
	c.add(Problem{source.Error{Path: c.report.Path, Line: c.lines.Number(), Record: c.rec.where(), Err: err}, warning})
}

func (c *checker) errorf(format string, args ...any) { c.problem(false, fmt.Errorf(format, args...)) }

// lenient is errorf for rules that the conformance files of VCF 4.5 break
// themselves: there it warns.
func (c *checker) lenient(format string, args ...any) {
	c.problem(c.minor >= 5, fmt.Errorf(format, args...))
}

// warnOnce warns of something that every line may have.
func (c *checker) warnOnce(format string, args ...any) {
	if len(c.warned) >= 1000 {
		return
	}
	if text := fmt.Sprintf(format, args...); !c.warned[text] {
		c.warned[text] = true
		c.problem(true, errors.New(text))
	}
}

// head checks the header. It is false where no record can be made sense of.
func (c *checker) head() bool {
	first, ok := c.line()
	if !ok {
		if c.report.Errors == 0 {
			c.errorf("is empty, want a VCF file")
		}
		return false
	}
	v, err := version(strings.TrimSuffix(string(first), "\r"))
	if err != nil {
		c.errorf("%w", err)
		return false
	}
	c.header.Version, c.report.Version = v, v
	if c.minor = int(v[len(v)-1] - '0'); c.minor < 1 || c.minor > 5 {
		c.errorf("version %s, want VCFv4.1 to VCFv4.5", v)
		return false
	}
	total := len(first)
	for lines := 0; ; lines++ {
		b, ok := c.line()
		if !ok {
			c.errorf("no #CHROM line: the header has no end")
			return false
		}
		if lines > maxLines {
			c.errorf("header of more than %d lines", maxLines)
			return false
		}
		if total += len(b); total > maxHeader {
			c.errorf("header of more than %d bytes", maxHeader)
			return false
		}
		s := strings.TrimSuffix(string(b), "\r")
		switch {
		case strings.HasPrefix(s, "##"):
			c.meta(s)
		case strings.HasPrefix(s, "#CHROM"):
			return c.columnsLine(s)
		case strings.HasPrefix(s, "#"):
			c.errorf("%q in the header, want a line that begins with ## or #CHROM", short(s))
		case c.record(b):
			c.errorf("the header has no #CHROM line before the first record")
			return false
		default:
			c.errorf("%q in the header, want a line that begins with ##", short(s))
		}
	}
}

// record says whether a line looks like a record.
func (c *checker) record(line []byte) bool { return bytes.Count(line, []byte{'\t'}) >= 7 }

func (c *checker) columnsLine(s string) bool {
	samples, err := columns(s)
	if err != nil {
		c.errorf("%w", err)
		return false
	}
	if strings.HasSuffix(s, "\tFORMAT") && samples == nil {
		c.errorf("column FORMAT without a sample")
	}
	c.header.Samples = samples
	c.columns = 8
	if len(samples) > 0 {
		c.columns = 9 + len(samples)
	}
	if c.o.Contigs != nil {
		c.reference()
	}
	return true
}

// reference compares the contigs of the header with those of the reference.
func (c *checker) reference() {
	for _, x := range c.header.ContigList() {
		r, ok := c.o.Contigs.Find(x.Name)
		switch {
		case !ok:
			c.warnOnce("contig of the header: %s", c.o.Contigs.Unknown(x.Name))
		case x.Length > 0 && x.Length != r.Length:
			c.errorf("contig %s has %d bases in the header, %d in the reference; remedy: the reference the file was made with", x.Name, x.Length, r.Length)
		}
	}
}
