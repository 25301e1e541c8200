package genotype

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// chunkLines is how many lines of a table of variants are read at a time.
const chunkLines = 1024

// longestLine bounds a line of a table of variants: alleles may be long, INFO
// longer.
const longestLine = 1 << 24

// lines gives a text of one line a variant by number of line, without keeping
// it: of a plain file only the places of every 1024th line are held, of a packed
// one the chunks themselves, packed again. It is read only once made.
type lines struct {
	path   string
	src    io.ReaderAt // nil where chunks are packed
	chunks []chunk
	count  int // lines, header and empty end left out
	rows   int // rows they stand for: one for each alternate allele
	header []string
}

// chunk is up to chunkLines lines.
type chunk struct {
	line   int64  // number in the file of its first line, from 1
	first  int    // variants before it
	row    int    // rows before it
	from   int64  // where its text begins, and how long it is
	size   int    // unpacked
	packed []byte // the text, of a packed file
}

// limits of what one chunk may hold, so that a damaged file sizes nothing.
const longestChunk = 1 << 28

// scanLines reads a text through once. Lines that begin with # before the first
// variant are its header. rows tells how many rows a line stands for.
func scanLines(ctx context.Context, o object.Object, path string, rows func(header []string, line []byte) (int, error)) (*lines, error) {
	x := &lines{path: path}
	whole := io.NewSectionReader(o, 0, o.Info().Size)
	text, packed, err := unpackStream(whole)
	if err != nil {
		return nil, source.At(path, err)
	}
	defer text.Close()
	var enc *zstd.Encoder
	if packed {
		if enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)); err != nil {
			return nil, err
		}
		defer enc.Close()
	} else {
		x.src = o
	}
	s := scanner{lines: x, rowsOf: rows, enc: enc}
	if err := s.run(ctx, text); err != nil {
		return nil, err
	}
	return x, nil
}

// unpackStream unpacks gzip and zstd, seen by content.
func unpackStream(r *io.SectionReader) (text io.ReadCloser, packed bool, err error) {
	var head [4]byte
	n, err := r.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	switch {
	case bytes.Equal(head[:n], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<27), zstd.WithDecoderMaxMemory(1<<28))
		if err != nil {
			return nil, false, fmt.Errorf("damaged zstd: %w", err)
		}
		return z.IOReadCloser(), true, nil
	case bytes.HasPrefix(head[:n], []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, false, fmt.Errorf("damaged gzip: %w", err)
		}
		return z, true, nil
	}
	return io.NopCloser(r), false, nil
}

// scanner cuts a text into chunks.
type scanner struct {
	*lines
	rowsOf func(header []string, line []byte) (int, error)
	enc    *zstd.Encoder
	number int64 // lines read
	at     int64 // where the next line begins
	begun  bool  // a variant was seen
	empty  int64 // number of the first of the empty lines just seen, 0 without
	held   []byte
	part   chunk
}

func (s *scanner) run(ctx context.Context, text io.Reader) error {
	buf := make([]byte, 1<<18)
	lo, hi := 0, 0
	for ended := false; !ended; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if lo > 0 {
			hi = copy(buf, buf[lo:hi])
			lo = 0
		}
		if hi == len(buf) {
			if len(buf) >= longestLine {
				return s.bad(s.number+1, fmt.Errorf("line of more than %d bytes", longestLine))
			}
			buf = append(buf, make([]byte, len(buf))...)
		}
		n, err := text.Read(buf[hi:])
		hi += n
		if ended = errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF); err != nil && !ended {
			return s.bad(s.number+1, fmt.Errorf("damaged or truncated: %w", err))
		}
		for {
			i := bytes.IndexByte(buf[lo:hi], '\n')
			if i < 0 {
				break
			}
			if err := s.line(buf[lo:lo+i], i+1); err != nil {
				return err
			}
			lo += i + 1
		}
		if ended && lo < hi {
			if err := s.line(buf[lo:hi], hi-lo); err != nil {
				return err
			}
		}
	}
	return s.flush()
}

func (s *scanner) bad(line int64, err error) error {
	return &source.Error{Path: s.path, Line: line, Err: err}
}

