package genotype

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// bgen is BGEN 1.1 to 1.3: variants one after another, each with its name and a
// packed block of probabilities (the BGEN format, www.bgenformat.org). Nothing
// in the file tells where the n-th variant is, so it is read from its beginning;
// where rows in the middle are asked for, the file is walked through once, from
// name to name, and some places are remembered.
type bgen struct {
	path     string
	src      io.ReaderAt
	size     int64
	samples  int
	count    int // variants, as the header says
	first    int64
	packing  int // 0 none, 1 zlib, 2 zstd
	layout   int // 1 or 2
	refFirst bool

	lock  sync.Mutex
	marks []bgenMark // of every 256th variant, nil before the file was walked
	rows  int
}

type bgenMark struct {
	at      int64
	variant int
	row     int
}

const bgenMarkEvery = 256

func openBgen(ctx context.Context, p *parts) (*File, error) {
	b := &bgen{path: p.path, src: p.main, size: p.main.Info().Size, refFirst: p.o.RefFirst}
	names, err := b.header()
	if err != nil {
		return nil, err
	}
	var samples []Sample
	if names != nil {
		samples, err = p.named(ctx, names, ".sample")
	} else {
		var from string
		samples, from, err = p.samples(ctx, ".sample")
		switch {
		case err != nil && p.o.Samples == "":
			err = fmt.Errorf("names no samples: want %w", err)
		case err == nil && len(samples) != b.samples:
			err = fmt.Errorf("has %d samples, but %s has %d", b.samples, base(from), len(samples))
		}
	}
	if err != nil {
		return nil, err
	}
	return &File{path: p.path, samples: samples, all: len(samples), format: b}, nil
}

// header reads what stands before the first variant. The names are nil where
// the file has none.
func (b *bgen) header() (names []string, err error) {
	var head [24]byte
	if b.size < 24 {
		return nil, errors.New("truncated: shorter than a BGEN header")
	}
	if err := readAt(b.src, head[:], 0); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	b.first = 4 + int64(le.Uint32(head[:]))
	length := int64(le.Uint32(head[4:]))
	variants, n := int64(le.Uint32(head[8:])), int64(le.Uint32(head[12:]))
	if magic := string(head[16:20]); magic != "bgen" && magic != "\x00\x00\x00\x00" {
		return nil, errors.New("has no magic bytes \"bgen\", so it is not a BGEN file")
	}
	if length < 20 || 4+length > b.first || b.first > b.size {
		return nil, fmt.Errorf("truncated or damaged: header of %d bytes, first variant at byte %d, file of %d", length, b.first, b.size)
	}
	if n < 1 || n > maxSamples {
		return nil, fmt.Errorf("has %d samples, want 1 to %d", n, maxSamples)
	}
	if variants > b.size {
		return nil, fmt.Errorf("damaged: %d variants in %d bytes", variants, b.size)
	}
	b.count, b.samples = int(variants), int(n)
	var four [4]byte
	if err := readAt(b.src, four[:], length); err != nil {
		return nil, err
	}
	flags := le.Uint32(four[:])
	b.packing, b.layout = int(flags&3), int(flags>>2&15)
	if b.layout < 1 || b.layout > 2 {
		return nil, fmt.Errorf("layout %d is unknown, want 1 or 2", b.layout)
	}
	if b.packing > b.layout {
		return nil, fmt.Errorf("compression %d is unknown in layout %d", b.packing, b.layout)
	}
	if flags>>31 == 0 {
		return nil, nil
	}
	return b.names(4 + length)
}

// names reads the block of sample names.
func (b *bgen) names(at int64) ([]string, error) {
	var head [8]byte
	if at+8 > b.first {
		return nil, errors.New("damaged: no room for the names of samples it announces")
	}
	if err := readAt(b.src, head[:], at); err != nil {
		return nil, err
	}
	size, n := int64(binary.LittleEndian.Uint32(head[:])), int64(binary.LittleEndian.Uint32(head[4:]))
	if size < 8 || at+size > b.first {
		return nil, fmt.Errorf("damaged: names of samples take %d bytes, want at most %d", size, b.first-at)
	}
	if n != int64(b.samples) {
		return nil, fmt.Errorf("names %d samples, but has %d", n, b.samples)
	}
	raw := make([]byte, size-8) // at most what the file has
	if err := readAt(b.src, raw, at+8); err != nil {
		return nil, err
	}
	names := make([]string, 0, min(n, size/2))
	for len(raw) >= 2 {
		k := int(binary.LittleEndian.Uint16(raw))
		if k > len(raw)-2 {
			break
		}
		names = append(names, string(raw[2:2+k]))
		raw = raw[2+k:]
	}
	if int64(len(names)) != n || len(raw) != 0 {
		return nil, fmt.Errorf("damaged: the block of sample names holds %d, want %d", len(names), n)
	}
	return names, nil
}

func (b *bgen) imputed() bool { return true }

