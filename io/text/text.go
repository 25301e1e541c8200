// Package text reads the lines of a text file that may be plain, gzip or
// BGZF: which of them is seen by the content, not by the name.
package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
)

// Kind is how the bytes of a file are packed.
type Kind int

// The kinds of packing.
const (
	Plain Kind = iota
	Gzip
	BGZF
)

// String is the name of the kind as a person knows it.
func (k Kind) String() string { return [...]string{"plain text", "gzip", "bgzip"}[k] }

// SniffLen is how many bytes Sniff wants to see.
const SniffLen = 18

// Sniff says how a file is packed that begins with these bytes.
func Sniff(head []byte) Kind {
	switch {
	case len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b:
		return Plain
	case len(head) >= SniffLen && head[2] == 8 && head[3] == 4 && head[12] == 'B' && head[13] == 'C':
		return BGZF
	}
	return Gzip
}

// MaxLine is the longest line that is read, in bytes. The line of a VCF with a
// million samples fits.
const MaxLine = 1 << 27

// Reader reads lines. It is not safe for concurrent use.
type Reader struct {
	path   string
	kind   Kind
	src    io.Reader
	blocks *bgzf.Reader // src, where the file is BGZF
	file   io.Closer
	buf    []byte
	lo, hi int // what was read and not yet given: buf[lo:hi]
	line   int64
	ended  error
	open   bool // the line given last had no newline
	limit  int  // longest line
}

// Open opens a file; "-" is standard input.
func Open(path string) (*Reader, error) { return OpenParallel(path, 1) }

// OpenParallel is Open with so many goroutines that inflate BGZF ahead of the
// caller.
func OpenParallel(path string, threads int) (*Reader, error) {
	if path == "-" {
		return read(path, os.Stdin, threads)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, source.At(path, err)
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, source.At(path, errors.New("is a folder, want a file"))
	}
	r, err := read(path, f, threads)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// New reads lines from r; path stands in errors.
func New(path string, r io.Reader) (*Reader, error) { return read(path, r, 1) }

func read(path string, r io.Reader, threads int) (*Reader, error) {
	t := &Reader{path: path, buf: make([]byte, 1<<16), limit: MaxLine}
	b := bufio.NewReader(r)
	head, err := b.Peek(SniffLen)
	if err != nil && err != io.EOF {
		return nil, source.At(path, err)
	}
	switch t.kind = Sniff(head); t.kind {
	case BGZF:
		t.blocks = bgzf.NewReader(b, threads)
		t.src = t.blocks
	case Gzip:
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, source.At(path, fmt.Errorf("damaged gzip: %w", err))
		}
		t.src = z
	default:
		t.src = b
	}
	return t, nil
}

// Path is the path as it was given.
func (r *Reader) Path() string { return r.path }

// Kind is how the file is packed.
func (r *Reader) Kind() Kind { return r.kind }

// Number is the number of the line given last, from 1.
func (r *Reader) Number() int64 { return r.line }

// Unfinished says that the line given last, the last of the file, does not end
// in a newline.
func (r *Reader) Unfinished() bool { return r.open }

// Peek gives up to n of the next bytes without taking them; fewer at the end.
func (r *Reader) Peek(n int) ([]byte, error) {
	for r.hi-r.lo < n && r.ended == nil {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	return r.buf[r.lo:min(r.lo+n, r.hi)], nil
}

// Read gives the bytes that no Line has taken.
func (r *Reader) Read(p []byte) (int, error) {
	if r.lo == r.hi {
		if r.ended == nil {
			if err := r.fill(); err != nil {
				return 0, err
			}
		}
		if r.lo == r.hi {
			return 0, io.EOF
		}
	}
	n := copy(p, r.buf[r.lo:r.hi])
	r.lo += n
	return n, nil
}

// Line gives the next line without its newline, valid until the next call. At
// the end the error is io.EOF; a last line without a newline counts.
func (r *Reader) Line() ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(r.buf[r.lo+seen:r.hi], '\n'); i >= 0 {
			line := r.buf[r.lo : r.lo+seen+i]
			r.lo += seen + i + 1
			r.line++
			return line, nil
		}
		seen = r.hi - r.lo
		if r.ended != nil {
			if seen == 0 {
				return nil, io.EOF
			}
			line := r.buf[r.lo:r.hi]
			r.lo = r.hi
			r.line++
			r.open = true
			return line, nil
		}
		if seen > r.limit {
			return nil, &source.Error{Path: r.path, Line: r.line + 1, Err: fmt.Errorf("line of more than %d bytes", r.limit)}
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more into buf. The end of the input is not an error of fill: it
// is kept in ended.
func (r *Reader) fill() error {
	if r.lo > 0 && r.hi == len(r.buf) {
		r.hi = copy(r.buf, r.buf[r.lo:r.hi])
		r.lo = 0
	}
	if r.hi == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.hi:])
		r.hi += n
		if err == io.EOF {
			r.ended = io.EOF
			return nil
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("%w inside its %s data", bgzf.ErrTruncated, r.kind)
			}
			var p *fs.PathError
			if errors.As(err, &p) {
				err = p.Err // the path is said already
			}
			return &source.Error{Path: r.path, Line: r.line + 1, Err: err}
		}
		if n > 0 {
			return nil
		}
	}
	return &source.Error{Path: r.path, Line: r.line + 1, Err: io.ErrNoProgress}
}

// Close closes the file and ends the goroutines of OpenParallel.
func (r *Reader) Close() error {
	if r.blocks != nil {
		r.blocks.Close()
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
