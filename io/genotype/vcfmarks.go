package genotype

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/text"
)

// markEvery is how many records lie between two remembered places.
const markEvery = 512

// maxVCFHeader bounds the header of a VCF or BCF in bytes.
const maxVCFHeader = 1 << 28

// vcfMarks is what reading a file through tells.
type vcfMarks struct {
	rows    int
	records int64
	header  string // the bytes before the first record
	list    []mark
	kind    text.Kind
}

// mark is the place of a record: skip bytes behind a place that a reader can
// begin at.
type mark struct {
	at     int64 // in the file, or a virtual offset of BGZF
	skip   int
	record int64 // records before it
	row    int   // rows before it
}

// find is the last mark at or before a row; nil where there is none.
func (m *vcfMarks) find(row int) *mark {
	k := sort.Search(len(m.list), func(i int) bool { return m.list[i].row > row }) - 1
	if k < 0 {
		return nil
	}
	return &m.list[k]
}

// reader reads from a mark on.
func (m *vcfMarks) reader(src object.Object, k *mark) (io.Reader, error) {
	r, err := m.from(src, k.at)
	if err != nil {
		return nil, err
	}
	_, err = io.CopyN(io.Discard, r, int64(k.skip))
	return r, err
}

// placed is a reader that knows where a later one could begin.
type placed interface {
	io.Reader
	place() int64
}

type bgzfPlaced struct{ *bgzf.Reader }

func (p bgzfPlaced) place() int64 { return int64(p.Offset()) }

type plainPlaced struct {
	io.Reader
	at int64
}

func (p *plainPlaced) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.at += int64(n)
	return n, err
}
func (p *plainPlaced) place() int64 { return p.at }

// from reads the unpacked bytes from a place on. A gzip file that is not BGZF
// can only be read from its beginning.
func (m *vcfMarks) from(src object.Object, at int64) (placed, error) {
	size := src.Info().Size
	switch m.kind {
	case text.BGZF:
		z := bgzf.NewReaderAt(src, size)
		return bgzfPlaced{z}, z.Seek(bgzf.Offset(at), bgzf.MakeOffset(size, 0))
	case text.Gzip:
		r, err := text.New("", io.NewSectionReader(src, 0, size))
		return &plainPlaced{Reader: r}, err
	}
	return &plainPlaced{io.NewSectionReader(src, at, size-at), at}, nil
}

// findMarks reads a file through.
func findMarks(ctx context.Context, src object.Object) (*vcfMarks, error) {
	var head [text.SniffLen]byte
	n, err := src.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	m := &vcfMarks{kind: text.Sniff(head[:n])}
	r, err := m.from(src, 0)
	if err != nil {
		return nil, err
	}
	var magic [9]byte
	n, err = io.ReadFull(r, magic[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(magic[:min(n, 4)]) == "BCF\x02" {
		return m, m.scanBCF(ctx, r, magic)
	}
	s := lineScanner{m: m}
	s.bytes(magic[:n], 0)
	return m, s.run(ctx, r)
}

// add counts a record that begins at a place.
func (m *vcfMarks) add(at int64, skip, rows int) {
	if m.records%markEvery == 0 && m.kind != text.Gzip {
		m.list = append(m.list, mark{at, skip, m.records, m.rows})
	}
	m.records++
	m.rows += rows
}

// scanBCF walks over records by their lengths (VCF 4.3 section 6.3).
func (m *vcfMarks) scanBCF(ctx context.Context, r placed, magic [9]byte) error {
	size := binary.LittleEndian.Uint32(magic[5:])
	if size > maxVCFHeader {
		return fmt.Errorf("header of %d bytes, want at most %d", size, maxVCFHeader)
	}
	var header bytes.Buffer
	header.Write(magic[:])
	if _, err := io.CopyN(&header, r, int64(size)); err != nil {
		return fmt.Errorf("truncated inside its header: %w", noEOF(err))
	}
	m.header = header.String()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := r.place()
		var b [32]byte
		n, err := io.ReadFull(r, b[:])
		if n == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			shared, samples := binary.LittleEndian.Uint32(b[:]), binary.LittleEndian.Uint32(b[4:])
			if shared < 24 {
				return fmt.Errorf("record %d of %d bytes, want 24 or more", m.records+1, shared)
			}
			_, err = io.CopyN(io.Discard, r, int64(shared)+int64(samples)-24)
		}
		if err != nil {
			return fmt.Errorf("truncated inside record %d: %w", m.records+1, noEOF(err))
		}
		m.add(at, 0, max(1, int(binary.LittleEndian.Uint16(b[8+18:]))-1))
	}
}

// noEOF makes an end in the middle an error that no loop takes for the end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// lineScanner counts the records of text and their alternate alleles.
type lineScanner struct {
	m      *vcfMarks
	header bytes.Buffer

	lineAt int64 // a place before the line, and how far behind it the line begins
	skip   int
	begun  bool // the line has a byte
	inBody bool
	meta   bool // the line begins with #
	tabs   int
	rows   int
	skips  bool // nothing more of the line matters
}

func (s *lineScanner) run(ctx context.Context, r placed) error {
	buf := make([]byte, 1<<16)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := r.place()
		n, err := r.Read(buf)
		s.bytes(buf[:n], at)
		if s.header.Len() > maxVCFHeader {
			return fmt.Errorf("header of more than %d bytes", maxVCFHeader)
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			s.end()
			s.m.header = s.header.String()
			return nil
		}
		if err != nil {
			return fmt.Errorf("damaged behind record %d: %w", s.m.records, err)
		}
	}
}

// bytes takes the next bytes, which begin at a place.
func (s *lineScanner) bytes(b []byte, at int64) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if !s.begun {
			if c == '\n' || c == '\r' {
				continue
			}
			s.begun, s.lineAt, s.skip, s.tabs, s.rows = true, at, i, 0, 1
			s.meta = c == '#' && !s.inBody
			s.skips = s.meta
			s.inBody = !s.meta
		}
		if s.skips {
			j := bytes.IndexByte(b[i:], '\n')
			if j < 0 {
				if s.meta {
					s.header.Write(b[i:])
				}
				return
			}
			if s.meta {
				s.header.Write(b[i : i+j])
			}
			i += j
			c = '\n'
		}
		switch c {
		case '\n':
			s.end()
		case '\t':
			s.tabs++
			s.skips = s.tabs == 5
		case ',':
			if s.tabs == 4 {
				s.rows++
			}
		}
	}
}

// end ends a line.
func (s *lineScanner) end() {
	switch {
	case !s.begun:
	case s.meta:
		s.header.WriteByte('\n')
	default:
		s.m.add(s.lineAt, s.skip, s.rows)
	}
	s.begun = false
}
