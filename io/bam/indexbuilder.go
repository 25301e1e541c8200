package bam

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// baiShift and baiDepth are the tree of a BAI: bins of 16 kb, 2^29 bases in
// all.
const (
	baiShift = 14
	baiDepth = 5
)

// binOf is the smallest bin that holds [start, end) (SAM specification, section
// 5.3; CSIv1 specification).
func binOf(start, end, shift, depth int) int {
	end--
	first := (1<<(3*depth) - 1) / 7
	for level := depth; level > 0; level-- {
		if start>>shift == end>>shift {
			return first + start>>shift
		}
		shift += 3
		first -= 1 << (3 * (level - 1))
	}
	return 0
}

// indexBuilder makes the index of records that come in the order of the file.
type indexBuilder struct {
	contigs  []locus.Contig
	depth    int
	refs     []building
	last     *building // of the record before, nil where that has no place
	unplaced uint64
}

type building struct {
	bins             map[int][]chunk
	linear           []bgzf.Offset
	span             chunk
	mapped, unmapped uint64
	lastBin          int
}

func newIndexBuilder(contigs []locus.Contig) *indexBuilder {
	x := &indexBuilder{contigs: contigs, depth: baiDepth, refs: make([]building, len(contigs))}
	for _, c := range contigs {
		for c.Length > 1<<(baiShift+3*x.depth) {
			x.depth++
		}
	}
	return x
}

// tooLong says whether a contig is too long for a BAI.
func (x *indexBuilder) tooLong() bool { return x.depth > baiDepth }

// add files a record that lies in [from, to) of the file.
func (x *indexBuilder) add(r *align.Read, from, to bgzf.Offset) {
	if b := x.last; b != nil {
		// A writer may end a block between two records: the one before
		// reaches to where this one starts, as a reader would find it.
		list := b.bins[b.lastBin]
		list[len(list)-1].to, b.span.to = from, from
	}
	if r.Contig < 0 || r.Start < 0 {
		x.unplaced++
		x.last = nil
		return
	}
	b := &x.refs[r.Contig]
	x.last = b
	if b.bins == nil {
		b.bins, b.span.from, b.lastBin = map[int][]chunk{}, from, -1
	}
	b.span.to = to
	if r.Flag&align.Unmapped == 0 {
		b.mapped++
	} else {
		b.unmapped++
	}
	end := max(r.End(), r.Start+1)
	id := binOf(r.Start, end, baiShift, x.depth)
	list := b.bins[id]
	if n := len(list); n > 0 && (id == b.lastBin || list[n-1].to.File() == from.File()) {
		list[n-1].to = to
	} else {
		b.bins[id] = append(list, chunk{from, to})
	}
	b.lastBin = id
	for w := r.Start >> baiShift; w <= (end-1)>>baiShift; w++ {
		for len(b.linear) <= w {
			b.linear = append(b.linear, unset)
		}
		if b.linear[w] == unset {
			b.linear[w] = from
		}
	}
}

// unset is a window that no record overlaps.
const unset = ^bgzf.Offset(0)

// write writes a BAI or CSI; final turns what add was given into offsets.
func (x *indexBuilder) write(w io.Writer, csi bool, final func(bgzf.Offset) bgzf.Offset) error {
	if x.tooLong() && !csi {
		return fmt.Errorf("a contig of more than %d bases wants a CSI index", 1<<(baiShift+3*baiDepth))
	}
	le := binary.LittleEndian
	b := []byte(baiMagic)
	if csi {
		b = le.AppendUint32(le.AppendUint32([]byte(csiMagic), baiShift), uint32(x.depth))
		b = le.AppendUint32(b, 0)
	}
	b = le.AppendUint32(b, uint32(len(x.refs)))
	for i := range x.refs {
		b = x.refs[i].append(b, csi, x.depth, final)
	}
	b = le.AppendUint64(b, x.unplaced)
	if !csi {
		_, err := w.Write(b)
		return err
	}
	z, err := bgzf.NewWriter(w, bgzf.DefaultLevel, 1)
	if err != nil {
		return err
	}
	if _, err := z.Write(b); err != nil {
		return err
	}
	return z.Close()
}

func (r *building) append(b []byte, csi bool, depth int, final func(bgzf.Offset) bgzf.Offset) []byte {
	le := binary.LittleEndian
	// A window without records of its own has the records of the one before.
	linear := make([]bgzf.Offset, len(r.linear))
	for i, o := range r.linear {
		if o != unset {
			linear[i] = final(o)
		} else if i > 0 {
			linear[i] = linear[i-1]
		}
	}
	if r.bins == nil {
		b = le.AppendUint32(b, 0)
	} else {
		b = le.AppendUint32(b, uint32(len(r.bins)+1))
	}
	for _, id := range slices.SortedFunc(maps.Keys(r.bins), cmp.Compare) {
		b = le.AppendUint32(b, uint32(id))
		if csi {
			var low bgzf.Offset
			if w := firstWindow(id, depth); w < len(linear) {
				low = linear[w]
			}
			b = le.AppendUint64(b, uint64(low))
		}
		b = le.AppendUint32(b, uint32(len(r.bins[id])))
		for _, c := range r.bins[id] {
			b = le.AppendUint64(le.AppendUint64(b, uint64(final(c.from))), uint64(final(c.to)))
		}
	}
	if r.bins != nil {
		b = le.AppendUint32(b, uint32((1<<(3*depth+3)-1)/7+1))
		if csi {
			b = le.AppendUint64(b, 0)
		}
		b = le.AppendUint32(b, 2)
		b = le.AppendUint64(le.AppendUint64(b, uint64(final(r.span.from))), uint64(final(r.span.to)))
		b = le.AppendUint64(le.AppendUint64(b, r.mapped), r.unmapped)
	}
	if !csi {
		b = le.AppendUint32(b, uint32(len(linear)))
		for _, o := range linear {
			b = le.AppendUint64(b, uint64(o))
		}
	}
	return b
}

// firstWindow is the first of the smallest bins within a bin, counted from 0.
func firstWindow(id, depth int) int {
	level, first := 0, 0
	for level < depth && id >= first+1<<(3*level) {
		first += 1 << (3 * level)
		level++
	}
	return (id - first) << (3 * (depth - level))
}

// WriteIndex reads a BAM file to its end and writes its index: a BAI, or a CSI
// where csi is set or a contig is too long for a BAI. Records that are not
// sorted by coordinate are an error.
func WriteIndex(w io.Writer, f *File, csi bool) error {
	x := newIndexBuilder(f.header.Contigs.List())
	order := orderOf(f.header)
	err := f.walk(func(r *align.Read, from, to bgzf.Offset) error {
		if err := order.next(r); err != nil {
			return &source.Error{Path: f.path, Offset: int64(from), Record: string([]byte(r.Name)), Err: err}
		}
		x.add(r, from, to)
		return nil
	})
	if err != nil {
		return err
	}
	return x.write(w, csi || x.tooLong(), func(o bgzf.Offset) bgzf.Offset { return o })
}
