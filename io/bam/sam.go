package bam

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
)

// maxLine is the longest line of a SAM file that is read: 60 million bases.
const maxLine = 1 << 27

// Text is an open SAM file: text, as it is or compressed by bgzip. It belongs
// to one goroutine.
type Text struct {
	path   string
	o      Options
	header *Header
	in     *bufio.Reader
	z      *bgzf.Reader // nil for plain text

	n     int64 // lines read
	first []byte
	long  []byte // a line that is longer than the buffer of in
	line  samLine
	f     findings
}

// NewText reads SAM text. The name stands in errors. A header that breaks the
// rules of the format is an error, unless o.Warn is set and the contigs can be
// made out.
func NewText(name string, r io.Reader, o Options) (*Text, error) {
	t := startText(name, r, o)
	if err := t.readHeader(); err != nil {
		t.Close()
		return nil, err
	}
	for _, p := range t.f.problems() {
		if p.Severity == Failure && o.Warn == nil {
			t.Close()
			return nil, p.First
		}
		if o.Warn != nil {
			o.Warn(p.First)
		}
	}
	t.f.failed = nil
	return t, nil
}

// startText looks whether the text is compressed.
func startText(name string, r io.Reader, o Options) *Text {
	t := &Text{path: name, o: o, in: bufio.NewReaderSize(r, 1<<16)}
	t.f.path = name
	if b, _ := t.in.Peek(2); string(b) == "\x1f\x8b" {
		t.z = bgzf.NewReader(t.in, o.Threads)
		t.in = bufio.NewReaderSize(t.z, 1<<16)
	}
	return t
}

// readHeader reads the header and notes its faults in t.f. The error is one
// that leaves the contigs unknown.
func (t *Text) readHeader() error {
	if b, _ := t.in.Peek(len(magic)); string(b) == magic {
		return t.at(errors.New("a BAM file, want SAM text"))
	}
	var text strings.Builder
	for {
		line, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return t.at(err)
		}
		if line[0] != '@' {
			t.first = append(t.first, line...)
			break
		}
		if text.Len()+len(line) >= maxText {
			return t.at(fmt.Errorf("a header of more than %d bytes", maxText))
		}
		text.Write(line)
		text.WriteByte('\n')
	}
	var err error
	if t.header, err = parseHeader(text.String(), &t.f); err != nil {
		return t.at(err)
	}
	t.line.contigs = t.header.Contigs
	t.line.d.contigs = t.header.Contigs.List()
	t.line.f = &t.f
	return nil
}

func (t *Text) at(err error) error {
	var e *source.Error
	if errors.As(err, &e) {
		return err
	}
	return &source.Error{Path: t.path, Line: t.n, Err: err}
}

// next gives the next line that is not empty, without its end.
func (t *Text) next() ([]byte, error) {
	for {
		t.n++
		line, err := t.in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			line, err = t.rest(line)
		}
		if err == io.EOF && len(line) > 0 {
			err = nil
		}
		if err != nil {
			return nil, err
		}
		for n := len(line); n > 0 && (line[n-1] == '\n' || line[n-1] == '\r'); n-- {
			line = line[:n-1]
		}
		if len(line) > 0 {
			return line, nil
		}
	}
}

// rest reads on a line of which start filled the buffer.
func (t *Text) rest(start []byte) ([]byte, error) {
	t.long = append(t.long[:0], start...)
	for {
		more, err := t.in.ReadSlice('\n')
		if len(t.long)+len(more) > maxLine {
			return nil, fmt.Errorf("a line of more than %d bytes", maxLine)
		}
		t.long = append(t.long, more...)
		if err != bufio.ErrBufferFull {
			return t.long, err
		}
	}
}

// Path is the name of the file as it was given.
func (t *Text) Path() string { return t.path }

// Header is what the file says of all its records; the caller does not change
// it.
func (t *Text) Header() *Header { return t.header }

// Close ends the reading; what is read from stays open.
func (t *Text) Close() error {
	if t.z != nil {
		return t.z.Close()
	}
	return nil
}

// All yields every record in the order of the file, once. A Read is valid
// until the next step. The first error ends it; with Options.Warn a bad record
// is left out instead.
func (t *Text) All() iter.Seq2[*align.Read, error] {
	return func(yield func(*align.Read, error) bool) {
		order := orderSaid(t.header)
		for {
			line, err := t.record()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, t.at(err))
				return
			}
			t.f.failed = nil
			r := t.line.parse(line, t.n)
			if r != nil {
				examine(r, t.header, &t.f)
			}
			if t.f.failed == nil {
				if in := t.line.d.check(); in != nil {
					t.f.failed = t.at(in)
				}
			}
			if t.f.failed != nil {
				if t.o.Warn == nil {
					yield(nil, t.f.failed)
					return
				}
				t.o.Warn(t.f.failed)
				continue
			}
			if err := order.next(r); err != nil {
				yield(nil, &source.Error{Path: t.path, Line: t.n, Record: string([]byte(r.Name)), Err: err})
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// record gives the next line behind the header.
func (t *Text) record() ([]byte, error) {
	if t.first != nil {
		line := t.first
		t.first = nil
		return line, nil
	}
	return t.next()
}
