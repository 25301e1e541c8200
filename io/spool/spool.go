// Package spool keeps labelled examples on disk while a network is trained:
// features, and of the picture the rows in use, packed. Records are read in any
// order.
//
// A file is a magic word, the records one after the other, their index, and a
// foot: the number of records, the numbers of features, rows and bytes of a row,
// the place of the index and its CRC-32 (Castagnoli), all little-endian. A
// record is its CRC, the features as float32, and the rows packed by zstd.
package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

const (
	magic     = "gxspool1"
	entrySize = 24
	footSize  = 40
	maxRow    = 1 << 20
	maxRows   = 1 << 12
	maxCount  = 1 << 28
	maxFloats = 1 << 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Shape is what all records of a file have.
type Shape struct {
	Features int
	Rows     int // of a picture
	Row      int // bytes of a row
}

// Entry is what the index tells of a record.
type Entry struct {
	Tag   uint64 // the writer's own
	Place int64
	Size  int32 // bytes, with CRC and features
	Rows  int32 // that are kept; those behind are zero
}

// Writer writes a file. It belongs to one goroutine.
type Writer struct {
	w       io.Writer
	shape   Shape
	z       *zstd.Encoder
	entries []Entry
	at      int64
	buf     []byte
}

// NewWriter begins a file.
func NewWriter(w io.Writer, s Shape) (*Writer, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, magic); err != nil {
		return nil, err
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	return &Writer{w: w, shape: s, z: z, at: int64(len(magic))}, err
}

func (s Shape) check() error {
	if s.Features < 1 || s.Features > maxFloats || s.Rows < 1 || s.Rows > maxRows || s.Row < 1 || s.Row > maxRow {
		return fmt.Errorf("records of %d features and %d rows of %d bytes are out of bounds", s.Features, s.Rows, s.Row)
	}
	return nil
}

// Write appends a record. It panics where the numbers are not those of the
// shape.
func (w *Writer) Write(tag uint64, features []float32, image []byte) error {
	if len(features) != w.shape.Features || len(image) != w.shape.Rows*w.shape.Row {
		panic("spool: a record is not of the shape of the file")
	}
	rows := UsedRows(image, w.shape.Row)
	w.buf = append(w.buf[:0], 0, 0, 0, 0)
	for _, x := range features {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, math.Float32bits(x))
	}
	w.buf = w.z.EncodeAll(image[:rows*w.shape.Row], w.buf)
	binary.LittleEndian.PutUint32(w.buf, crc32.Checksum(w.buf[4:], castagnoli))
	if len(w.entries) >= maxCount {
		return fmt.Errorf("more than %d examples", maxCount)
	}
	w.entries = append(w.entries, Entry{Tag: tag, Place: w.at, Size: int32(len(w.buf)), Rows: int32(rows)})
	n, err := w.w.Write(w.buf)
	w.at += int64(n)
	return err
}

// UsedRows is the rows of a picture up to the last that is not zero.
func UsedRows(image []byte, row int) int {
	n := len(image)
	for n > 0 && image[n-1] == 0 {
		n--
	}
	return (n + row - 1) / row
}

// Size is the bytes written so far.
func (w *Writer) Size() int64 { return w.at }

// Len is the records written so far.
func (w *Writer) Len() int { return len(w.entries) }

// Close ends the file with its index.
func (w *Writer) Close() error {
	b := make([]byte, 0, len(w.entries)*entrySize+footSize)
	le := binary.LittleEndian
	for _, e := range w.entries {
		b = le.AppendUint64(b, e.Tag)
		b = le.AppendUint64(b, uint64(e.Place))
		b = le.AppendUint32(b, uint32(e.Size))
		b = le.AppendUint32(b, uint32(e.Rows))
	}
	sum := crc32.Checksum(b, castagnoli)
	b = le.AppendUint64(b, uint64(len(w.entries)))
	b = le.AppendUint64(b, uint64(w.at))
	b = le.AppendUint32(b, uint32(w.shape.Features))
	b = le.AppendUint32(b, uint32(w.shape.Rows))
	b = le.AppendUint32(b, uint32(w.shape.Row))
	b = le.AppendUint32(b, sum)
	b = append(b, magic...)
	_, err := w.w.Write(b)
	return err
}

// File is an open file. Read may be called from many goroutines, each with its
// own Scratch.
type File struct {
	Shape   Shape
	Entries []Entry
	r       io.ReaderAt
}

// Scratch is the memory of one goroutine.
type Scratch struct {
	z        *zstd.Decoder
	buf, img []byte
}

// ErrDamaged is the cause where a file is not whole.
var ErrDamaged = errors.New("file of examples is damaged or cut off")

// Open reads the index of a file of so many bytes.
func Open(r io.ReaderAt, size int64) (*File, error) {
	if size < int64(len(magic))+footSize {
		return nil, ErrDamaged
	}
	foot := make([]byte, footSize)
	if _, err := r.ReadAt(foot, size-footSize); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	count, at := le.Uint64(foot), le.Uint64(foot[8:])
	f := &File{r: r, Shape: Shape{int(le.Uint32(foot[16:])), int(le.Uint32(foot[20:])), int(le.Uint32(foot[24:]))}}
	if string(foot[32:]) != magic || f.Shape.check() != nil || count > maxCount || at > uint64(size) || at+count*entrySize+footSize != uint64(size) {
		return nil, ErrDamaged
	}
	index := make([]byte, count*entrySize)
	if _, err := r.ReadAt(index, int64(at)); err != nil {
		return nil, err
	}
	if crc32.Checksum(index, castagnoli) != le.Uint32(foot[28:]) {
		return nil, ErrDamaged
	}
	least := int32(4 + 4*f.Shape.Features)
	for b := index; len(b) > 0; b = b[entrySize:] {
		e := Entry{le.Uint64(b), int64(le.Uint64(b[8:])), int32(le.Uint32(b[16:])), int32(le.Uint32(b[20:]))}
		if e.Place < int64(len(magic)) || e.Size < least || e.Place > int64(at)-int64(e.Size) || e.Rows < 0 || int(e.Rows) > f.Shape.Rows {
			return nil, ErrDamaged
		}
		f.Entries = append(f.Entries, e)
	}
	return f, nil
}

// Read fills in the features and the picture of record i; either may be nil.
func (f *File) Read(i int, features []float32, image []byte, s *Scratch) error {
	e := f.Entries[i]
	if cap(s.buf) < int(e.Size) {
		s.buf = make([]byte, e.Size)
	}
	b := s.buf[:e.Size]
	if _, err := f.r.ReadAt(b, e.Place); err != nil {
		return err
	}
	if crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
		return ErrDamaged
	}
	b = b[4:]
	for k := range features {
		features[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
	}
	if image == nil {
		return nil
	}
	if s.z == nil {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRow*64), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return err
		}
		s.z = z
	}
	n := int(e.Rows) * f.Shape.Row
	if cap(s.img) < n {
		s.img = make([]byte, n)
	}
	rows, err := s.z.DecodeAll(b[4*f.Shape.Features:], s.img[:0:n])
	if err != nil || len(rows) != n {
		return ErrDamaged
	}
	copy(image, rows)
	clear(image[n:])
	return nil
}
