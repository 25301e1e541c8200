package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/tabix"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// Indexed is a VCF or BCF file packed by bgzip, with its index. It is safe for
// concurrent use.
type Indexed struct {
	path   string
	src    io.ReaderAt
	size   int64
	close  func() error
	header *Header
	index  *tabix.Index
	binary bool
	bcf    *bcfReader // the dictionaries of BCF
}

// ErrNoIndex is in the chain of errors about a file without an index beside
// it.
var ErrNoIndex = errors.New("no index beside it")

// ErrStale is in the chain of errors about an index that does not belong to
// its file.
var ErrStale = errors.New("the index does not belong to this file")

// OpenIndexed opens a file for Query, with the index path.tbi or path.csi
// beside it.
func OpenIndexed(path string) (*Indexed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, source.At(path, err)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = errors.New("is a folder, want a VCF file")
	}
	var x *tabix.Index
	if err == nil {
		x, err = findIndex(path)
	}
	if err != nil {
		f.Close()
		return nil, source.At(path, err)
	}
	v, err := NewIndexed(path, f, st.Size(), x)
	if err != nil {
		f.Close()
		return nil, err
	}
	v.close = f.Close
	return v, nil
}

func findIndex(path string) (*tabix.Index, error) {
	for _, suffix := range []string{".tbi", ".csi"} {
		x, err := tabix.Open(path + suffix)
		if !errors.Is(err, fs.ErrNotExist) {
			return x, err
		}
	}
	return nil, fmt.Errorf("%w; remedy: tabix -p vcf %s, or for a contig of more than 2^29 bases bcftools index %s", ErrNoIndex, path, path)
}

// NewIndexed reads from src, a file of that size; path stands in errors. That
// the index belongs to the file is checked where it tells the end of the
// records: they must end there in the file too.
func NewIndexed(path string, src io.ReaderAt, size int64, x *tabix.Index) (*Indexed, error) {
	v := &Indexed{path: path, src: src, size: size, index: x, close: func() error { return nil }}
	t, err := text.New(path, io.NewSectionReader(src, 0, size))
	if err != nil {
		return nil, err
	}
	if t.Kind() != text.BGZF {
		return nil, &source.Error{Path: path, Err: fmt.Errorf("is %s, want bgzip for access by region; remedy: bgzip it and index it again", t.Kind())}
	}
	r, err := newReader(t)
	if err != nil {
		return nil, err
	}
	v.header = r.header
	v.bcf, v.binary = r.lines.(*bcfReader)
	end := x.End()
	if end == 0 {
		_, err = r.Read() // there must be no record
	} else {
		z := bgzf.NewReaderAt(src, size)
		var b [1]byte
		if err = z.Seek(end, end); err == nil {
			_, err = z.Read(b[:])
		}
	}
	if err != io.EOF {
		return nil, &source.Error{Path: path, Err: fmt.Errorf("%w: its records do not end where the index says; remedy: index it again with tabix or bcftools index", ErrStale)}
	}
	return v, nil
}

// Close closes the file of OpenIndexed; no Query must run then.
func (v *Indexed) Close() error { return v.close() }

// Header is the header of the file.
func (v *Indexed) Header() *Header { return v.header }

// Query gives the records that overlap a region, in the order of the file; see
// Record.End for where a record ends. A contig that neither the header nor the
// index knows is an error. A record is valid until the next.
func (v *Indexed) Query(r locus.Region) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		ref, err := v.ref(r.Contig)
		if err != nil {
			yield(nil, &source.Error{Path: v.path, Err: err})
			return
		}
		q := query{file: v, z: bgzf.NewReaderAt(v.src, v.size), parse: parser{path: v.path, header: v.header}}
		if v.binary {
			q.bcf = &bcfReader{header: v.bcf.header, strings: v.bcf.strings, contigs: v.bcf.contigs, src: q.z}
		}
		for _, c := range v.index.Chunks(ref, r.Start, r.End) {
			more, err := q.chunk(c, r, yield)
			if err != nil {
				yield(nil, source.At(v.path, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// ref is the place of a contig in the index.
func (v *Indexed) ref(contig string) (int, error) {
	if v.index.Names != nil {
		if i := v.index.Ref(contig); i >= 0 {
			return i, nil
		}
	} else if v.binary {
		for i, name := range v.bcf.contigs {
			if name == contig {
				return i, nil
			}
		}
	}
	if v.header.Contig(contig) >= 0 {
		return -1, nil // it has no record
	}
	known := v.header.ContigList()
	if len(known) == 0 {
		for _, n := range v.index.Names {
			known = append(known, locus.Contig{Name: n})
		}
	}
	list, err := locus.NewContigs(known)
	if err != nil {
		return -1, err
	}
	return -1, list.Unknown(contig)
}

// query reads the stretches of a file that hold the records of a region.
type query struct {
	file  *Indexed
	z     *bgzf.Reader
	bcf   *bcfReader
	parse parser
	rec   Record

	buf   []byte // of a block: read from start on, not taken before at
	at    int
	start bgzf.Offset
	line  []byte
}

// chunk gives the records of a stretch that overlap r. more is false where no
// later record can, or nobody wants them.
func (q *query) chunk(c tabix.Chunk, r locus.Region, yield func(*Record, error) bool) (more bool, err error) {
	if err := q.z.Seek(c.Begin, c.End); err != nil {
		return false, fmt.Errorf("%w: %w; remedy: index it again", ErrStale, err)
	}
	q.buf, q.at, q.start = q.buf[:0], 0, c.Begin
	for {
		at := q.offset()
		if at >= c.End {
			return true, nil
		}
		line, err := q.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if err := q.parse.record(&q.rec, line, 0); err != nil {
			return false, err
		}
		switch {
		case q.rec.Contig != r.Contig, q.rec.Pos >= r.End:
			return false, nil
		case q.rec.End() <= r.Start:
			continue
		}
		if !yield(&q.rec, nil) {
			return false, nil
		}
	}
}

// offset is where the next record begins.
func (q *query) offset() bgzf.Offset {
	if q.bcf != nil || q.at == len(q.buf) {
		return q.z.Offset()
	}
	return q.start + bgzf.Offset(q.at)
}

// next gives the next line.
func (q *query) next() ([]byte, error) {
	if q.bcf != nil {
		return q.bcf.Line()
	}
	q.line = q.line[:0]
	for {
		if q.at == len(q.buf) {
			if err := q.fill(); err != nil {
				if err == io.EOF && len(q.line) > 0 {
					return q.line, nil
				}
				return nil, err
			}
		}
		rest := q.buf[q.at:]
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			q.at += i + 1
			if len(q.line) == 0 {
				return rest[:i], nil
			}
			return append(q.line, rest[:i]...), nil
		}
		if q.line = append(q.line, rest...); len(q.line) > text.MaxLine {
			return nil, fmt.Errorf("line of more than %d bytes", text.MaxLine)
		}
		q.at = len(q.buf)
	}
}

// fill reads the rest of a block, so that the offset of each byte is known.
func (q *query) fill() error {
	if q.buf == nil || cap(q.buf) == 0 {
		q.buf = make([]byte, 0, bgzf.MaxBlock)
	}
	q.start, q.at = q.z.Offset(), 0
	n, err := q.z.Read(q.buf[:cap(q.buf)])
	q.buf = q.buf[:n]
	if n > 0 {
		return nil
	}
	return err
}
