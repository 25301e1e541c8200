package align

import "unsafe"

// Batch holds copies of reads in a few large blocks of memory, so that the
// reads of a region cost no allocation each once a batch has been used. It
// belongs to one goroutine. The zero value is empty and ready.
type Batch struct {
	Reads []Read

	bytes  arena[byte]
	cigars arena[CigarOp]
}

// Reset empties the batch and keeps its memory. Reads handed out before are no
// longer valid.
func (b *Batch) Reset() {
	b.Reads = b.Reads[:0]
	b.bytes.reset()
	b.cigars.reset()
}

// Add copies a read to the end of the batch and returns its index.
func (b *Batch) Add(r *Read) int {
	b.Reads = append(b.Reads, b.copy(r))
	return len(b.Reads) - 1
}

// Set replaces the read at i by a copy of r. The memory of the old one comes
// free only with Reset.
func (b *Batch) Set(i int, r *Read) { b.Reads[i] = b.copy(r) }

// NewCigar gives memory for a Cigar of n operations that lives as long as the
// batch's reads.
func (b *Batch) NewCigar(n int) Cigar { return b.cigars.take(n) }

func (b *Batch) copy(r *Read) Read {
	c := *r
	name := b.bytes.put(unsafe.Slice(unsafe.StringData(r.Name), len(r.Name)))
	c.Name = unsafe.String(unsafe.SliceData(name), len(name))
	c.Bases = b.bytes.put(r.Bases)
	c.Quals = b.bytes.put(r.Quals)
	c.Aux = b.bytes.put(r.Aux)
	c.Cigar = b.cigars.put(r.Cigar)
	return c
}

// arena hands out slices of large blocks. A block is never moved while slices
// of it are in use; reset makes all blocks free again.
type arena[T any] struct {
	blocks [][]T
	used   int // blocks in use; the last of them is being filled
	free   []T // the rest of that block
}

// The first block is small, since a batch may hold few reads and there may be
// many batches; each further one is twice as long.
const firstBlock, longestBlock = 1 << 11, 1 << 16

func (a *arena[T]) reset() { a.used, a.free = 0, nil }

func (a *arena[T]) take(n int) []T {
	if n > len(a.free) {
		a.free = a.block(n)
	}
	s := a.free[:n:n]
	a.free = a.free[n:]
	return s
}

func (a *arena[T]) block(n int) []T {
	for a.used < len(a.blocks) {
		b := a.blocks[a.used]
		a.used++
		if len(b) >= n {
			return b
		}
	}
	b := make([]T, max(n, min(firstBlock<<min(len(a.blocks), 8), longestBlock)))
	a.blocks = append(a.blocks, b)
	a.used++
	return b
}

func (a *arena[T]) put(s []T) []T {
	d := a.take(len(s))
	copy(d, s)
	return d
}
