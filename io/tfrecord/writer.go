package tfrecord

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Options of a Writer.
type Options struct {
	Gzip  bool // see Gzipped
	Level int  // gzip level 1 (fast) to 9 (small); 0 is the default, 6
}

// Writer writes records. It belongs to one goroutine.
type Writer struct {
	out  *bufio.Writer
	gzip *gzip.Writer
	err  error
}

// NewWriter writes to w. What is written is complete only after Close, which
// leaves w open.
func NewWriter(w io.Writer, o Options) (*Writer, error) {
	t := &Writer{}
	if o.Gzip {
		if o.Level == 0 {
			o.Level = 6
		}
		z, err := gzip.NewWriterLevel(w, o.Level)
		if err != nil {
			return nil, fmt.Errorf("gzip level %d: want 1 to 9", o.Level)
		}
		t.gzip = z
		w = z
	}
	t.out = bufio.NewWriterSize(w, 1<<16)
	return t, nil
}

// Write appends a record. The bytes of the file depend on the records alone.
func (t *Writer) Write(data []byte) error {
	if t.err != nil {
		return t.err
	}
	if len(data) > MaxRecord {
		return fmt.Errorf("a record of %d bytes, want at most %d", len(data), MaxRecord)
	}
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:8], uint64(len(data)))
	binary.LittleEndian.PutUint32(head[8:], masked(head[:8]))
	t.put(head[:])
	t.put(data)
	binary.LittleEndian.PutUint32(head[:4], masked(data))
	t.put(head[:4])
	return t.err
}

func (t *Writer) put(b []byte) {
	if t.err == nil {
		_, t.err = t.out.Write(b)
	}
}

// Close writes what is still held back.
func (t *Writer) Close() error {
	if t.err == nil {
		t.err = t.out.Flush()
	}
	if t.gzip != nil && t.err == nil {
		t.err = t.gzip.Close()
	}
	return t.err
}
