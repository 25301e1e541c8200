// Package bgzf reads and writes BGZF, the gzip of independent blocks that BAM,
// VCF.gz, BCF and their indexes are kept in (SAM specification, section 4.1).
package bgzf

import (
	"errors"
	"fmt"
	"io"
)

// Reader reads the uncompressed bytes of a BGZF file and knows the virtual
// offset of each. Every block's length and CRC are checked. It belongs to one
// goroutine.
type Reader struct {
	feed    feed
	inflate inflater
	lenient bool
	ahead   *ahead // parallel inflation, nil without

	out   []byte // room for one block
	block []byte // the current block's data
	at    int    // place in it
	pos   int64  // where the block starts in the file
	next  int64  // where the next block starts
	spill []byte // bytes of Next that cross blocks
	err   error  // sticky
}

// NewReader reads a stream from its start. With threads > 1 as many goroutines
// inflate blocks ahead of the caller, and Close must be called.
func NewReader(r io.Reader, threads int) *Reader {
	z := &Reader{feed: feed{stream: r}}
	if threads > 1 {
		z.ahead = startAhead(&z.feed, threads)
	} else {
		z.out = make([]byte, MaxBlock+slack)
	}
	return z
}

// NewReaderAt reads a file of known size; it starts at its beginning, and Seek
// moves it. Many readers may share r, if r allows it.
func NewReaderAt(r io.ReaderAt, size int64) *Reader {
	return &Reader{feed: feed{at: r, size: size, limit: size}, out: make([]byte, MaxBlock+slack)}
}

// AllowNoMarker makes the end of a file without an end marker an ordinary one.
func (z *Reader) AllowNoMarker() { z.lenient = true }

// Offset is the virtual offset of the next byte. At the end of a block it is
// the start of the next one.
func (z *Reader) Offset() Offset {
	if z.at < len(z.block) {
		return MakeOffset(z.pos, z.at)
	}
	return MakeOffset(z.next, 0)
}

// Seek moves a reader of NewReaderAt to a virtual offset. No byte behind
// limit is needed; a limit saves reading ahead for nothing, it does not stop
// the reader.
func (z *Reader) Seek(to, limit Offset) error {
	z.err = nil
	if to.File() > z.feed.size {
		return fmt.Errorf("virtual offset %s lies behind the end of the file (%d bytes)", to, z.feed.size)
	}
	if z.block == nil || z.pos != to.File() {
		z.feed.seek(to.File(), limit.File())
		z.block, z.at, z.pos, z.next = nil, 0, to.File(), to.File()
		if to.Within() == 0 {
			return nil
		}
		if err := z.advance(); err != nil {
			return fmt.Errorf("seek to virtual offset %s: %w", to, noEOF(err))
		}
	} else {
		z.feed.limit = max(limit.File(), z.next)
	}
	if z.pos != to.File() || to.Within() > len(z.block) {
		return fmt.Errorf("seek to virtual offset %s: its block has %d bytes", to, len(z.block))
	}
	z.at = to.Within()
	return nil
}

// SkipTo reads on to a virtual offset that lies ahead.
func (z *Reader) SkipTo(to Offset) error {
	for z.block == nil || z.pos < to.File() {
		if z.next == to.File() && to.Within() == 0 {
			z.at = len(z.block)
			return nil
		}
		if err := z.advance(); err != nil {
			return noEOF(err)
		}
	}
	if z.pos != to.File() || to.Within() > len(z.block) {
		return fmt.Errorf("no data at virtual offset %s", to)
	}
	z.at = to.Within()
	return nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// advance goes to the next block that has data.
func (z *Reader) advance() error {
	if z.err != nil {
		return z.err
	}
	for {
		if err := z.load(); err != nil {
			z.block, z.at = nil, 0 // Seek must not take it for the whole block
			z.err = z.ending(err)
			return z.err
		}
		if len(z.block) > 0 {
			return nil
		}
	}
}

// ending tells a complete file from one that was cut between two blocks.
func (z *Reader) ending(err error) error {
	if err != io.EOF || z.lenient {
		return err
	}
	if !z.feed.any && z.feed.pos == 0 {
		return fmt.Errorf("%w: it has no data", ErrTruncated)
	}
	if z.feed.any && !z.feed.marked {
		return fmt.Errorf("%w: the BGZF end marker is missing", ErrTruncated)
	}
	return io.EOF
}

func (z *Reader) load() error {
	if z.ahead != nil {
		return z.ahead.load(z)
	}
	b, pos, header, err := z.feed.next()
	if err != nil {
		return err
	}
	n, err := z.inflate.block(z.out, b, header)
	if err != nil {
		return fmt.Errorf("at byte %d: %w", pos, err)
	}
	z.block, z.at, z.pos, z.next = z.out[:n], 0, pos, pos+int64(len(b))
	return nil
}

// Read is io.Reader.
func (z *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if z.at == len(z.block) {
		if err := z.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(p, z.block[z.at:])
	z.at += n
	return n, nil
}

// Next gives the next n bytes, valid until the next call of any method. Their
// memory grows with what the file really holds, not with n. At the end of the
// file the error is io.EOF; where it ends within the n bytes,
// io.ErrUnexpectedEOF.
func (z *Reader) Next(n int) ([]byte, error) {
	if n <= len(z.block)-z.at {
		b := z.block[z.at : z.at+n : z.at+n]
		z.at += n
		return b, nil
	}
	z.spill = append(z.spill[:0], z.block[z.at:]...)
	z.at = len(z.block)
	for len(z.spill) < n {
		if err := z.advance(); err != nil {
			if err == io.EOF && len(z.spill) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		k := min(n-len(z.spill), len(z.block))
		z.spill = append(z.spill, z.block[:k]...)
		z.at = k
	}
	return z.spill, nil
}

// Close stops the goroutines of a parallel reader. It does not close what the
// reader reads from.
func (z *Reader) Close() error {
	if z.ahead != nil {
		z.ahead.stop()
	}
	z.block, z.at, z.err = nil, 0, errClosed
	return nil
}

var errClosed = errors.New("the BGZF reader is closed")

// CheckMarker says whether a file of that size ends with the end marker.
func CheckMarker(r io.ReaderAt, size int64) error {
	var b [len(EOF)]byte
	if size < int64(len(b)) {
		return fmt.Errorf("%w: it has %d bytes", ErrTruncated, size)
	}
	if n, err := r.ReadAt(b[:], size-int64(len(b))); n < len(b) {
		return err
	}
	if string(b[:]) != EOF {
		return fmt.Errorf("%w: the BGZF end marker is missing", ErrTruncated)
	}
	return nil
}