func (b *bgen) variants(ctx context.Context) (int, error) {
	err := b.walk(ctx)
	return b.rows, err
}

// walk goes from name to name through the file, once.
func (b *bgen) walk(ctx context.Context) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.marks != nil {
		return nil
	}
	w := bgenWalker{bgen: b, at: b.first}
	marks := make([]bgenMark, 0, min(b.count/bgenMarkEvery+1, 1<<16))
	rows := 0
	for i := range b.count {
		if i%bgenMarkEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			marks = append(marks, bgenMark{w.at, i, rows})
		}
		v, err := w.name(i)
		if err != nil {
			return err
		}
		rows += v.rows()
	}
	if w.at != b.size {
		return fmt.Errorf("has %d bytes behind its last variant", b.size-w.at)
	}
	b.marks, b.rows = marks, rows
	return nil
}

func (b *bgen) open(ctx context.Context, from, _ int, pick *picker) (cursor, error) {
	c := &bgenCursor{walker: bgenWalker{bgen: b, at: b.first}, pick: pick, probs: newProbabilities(b.samples)}
	if from == 0 {
		return c, nil
	}
	if err := b.walk(ctx); err != nil {
		return nil, err
	}
	if from >= b.rows {
		c.number = b.count
		return c, nil
	}
	m := b.marks[sort.Search(len(b.marks), func(i int) bool { return b.marks[i].row > from })-1]
	c.walker.at, c.number = m.at, m.variant
	for row := m.row; ; {
		if err := c.read(); err != nil {
			return nil, err
		}
		n := c.variant.rows()
		if row+n > from {
			c.alt = from - row + 1
			return c, nil
		}
		row += n
	}
}

// bgenVariant is what stands before a block of probabilities.
type bgenVariant struct {
	id, rsid, chrom string
	pos             uint32
	alleles         []string
	at              int64 // of the block
	packed          int64 // bytes of it
	unpacked        int64 // bytes when unpacked
}

func (v *bgenVariant) rows() int { return max(1, len(v.alleles)-1) }

// bgenWalker reads the names of variants, and little else, wherever it stands.
type bgenWalker struct {
	*bgen
	at    int64
	buf   []byte
	bufAt int64

	texts   []byte // of a variant: two names, chromosome, alleles
	ends    []int  // of each
	alleles []string
}

// bytes gives n bytes from the place it stands at and passes them; they are
// valid until the next call.
func (w *bgenWalker) bytes(n int64) ([]byte, error) {
	if n > w.size-w.at {
		return nil, fmt.Errorf("truncated: wants %d bytes at byte %d, the file ends at %d", n, w.at, w.size)
	}
	if w.at < w.bufAt || w.at+n > w.bufAt+int64(len(w.buf)) {
		// What is skipped between names is long in large files: read ahead only
		// as far as paid off the last time.
		ahead := int64(4096)
		if w.bufAt+int64(len(w.buf)) > w.at && w.at >= w.bufAt {
			ahead = readAtOnce
		}
		size := min(max(n, ahead), w.size-w.at)
		if int64(cap(w.buf)) < size {
			w.buf = make([]byte, size)
		}
		w.buf, w.bufAt = w.buf[:size], w.at
		if err := readAt(w.src, w.buf, w.at); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	from := w.at - w.bufAt
	w.at += n
	return w.buf[from : from+n], nil
}

// text adds the text behind its length of so many bytes to those of the variant.
func (w *bgenWalker) text(lengthBytes int64) error {
	raw, err := w.bytes(lengthBytes)
	if err != nil {
		return err
	}
	n := int64(raw[0]) | int64(raw[1])<<8
	if lengthBytes == 4 {
		n |= int64(raw[2])<<16 | int64(raw[3])<<24
	}
	if raw, err = w.bytes(n); err != nil {
		return err
	}
	w.texts = append(w.texts, raw...)
	w.ends = append(w.ends, len(w.texts))
	return nil
}

// name reads the name of the i-th variant and goes past its probabilities. The
// list of alleles is valid until the next call.
func (w *bgenWalker) name(i int) (v bgenVariant, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("variant %d: %w", i+1, err)
		}
	}()
	if w.layout == 1 {
		raw, err := w.bytes(4)
		if err != nil {
			return v, err
		}
		if n := binary.LittleEndian.Uint32(raw); int64(n) != int64(w.samples) {
			return v, fmt.Errorf("has %d samples, want %d", n, w.samples)
		}
	}
	w.texts, w.ends = w.texts[:0], w.ends[:0]
	for range 3 {
		if err := w.text(2); err != nil {
			return v, err
		}
	}
	raw, err := w.bytes(4)
	if err != nil {
		return v, err
	}
	v.pos = binary.LittleEndian.Uint32(raw)
	k := 2
	if w.layout == 2 {
		if raw, err = w.bytes(2); err != nil {
			return v, err
		}
		k = int(binary.LittleEndian.Uint16(raw))
	}
	if k < 2 {
		return v, fmt.Errorf("has %d alleles, want 2 or more", k)
	}
	for range k {
		if err := w.text(4); err != nil {
			return v, err
		}
	}
	all := string(w.texts) // one string holds them, so that rows may keep parts of it
	v.id, v.rsid, v.chrom = all[:w.ends[0]], all[w.ends[0]:w.ends[1]], all[w.ends[1]:w.ends[2]]
	w.alleles = w.alleles[:0]
	for a := range k {
		w.alleles = append(w.alleles, all[w.ends[2+a]:w.ends[3+a]])
	}
	v.alleles = w.alleles
	for a, x := range v.alleles {
		if slices.Contains(v.alleles[:a], x) && x != "." && x != "0" {
			return v, fmt.Errorf("variant %s has the allele %s twice", v.rsid, x)
		}
	}
	return v, w.skip(&v)
}

