package block

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reader reads the data of a BGZF file from its beginning. A file without the
// end marker is an error at its end, for it was cut short.
type Reader struct {
	src    *bufio.Reader
	inf    Inflater
	block  []byte
	data   []byte
	at     int   // in data
	offset int64 // of the block that data came from
	next   int64 // of the block after it
	ended  bool  // the last block was empty
}

// NewReader reads blocks from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, 4*MaxSize), block: make([]byte, 0, MaxSize), data: make([]byte, 0, MaxData)}
}

// Read gives the next bytes of the data.
func (r *Reader) Read(p []byte) (int, error) {
	for r.at == len(r.data) {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.data[r.at:])
	r.at += n
	return n, nil
}

// Virtual is the virtual offset of the next byte: the offset of its block in
// the file, 16 bits up, and its place in the data of the block.
func (r *Reader) Virtual() int64 {
	if r.at == len(r.data) {
		return r.next << 16
	}
	return r.offset<<16 | int64(r.at)
}

func (r *Reader) fill() error {
	r.data, r.at, r.offset = r.data[:0], 0, r.next
	head, err := r.src.Peek(headSize)
	if len(head) == 0 && errors.Is(err, io.EOF) {
		if !r.ended {
			return fmt.Errorf("%w: the end marker of BGZF is missing", ErrTruncated)
		}
		return io.EOF
	}
	if err == nil {
		head, err = r.src.Peek(headSize + int(binary.LittleEndian.Uint16(head[10:])))
	}
	if err != nil {
		return truncated(err)
	}
	n, err := size(head)
	if err != nil {
		return fmt.Errorf("offset %d: %w", r.offset, err)
	}
	r.block = r.block[:n]
	if _, err := io.ReadFull(r.src, r.block); err != nil {
		return truncated(err)
	}
	if r.data, err = r.inf.Inflate(r.data, r.block); err != nil {
		return fmt.Errorf("offset %d: %w", r.offset, err)
	}
	r.next = r.offset + int64(n)
	r.ended = len(r.data) == 0
	return nil
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w inside a BGZF block", ErrTruncated)
	}
	return err
}
