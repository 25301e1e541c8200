package bam

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Options say how to read. The zero value is strict and looks for the index
// beside the file.
type Options struct {
	// Index is the path of the index; empty looks for X.bam.bai, X.bai,
	// X.bam.csi and X.csi.
	Index string
	// Threads is how many goroutines inflate for All; 0 and 1 use the caller's.
	Threads int
	// Warn, where set, makes reading lenient: a fault that concerns one record
	// only (an inconsistent field) leaves the record out, a missing end marker
	// and an index that is older than the data are passed over; each is told to
	// Warn, which is called from many goroutines at once.
	Warn func(error)
	// Merge makes a Set yield the reads of several files by coordinate; without
	// it, and as DeepVariant does, file after file per query.
	Merge bool
	// Probes is at how many places an index is compared with its file; 0 for 16.
	Probes int
}

// File is an open BAM file. Its methods may be called from many goroutines at
// once, except for All and Close.
type File struct {
	path   string
	o      Options
	header *Header
	first  bgzf.Offset // of the first record

	data    io.ReaderAt // nil for a stream
	size    int64
	close   func() error
	stream  *bgzf.Reader // nil but for a stream
	index   func() (*index, error)
	cursors sync.Pool // of *walker
}

// walker is what one query works with: a reader of its own, and the Read that
// it yields.
type walker struct {
	z *bgzf.Reader
	d decoder
}

