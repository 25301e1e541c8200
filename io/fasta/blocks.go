package fasta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
)

// blockIndex reads the content of a .gzi file, or makes it where that is nil,
// and then gives it back as well.
func (f *File) blockIndex(gzi []byte) (x *bgzf.Index, made []byte, err error) {
	if gzi != nil {
		if x, err = bgzf.ReadIndex(bytes.NewReader(gzi)); err != nil {
			err = &source.Error{Path: f.path + ".gzi", Err: fmt.Errorf("%w; remedy: delete it and run again", err)}
		}
		return x, nil, err
	}
	if x, err = bgzf.BuildIndex(io.NewSectionReader(f.src, 0, f.size)); err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	_, err = x.WriteTo(&b)
	return x, b.Bytes(), err
}

// blocks gives the text of a bgzip file by its place, keeping the blocks used
// last.
type blocks struct {
	file  *File
	index *bgzf.Index
	most  int // blocks kept

	mu    sync.Mutex
	clock int64
	kept  map[int64]*kept // by the offset of the block
	idle  []*bgzf.Reader
}

type kept struct {
	data []byte
	used int64
}

func newBlocks(f *File, x *bgzf.Index, most int) *blocks {
	if most <= 0 {
		most = 64
	}
	return &blocks{file: f, index: x, most: most, kept: map[int64]*kept{}}
}

// ReadAt fills p with the text from an offset on.
func (b *blocks) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at, err := b.index.Offset(off + int64(n))
		if err != nil {
			return n, io.EOF // behind the last block
		}
		data, err := b.block(at)
		if err != nil {
			return n, err
		}
		if at.Within() >= len(data) {
			return n, io.EOF
		}
		n += copy(p[n:], data[at.Within():])
	}
	return n, nil
}

// block is the text of the block of an offset. It is not changed once kept.
func (b *blocks) block(at bgzf.Offset) ([]byte, error) {
	at = bgzf.MakeOffset(at.File(), 0)
	b.mu.Lock()
	b.clock++
	if k := b.kept[at.File()]; k != nil {
		k.used = b.clock
		b.mu.Unlock()
		return k.data, nil
	}
	var z *bgzf.Reader
	if n := len(b.idle); n > 0 {
		z, b.idle = b.idle[n-1], b.idle[:n-1]
	} else {
		z = bgzf.NewReaderAt(b.file.src, b.file.size)
	}
	b.mu.Unlock()

	data := make([]byte, bgzf.MaxBlock)
	err := z.Seek(at, at)
	stale := err != nil
	if err == nil {
		var n int
		n, err = z.Read(data) // a block, for no read crosses its end
		data = data[:n:n]
		stale = errors.Is(err, bgzf.ErrNotBGZF) || errors.Is(err, bgzf.ErrDamaged) || err == io.EOF
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle = append(b.idle, z)
	if err != nil {
		if stale {
			err = fmt.Errorf("%w (the .gzi names byte %d, where no sound block begins: %w); remedy: delete the .gzi and run again, or pack the file again", ErrStale, at.File(), err)
		}
		return nil, err
	}
	if len(b.kept) >= b.most {
		b.drop()
	}
	b.kept[at.File()] = &kept{data, b.clock}
	return data, nil
}

// drop forgets the block that was not used for the longest time.
func (b *blocks) drop() {
	oldest, used := int64(-1), b.clock+1
	for at, k := range b.kept {
		if k.used < used {
			oldest, used = at, k.used
		}
	}
	delete(b.kept, oldest)
}
