package tabix

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
)

// Builder gathers the places of records while a file is written. Places in the
// file are those of bgzf.Writer.Place; they become virtual offsets when the
// index is made.
type Builder struct {
	layout Layout
	depth  int
	csi    bool
	names  []string
	refs   map[string]*ref
	all    []string // for BCF: the contigs by their number
	last   *ref
	at     int // start of the record added last
}

// ref is what is known of one contig.
type ref struct {
	bins     map[int][]Chunk
	linear   []bgzf.Offset // the first place of a record over each window, or nowhere
	from, to bgzf.Offset
	records  uint64
}

const nowhere = ^bgzf.Offset(0)

// NewBuilder makes a builder of a .tbi index, or with csi of a .csi index,
// which reaches as far as the longest contig: longest bases.
func NewBuilder(layout Layout, csi bool, longest int) *Builder {
	b := &Builder{layout: layout, depth: tbiDepth, csi: csi, refs: map[string]*ref{}}
	if csi {
		for b.depth < maxDepth && longest > 1<<(shift+3*b.depth) {
			b.depth++
		}
	}
	return b
}

// NewNumberedBuilder makes a builder of the .csi index of a BCF file, which has
// contigs by their number in the header instead of names.
func NewNumberedBuilder(contigs []string, longest int) *Builder {
	b := NewBuilder(Layout{}, true, longest)
	b.all = contigs
	return b
}

// Add adds the record over [start, end) of a contig, which lies between the
// places from and to. Records come in the order of the file: contig by
// contig, starts ascending; else it is an error.
func (b *Builder) Add(contig string, start, end int, from, to bgzf.Offset) error {
	if n := len(b.names); n == 0 || b.names[n-1] != contig {
		if b.refs[contig] != nil {
			return fmt.Errorf("not sorted: records of %s stand apart", contig)
		}
		b.names = append(b.names, contig)
		b.last = &ref{bins: map[int][]Chunk{}, from: from}
		b.refs[contig] = b.last
		b.at = 0
	}
	start = max(start, 0)
	end = max(end, start+1)
	if start < b.at {
		return fmt.Errorf("not sorted: %s:%d stands behind %s:%d", contig, start+1, contig, b.at+1)
	}
	if end > 1<<(shift+3*b.depth) {
		return fmt.Errorf("%s:%d lies %w", contig, end, ErrTooLong)
	}
	b.at = start
	r := b.last
	bin := binOf(start, end, shift, b.depth)
	chunks := r.bins[bin]
	if n := len(chunks); n > 0 && chunks[n-1].End == from {
		chunks[n-1].End = to
	} else {
		r.bins[bin] = append(chunks, Chunk{from, to})
	}
	last := (end - 1) >> shift
	for len(r.linear) <= last {
		r.linear = append(r.linear, nowhere)
	}
	for w := start >> shift; w <= last; w++ {
		if r.linear[w] == nowhere {
			r.linear[w] = from
		}
	}
	r.to = to
	r.records++
	return nil
}

// Encode gives the bytes of the index file. virtual turns a place into a
// virtual offset, as bgzf.Writer.Final does after Close.
func (b *Builder) Encode(virtual func(bgzf.Offset) bgzf.Offset) ([]byte, error) {
	le := binary.LittleEndian
	i32 := func(dst []byte, v int) []byte { return le.AppendUint32(dst, uint32(int32(v))) }
	refs := b.names
	var layout []byte
	if b.all != nil {
		refs = b.all
	} else {
		names := []byte(strings.Join(append(b.names, ""), "\x00"))
		for _, v := range []int32{b.layout.Preset, b.layout.Seq, b.layout.Begin, b.layout.End, b.layout.Meta, b.layout.Skip, int32(len(names))} {
			layout = i32(layout, int(v))
		}
		layout = append(layout, names...)
	}
	var out []byte
	if b.csi {
		out = append(out, "CSI\x01"...)
		out = i32(out, shift)
		out = i32(out, b.depth)
		out = i32(out, len(layout))
		out = append(out, layout...)
		out = i32(out, len(refs))
	} else {
		out = append(out, "TBI\x01"...)
		out = i32(out, len(refs))
		out = append(out, layout...)
	}
	for _, n := range refs {
		if r := b.refs[n]; r != nil {
			out = b.encodeRef(out, r, virtual)
		} else {
			out = i32(out, 0)
		}
	}
	return pack(out)
}

func (b *Builder) encodeRef(out []byte, r *ref, virtual func(bgzf.Offset) bgzf.Offset) []byte {
	le := binary.LittleEndian
	linear := make([]bgzf.Offset, len(r.linear))
	for w, place := range r.linear {
		switch {
		case place != nowhere:
			linear[w] = virtual(place)
		case w > 0: // no record begins before the one behind it, so its own value would be no smaller
			linear[w] = linear[w-1]
		}
	}
	bins := make([]int, 0, len(r.bins))
	for bin := range r.bins {
		bins = append(bins, bin)
	}
	slices.Sort(bins)
	out = le.AppendUint32(out, uint32(len(bins)+1))
	for _, bin := range bins {
		var chunks []Chunk
		for _, c := range r.bins[bin] {
			c = Chunk{virtual(c.Begin), virtual(c.End)}
			if n := len(chunks); n > 0 && chunks[n-1].End.File() == c.Begin.File() { // the block is opened anyway
				chunks[n-1].End = c.End
				continue
			}
			chunks = append(chunks, c)
		}
		out = le.AppendUint32(out, uint32(bin))
		if b.csi {
			out = le.AppendUint64(out, uint64(linear[b.window(bin)]))
		}
		out = le.AppendUint32(out, uint32(len(chunks)))
		for _, c := range chunks {
			out = le.AppendUint64(out, uint64(c.Begin))
			out = le.AppendUint64(out, uint64(c.End))
		}
	}
	// A bin behind all others counts the records.
	out = le.AppendUint32(out, uint32(firstBin(b.depth+1)+1))
	if b.csi {
		out = le.AppendUint64(out, 0)
	}
	out = le.AppendUint32(out, 2)
	out = le.AppendUint64(out, uint64(virtual(r.from)))
	out = le.AppendUint64(out, uint64(virtual(r.to)))
	out = le.AppendUint64(out, r.records)
	out = le.AppendUint64(out, 0)
	if !b.csi {
		out = le.AppendUint32(out, uint32(len(linear)))
		for _, v := range linear {
			out = le.AppendUint64(out, uint64(v))
		}
	}
	return out
}

// window is the first window of the linear index under a bin.
func (b *Builder) window(bin int) int {
	level := b.depth
	for bin < firstBin(level) {
		level--
	}
	return (bin - firstBin(level)) << (3 * (b.depth - level))
}

// pack is data as BGZF.
func pack(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := bgzf.NewWriter(&out, bgzf.DefaultLevel, 1)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