// Open opens a BAM file and reads its header. "-" is standard input, which can
// only be read by All.
func Open(path string, o Options) (*File, error) {
	if path == "-" {
		return NewStream(path, os.Stdin, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if !info.Mode().IsRegular() {
		b, err := NewStream(path, f, o)
		if err != nil {
			f.Close()
			return nil, err
		}
		b.close = f.Close
		return b, nil
	}
	b, err := NewFile(path, f, info.Size(), func() ([]byte, error) { return readIndex(path, info, o) }, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	b.close = f.Close
	return b, nil
}

// NewStream reads a BAM file that cannot be sought in. The name stands in
// errors.
func NewStream(name string, r io.Reader, o Options) (*File, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, _ := in.Peek(len(magic)) // an error of it comes again from the reader
	if err := foreign(head); err != nil {
		return nil, source.At(name, err)
	}
	b := &File{path: name, o: o, stream: bgzf.NewReader(in, o.Threads)}
	if err := b.start(b.stream); err != nil {
		b.stream.Close()
		return nil, source.At(name, err)
	}
	return b, nil
}

// NewFile reads a BAM file of known size at any place, of a store for
// instance. The name stands in errors. readIndex gives the bytes of its BAI or CSI
// as they are stored; it is called once, by the first query.
func NewFile(name string, data io.ReaderAt, size int64, readIndex func() ([]byte, error), o Options) (*File, error) {
	head := make([]byte, len(magic))
	n, _ := data.ReadAt(head, 0) // an error of it comes again from the reader
	if err := foreign(head[:n]); err != nil {
		return nil, source.At(name, err)
	}
	b := &File{path: name, o: o, data: data, size: size}
	z := bgzf.NewReaderAt(data, size)
	if err := b.start(z); err != nil {
		return nil, source.At(name, err)
	}
	if err := bgzf.CheckMarker(data, size); err != nil {
		if o.Warn == nil {
			return nil, source.At(name, err)
		}
		o.Warn(source.At(name, err))
	}
	b.index = sync.OnceValues(func() (*index, error) { return b.loadIndex(readIndex) })
	return b, nil
}

func (f *File) start(z *bgzf.Reader) (err error) {
	if f.o.Warn != nil {
		z.AllowNoMarker()
	}
	if f.header, err = readHeader(z, &findings{path: f.path}); err != nil {
		return err
	}
	f.first = z.Offset()
	f.cursors.New = func() any {
		w := &walker{z: bgzf.NewReaderAt(f.data, f.size)}
		w.d.contigs = f.header.Contigs.List()
		if f.o.Warn != nil {
			w.z.AllowNoMarker()
		}
		return w
	}
	return nil
}

// Path is the name of the file as it was given.
func (f *File) Path() string { return f.path }

// Header is what the file says of all its records; the caller does not change
// it.
func (f *File) Header() *Header { return f.header }

// Close closes the file. No read of it is valid any more.
func (f *File) Close() error {
	var err error
	if f.stream != nil {
		err = f.stream.Close()
	}
	if f.close != nil {
		err = errors.Join(err, f.close())
	}
	return err
}

// Bytes estimates how many compressed bytes Reads takes to answer a region:
// the weight of the region in a plan of work. It is 0 where nothing is there
// or the index cannot be read.
func (f *File) Bytes(r locus.Region) int64 {
	i := f.header.Contigs.Index(r.Contig)
	if i < 0 || f.index == nil {
		return 0
	}
	x, err := f.index()
	if err != nil {
		return 0
	}
	return x.bytes(i, r.Start, r.End)
}

// CheckIndex finds and reads the index, which else the first query does.
func (f *File) CheckIndex() error {
	if f.index == nil {
		return source.At(f.path, errors.New("standard input cannot be read by region: give a file"))
	}
	_, err := f.index()
	return err
}

// Reads yields the records that overlap a region in the order of the file,
// those of unmapped reads that are placed by their mate among them; a record
// that covers no reference base counts as one base long. It may be called from
// many goroutines at once. A Read is valid until the next step. The first
// error ends it.
func (f *File) Reads(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error] {
	return func(yield func(*align.Read, error) bool) {
		if err := f.CheckIndex(); err != nil {
			yield(nil, err)
			return
		}
		i := f.header.Contigs.Index(r.Contig)
		if i < 0 {
			yield(nil, source.At(f.path, fmt.Errorf("%w: %q", locus.ErrUnknownContig, r.Contig)))
			return
		}
		x, _ := f.index()
		w := f.cursors.Get().(*walker)
		defer f.cursors.Put(w)
		q := query{f: f, w: w, contig: i, start: r.Start, end: r.End}
		q.run(ctx, x.query(i, r.Start, r.End), yield)
	}
}

// query is one run of Reads.
type query struct {
	f                  *File
	w                  *walker
	contig, start, end int
	last               int // start of the record before
	steps              int
}

func (q *query) run(ctx context.Context, chunks []chunk, yield func(*align.Read, error) bool) {
	for _, c := range chunks {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		if err := q.w.z.Seek(c.from, c.to); err != nil {
			yield(nil, source.At(q.f.path, err))
			return
		}
		if !q.chunk(ctx, c, yield) {
			return
		}
	}
}

// chunk yields the records of one chunk and says whether to go on.
func (q *query) chunk(ctx context.Context, c chunk, yield func(*align.Read, error) bool) bool {
	d, z := &q.w.d, q.w.z
	for at := z.Offset(); at < c.to; at = z.Offset() {
		r, err := d.next(z)
		if err == io.EOF {
			return false
		}
		if err != nil {
			if q.f.passOver(d, at, err) {
				continue
			}
			yield(nil, q.f.fault(d, at, err))
			return false
		}
		if r.Contig != q.contig || r.Start >= q.end {
			if r.Contig >= 0 && r.Contig < q.contig {
				continue
			}
			return false
		}
		if r.Start < q.last {
			yield(nil, q.f.fault(d, at, fmt.Errorf("%w: it is at %s, behind a record at %s; run `samtools sort`", ErrUnsorted,
				q.f.header.place(r.Contig, r.Start), q.f.header.place(r.Contig, q.last))))
			return false
		}
		q.last = r.Start
		if r.Start+max(d.refLen, 1) > q.start && !yield(r, nil) {
			return false
		}
		if q.steps++; q.steps&1023 == 0 && ctx.Err() != nil {
			yield(nil, ctx.Err())
			return false
		}
	}
	return true
}

// fault names the place of an error in a record.
func (f *File) fault(d *decoder, at bgzf.Offset, err error) error {
	var e *source.Error
	if errors.As(err, &e) {
		return err
	}
	return &source.Error{Path: f.path, Offset: int64(at), Record: string([]byte(d.read.Name)), Err: err}
}

// passOver tells Warn of a record that is left out, if the file is read
// leniently and the fault is one of the record alone.
func (f *File) passOver(d *decoder, at bgzf.Offset, err error) bool {
	var in *inconsistent
	if f.o.Warn == nil || !errors.As(err, &in) {
		return false
	}
	f.o.Warn(f.fault(d, at, err))
	return true
}

// All yields every record in the order of the file, unmapped ones included. It
// needs no index. A stream can be read once. A Read is valid until the next
// step. The first error ends it; records out of order are one where the header
// says that they are sorted by coordinate.
func (f *File) All() iter.Seq2[*align.Read, error] {
	return func(yield func(*align.Read, error) bool) {
		order := orderSaid(f.header)
		err := f.walk(func(r *align.Read, from, _ bgzf.Offset) error {
			if err := order.next(r); err != nil {
				return &source.Error{Path: f.path, Offset: int64(from), Record: string([]byte(r.Name)), Err: err}
			}
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(nil, err)
		}
	}
}

// errStop ends a walk whose caller has enough.
var errStop = errors.New("enough")

// walk calls do with every record and where it lies in the file.
func (f *File) walk(do func(r *align.Read, from, to bgzf.Offset) error) error {
	z := f.stream
	if z == nil {
		z = bgzf.NewReader(io.NewSectionReader(f.data, 0, f.size), f.o.Threads)
		defer z.Close()
		if f.o.Warn != nil {
			z.AllowNoMarker()
		}
		if err := z.SkipTo(f.first); err != nil {
			return source.At(f.path, err)
		}
	}
	d := decoder{contigs: f.header.Contigs.List()}
	for {
		at := z.Offset()
		r, err := d.next(z)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if f.passOver(&d, at, err) {
				continue
			}
			return f.fault(&d, at, err)
		}
		if err := do(r, at, z.Offset()); err != nil {
			return err
		}
	}
}
