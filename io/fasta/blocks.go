package fasta

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"sync"

	"github.com/gx-genomics/gx/internal/block"
	"github.com/gx-genomics/gx/io/source"
)

// place is an item of a .gzi file: where a block begins in the file and in the
// text.
type place struct{ file, text int64 }

// blockIndex reads the .gzi beside the file, or makes it.
func (f *File) blockIndex(st fs.FileInfo, notice func(string)) ([]place, error) {
	path := f.path + ".gzi"
	b, _, err := readIndex(path)
	if errors.Is(err, fs.ErrNotExist) {
		gzi, err := scanBlocks(f.file)
		if err != nil {
			return nil, err
		}
		notice(f.path + ": " + keep(path, formatBlockIndex(gzi)))
		return gzi, nil
	}
	if err != nil {
		return nil, err
	}
	gzi, err := parseBlockIndex(path, b)
	if err != nil {
		return nil, err
	}
	var inf block.Inflater
	var scratch []byte
	last := gzi[len(gzi)-1]
	if last.file >= st.Size() {
		return nil, f.stale(path + " points behind the end of the file")
	}
	if _, _, err := inf.ReadAt(nil, f.file, last.file, &scratch); err != nil {
		return nil, f.stale(path + " points to a place where no block begins")
	}
	return gzi, nil
}

// parseBlockIndex reads a .gzi file: the number of items, then pairs of
// offsets, all 64-bit little-endian. The first block, at 0 and 0, is not in it.
func parseBlockIndex(path string, b []byte) ([]place, error) {
	if len(b) < 8 || len(b)%16 != 8 || binary.LittleEndian.Uint64(b) != uint64(len(b)/16) {
		return nil, &source.Error{Path: path, Err: fmt.Errorf("damaged index: %d bytes do not fit the number of items it says; remedy: delete it and run again", len(b))}
	}
	gzi := make([]place, 1, len(b)/16+1)
	for b = b[8:]; len(b) > 0; b = b[16:] {
		p := place{int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))}
		q := gzi[len(gzi)-1]
		if p.file <= q.file || p.text < q.text || p.text-q.text > block.MaxData {
			return nil, &source.Error{Path: path, Err: fmt.Errorf("damaged index: item %d does not follow the one before it; remedy: delete it and run again", len(gzi))}
		}
		gzi = append(gzi, p)
	}
	return gzi, nil
}

func formatBlockIndex(gzi []place) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(gzi)-1))
	for _, p := range gzi[1:] {
		b = binary.LittleEndian.AppendUint64(b, uint64(p.file))
		b = binary.LittleEndian.AppendUint64(b, uint64(p.text))
	}
	return b
}

// scanBlocks makes the index of blocks, hopping from one to the next.
func scanBlocks(r io.ReaderAt) ([]place, error) {
	var gzi []place
	var p place
	for {
		n, held, err := block.Span(r, p.file)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if held > 0 || len(gzi) == 0 {
			gzi = append(gzi, p)
		}
		p.file += int64(n)
		p.text += int64(held)
	}
	return gzi, nil
}

// blocks gives the text of a bgzip file by its place, keeping the blocks used
// last.
type blocks struct {
	file io.ReaderAt
	gzi  []place
	most int // blocks kept

	mu    sync.Mutex
	clock int64
	kept  map[int]*kept
	idle  []*opener
}

type kept struct {
	data []byte
	used int64
}

// opener is what one goroutine needs to open a block.
type opener struct {
	inf     block.Inflater
	scratch []byte
}

func newBlocks(file *os.File, gzi []place, most int) *blocks {
	if most <= 0 {
		most = 64
	}
	return &blocks{file: file, gzi: gzi, most: most, kept: map[int]*kept{}}
}

// ReadAt fills p with the text from an offset on.
func (b *blocks) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	i := sort.Search(len(b.gzi), func(i int) bool { return b.gzi[i].text > off }) - 1
	for ; n < len(p); i++ {
		if i >= len(b.gzi) {
			return n, io.EOF
		}
		data, err := b.block(i)
		if err != nil {
			return n, err
		}
		skip := off + int64(n) - b.gzi[i].text
		if i+1 < len(b.gzi) && int64(len(data)) != b.gzi[i+1].text-b.gzi[i].text {
			return n, fmt.Errorf("%w: block %d holds %d bytes of text, its .gzi says %d; remedy: delete the .gzi and run again", ErrStale, i, len(data), b.gzi[i+1].text-b.gzi[i].text)
		}
		if skip > int64(len(data)) {
			return n, io.EOF
		}
		n += copy(p[n:], data[skip:])
	}
	return n, nil
}

// block is the text of the i-th block. It is not changed once kept.
func (b *blocks) block(i int) ([]byte, error) {
	b.mu.Lock()
	b.clock++
	if k := b.kept[i]; k != nil {
		k.used = b.clock
		b.mu.Unlock()
		return k.data, nil
	}
	var o *opener
	if n := len(b.idle); n > 0 {
		o, b.idle = b.idle[n-1], b.idle[:n-1]
	} else {
		o = &opener{}
	}
	b.mu.Unlock()

	data, _, err := o.inf.ReadAt(nil, b.file, b.gzi[i].file, &o.scratch)

	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle = append(b.idle, o)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = block.ErrTruncated
		}
		return nil, fmt.Errorf("block at offset %d: %w", b.gzi[i].file, err)
	}
	if len(b.kept) >= b.most {
		oldest, used := -1, b.clock
		for j, k := range b.kept {
			if k.used < used {
				oldest, used = j, k.used
			}
		}
		delete(b.kept, oldest)
	}
	b.kept[i] = &kept{data, b.clock}
	return data, nil
}