// skip reads the sizes of a block of probabilities and goes past it.
func (w *bgenWalker) skip(v *bgenVariant) error {
	if w.layout == 1 && w.packing == 0 {
		v.packed = 6 * int64(w.samples)
		v.unpacked = v.packed
	} else {
		raw, err := w.bytes(4)
		if err != nil {
			return err
		}
		v.packed = int64(binary.LittleEndian.Uint32(raw))
		v.unpacked = v.packed
		switch {
		case w.layout == 1:
			v.unpacked = 6 * int64(w.samples)
		case w.packing != 0:
			if raw, err = w.bytes(4); err != nil {
				return err
			}
			v.unpacked = int64(binary.LittleEndian.Uint32(raw))
			v.packed -= 4
		}
	}
	v.at = w.at
	if v.packed < 0 || v.packed > w.size-w.at {
		return fmt.Errorf("truncated: %d bytes of probabilities at byte %d, the file ends at %d", v.packed, w.at, w.size)
	}
	w.at += v.packed
	return nil
}

// bgenCursor decodes one variant after another.
type bgenCursor struct {
	walker  bgenWalker
	number  int // variants read
	pick    *picker
	probs   *probabilities
	variant bgenVariant
	raw     []byte
	alt     int // next counted allele of variant, 0 where one is to be read
}

func (c *bgenCursor) close() { c.probs.unpack.close() }

// read takes the next variant and unpacks its probabilities.
func (c *bgenCursor) read() error {
	if c.number >= c.walker.count {
		return io.EOF
	}
	v, err := c.walker.name(c.number)
	if err != nil {
		return err
	}
	c.number++
	if err = c.unpack(&v); err != nil {
		return fmt.Errorf("variant %d (%s): %w", c.number, v.rsid, err)
	}
	c.variant, c.alt = v, 1
	return nil
}

func (c *bgenCursor) unpack(v *bgenVariant) error {
	raw, err := c.block(v)
	if err != nil {
		return err
	}
	p := c.probs
	if limit := largestBlock(c.walker.layout, c.walker.samples, len(v.alleles)); v.unpacked > limit {
		return fmt.Errorf("announces %d bytes of probabilities, want at most %d", v.unpacked, limit)
	}
	b, err := p.unpack.bytes(c.walker.packing, raw, int(v.unpacked))
	if err != nil {
		return err
	}
	if c.walker.layout == 1 {
		return p.layout1(b)
	}
	return p.layout2(b, len(v.alleles))
}

// block reads the packed probabilities, which short ones were with the name.
func (c *bgenCursor) block(v *bgenVariant) ([]byte, error) {
	w := &c.walker
	if from := v.at - w.bufAt; from >= 0 && from+v.packed <= int64(len(w.buf)) {
		return w.buf[from : from+v.packed], nil
	}
	if int64(cap(c.raw)) < v.packed {
		c.raw = make([]byte, v.packed)
	}
	c.raw = c.raw[:v.packed]
	return c.raw, readAt(w.src, c.raw, v.at)
}

func (c *bgenCursor) next(b *dosage.Block, _ int) error {
	if c.alt == 0 {
		if err := c.read(); err != nil {
			return err
		}
	}
	v := &c.variant
	ref, alt := len(v.alleles)-1, c.alt-1
	if c.walker.refFirst {
		ref, alt = 0, c.alt
	}
	id := v.rsid
	if id == "" {
		id = v.id
	}
	if id == "" {
		id = "."
	}
	r := b.AddUnits(dosage.Variant{Chrom: v.chrom, Start: int(v.pos) - 1, ID: id, Ref: v.alleles[ref], Alt: v.alleles[alt],
		Allele: c.alt, Alts: v.rows()}, c.probs.scale())
	spread, err := c.probs.allele(r.Units, alt, c.pick)
	if err != nil {
		return fmt.Errorf("variant %d (%s): %w", c.number, v.rsid, err)
	}
	r.Count(b.Samples, spread)
	if c.alt++; c.alt > v.rows() {
		c.alt = 0
	}
	return nil
}
