package gvcf

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// ErrOrder is in the chain of errors about calls or blocks that come out of
// order.
var ErrOrder = errors.New("not in order of contig and start")

// Reference gives bases of the reference genome.
type Reference interface {
	// Bases appends the bases of a region to dst, in upper case.
	Bases(dst []byte, r locus.Region) ([]byte, error)
}

// Sink takes the records of a gVCF in order. What it is handed is its to keep.
type Sink interface {
	Call(*variant.Call) error
	Block(*variant.Block) error
}

// Extend gives a call as it stands in a gVCF: with the symbolic allele any
// behind its alternate alleles, of which no read was seen, and likelihoods of
// 10^-99 for the genotypes that hold it. A call that has it already only
// shares its memory.
func Extend(c *variant.Call, any string) variant.Call {
	out := *c
	most := c.GL[0]
	for _, x := range c.GL {
		most = max(most, x)
	}
	out.GL = make([]float64, 0, len(c.GL)+len(c.Alts)+2)
	for _, x := range c.GL {
		out.GL = append(out.GL, x-most)
	}
	if slices.Contains(c.Alts, any) {
		return out
	}
	out.Alts = append(slices.Clip(c.Alts), any)
	for range len(out.Alts) + 1 {
		out.GL = append(out.GL, -99)
	}
	out.AD = append(slices.Clip(c.AD), 0)
	out.VAF = append(slices.Clip(c.VAF), 0)
	if m := c.Methylation; m != nil {
		out.Methylation = &variant.Methylation{Fraction: append(slices.Clip(m.Fraction), 0), Depth: append(slices.Clip(m.Depth), 0), Type: m.Type}
	}
	return out
}

// Merger puts the calls and the reference blocks of a sample into one order.
// A block gives way to a call: what lies under the call is cut out, the rest
// keeps the qualities of the whole. Calls and blocks are pushed as they come,
// each kind in order; the Merger holds back what the other kind may still
// come before. It is for one goroutine.
type Merger struct {
	contigs *locus.Contigs
	ref     Reference
	any     string
	out     Sink
	base    []byte // scratch
	calls   queue[variant.Call]
	blocks  queue[variant.Block]
	reached place // no later call or block starts before it
	call    place // start of the last call
	block   place // start of the last block
}

type place struct{ contig, pos int }

func (a place) before(b place) bool {
	return a.contig < b.contig || a.contig == b.contig && a.pos < b.pos
}

// NewMerger gives a Merger whose symbolic allele is any; calls get it too.
// ref is asked for the first base of blocks that a call cut.
func NewMerger(contigs *locus.Contigs, ref Reference, any string, out Sink) *Merger {
	return &Merger{contigs: contigs, ref: ref, any: any, out: out}
}

// AddCall takes the next call.
func (m *Merger) AddCall(c *variant.Call) error {
	at, err := m.place(c.Contig, c.Start, m.call)
	if err != nil {
		return err
	}
	m.call = at
	m.calls.push(c)
	return m.drain()
}

// AddBlock takes the next block. It is copied.
func (m *Merger) AddBlock(b *variant.Block) error {
	at, err := m.place(b.Contig, b.Start, m.block)
	if err != nil {
		return err
	}
	m.block = at
	own := *b
	m.blocks.push(&own)
	return m.drain()
}

func (m *Merger) place(contig string, start int, last place) (place, error) {
	i := m.contigs.Index(contig)
	if i < 0 {
		return place{}, fmt.Errorf("%s:%d: %w: %q", contig, start+1, locus.ErrUnknownContig, contig)
	}
	at := place{i, start}
	if at.before(last) || at.before(m.reached) {
		return place{}, fmt.Errorf("%s:%d: %w", contig, start+1, ErrOrder)
	}
	return at, nil
}

// Reached says that no later call or block starts before pos on contig. It
// bounds what is held where one kind is absent for long.
func (m *Merger) Reached(contig string, pos int) error {
	i := m.contigs.Index(contig)
	if i < 0 {
		return fmt.Errorf("%w: %q", locus.ErrUnknownContig, contig)
	}
	if at := (place{i, pos}); m.reached.before(at) {
		m.reached = at
	}
	return m.drain()
}

// Close writes what is held. The Merger may go on with what lies behind it.
func (m *Merger) Close() error {
	kept := m.reached
	m.reached = place{m.contigs.Len(), 0}
	err := m.drain()
	m.reached = kept
	return err
}

// drain writes while it is certain what comes next.
func (m *Merger) drain() error {
	for {
		c, b := m.calls.head(), m.blocks.head()
		switch {
		case c == nil && b == nil:
			return nil
		case c != nil && (b != nil && m.precedes(c.Contig, c.End, b.Contig, b.Start) || b == nil && m.passed(c.Contig, c.End)):
			out := Extend(c, m.any)
			if err := m.out.Call(&out); err != nil {
				return err
			}
			m.calls.pop()
		case b != nil && (c != nil && m.precedes(b.Contig, b.End, c.Contig, c.Start) || c == nil && m.passed(b.Contig, b.End)):
			if err := m.out.Block(b); err != nil {
				return err
			}
			m.blocks.pop()
		case c != nil && b != nil:
			gone, err := m.cut(b, c)
			if err != nil {
				return err
			}
			if gone {
				m.blocks.pop()
			}
		default:
			return nil
		}
	}
}

// queue is first in, first out.
type queue[T any] struct {
	list  []*T
	first int
}

func (q *queue[T]) push(x *T) {
	if q.first > 64 && 2*q.first > len(q.list) { // the front is long done with: move up
		n := copy(q.list, q.list[q.first:])
		clear(q.list[n:])
		q.list, q.first = q.list[:n], 0
	}
	q.list = append(q.list, x)
}

func (q *queue[T]) head() *T {
	if q.first == len(q.list) {
		return nil
	}
	return q.list[q.first]
}

func (q *queue[T]) pop() {
	q.list[q.first] = nil
	q.first++
}

// precedes says whether a record that ends at end lies before one that starts
// at start.
func (m *Merger) precedes(contig string, end int, other string, start int) bool {
	if contig != other {
		return m.contigs.Index(contig) < m.contigs.Index(other)
	}
	return end <= start
}

// passed says whether all that may still come starts at or behind end.
func (m *Merger) passed(contig string, end int) bool {
	return !m.reached.before(place{m.contigs.Index(contig), end})
}

// cut writes what of b lies before the overlapping call c and leaves in b what
// lies behind it; gone where that is nothing.
func (m *Merger) cut(b *variant.Block, c *variant.Call) (gone bool, err error) {
	if b.Start < c.Start {
		left := *b
		left.End = c.Start
		if err := m.out.Block(&left); err != nil {
			return false, err
		}
	}
	if b.End <= c.End {
		return true, nil
	}
	base, err := m.ref.Bases(m.base[:0], locus.Region{Contig: c.Contig, Start: c.End, End: c.End + 1})
	if err != nil || len(base) != 1 {
		return false, fmt.Errorf("reference base at %s:%d: %w", c.Contig, c.End+1, err)
	}
	m.base = base
	b.Start, b.Ref = c.End, base[0]
	return false, nil
}
