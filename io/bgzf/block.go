package bgzf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// MaxBlock is the largest block, compressed or not, in bytes.
const MaxBlock = 1 << 16

const (
	fixedHeader = 12 // gzip header with the length of its extra field
	trailer     = 8  // CRC-32 and length of the data
)

// EOF is the empty block that ends every complete BGZF file (SAM
// specification, section 4.1.2).
const EOF = "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00\x1b\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// Errors that are found in the chain of those of this package.
var (
	// ErrTruncated: the file ends early.
	ErrTruncated = errors.New("file is truncated")
	// ErrNotBGZF: the bytes are not BGZF, perhaps not even gzip.
	ErrNotBGZF = errors.New("not BGZF")
	// ErrDamaged: a block does not hold what its header or trailer says.
	ErrDamaged = errors.New("damaged BGZF block")
)

// blockLen looks at the start of a block. It gives the length of the whole
// block and of its header, or a length of 0 where it needs more bytes than
// there are in b.
func blockLen(b []byte) (block, header int, err error) {
	for i, want := range []byte{0x1f, 0x8b, 8} {
		if i < len(b) && b[i] != want {
			return 0, 0, fmt.Errorf("%w: the file is not compressed by gzip here", ErrNotBGZF)
		}
	}
	if len(b) < fixedHeader {
		return 0, 0, nil
	}
	if b[3] != 4 {
		return 0, 0, plainGzip()
	}
	header = fixedHeader + int(binary.LittleEndian.Uint16(b[10:]))
	if len(b) < header {
		return 0, 0, nil
	}
	for x := b[fixedHeader:header]; len(x) >= 4; {
		n := int(binary.LittleEndian.Uint16(x[2:]))
		if n > len(x)-4 {
			break
		}
		if x[0] == 'B' && x[1] == 'C' && n == 2 {
			block = int(binary.LittleEndian.Uint16(x[4:])) + 1
			if block < header+trailer {
				return 0, 0, fmt.Errorf("%w: its length of %d bytes is below that of its header", ErrDamaged, block)
			}
			return block, header, nil
		}
		x = x[4+n:]
	}
	return 0, 0, plainGzip()
}

func plainGzip() error {
	return fmt.Errorf("%w but plain gzip: decompress it and re-compress with bgzip", ErrNotBGZF)
}

// block decodes one whole block with a header of the given length into dst,
// which has room for MaxBlock bytes and slack, and checks length and CRC.
func (f *inflater) block(dst, b []byte, header int) (int, error) {
	tail := b[len(b)-trailer:]
	size := binary.LittleEndian.Uint32(tail[4:])
	if size > MaxBlock {
		return 0, fmt.Errorf("%w: it claims %d bytes of data, at most %d are allowed", ErrDamaged, size, MaxBlock)
	}
	n, err := f.inflate(dst, int(size), b[header:len(b)-trailer])
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if n != int(size) {
		return 0, fmt.Errorf("%w: it holds %d bytes of data, its trailer says %d", ErrDamaged, n, size)
	}
	if got, want := crc32.ChecksumIEEE(dst[:n]), binary.LittleEndian.Uint32(tail); got != want {
		return 0, fmt.Errorf("%w: CRC-32 of its data is %08x, its trailer says %08x", ErrDamaged, got, want)
	}
	return n, nil
}
