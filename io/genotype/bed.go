package genotype

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// bedMagic begins a PLINK 1 .bed with one variant after another.
var bedMagic = [3]byte{0x6c, 0x1b, 0x01}

// bed is PLINK 1: two bits a sample, ceil(n/4) bytes a variant, the first
// sample in the lowest bits. 00 is two copies of A1, 01 missing, 10 one of each,
// 11 two of A2 (PLINK 1.9 file formats, .bed).
type bed struct {
	path     string
	src      object.Object
	table    *lines
	samples  int
	refFirst bool // A1 is the reference: copies of A2 are counted
}

func openBed(ctx context.Context, path string, o Options) (_ *File, err error) {
	var open []io.Closer
	closeAll := func() error {
		var errs []error
		for _, c := range open {
			errs = append(errs, c.Close())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	src, err := o.store().Open(ctx, path)
	if err != nil {
		return nil, err
	}
	open = append(open, src)
	fam, famPath, err := beside(ctx, o, path, o.Samples, ".fam")
	if err != nil {
		return nil, err
	}
	open = append(open, fam)
	samples, err := readTable(fam, famPath)
	if err != nil {
		return nil, err
	}
	bim, bimPath, err := beside(ctx, o, path, o.Variants, ".bim")
	if err != nil {
		return nil, err
	}
	open = append(open, bim)
	table, err := readBim(ctx, bim, bimPath)
	if err != nil {
		return nil, err
	}
	b := &bed{path, src, table, len(samples), o.RefFirst}
	if err := b.check(famPath, bimPath); err != nil {
		return nil, source.At(path, err)
	}
	return &File{path: path, samples: samples, all: len(samples), format: b, close: closeAll}, nil
}

// check compares the size of the file with those of the tables beside it.
func (b *bed) check(fam, bim string) error {
	var magic [3]byte
	size := b.src.Info().Size
	if _, err := b.src.ReadAt(magic[:], 0); err != nil && (size >= 3 || !errors.Is(err, io.EOF)) {
		return err
	}
	switch {
	case size < 3 || magic[0] != bedMagic[0] || magic[1] != bedMagic[1]:
		return errors.New("does not begin with 6c 1b, so it is not a PLINK .bed")
	case magic[2] == 0:
		return errors.New("is sample-major, want variant-major; rewrite it with plink --make-bed")
	case magic[2] != 1:
		return fmt.Errorf("has mode %#02x, want 0x01 (variant-major); is it a .pgen by another name?", magic[2])
	}
	per := int64(b.stride())
	if want := 3 + per*int64(b.table.count); size != want {
		name := func(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }
		return fmt.Errorf("is %d bytes, want %d for the %d samples of %s and the %d variants of %s",
			size, want, b.samples, name(fam), b.table.count, name(bim))
	}
	return nil
}

func (b *bed) stride() int                           { return (b.samples + 3) / 4 }
func (b *bed) variants(context.Context) (int, error) { return b.table.count, nil }
func (b *bed) imputed() bool                         { return false }

func (b *bed) open(_ context.Context, from, to int, pick *picker) (cursor, error) {
	at, _, err := b.table.atRow(from, func(string) int { return 1 })
	if err != nil {
		return nil, err
	}
	return &bedCursor{bed: b, at: at, pick: pick}, nil
}

// bedCursor reads many variants at once and turns their codes.
type bedCursor struct {
	*bed
	at   *lineCursor
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
		line, err := c.at.peek()
		if err != nil {
			return err
		}
		v, err := bimColumns.parse(line)
		if err != nil {
			return c.at.bad(err)
		}
		c.at.pass()
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
func bedToCalls(dst []uint64, src []byte, second bool) {
	if second {
		eachWord(dst, src, func(w uint64) uint64 { return w&lowBits<<1 | (w^w>>1)&lowBits })
	} else {
		eachWord(dst, src, func(w uint64) uint64 { return ^w&^lowBits | (w^w>>1)&lowBits })
	}
}

// eachWord sets dst to the words of src, little-endian and padded with 0, each
// turned.
func eachWord(dst []uint64, src []byte, turn func(uint64) uint64) {
	full := len(src) / 8
	for i := range dst[:full] {
		dst[i] = turn(binary.LittleEndian.Uint64(src[8*i:]))
	}
	if full < len(dst) {
		var last [8]byte
		copy(last[:], src[8*full:])
		dst[full] = turn(binary.LittleEndian.Uint64(last[:]))
	}
}

// clearTail sets the bits past the last sample to 0.
func clearTail(calls []uint64, samples int) {
	if k := samples % dosage.WordSamples; k != 0 {
		calls[len(calls)-1] &= 1<<(2*k) - 1
	}
}
