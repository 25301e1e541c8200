package tabix

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
)

// Index is an index that was read. It is safe for concurrent use.
type Index struct {
	Layout Layout
	Names  []string // contigs in the order of the index; nil in the .csi of a BCF file, which counts them as the header does
	shift  int
	depth  int
	csi    bool
	refs   []indexed
}

// indexed is the index of one contig.
type indexed struct {
	bins   []bin // ascending by number
	linear []bgzf.Offset
	count  int64 // records, -1 where the index does not tell
}

type bin struct {
	number  int
	loffset bgzf.Offset // .csi: no record over the bin begins before it
	chunks  []Chunk
}

// maxBytes is the largest index that is read, in bytes when opened.
const maxBytes = 1 << 28

// Open reads an index file.
func Open(path string) (*Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, source.At(path, err)
	}
	defer f.Close()
	x, err := Read(f)
	return x, source.At(path, err)
}

// Read reads an index.
func Read(r io.Reader) (*Index, error) {
	b, err := io.ReadAll(io.LimitReader(bgzf.NewReader(r, 1), maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("damaged index: %w", err)
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("index of more than %d bytes", maxBytes)
	}
	return parse(b)
}

// cursor walks over the bytes of an index. Counts are checked against what is
// left before anything is made of their size.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.b, c.bad = nil, true
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) i32() int {
	if b := c.take(4); b != nil {
		return int(int32(binary.LittleEndian.Uint32(b)))
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) offset() bgzf.Offset { return bgzf.Offset(c.u64()) }

// count reads a number of items of at least size bytes each.
func (c *cursor) count(size int) int {
	n := c.i32()
	if n < 0 || n > len(c.b)/size {
		c.b, c.bad = nil, true
		return 0
	}
	return n
}

var errDamaged = errors.New("damaged index; remedy: delete it and index the file again")

func parse(b []byte) (*Index, error) {
	c := &cursor{b: b}
	x := &Index{shift: shift, depth: tbiDepth}
	refs := 0
	switch magic := string(c.take(4)); magic {
	case "TBI\x01":
		refs = c.count(8)
		x.layout(c)
	case "CSI\x01":
		x.csi = true
		x.shift, x.depth = c.i32(), c.i32()
		if x.shift < 1 || x.shift > 30 || x.depth < 1 || x.depth > maxDepth || x.shift+3*x.depth > 60 {
			return nil, fmt.Errorf("%w: bins of 2^%d bases, %d levels", errDamaged, x.shift, x.depth)
		}
		if aux := c.take(c.count(1)); len(aux) >= 28 {
			x.layout(&cursor{b: aux})
		}
		refs = c.count(4)
	default:
		return nil, errors.New("is no .tbi or .csi index")
	}
	for range refs {
		x.refs = append(x.refs, x.ref(c))
		if c.bad {
			break
		}
	}
	if c.bad {
		return nil, errDamaged
	}
	return x, nil
}

func (x *Index) layout(c *cursor) {
	for _, v := range []*int32{&x.Layout.Preset, &x.Layout.Seq, &x.Layout.Begin, &x.Layout.End, &x.Layout.Meta, &x.Layout.Skip} {
		*v = int32(c.i32())
	}
	names := c.take(c.count(1))
	for len(names) > 0 {
		name, rest, _ := bytes.Cut(names, []byte{0})
		x.Names = append(x.Names, string(name))
		names = rest
	}
}

func (x *Index) ref(c *cursor) indexed {
	r := indexed{count: -1}
	for range c.count(8) {
		b := bin{number: int(uint32(c.i32()))}
		if x.csi {
			b.loffset = c.offset()
		}
		n := c.count(16)
		if b.number == firstBin(x.depth+1)+1 { // the bin that counts
			c.take(16 * min(n, 1))
			if n > 1 {
				r.count = int64(c.u64() & math.MaxInt64)
				c.take(16*(n-1) - 8)
			}
			continue
		}
		for range n {
			k := Chunk{c.offset(), c.offset()}
			if k.End < k.Begin {
				c.b, c.bad = nil, true
				return r
			}
			b.chunks = append(b.chunks, k)
		}
		r.bins = append(r.bins, b)
	}
	slices.SortFunc(r.bins, func(a, b bin) int { return cmp.Compare(a.number, b.number) })
	if !x.csi {
		for range c.count(8) {
			r.linear = append(r.linear, c.offset())
		}
	}
	return r
}

// Ref is the place of a contig in Names, or -1.
func (x *Index) Ref(name string) int { return slices.Index(x.Names, name) }

// Records is the number of records of a contig by its place, or -1 where the
// index does not tell.
func (x *Index) Records(ref int) int64 {
	if ref < 0 || ref >= len(x.refs) {
		return 0
	}
	return x.refs[ref].count
}

// End is the virtual offset behind the last record of the file, 0 where there
// is none.
func (x *Index) End() bgzf.Offset {
	end := bgzf.Offset(0)
	for i := range x.refs {
		for _, b := range x.refs[i].bins {
			for _, c := range b.chunks {
				end = max(end, c.End)
			}
		}
	}
	return end
}

// Total is the number of records of the file, and whether the index tells it.
func (x *Index) Total() (n int64, told bool) {
	for i := range x.refs {
		switch c := x.refs[i].count; {
		case c >= 0:
			n += c
		case len(x.refs[i].bins) > 0:
			return 0, false
		}
	}
	return n, true
}

// Chunks is where the records that may overlap [start, end) of a contig lie,
// ascending and apart from each other. The contig is given by its place.
func (x *Index) Chunks(ref, start, end int) []Chunk {
	if ref < 0 || ref >= len(x.refs) || start >= end {
		return nil
	}
	start = max(start, 0)
	end = min(end, 1<<(x.shift+3*x.depth))
	if start >= end {
		return nil
	}
	r := &x.refs[ref]
	least := x.least(r, start)
	var out []Chunk
	for level := range x.depth + 1 {
		s := x.shift + 3*(x.depth-level)
		first, last := firstBin(level)+start>>s, firstBin(level)+(end-1)>>s
		i, _ := slices.BinarySearchFunc(r.bins, first, func(b bin, n int) int { return cmp.Compare(b.number, n) })
		for ; i < len(r.bins) && r.bins[i].number <= last; i++ {
			for _, c := range r.bins[i].chunks {
				if c.End > least {
					out = append(out, Chunk{max(c.Begin, least), c.End})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Chunk) int { return cmp.Compare(a.Begin, b.Begin) })
	joined := out[:0]
	for _, c := range out {
		if n := len(joined); n > 0 && c.Begin.File() <= joined[n-1].End.File() {
			joined[n-1].End = max(joined[n-1].End, c.End)
			continue
		}
		joined = append(joined, c)
	}
	return joined
}

// least is a virtual offset before which no record over start, or behind it,
// begins.
func (x *Index) least(r *indexed, start int) bgzf.Offset {
	if !x.csi {
		if len(r.linear) == 0 {
			return 0
		}
		return r.linear[min(start>>x.shift, len(r.linear)-1)]
	}
	// The smallest bin over start that is there tells.
	for level := x.depth; level >= 0; level-- {
		n := firstBin(level) + start>>(x.shift+3*(x.depth-level))
		if i, ok := slices.BinarySearchFunc(r.bins, n, func(b bin, n int) int { return cmp.Compare(b.number, n) }); ok {
			return r.bins[i].loffset
		}
	}
	return 0
}
