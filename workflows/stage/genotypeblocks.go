package stage

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// blockFiles joins files of reference blocks, each in order of the genome, as
// `gx examples` and DeepVariant's make_examples write them. It holds one block
// of each.
type blockFiles struct {
	sample string // empty where there is no block
	from   string // the file of the first block
	files  blockHeap
	all    []*blockFile
}

// blockFile is one file and its next block.
type blockFile struct {
	path   string
	number int
	r      *tfrecord.Reader
	object io.Closer
	place  *placer
	key    sortKey
	order  int // among the files
	block  variant.Block
	sample string
}

func openBlocks(ctx context.Context, s object.Store, paths []string, contigs *locus.Contigs) (*blockFiles, error) {
	f := &blockFiles{}
	for i, p := range paths {
		r, o, err := openRecords(ctx, s, p)
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		b := &blockFile{path: p, r: r, object: o, place: newPlacer(contigs), order: i}
		f.all = append(f.all, b)
		more, err := b.next()
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		if more {
			if f.sample == "" {
				f.sample, f.from = b.sample, p
			}
			f.files = append(f.files, b)
		}
	}
	heap.Init(&f.files)
	return f, nil
}

func (f *blockFiles) close() error {
	var errs []error
	for _, b := range f.all {
		errs = append(errs, b.r.Close(), b.object.Close())
	}
	return errors.Join(errs...)
}

// head is the next block, nil at the end.
func (f *blockFiles) head() *blockFile {
	if len(f.files) == 0 {
		return nil
	}
	return f.files[0]
}

// pop goes on to the block behind head.
func (f *blockFiles) pop() error {
	b := f.files[0]
	more, err := b.next()
	if err != nil {
		return err
	}
	if !more {
		heap.Pop(&f.files)
		return nil
	}
	if b.sample != f.sample {
		return recordError(b.path, b.number, fmt.Errorf("a block of sample %q, but those of %s are of %q: files of two runs are mixed", b.sample, f.from, f.sample))
	}
	heap.Fix(&f.files, 0)
	return nil
}

func (b *blockFile) next() (bool, error) {
	data, err := b.r.Read()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	b.number++
	bad := func(err error) (bool, error) { return false, recordError(b.path, b.number, err) }
	v, err := example.DecodeVariant(data)
	if err != nil {
		return bad(err)
	}
	last := b.key
	if b.key, err = b.place.key([]byte(v.Contig), v.Start, v.End); err != nil {
		return bad(err)
	}
	if b.number > 1 && b.key.compare(last) < 0 {
		return bad(fmt.Errorf("block at %s: %w", v.Place(), gvcf.ErrOrder))
	}
	if b.block, b.sample, err = gvcf.FromExample(v); err != nil {
		return bad(err)
	}
	return true, nil
}

// blockHeap has the file with the first block on top.
type blockHeap []*blockFile

func (h blockHeap) Len() int { return len(h) }
func (h blockHeap) Less(i, j int) bool {
	return cmp.Or(h[i].key.compare(h[j].key), cmp.Compare(h[i].order, h[j].order)) < 0
}
func (h blockHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *blockHeap) Push(x any)   { *h = append(*h, x.(*blockFile)) }
func (h *blockHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
