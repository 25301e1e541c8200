package genotype

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
)

// pgen is PLINK 2: records of variable length, found through a header in blocks
// of 65536 variants, each of which is read when a cursor comes to it ("PLINK 2
// File Format Specification", PGEN). Fixed-width files have records of one
// type and length.
type pgen struct {
	src     io.ReaderAt
	size    int64
	samples int
	table   *table

	fixed *fixedRecords // nil where a header tells

	index     io.ReaderAt // the file that holds the header: src, or a .pgen.pgi
	indexSize int64
	offsets   []uint64 // of the records of each block
	blockAt   int64    // where the first block of the header begins
	typeBits  int      // 4 or 8
	lenBytes  int      // 1 to 4
	altBytes  int      // bytes of an allele count, 0 to 3
	flagged   bool     // a bit for each provisional reference follows
	dosages   bool     // some record has them
}

// fixedRecords is where records of one kind stand.
type fixedRecords struct {
	first, width int64
	kind         byte
}

const (
	pgenBlock  = 1 << 16 // variants of a block
	pgenHeader = 12      // bytes before the offsets
)

func openPgen(ctx context.Context, p *parts) (*File, error) {
	samples, names, err := p.samples(ctx, ".psam", ".fam")
	if err != nil {
		return nil, err
	}
	table, err := p.variants(ctx, ".pvar", ".pvar.zst", ".bim")
	if err != nil {
		return nil, err
	}
	size := p.main.Info().Size
	var head [pgenHeader]byte
	if err := readAt(p.main, head[:min(size, pgenHeader)], 0); err != nil {
		return nil, err
	}
	if size < pgenHeader || head[0] != 0x6c || head[1] != 0x1b {
		return nil, errors.New("does not begin with 6c 1b, so it is not a PLINK .pgen")
	}
	file := &File{path: p.path, samples: samples, all: len(samples)}
	g := &pgen{src: p.main, size: size, samples: len(samples), table: table, index: p.main, indexSize: size}
	mode := head[2]
	switch mode {
	case 0x01:
		b := &bed{p.path, p.main, size, table, len(samples), false}
		file.format = b
		return file, b.check(names)
	case 0x00:
		return nil, errors.New("is a sample-major .bed, want variant-major; rewrite it with plink2 --make-pgen")
	case 0x02, 0x03, 0x04, 0x10, 0x11:
	case 0x20, 0x21:
		pgi, err := p.o.store().Open(ctx, p.path+".pgi")
		if errors.Is(err, object.ErrNotExist) {
			return nil, fmt.Errorf("mode %#02x keeps its index apart: want %s.pgi beside it", mode, base(p.path))
		}
		if err != nil {
			return nil, err
		}
		p.open = append(p.open, pgi)
		g.index, g.indexSize = pgi, pgi.Info().Size
		if err := readAt(pgi, head[:], 0); err != nil {
			return nil, fmt.Errorf("%s.pgi: %w", base(p.path), err)
		}
		if head[0] != 0x6c || head[1] != 0x1b || head[2] != mode+0x10 {
			return nil, fmt.Errorf("%s.pgi begins with % x, want 6c 1b %x", base(p.path), head[:3], mode+0x10)
		}
	default:
		return nil, fmt.Errorf("storage mode %#02x is unknown", mode)
	}
	variants, n := binary.LittleEndian.Uint32(head[3:]), binary.LittleEndian.Uint32(head[7:])
	if int64(variants) != int64(table.count) {
		return nil, fmt.Errorf("has %d variants, but %s has %d", variants, base(table.path), table.count)
	}
	if int64(n) != int64(len(samples)) {
		return nil, fmt.Errorf("has %d samples, but %s has %d", n, base(names), len(samples))
	}
	file.format = g
	if mode <= 0x04 {
		return file, g.fix(mode, head[11])
	}
	if err := g.readOffsets(head[11]); err != nil {
		return nil, err
	}
	return file, g.survey()
}

// survey reads the header through once: all records lie inside of the file, and
// some may have dosages.
func (g *pgen) survey() error {
	var b block
	for k := range g.offsets {
		if err := g.load(&b, k); err != nil {
			return err
		}
		for _, kind := range b.kinds {
			g.dosages = g.dosages || kind&0x60 != 0
		}
	}
	return nil
}

