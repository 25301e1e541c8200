package block

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// DataSize is how many bytes Deflate is given at a time by those who cut a
// stream into blocks: small enough that data which cannot be compressed fits.
const DataSize = 0xff00

// level of compression: on text as small as zlib's 6, at twice its speed.
const level = 6

// Deflater makes blocks. It is not safe for concurrent use; the zero value is
// ready.
type Deflater struct {
	flate *flate.Writer
	out   bytes.Buffer
}

// Deflate appends a block that holds data, at most DataSize bytes, to dst.
func (d *Deflater) Deflate(dst, data []byte) ([]byte, error) {
	if len(data) > DataSize {
		return dst, fmt.Errorf("%d bytes for a BGZF block, want at most %d", len(data), DataSize)
	}
	d.out.Reset()
	if d.flate == nil {
		w, err := flate.NewWriter(&d.out, level)
		if err != nil {
			return dst, err
		}
		d.flate = w
	} else {
		d.flate.Reset(&d.out)
	}
	if _, err := d.flate.Write(data); err != nil {
		return dst, err
	}
	if err := d.flate.Close(); err != nil {
		return dst, err
	}
	n := HeadSize + d.out.Len() + tailSize
	if n > MaxSize {
		return dst, fmt.Errorf("BGZF block of %d bytes, want at most %d", n, MaxSize)
	}
	dst = append(dst, Marker[:16]...)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(n-1))
	dst = append(dst, d.out.Bytes()...)
	dst = binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(data))
	return binary.LittleEndian.AppendUint32(dst, uint32(len(data))), nil
}
