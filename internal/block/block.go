// Package block reads and writes the blocks of BGZF, the blocked gzip of the
// SAM specification (section 4.1): each block is a gzip member of its own that
// holds at most 65,536 bytes and tells its compressed size, so that a reader
// can start at any of them.
package block

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

const (
	// MaxSize is the most bytes a block takes in the file.
	MaxSize = 1 << 16
	// MaxData is the most bytes a block holds when inflated.
	MaxData = 1 << 16

	headSize = 12 // the fixed part of a gzip header and the length of its extra field
	tailSize = 8  // CRC-32 and length of the data
)

// Marker is the empty block that ends every BGZF file. Where it is missing the
// file was cut short.
const Marker = "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00\x1b\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// ErrTruncated is in the chain of errors about a file that ends too early.
var ErrTruncated = errors.New("the file is cut short")

// HeadSize is how many bytes Is wants to see: a longer extra field than that is
// written by no program.
const HeadSize = 18

// Is says whether a file that begins with these bytes is BGZF.
func Is(head []byte) bool {
	return len(head) >= HeadSize && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 && head[3]&4 != 0 && head[12] == 'B' && head[13] == 'C'
}

// IsGzip says whether a file that begins with these bytes is gzip of any kind.
func IsGzip(head []byte) bool {
	return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b
}

// size gives the size of the block that begins with head, which holds at least
// the whole extra field.
func size(head []byte) (int, error) {
	if len(head) < headSize || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 || head[3] != 4 {
		return 0, errors.New("no BGZF block begins here")
	}
	extra := head[headSize:min(len(head), headSize+int(binary.LittleEndian.Uint16(head[10:])))]
	for len(extra) >= 4 {
		n := int(binary.LittleEndian.Uint16(extra[2:]))
		if len(extra) < 4+n {
			break
		}
		if extra[0] == 'B' && extra[1] == 'C' && n == 2 {
			return int(binary.LittleEndian.Uint16(extra[4:])) + 1, nil
		}
		extra = extra[4+n:]
	}
	return 0, errors.New("the BGZF block does not tell its size")
}

// Inflater opens blocks. It is not safe for concurrent use; the zero value is
// ready.
type Inflater struct {
	src   bytes.Reader
	flate io.ReadCloser
	tail  [1]byte
}

// Inflate appends the data of one whole block to dst.
func (f *Inflater) Inflate(dst, block []byte) ([]byte, error) {
	n, err := size(block)
	if err != nil {
		return dst, err
	}
	head := headSize + int(binary.LittleEndian.Uint16(block[10:]))
	if n != len(block) || n < head+tailSize {
		return dst, fmt.Errorf("BGZF block of %d bytes, its header says %d", len(block), n)
	}
	tail := block[n-tailSize:]
	want := int(binary.LittleEndian.Uint32(tail[4:]))
	if want > MaxData {
		return dst, fmt.Errorf("BGZF block holds %d bytes, want at most %d", want, MaxData)
	}
	f.src.Reset(block[head : n-tailSize])
	if f.flate == nil {
		f.flate = flate.NewReader(&f.src)
	} else if err := f.flate.(flate.Resetter).Reset(&f.src, nil); err != nil {
		return dst, err
	}
	from := len(dst)
	dst = append(dst, make([]byte, want)...)
	data := dst[from:]
	if _, err := io.ReadFull(f.flate, data); err != nil {
		return dst[:from], fmt.Errorf("damaged BGZF block: %w", err)
	}
	if k, err := f.flate.Read(f.tail[:]); k != 0 || err != io.EOF {
		return dst[:from], errors.New("damaged BGZF block: it holds more than it says")
	}
	if crc32.ChecksumIEEE(data) != binary.LittleEndian.Uint32(tail) {
		return dst[:from], errors.New("damaged BGZF block: its checksum differs")
	}
	return dst, nil
}

// ReadAt appends the data of the block at a file offset to dst and gives the
// offset of the next one. Behind the last block the error is io.EOF.
func (f *Inflater) ReadAt(dst []byte, r io.ReaderAt, offset int64, scratch *[]byte) ([]byte, int64, error) {
	if cap(*scratch) < MaxSize {
		*scratch = make([]byte, MaxSize)
	}
	buf := (*scratch)[:MaxSize]
	n, err := r.ReadAt(buf, offset)
	if n == 0 {
		return dst, offset, err
	}
	if err != nil && err != io.EOF {
		return dst, offset, err
	}
	k, err := size(buf[:n])
	if err != nil {
		return dst, offset, err
	}
	if k > n {
		return dst, offset, ErrTruncated
	}
	dst, err = f.Inflate(dst, buf[:k])
	return dst, offset + int64(k), err
}

// Span gives the size in the file, and the size of its data, of the block at
// an offset, without opening it. Behind the last block the error is io.EOF.
func Span(r io.ReaderAt, offset int64) (n, held int, err error) {
	head := make([]byte, 512)
	k, err := r.ReadAt(head, offset)
	if k == 0 {
		return 0, 0, err
	}
	if n, err = size(head[:k]); err != nil {
		return 0, 0, fmt.Errorf("offset %d: %w", offset, err)
	}
	if n < headSize+tailSize {
		return 0, 0, fmt.Errorf("offset %d: BGZF block of %d bytes", offset, n)
	}
	var tail [4]byte
	if k, _ := r.ReadAt(tail[:], offset+int64(n)-4); k < 4 {
		return 0, 0, ErrTruncated
	}
	if held = int(binary.LittleEndian.Uint32(tail[:])); held > MaxData {
		return 0, 0, fmt.Errorf("offset %d: BGZF block holds %d bytes, want at most %d", offset, held, MaxData)
	}
	return n, held, nil
}
