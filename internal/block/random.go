package block

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Random reads the data of a BGZF file from any virtual offset on. It is not
// safe for concurrent use, but many may read one file.
type Random struct {
	src     io.ReaderAt
	inf     Inflater
	scratch []byte
	data    []byte
	at      int   // in data
	offset  int64 // of the block that data is from, -1 for none
	next    int64 // of the block after it
}

// NewRandom reads from src. Goto comes before the first read.
func NewRandom(src io.ReaderAt) *Random {
	return &Random{src: src, offset: -1}
}

// Goto goes to a virtual offset.
func (r *Random) Goto(virtual int64) error {
	if offset := virtual >> 16; offset != r.offset {
		r.next = offset
		if err := r.fill(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if r.at = int(virtual & 0xffff); r.at > len(r.data) {
		at := r.at
		r.at = len(r.data)
		return fmt.Errorf("virtual offset %d points to byte %d of a block of %d", virtual, at, len(r.data))
	}
	return nil
}

// Virtual is the virtual offset of the next byte.
func (r *Random) Virtual() int64 {
	if r.at == len(r.data) {
		return r.next << 16
	}
	return r.offset<<16 | int64(r.at)
}

// fill opens the next block that holds data.
func (r *Random) fill() error {
	r.data, r.at = r.data[:0], 0
	for len(r.data) == 0 {
		r.offset = r.next
		var err error
		if r.data, r.next, err = r.inf.ReadAt(r.data[:0], r.src, r.offset, &r.scratch); err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("offset %d: %w", r.offset, err)
			}
			r.offset = -1
			return err
		}
	}
	return nil
}

// Read gives the next bytes.
func (r *Random) Read(p []byte) (int, error) {
	if r.at == len(r.data) {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.data[r.at:])
	r.at += n
	return n, nil
}

// Line appends the next line without its newline to dst. The last line may
// lack its newline; behind it the error is io.EOF. A line of more than limit
// bytes is an error.
func (r *Random) Line(dst []byte, limit int) ([]byte, error) {
	from := len(dst)
	for {
		if r.at == len(r.data) {
			if err := r.fill(); err != nil {
				if errors.Is(err, io.EOF) && len(dst) > from {
					return dst, nil
				}
				return dst, err
			}
		}
		rest := r.data[r.at:]
		i := bytes.IndexByte(rest, '\n')
		if i >= 0 {
			rest = rest[:i]
			r.at++
		}
		dst = append(dst, rest...)
		r.at += len(rest)
		if i >= 0 {
			return dst, nil
		}
		if len(dst)-from > limit {
			return dst, fmt.Errorf("line of more than %d bytes", limit)
		}
	}
}
