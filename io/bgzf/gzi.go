package bgzf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// Index says where the blocks of a file start, in it and in its data: a .gzi
// file. The first block, at 0 and 0, is not listed.
type Index struct {
	entries []indexEntry
}

type indexEntry struct{ file, data int64 }

// maxIndexed is how many blocks an index may list: 64 TB of data.
const maxIndexed = 1 << 30

// Offset is the virtual offset of a byte of the data.
func (x *Index) Offset(data int64) (Offset, error) {
	i := sort.Search(len(x.entries), func(i int) bool { return x.entries[i].data > data })
	var e indexEntry
	if i > 0 {
		e = x.entries[i-1]
	}
	if data < 0 || data-e.data >= MaxBlock {
		return 0, fmt.Errorf("byte %d lies behind the last block of the .gzi index", data)
	}
	return MakeOffset(e.file, int(data-e.data)), nil
}

// WriteTo writes the .gzi file.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(x.entries)))
	for _, e := range x.entries {
		b = binary.LittleEndian.AppendUint64(b, uint64(e.file))
		b = binary.LittleEndian.AppendUint64(b, uint64(e.data))
	}
	n, err := w.Write(b)
	return int64(n), err
}

// ReadIndex reads a .gzi file. Its places must ascend and no block may be
// longer than a block can be. Memory grows with what the file holds.
func ReadIndex(r io.Reader) (*Index, error) {
	var b [16]byte
	if _, err := io.ReadFull(r, b[:8]); err != nil {
		return nil, fmt.Errorf(".gzi index: %w", noEOF(err))
	}
	n := binary.LittleEndian.Uint64(b[:])
	if n > maxIndexed {
		return nil, fmt.Errorf(".gzi index: it claims %d blocks, at most %d are possible", n, maxIndexed)
	}
	x := &Index{}
	var last indexEntry
	for i := range n {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, fmt.Errorf(".gzi index: %d of %d blocks: %w", i, n, noEOF(err))
		}
		e := indexEntry{int64(binary.LittleEndian.Uint64(b[:])), int64(binary.LittleEndian.Uint64(b[8:]))}
		if e.file <= last.file || e.data < last.data || e.file >= 1<<48 || e.file-last.file > MaxBlock || e.data-last.data > MaxBlock {
			return nil, fmt.Errorf(".gzi index: block %d at byte %d of the file and %d of the data, behind one at %d and %d", i+1, e.file, e.data, last.file, last.data)
		}
		x.entries = append(x.entries, e)
		last = e
	}
	return x, nil
}

// BuildIndex makes the index of a file by reading it from its start.
func BuildIndex(r io.Reader) (*Index, error) {
	z := NewReader(r, 1)
	x := &Index{}
	var data int64
	for {
		err := z.advance()
		if errors.Is(err, io.EOF) {
			return x, nil
		}
		if err != nil {
			return nil, err
		}
		if z.pos > 0 {
			x.entries = append(x.entries, indexEntry{z.pos, data})
		}
		data += int64(len(z.block))
	}
}
