package bam

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/io/bgzf"
)

// chunk is a stretch of the file in which records of a bin lie.
type chunk struct{ from, to bgzf.Offset }

// bin is a node of the tree of intervals in which records are filed.
type bin struct {
	id     uint32
	low    bgzf.Offset // CSI: where the records that overlap the bin's start begin
	chunks []chunk
}

// reference is the index of one contig.
type reference struct {
	bins             []bin         // ascending id
	linear           []bgzf.Offset // BAI: per 16 kb window the first record that overlaps it
	mapped, unmapped uint64        // records on the contig
	counted          bool          // the index says how many
}

// index is a BAI or a CSI (SAM specification, section 5; CSIv1 specification).
type index struct {
	shift, depth int // the smallest bin has 2^shift bases, and lies depth levels below the root
	refs         []reference
	unplaced     uint64
	hasLinear    bool
}

const (
	baiMagic = "BAI\x01"
	csiMagic = "CSI\x01"
)

// cursor walks the bytes of an index; the first fault sticks.
type cursor struct {
	b   []byte
	err error
}

var errIndexEnds = errors.New("the index is truncated")

func (c *cursor) take(n int) []byte {
	if c.err == nil && n > len(c.b) {
		c.err = errIndexEnds
	}
	if c.err != nil {
		return make([]byte, min(n, 32))
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.take(4)) }
func (c *cursor) u64() uint64 { return binary.LittleEndian.Uint64(c.take(8)) }

// count reads a number of items of at least size bytes each, which must still
// be there.
func (c *cursor) count(of string, size int) int {
	n := int64(int32(c.u32()))
	if c.err == nil && (n < 0 || n > int64(len(c.b)/size)) {
		c.err = fmt.Errorf("the index claims %d %s, more than it has bytes for", n, of)
	}
	if c.err != nil {
		return 0
	}
	return int(n)
}

// parseIndex reads the uncompressed bytes of a BAI or CSI of a file with that
// many contigs.
func parseIndex(b []byte, contigs int) (*index, error) {
	c := &cursor{b: b}
	x := &index{shift: 14, depth: 5, hasLinear: true}
	switch m := string(c.take(4)); {
	case c.err != nil:
		return nil, c.err
	case m == csiMagic:
		x.hasLinear = false
		x.shift, x.depth = int(int32(c.u32())), int(int32(c.u32()))
		c.take(c.count("bytes of auxiliary data", 1))
		if c.err == nil && (x.shift < 1 || x.shift > 30 || x.depth < 0 || x.depth > 9 || x.shift+3*x.depth > 62) {
			return nil, fmt.Errorf("smallest bin of 2^%d bases and depth %d, which no CSI has", x.shift, x.depth)
		}
	case m != baiMagic:
		return nil, fmt.Errorf("not a BAI or CSI index: it starts with %q", m)
	}
	refs := c.count("contigs", 4)
	if c.err == nil && refs != contigs {
		return nil, fmt.Errorf("it is of another file: it has %d contigs, the header %d", refs, contigs)
	}
	for range refs {
		if c.err != nil {
			break
		}
		x.refs = append(x.refs, x.reference(c))
	}
	if c.err == nil && len(c.b) >= 8 {
		x.unplaced = c.u64()
	}
	return x, c.err
}

// metaBin is the number of the bin that holds counts instead of records.
func (x *index) metaBin() uint32 { return uint32((1<<(3*x.depth+3)-1)/7) + 1 }

func (x *index) reference(c *cursor) reference {
	var r reference
	for range c.count("bins", 8) {
		if c.err != nil {
			return r
		}
		b := bin{id: c.u32()}
		if !x.hasLinear {
			b.low = bgzf.Offset(c.u64())
		}
		n := c.count("chunks", 16)
		if b.id == x.metaBin() {
			x.meta(c, n, &r)
			continue
		}
		if b.id > x.metaBin() && c.err == nil {
			c.err = fmt.Errorf("the index has a bin %d, at most %d are possible", b.id, x.metaBin()-2)
		}
		for range n {
			b.chunks = append(b.chunks, chunk{bgzf.Offset(c.u64()), bgzf.Offset(c.u64())})
		}
		if n > 0 {
			r.bins = append(r.bins, b)
		}
	}
	slices.SortStableFunc(r.bins, func(a, b bin) int { return cmp.Compare(a.id, b.id) })
	if x.hasLinear {
		n := c.count("windows", 8)
		r.linear = make([]bgzf.Offset, n)
		for i := range r.linear {
			r.linear[i] = bgzf.Offset(c.u64())
		}
	}
	return r
}

