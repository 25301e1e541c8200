package bgzf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// BlockData is the most bytes of data that a Writer puts into a block, chosen
// as htslib does, so that even data that cannot be compressed fits.
const BlockData = 0xff00

// DefaultLevel is the compression level for files that people keep.
const DefaultLevel = 5

const blockHeader = fixedHeader + 6

// Writer writes a BGZF file. Blocks end after BlockData bytes or at a Flush,
// so the bytes depend on what is written and on the level alone, not on the
// number of goroutines nor on how Write is called. It belongs to one goroutine.
type Writer struct {
	w       io.Writer
	level   int
	data    []byte  // of the block being filled
	blocks  []int64 // where each finished block starts in the file; ends with the end of the last
	sizes   []int32 // bytes of data of each
	count   int     // blocks handed on
	deflate deflater
	behind  *behind // parallel compression, nil without
	err     error
	closed  bool
}

// NewWriter writes to w at a level of 0 (stored) to 9, in as many goroutines
// as threads says; below 2 it compresses in the caller's. Close must be called.
func NewWriter(w io.Writer, level, threads int) (*Writer, error) {
	if level < 0 || level > 9 {
		return nil, fmt.Errorf("compression level %d, want 0 to 9", level)
	}
	z := &Writer{w: w, level: level, blocks: []int64{0}, data: make([]byte, 0, BlockData)}
	if threads > 1 {
		z.behind = startBehind(z, threads)
	}
	return z, nil
}

// Write is io.Writer.
func (z *Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if z.err != nil {
			return written, z.err
		}
		n := copy(z.data[len(z.data):BlockData], p)
		z.data = z.data[:len(z.data)+n]
		p, written = p[n:], written+n
		if len(z.data) == BlockData {
			z.Flush()
		}
	}
	return written, z.err
}

// Room is how many bytes still fit into the current block.
func (z *Writer) Room() int { return BlockData - len(z.data) }

// Flush ends the current block, if there is something in it.
func (z *Writer) Flush() error {
	if z.err != nil || len(z.data) == 0 {
		return z.err
	}
	z.count++
	if z.behind != nil {
		z.data, z.err = z.behind.add(z.data)
		return z.err
	}
	var b []byte
	if b, z.err = z.deflate.block(z.data, z.level); z.err == nil {
		z.err = z.emit(b, len(z.data))
	}
	z.data = z.data[:0]
	return z.err
}

func (z *Writer) emit(b []byte, size int) error {
	z.blocks = append(z.blocks, z.blocks[len(z.blocks)-1]+int64(len(b)))
	z.sizes = append(z.sizes, int32(size))
	_, err := z.w.Write(b)
	return err
}

// Place is where the next byte will stand: the number of its block and the
// place in it, packed as an Offset is. Final turns it into one when all is
// written. Places order as offsets do.
func (z *Writer) Place() Offset { return MakeOffset(int64(z.count), len(z.data)) }

// Final is the virtual offset of a place, after Close. Behind the last byte of
// a block it is the start of the next, as a Reader has it.
func (z *Writer) Final(place Offset) Offset {
	i := int(place.File())
	if i < len(z.sizes) && place.Within() == int(z.sizes[i]) {
		return MakeOffset(z.blocks[i+1], 0)
	}
	return MakeOffset(z.blocks[i], place.Within())
}

// Index is the index of the blocks, after Close.
func (z *Writer) Index() *Index {
	x := &Index{}
	var at int64
	for i, n := range z.sizes[:max(len(z.sizes)-1, 0)] {
		at += int64(n)
		x.entries = append(x.entries, indexEntry{z.blocks[i+1], at})
	}
	return x
}

// Close writes what is left and the end marker, and waits for the goroutines.
// It does not close what the writer writes to.
func (z *Writer) Close() error {
	if z.closed {
		return nil
	}
	z.closed = true
	z.Flush()
	if z.behind != nil {
		if err := z.behind.stop(); z.err == nil {
			z.err = err
		}
	}
	if z.err != nil {
		return z.err
	}
	if _, z.err = io.WriteString(z.w, EOF); z.err != nil {
		return z.err
	}
	z.err = errWriterClosed
	return nil
}

var errWriterClosed = errors.New("the BGZF writer is closed")

// deflater makes blocks. It belongs to one goroutine.
type deflater struct {
	out   bytes.Buffer
	flate *flate.Writer
}

// block compresses at most BlockData bytes into one block, valid until the
// next call.
func (d *deflater) block(data []byte, level int) ([]byte, error) {
	d.out.Reset()
	d.out.WriteString(EOF[:blockHeader])
	var err error
	if d.flate == nil {
		if d.flate, err = flate.NewWriter(&d.out, level); err != nil {
			return nil, err
		}
	} else {
		d.flate.Reset(&d.out)
	}
	if _, err = d.flate.Write(data); err == nil {
		err = d.flate.Close()
	}
	if err != nil {
		return nil, err
	}
	if d.out.Len()+trailer > MaxBlock {
		d.out.Truncate(blockHeader)
		d.out.WriteByte(1) // the last block, stored
		d.out.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(data))))
		d.out.Write(binary.LittleEndian.AppendUint16(nil, ^uint16(len(data))))
		d.out.Write(data)
	}
	var tail [trailer]byte
	binary.LittleEndian.PutUint32(tail[:], crc32.ChecksumIEEE(data))
	binary.LittleEndian.PutUint32(tail[4:], uint32(len(data)))
	d.out.Write(tail[:])
	b := d.out.Bytes()
	binary.LittleEndian.PutUint16(b[blockHeader-2:], uint16(len(b)-1))
	return b, nil
}

// behind compresses blocks in several goroutines behind a Writer and writes
// them in order.
type behind struct {
	jobs  chan *outSlot
	queue chan *outSlot // in the order of the file; its bound is the backpressure
	free  chan *outSlot
	all   sync.WaitGroup
	mu    sync.Mutex
	err   error
}

type outSlot struct {
	data  []byte
	block []byte
	err   error
	ready chan struct{} // has room for one token
}

func startBehind(z *Writer, threads int) *behind {
	b := &behind{
		jobs:  make(chan *outSlot),
		queue: make(chan *outSlot, 2*threads),
		free:  make(chan *outSlot, 3*threads+2),
	}
	for range cap(b.free) {
		b.free <- &outSlot{data: make([]byte, 0, BlockData), ready: make(chan struct{}, 1)}
	}
	b.all.Add(threads + 1)
	for range threads {
		go func() {
			defer b.all.Done()
			var d deflater
			for s := range b.jobs {
				var block []byte
				block, s.err = d.block(s.data, z.level)
				s.block = append(s.block[:0], block...)
				s.ready <- struct{}{}
			}
		}()
	}
	go func() {
		defer b.all.Done()
		for s := range b.queue {
			<-s.ready
			err := s.err
			if err == nil && b.fault() == nil {
				err = z.emit(s.block, len(s.data))
			}
			if err != nil {
				b.mu.Lock()
				b.err = err
				b.mu.Unlock()
			}
			b.free <- s
		}
	}()
	return b
}

func (b *behind) fault() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// add hands a block's data on and gives empty room for the next.
func (b *behind) add(data []byte) ([]byte, error) {
	s := <-b.free
	s.data, data = data, s.data[:0]
	b.queue <- s
	b.jobs <- s
	return data, b.fault()
}

func (b *behind) stop() error {
	close(b.jobs)
	close(b.queue)
	b.all.Wait()
	return b.err
}
