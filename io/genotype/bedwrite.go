package genotype

import (
	"bufio"
	"encoding/binary"
	"io"
)

// bedEncoder writes PLINK 1 codes, see bed.
type bedEncoder struct {
	out     *bufio.Writer
	samples int
	stride  int
	buf     []byte
}

func (e *bedEncoder) begin(w io.Writer, samples int) error {
	e.out, e.samples, e.stride = bufio.NewWriterSize(w, 1<<18), samples, (samples+3)/4
	_, err := e.out.Write(bedMagic[:])
	return err
}

func (e *bedEncoder) row(calls []uint64, _ []uint16) error {
	e.buf = e.buf[:0]
	for _, w := range calls {
		// The inverse of bedToCalls for copies of A1.
		e.buf = binary.LittleEndian.AppendUint64(e.buf, ^w&^lowBits|^(w^w>>1)&lowBits)
	}
	if k := e.samples % 4; k != 0 { // unused codes of the last byte are 0
		e.buf[e.stride-1] &= 1<<(2*k) - 1
	}
	_, err := e.out.Write(e.buf[:e.stride])
	return err
}

func (e *bedEncoder) end() error   { return e.out.Flush() }
func (e *bedEncoder) close() error { return nil }