// fix sets up a fixed-width file.
func (g *pgen) fix(mode, control byte) error {
	n := int64(g.samples)
	f := &fixedRecords{first: pgenHeader, width: (n + 3) / 4}
	switch mode {
	case 0x03:
		f.kind, f.width = 0x40, f.width+2*n
	case 0x04:
		f.kind, f.width = 0xc0, f.width+4*n
	}
	if control&0x3f != 0 {
		return fmt.Errorf("header byte 11 is %#02x, want only its upper two bits set in a file of fixed width", control)
	}
	if control>>6 == 3 {
		f.first += (int64(g.table.count) + 7) / 8
	}
	if want := f.first + f.width*int64(g.table.count); g.size != want {
		return fmt.Errorf("is %d bytes, want %d for %d samples and %d variants", g.size, want, n, g.table.count)
	}
	if g.table.rows != g.table.count {
		return fmt.Errorf("%s has variants of several alternate alleles, which a file of fixed width cannot hold", base(g.table.path))
	}
	g.fixed, g.dosages = f, f.kind != 0
	return nil
}

// readOffsets reads where the blocks begin and how the header describes them.
func (g *pgen) readOffsets(control byte) error {
	if control&0x0f > 7 {
		return fmt.Errorf("header byte 11 is %#02x: this way to store record lengths is reserved", control)
	}
	g.typeBits = 4 + 4*int(control>>2&1)
	g.lenBytes = 1 + int(control&3)
	g.altBytes = int(control >> 4 & 3)
	g.flagged = control>>6 == 3
	blocks := (g.table.count + pgenBlock - 1) / pgenBlock
	g.blockAt = pgenHeader + 8*int64(blocks)
	// All blocks but the last are of one size, so the end of the header is known.
	end := g.blockAt
	if blocks > 0 {
		end = g.blockPlace(blocks-1) + g.blockSize(g.table.count-(blocks-1)*pgenBlock)
	}
	if end > g.indexSize {
		return fmt.Errorf("truncated: the header of %d variants takes %d bytes, the file has %d", g.table.count, end, g.indexSize)
	}
	raw := make([]byte, 8*blocks)
	if err := readAt(g.index, raw, pgenHeader); err != nil {
		return err
	}
	g.offsets = make([]uint64, blocks)
	low := uint64(3) // behind the magic bytes, or behind the header in the same file
	if g.index == g.src {
		low = uint64(end)
	}
	for i := range g.offsets {
		g.offsets[i] = binary.LittleEndian.Uint64(raw[8*i:])
		if g.offsets[i] < low || g.offsets[i] > uint64(g.size) {
			return fmt.Errorf("records of variants from %d on begin at byte %d, want %d to %d", i*pgenBlock+1, g.offsets[i], low, g.size)
		}
		low = g.offsets[i]
	}
	return nil
}

// blockSize is the bytes of the header that tell of n variants.
func (g *pgen) blockSize(n int) int64 {
	size := int64(n*g.typeBits+7) / 8
	size += int64(n) * int64(g.lenBytes+g.altBytes)
	if g.flagged {
		size += int64(n+7) / 8
	}
	return size
}

// blockPlace is where the k-th block begins in the header.
func (g *pgen) blockPlace(k int) int64 { return g.blockAt + int64(k)*g.blockSize(pgenBlock) }

func (g *pgen) variants(context.Context) (int, error) { return g.table.rows, nil }
func (g *pgen) imputed() bool                         { return g.dosages }

// block is the types and places of the records of one block.
type block struct {
	number int // -1 before one is read
	kinds  []byte
	at     []int64 // one more than kinds: the last is the end
	raw    []byte
}

// load reads the k-th block of the header.
func (g *pgen) load(b *block, k int) error {
	n := min(pgenBlock, g.table.count-k*pgenBlock)
	types := (n*g.typeBits + 7) / 8
	size := types + n*g.lenBytes
	if cap(b.raw) < size {
		b.raw = make([]byte, size)
		b.kinds = make([]byte, n)
		b.at = make([]int64, n+1)
	}
	b.number, b.raw, b.kinds, b.at = k, b.raw[:size], b.kinds[:n], b.at[:n+1]
	if err := readAt(g.index, b.raw, g.blockPlace(k)); err != nil {
		return err
	}
	end := g.size
	if k+1 < len(g.offsets) {
		end = int64(g.offsets[k+1])
	}
	lens := b.raw[types:]
	at := int64(g.offsets[k])
	for i := range n {
		if g.typeBits == 8 {
			b.kinds[i] = b.raw[i]
		} else {
			b.kinds[i] = b.raw[i/2] >> (i % 2 * 4) & 0x0f
		}
		var four [4]byte
		copy(four[:], lens[i*g.lenBytes:(i+1)*g.lenBytes])
		b.at[i] = at
		at += int64(binary.LittleEndian.Uint32(four[:]))
		if at > end {
			return fmt.Errorf("truncated: the record of variant %d ends at byte %d, want at most %d", k*pgenBlock+i+1, at, end)
		}
	}
	b.at[n] = at
	if ld(b.kinds[0]) {
		return fmt.Errorf("variant %d begins a block but refers to the one before", k*pgenBlock+1)
	}
	return nil
}

