package genotype

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// bedMagic begins a PLINK 1 .bed with one variant after another.
var bedMagic = [3]byte{0x6c, 0x1b, 0x01}

// bed is PLINK 1: two bits a sample, ceil(n/4) bytes a variant, the first
// sample in the lowest bits. 00 is two copies of A1, 01 missing, 10 one of each,
// 11 two of A2 (PLINK 1.9 file formats, .bed).
type bed struct {
	path     string
	src      io.ReaderAt
	size     int64
	table    *table
	samples  int
	refFirst bool // A1 is the reference: copies of A2 are counted
}

func openBed(ctx context.Context, p *parts) (*File, error) {
	samples, names, err := p.samples(ctx, ".fam")
	if err != nil {
		return nil, err
	}
	table, err := p.variants(ctx, ".bim")
	if err != nil {
		return nil, err
	}
	b := &bed{p.path, p.main, p.main.Info().Size, table, len(samples), p.o.RefFirst}
	if err := b.check(names); err != nil {
		return nil, err
	}
	return &File{path: p.path, samples: samples, all: len(samples), format: b}, nil
}

// check compares the size of the file with those of the tables beside it.
func (b *bed) check(fam string) error {
	var magic [3]byte
	if err := readAt(b.src, magic[:min(3, b.size)], 0); err != nil {
		return err
	}
	switch {
	case magic[0] != bedMagic[0] || magic[1] != bedMagic[1]:
		return errors.New("does not begin with 6c 1b, so it is not a PLINK .bed")
	case magic[2] == 0:
		return errors.New("is sample-major, want variant-major; rewrite it with plink --make-bed")
	case magic[2] != 1:
		return fmt.Errorf("has mode %#02x, want 0x01 (variant-major); is it a .pgen by another name?", magic[2])
	}
	per := int64(b.stride())
	if want := 3 + per*int64(b.table.count); b.size != want {
		return fmt.Errorf("is %d bytes, want %d for the %d samples of %s and the %d variants of %s",
			b.size, want, b.samples, base(fam), b.table.count, base(b.table.path))
	}
	if b.table.rows != b.table.count {
		return fmt.Errorf("%s has variants of several alternate alleles, which a .bed cannot hold", base(b.table.path))
	}
	return nil
}

func (b *bed) stride() int                           { return (b.samples + 3) / 4 }
func (b *bed) variants(context.Context) (int, error) { return b.table.count, nil }
func (b *bed) imputed() bool                         { return false }

func (b *bed) open(_ context.Context, from, to int, pick *picker) (cursor, error) {
	at, _, err := b.table.at(from)
	if err != nil {
		return nil, err
	}
	return &bedCursor{bed: b, at: at, pick: pick}, nil
}

// bedCursor reads many variants at once and turns their codes.
type bedCursor struct {
	*bed
	at   *tableCursor
	pick *picker
	buf  []byte
	row  []uint64 // of all samples, where only some are kept
}

// readAtOnce is about how many bytes a cursor asks for at a time.
const readAtOnce = 1 << 18

func (c *bedCursor) close() {}

func (c *bedCursor) next(b *dosage.Block, n int) error {
	stride := c.stride()
	n = min(n, c.table.count-c.at.variant, max(1, readAtOnce/stride))
	if n <= 0 {
		return io.EOF
	}
	if cap(c.buf) < n*stride {
		c.buf = make([]byte, n*stride)
	}
	buf := c.buf[:n*stride]
	if err := readAt(c.src, buf, 3+int64(c.at.variant)*int64(stride)); err != nil {
		return fmt.Errorf("variants from %d on: %w", c.at.variant+1, err)
	}
	for i := range n {
		v, err := c.at.next()
		if err != nil {
			return err
		}
		if c.refFirst {
			v.Ref, v.Alt = v.Alt, v.Ref
		}
		c.turn(b.AddCalls(v), buf[i*stride:(i+1)*stride], b.Samples)
	}
	return nil
}

// turn sets a row from the bytes of a variant.
func (c *bedCursor) turn(r *dosage.Row, bytes []byte, kept int) {
	if c.pick == nil {
		bedToCalls(r.Calls, bytes, c.refFirst)
		clearTail(r.Calls, kept)
	} else {
		if c.row == nil {
			c.row = make([]uint64, dosage.Words(c.samples))
		}
		bedToCalls(c.row, bytes, c.refFirst)
		c.pick.calls(r.Calls, c.row)
	}
	r.Count(kept, 0)
}

const lowBits = 0x5555555555555555 // the lower bit of each pair

// bedToCalls turns PLINK 1 codes to calls: copies of A1, or of A2 with second.
// Of both, the lower bit says whether the bits of the code differ; the upper is
// the inverse of the code's upper bit, or its lower one.
func bedToCalls(dst []uint64, src []byte, second bool) {
	words(dst, src)
	if second {
		for i, w := range dst {
			dst[i] = w&lowBits<<1 | (w^w>>1)&lowBits
		}
		return
	}
	for i, w := range dst {
		dst[i] = ^w&^lowBits | (w^w>>1)&lowBits
	}
}

// words sets dst to the words of src, little-endian and padded with 0.
func words(dst []uint64, src []byte) {
	for i := range dst {
		if len(src) < 8 {
			var last [8]byte
			copy(last[:], src)
			dst[i] = binary.LittleEndian.Uint64(last[:])
			src = nil
			continue
		}
		dst[i] = binary.LittleEndian.Uint64(src)
		src = src[8:]
	}
}

// clearTail sets the bits past the last sample to 0.
func clearTail(calls []uint64, samples int) {
	if k := samples % dosage.WordSamples; k != 0 {
		calls[len(calls)-1] &= 1<<(2*k) - 1
	}
}
