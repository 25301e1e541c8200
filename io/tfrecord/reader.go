// Package tfrecord reads and writes TFRecord files, the container in which
// DeepVariant passes examples, candidates and calls between its stages, and
// knows the names of sharded sets of them.
//
// A record is its length as uint64, the masked CRC-32C of these eight bytes,
// the data, and the masked CRC-32C of the data, all little-endian. The file as
// a whole may be gzipped.
package tfrecord

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"

	"github.com/gx-genomics/gx/io/source"
)

// MaxRecord is the longest record that a Reader takes. An image of 362 rows,
// 301 columns and 20 channels has 2.2 MB.
const MaxRecord = 256 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum of TFRecord: CRC-32C, rotated and shifted so that the
// checksum of data that contain checksums stays a good one.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// Reader reads the records of one file. It belongs to one goroutine.
type Reader struct {
	path   string
	r      *bufio.Reader
	closer io.Closer // the gzip layer, where there is one
	buf    []byte
	n      int64 // records read
	offset int64 // of the next record in the data, gzip taken off
	err    error
}

// NewReader reads r, gzipped or not: the content decides, since names do not
// tell in every version of DeepVariant. The path stands in errors. An empty
// file has no records and is no error.
func NewReader(r io.Reader, path string) (*Reader, error) {
	t := &Reader{path: path, r: bufio.NewReaderSize(r, 1<<16)}
	head, err := t.r.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, source.At(path, err)
	}
	if gzipped(head) {
		z, err := gzip.NewReader(t.r)
		if err != nil {
			return nil, &source.Error{Path: path, Err: fmt.Errorf("gzip header: %w", ended(err))}
		}
		t.closer = z
		t.r = bufio.NewReaderSize(z, 1<<16)
	}
	return t, nil
}

// gzipped tells the first bytes of a gzip file from a record whose length
// happens to start like one: only the record's checksum is right.
func gzipped(head []byte) bool {
	if len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return false
	}
	return len(head) < 12 || binary.LittleEndian.Uint32(head[8:]) != masked(head[:8])
}

// Read gives the data of the next record, valid until the next call, or io.EOF
// behind the last. Any other error is a *source.Error that names the record;
// it is given again by each later call.
func (t *Reader) Read() ([]byte, error) {
	if t.err != nil {
		return nil, t.err
	}
	b, err := t.read()
	if err != nil {
		if err != io.EOF {
			err = &source.Error{Path: t.path, Offset: t.offset, Record: fmt.Sprintf("record %d", t.n+1), Err: err}
		}
		t.err = err
		return nil, err
	}
	t.n++
	t.offset += int64(len(b)) + 16
	return b, nil
}

func (t *Reader) read() ([]byte, error) {
	var head [12]byte
	if _, err := io.ReadFull(t.r, head[:]); err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("length: %w", ended(err))
	}
	if found, want := binary.LittleEndian.Uint32(head[8:]), masked(head[:8]); found != want {
		return nil, fmt.Errorf("length has checksum %08x, want %08x: the file is damaged or no TFRecord file", found, want)
	}
	n := binary.LittleEndian.Uint64(head[:8])
	if n > MaxRecord {
		return nil, fmt.Errorf("%d bytes of data, want at most %d", n, MaxRecord)
	}
	b, err := t.fill(int(n) + 4)
	if err != nil {
		return nil, fmt.Errorf("data of %d bytes: %w", n, ended(err))
	}
	data := b[:n]
	if found, want := binary.LittleEndian.Uint32(b[n:]), masked(data); found != want {
		return nil, fmt.Errorf("data of %d bytes have checksum %08x, want %08x: the file is damaged", n, found, want)
	}
	return data, nil
}

// fill reads n bytes. The buffer grows with what is there, not with what the
// file says is there.
func (t *Reader) fill(n int) ([]byte, error) {
	const step = 1 << 20
	have := 0
	for have < n {
		want := min(n, max(have+step, cap(t.buf)))
		if cap(t.buf) < want {
			grown := make([]byte, want, min(n, max(want, 2*have)))
			copy(grown, t.buf[:have])
			t.buf = grown
		}
		t.buf = t.buf[:want]
		m, err := io.ReadFull(t.r, t.buf[have:want])
		have += m
		if err != nil {
			return nil, err
		}
	}
	return t.buf[:n], nil
}

// ended says of a file that stops too early what a person can do about it.
func ended(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file ends here, it is cut short: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// All gives the records in order; each is valid until the next step. The first
// error ends the loop.
func (t *Reader) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			b, err := t.Read()
			if err == io.EOF {
				return
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// Close releases what the Reader holds, not the file below it.
func (t *Reader) Close() error {
	if t.closer == nil {
		return nil
	}
	return source.At(t.path, t.closer.Close())
}