// span is the bases of a bin.
func (x *index) span(id uint32) (start, end int) {
	first := 0
	for level := range x.depth + 1 {
		shift := x.shift + 3*(x.depth-level)
		if n := 1 << (3 * level); int(id) < first+n {
			return (int(id) - first) << shift, (int(id) - first + 1) << shift
		}
		first += 1 << (3 * level)
	}
	return 0, 0
}

// meta reads the pseudo-bin: where the contig's records lie, and how many.
func (x *index) meta(c *cursor, chunks int, r *reference) {
	for i := range chunks {
		a, b := c.u64(), c.u64()
		if i == 1 {
			r.mapped, r.unmapped, r.counted = a, b, true
		}
	}
}

// find gives the bin of that number.
func (r *reference) find(id uint32) (bin, bool) {
	i, ok := slices.BinarySearchFunc(r.bins, id, func(b bin, id uint32) int { return cmp.Compare(b.id, id) })
	if !ok {
		return bin{}, false
	}
	return r.bins[i], true
}

// query gives the chunks in which records that overlap [start, end) of a
// contig may lie, ascending and apart from each other.
func (x *index) query(contig, start, end int) []chunk {
	if contig >= len(x.refs) {
		return nil
	}
	r := &x.refs[contig]
	start, end = max(start, 0), min(end, 1<<(x.shift+3*x.depth))
	if start >= end {
		return nil
	}
	low := x.low(r, start)
	var out []chunk
	first := 0 // number of the first bin of a level
	for level := range x.depth + 1 {
		s := x.shift + 3*(x.depth-level)
		from, to := uint32(first+start>>s), uint32(first+(end-1)>>s)
		i, _ := slices.BinarySearchFunc(r.bins, from, func(b bin, id uint32) int { return cmp.Compare(b.id, id) })
		for ; i < len(r.bins) && r.bins[i].id <= to; i++ {
			for _, c := range r.bins[i].chunks {
				if c.to > low && c.from < c.to {
					out = append(out, chunk{max(c.from, low), c.to})
				}
			}
		}
		first += 1 << (3 * level)
	}
	return join(out)
}

// low is the place before which no record overlaps start.
func (x *index) low(r *reference, start int) bgzf.Offset {
	if x.hasLinear {
		for i := min(start>>x.shift, len(r.linear)-1); i >= 0; i-- {
			if r.linear[i] > 0 { // some writers leave windows without records at 0
				return r.linear[i]
			}
		}
		return 0
	}
	// The smallest bin at start knows it, or else the nearest bin before or
	// above that has records.
	first := (1<<(3*x.depth) - 1) / 7
	at := first + start>>x.shift
	for {
		if b, ok := r.find(uint32(at)); ok {
			return b.low
		}
		if at == 0 {
			return 0
		}
		if parent := (at - 1) >> 3; at == parent<<3+1 {
			at = parent
		} else {
			at--
		}
	}
}

// join sorts chunks and makes one of those that overlap or share a block.
func join(list []chunk) []chunk {
	slices.SortFunc(list, func(a, b chunk) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	out := list[:0]
	for _, c := range list {
		if n := len(out); n > 0 && c.from.File() <= out[n-1].to.File() {
			out[n-1].to = max(out[n-1].to, c.to)
			continue
		}
		out = append(out, c)
	}
	return out
}

// bytes estimates the compressed bytes that a query reads.
func (x *index) bytes(contig, start, end int) int64 {
	var n int64
	for _, c := range x.query(contig, start, end) {
		n += c.to.File() - c.from.File() + bgzf.MaxBlock/4
	}
	return n
}

// last is the largest offset that the index knows.
func (x *index) last() bgzf.Offset {
	var last bgzf.Offset
	for _, r := range x.refs {
		for _, b := range r.bins {
			for _, c := range b.chunks {
				last = max(last, c.to)
			}
		}
		for _, o := range r.linear {
			last = max(last, o)
		}
	}
	return last
}