// line takes the next line, of size bytes with its newline.
func (s *scanner) line(line []byte, size int) error {
	s.number++
	from := s.at
	s.at += int64(size)
	line = bytes.TrimSuffix(line, []byte{'\r'})
	switch {
	case len(line) == 0:
		if s.empty == 0 {
			s.empty = s.number
		}
		return nil
	case s.empty != 0:
		return s.bad(s.empty, errors.New("empty line between variants"))
	case line[0] == '#' && !s.begun:
		if !bytes.HasPrefix(line, []byte("##")) {
			s.header = append(s.header, string(line))
		}
		return nil
	}
	s.begun = true
	rows, err := s.rowsOf(s.header, line)
	if err != nil {
		return s.bad(s.number, err)
	}
	if s.count == s.part.first+chunkLines || s.part.size+size > longestChunk {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if s.part.size == 0 {
		s.part = chunk{line: s.number, first: s.count, row: s.rows, from: from}
	}
	s.part.size += size
	if s.enc != nil {
		s.held = append(append(s.held, line...), '\n')
	}
	s.count++
	s.rows += rows
	return nil
}

// flush ends a chunk.
func (s *scanner) flush() error {
	if s.part.size == 0 {
		return nil
	}
	if s.enc != nil {
		s.part.packed = s.enc.EncodeAll(s.held, nil)
		s.part.size = len(s.held)
		s.held = s.held[:0]
	}
	s.chunks = append(s.chunks, s.part)
	s.part = chunk{first: s.count, row: s.rows}
	return nil
}

// text reads a chunk.
func (x *lines) text(c *chunk) (string, error) {
	if x.src == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*longestChunk))
		if err != nil {
			return "", err
		}
		defer dec.Close()
		b, err := dec.DecodeAll(c.packed, make([]byte, 0, c.size))
		return string(b), err
	}
	b := make([]byte, c.size)
	if _, err := io.ReadFull(io.NewSectionReader(x.src, c.from, int64(c.size)), b); err != nil {
		return "", &source.Error{Path: x.path, Line: c.line, Err: fmt.Errorf("the file changed while it was read: %w", err)}
	}
	return string(b), nil
}

// lineCursor walks over the lines from one on.
type lineCursor struct {
	lines   *lines
	chunk   int    // the one that rest is of, once loaded
	rest    string // lines not yet passed
	loaded  bool
	number  int64 // of the next line in the file, from 1
	variant int   // of the next line, from 0
}

// atRow places a cursor at the line that stands for the row, and tells the
// first row of that line. At or behind the end it stands at the end.
func (x *lines) atRow(row int, rowsOf func(line string) int) (c *lineCursor, first int, err error) {
	c = &lineCursor{lines: x}
	if row >= x.rows {
		c.chunk = len(x.chunks)
		c.variant = x.count
		return c, x.rows, nil
	}
	c.chunk = sort.Search(len(x.chunks), func(i int) bool { return x.chunks[i].row > row }) - 1
	first = x.chunks[c.chunk].row
	for {
		line, err := c.peek()
		if err != nil {
			return nil, 0, err
		}
		n := rowsOf(line)
		if first+n > row {
			return c, first, nil
		}
		first += n
		c.pass()
	}
}

// peek gives the next line without passing it; io.EOF at the end.
func (c *lineCursor) peek() (string, error) {
	if c.loaded && c.rest == "" {
		c.chunk, c.loaded = c.chunk+1, false
	}
	if !c.loaded {
		if c.chunk >= len(c.lines.chunks) {
			return "", io.EOF
		}
		k := &c.lines.chunks[c.chunk]
		text, err := c.lines.text(k)
		if err != nil {
			return "", err
		}
		c.rest, c.loaded, c.number, c.variant = text, true, k.line, k.first
	}
	line, _, _ := strings.Cut(c.rest, "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

// pass goes past the line that peek gave.
func (c *lineCursor) pass() {
	_, c.rest, _ = strings.Cut(c.rest, "\n")
	c.number++
	c.variant++
}

// bad is an error about the line that peek gave.
func (c *lineCursor) bad(err error) error {
	return &source.Error{Path: c.lines.path, Line: c.number, Err: err}
}
