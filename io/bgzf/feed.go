package bgzf

import (
	"fmt"
	"io"
)

// feed cuts a file into compressed blocks. It reads from a stream, or at any
// place of a file of known size.
type feed struct {
	stream io.Reader
	at     io.ReaderAt
	size   int64 // of at
	limit  int64 // no need to read beyond this byte of at

	buf    []byte // bytes read, those of [lo, hi) are not used yet
	lo, hi int
	pos    int64 // place in the file of buf[lo]
	window int   // how much to read at once; grows while reading goes on
	ended  bool  // the stream gave io.EOF
	marked bool  // the last block was an end marker
	any    bool  // a block was seen
}

// usualBlock is what is read behind a limit for the block that begins before it:
// most are smaller, and a larger one takes another read.
const usualBlock = 24 << 10

const (
	firstWindow = MaxBlock
	lastWindow  = 16 * MaxBlock
)

func (f *feed) seek(pos, limit int64) {
	f.limit = max(limit, pos)
	f.any, f.marked = false, false
	if in := pos - f.pos; in >= 0 && in < int64(f.hi-f.lo) {
		f.lo += int(in)
		f.pos = pos
		return
	}
	f.lo, f.hi, f.pos, f.window, f.ended = 0, 0, pos, firstWindow, false
}

// next gives the next block, its place in the file and the length of its
// header. The bytes are valid until the next call. It ends with io.EOF.
func (f *feed) next() (block []byte, pos int64, header int, err error) {
	for {
		n, header, err := blockLen(f.buf[f.lo:f.hi])
		if err != nil {
			if f.any && f.marked {
				err = fmt.Errorf("bytes behind the end marker: %w", err)
			}
			return nil, f.pos, 0, fmt.Errorf("at byte %d: %w", f.pos, err)
		}
		if n > 0 && n <= f.hi-f.lo {
			block, pos = f.buf[f.lo:f.lo+n], f.pos
			f.lo += n
			f.pos += int64(n)
			f.any = true
			f.marked = string(block) == EOF
			return block, pos, header, nil
		}
		if f.ended {
			if f.hi > f.lo {
				return nil, f.pos, 0, fmt.Errorf("%w: its last block, at byte %d, has %d bytes of it only", ErrTruncated, f.pos, f.hi-f.lo)
			}
			return nil, f.pos, 0, io.EOF
		}
		if err := f.fill(); err != nil {
			return nil, f.pos, 0, fmt.Errorf("at byte %d: %w", f.pos+int64(f.hi-f.lo), err)
		}
	}
}

// fill reads more bytes behind those not used yet.
func (f *feed) fill() error {
	if f.lo > 0 {
		copy(f.buf, f.buf[f.lo:f.hi])
		f.lo, f.hi = 0, f.hi-f.lo
	}
	want := max(f.window, firstWindow)
	end := f.pos + int64(f.hi) // place in the file of the next byte to read
	if f.at != nil {
		want = int(min(int64(want), max(f.limit+usualBlock-end, usualBlock)))
	}
	if len(f.buf) < f.hi+want {
		grown := make([]byte, f.hi+want)
		copy(grown, f.buf[:f.hi])
		f.buf = grown
	}
	f.window = min(2*want, lastWindow)
	if f.at == nil {
		n, err := io.ReadAtLeast(f.stream, f.buf[f.hi:f.hi+want], 1)
		f.hi += n
		if err == io.EOF {
			f.ended, err = true, nil
		}
		return err
	}
	if end >= f.size {
		f.ended = true
		return nil
	}
	want = int(min(int64(want), f.size-end))
	n, err := f.at.ReadAt(f.buf[f.hi:f.hi+want], end)
	f.hi += n
	if n == want {
		return nil
	}
	if err == io.EOF {
		return fmt.Errorf("%w: it had %d bytes when it was opened", ErrTruncated, f.size)
	}
	return err
}