// ld says whether a record's main track is differences from an earlier one.
func ld(kind byte) bool { return kind&0x06 == 2 }

// place is the type and the bytes of the record of a variant, loading its block
// of the header where need be.
func (g *pgen) place(b *block, variant int) (kind byte, from, to int64, err error) {
	if f := g.fixed; f != nil {
		from = f.first + f.width*int64(variant)
		return f.kind, from, from + f.width, nil
	}
	if k := variant / pgenBlock; b.number != k {
		if err := g.load(b, k); err != nil {
			return 0, 0, 0, err
		}
	}
	i := variant % pgenBlock
	return b.kinds[i], b.at[i], b.at[i+1], nil
}

func (g *pgen) open(_ context.Context, from, to int, pick *picker) (cursor, error) {
	at, alt, err := g.table.at(from)
	if err != nil {
		return nil, err
	}
	c := &pgenCursor{pgen: g, at: at, pick: pick, decoder: newPgenDecoder(g.samples), block: block{number: -1}}
	if at.variant >= g.table.count {
		return c, nil
	}
	// Records that tell differences need the one they differ from.
	first := at.variant
	for {
		kind, _, _, err := g.place(&c.block, first)
		if err != nil {
			return nil, err
		}
		if !ld(kind) {
			break
		}
		first--
	}
	if first < at.variant {
		kind, rec, err := c.record(first)
		if err == nil {
			_, err = c.decoder.main(kind, rec)
		}
		if err != nil {
			return nil, fmt.Errorf("variant %d: %w", first+1, err)
		}
	}
	if alt > 1 {
		if err := c.read(); err != nil {
			return nil, err
		}
		c.alt = alt
	}
	return c, nil
}

// pgenCursor decodes one record after another, which it reads many at a time.
type pgenCursor struct {
	*pgen
	at      *tableCursor
	pick    *picker
	decoder *pgenDecoder
	block   block
	buf     []byte
	bufAt   int64 // place in the file of buf
	variant dosage.Variant
	alt     int // next alternate allele of variant, 0 where a record is to be read
}

func (c *pgenCursor) close() {}

// record gives the type and bytes of a variant's record, valid until the next
// call.
func (c *pgenCursor) record(variant int) (byte, []byte, error) {
	kind, from, to, err := c.place(&c.block, variant)
	if err != nil {
		return 0, nil, err
	}
	if from < c.bufAt || to > c.bufAt+int64(len(c.buf)) {
		size := min(max(to-from, readAtOnce), c.size-from)
		if size < to-from {
			return 0, nil, fmt.Errorf("truncated: ends at byte %d, want %d", c.size, to)
		}
		if int64(cap(c.buf)) < size {
			c.buf = make([]byte, size)
		}
		c.buf, c.bufAt = c.buf[:size], from
		if err := readAt(c.src, c.buf, from); err != nil {
			return 0, nil, err
		}
	}
	return kind, c.buf[from-c.bufAt : to-c.bufAt], nil
}

// read decodes the next record.
func (c *pgenCursor) read() error {
	v, err := c.at.next()
	if err != nil {
		return err
	}
	kind, rec, err := c.record(c.at.lineCursor.variant - 1)
	if err == nil {
		err = c.decoder.record(kind, rec, v.Alts)
	}
	if err != nil {
		return fmt.Errorf("variant %d (%s): %w", c.at.lineCursor.variant, v.ID, err)
	}
	c.variant, c.alt = v, 1
	return nil
}

func (c *pgenCursor) next(b *dosage.Block, n int) error {
	if c.alt == 0 {
		if err := c.read(); err != nil {
			return err
		}
	}
	v := split(c.variant, c.alt)
	d := c.decoder
	switch {
	case d.units != nil:
		r := b.AddUnits(v, dosage.Scale)
		if c.pick == nil {
			copy(r.Units, d.units)
		} else {
			c.pick.units(r.Units, d.units)
		}
		r.Count(b.Samples, 0)
	default:
		r := b.AddCalls(v)
		calls := d.allele(c.alt)
		if c.pick == nil {
			copy(r.Calls, calls)
		} else {
			c.pick.calls(r.Calls, calls)
		}
		r.Count(b.Samples, 0)
	}
	if c.alt++; c.alt > c.variant.Alts {
		c.alt = 0
	}
	return nil
}
