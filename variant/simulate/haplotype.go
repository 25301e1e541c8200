package simulate

import (
	"fmt"
	"sort"

	"github.com/gx-genomics/gx/variant"
)

// Haplotype is a stretch of one of a sample's two sequences with its map to
// the reference.
type Haplotype struct {
	Bases []byte
	// Blocks are the stretches that lie base on base on the reference, in
	// order. What lies between two of them is inserted on the haplotype,
	// missing from it, or both.
	Blocks []Block
}

// Block is N bases of a haplotype, from Start, that stand where the N bases of
// the reference from Ref stand.
type Block struct {
	Start, Ref, N int
}

// Track is one of the two haplotypes of a whole contig, as what it changes of
// the reference; Window makes the bases of a part of it. It is safe for
// concurrent use.
type Track struct {
	ref   []byte
	edits []edit // in order, none overlapping another
}

type edit struct {
	start    int
	ref, alt string
}

// NewTrack picks the alleles of a haplotype, 0 or 1, out of records that Check
// accepts.
func NewTrack(ref Sequence, records []Record, haplotype int) *Track {
	t := &Track{ref: ref.Bases}
	for i := range records {
		if a := records[i].allele(haplotype); a > 0 {
			t.edits = append(t.edits, edit{records[i].Start, records[i].Ref, records[i].Alts[a-1]})
		}
	}
	return t
}

// Window makes the haplotype over the bases [start, end) of the reference, as
// far as it goes. An allele that begins in it is applied whole; where one reaches in from before,
// the window begins behind it.
func (t *Track) Window(start, end int) *Haplotype {
	start, end = max(start, 0), min(end, len(t.ref))
	h := &Haplotype{Bases: make([]byte, 0, max(0, end-start)*65/64)}
	at := start
	i := sort.Search(len(t.edits), func(i int) bool { return t.edits[i].start >= start })
	if i > 0 {
		at = max(at, t.edits[i-1].start+len(t.edits[i-1].ref))
	}
	for ; i < len(t.edits) && t.edits[i].start < end; i++ {
		e := &t.edits[i]
		h.extend(t.ref, at, e.start)
		h.replace(e.start, e.ref, e.alt)
		at = e.start + len(e.ref)
	}
	h.extend(t.ref, at, end)
	return h
}

// extend adds the reference bases [from, to).
func (h *Haplotype) extend(ref []byte, from, to int) {
	if from >= to {
		return
	}
	h.aligned(len(h.Bases), from, to-from)
	h.Bases = append(h.Bases, ref[from:to]...)
}

// replace adds an allele. Bases that it shares with the reference at its front
// and back are aligned to those; of what is left between, as many as both have
// stand on each other.
func (h *Haplotype) replace(pos int, ref, alt string) {
	front := 0
	for front < len(ref) && front < len(alt) && ref[front] == alt[front] {
		front++
	}
	back := 0
	for back < len(ref)-front && back < len(alt)-front && ref[len(ref)-1-back] == alt[len(alt)-1-back] {
		back++
	}
	n := len(h.Bases)
	h.aligned(n, pos, min(len(ref), len(alt))-back)
	h.aligned(n+len(alt)-back, pos+len(ref)-back, back)
	h.Bases = append(h.Bases, alt...)
}

// aligned adds a block, or lengthens the last where it goes on.
func (h *Haplotype) aligned(start, ref, n int) {
	if n <= 0 {
		return
	}
	if k := len(h.Blocks); k > 0 {
		b := &h.Blocks[k-1]
		if b.Start+b.N == start && b.Ref+b.N == ref {
			b.N += n
			return
		}
	}
	h.Blocks = append(h.Blocks, Block{start, ref, n})
}

// block is the index of the first block that ends behind a position of the
// haplotype.
func (h *Haplotype) block(pos int) int {
	return sort.Search(len(h.Blocks), func(i int) bool { return h.Blocks[i].Start+h.Blocks[i].N > pos })
}

// Ref is the place on the reference of a position of the haplotype; for an
// inserted base, that of the next aligned one. False behind the last block.
func (h *Haplotype) Ref(pos int) (int, bool) {
	i := h.block(pos)
	if i == len(h.Blocks) {
		return 0, false
	}
	return h.Blocks[i].Ref + max(0, pos-h.Blocks[i].Start), true
}

// At is the position on the haplotype of the first base that stands at or
// behind a place of the reference.
func (h *Haplotype) At(ref int) int {
	i := sort.Search(len(h.Blocks), func(i int) bool { return h.Blocks[i].Ref+h.Blocks[i].N > ref })
	if i == len(h.Blocks) {
		return len(h.Bases)
	}
	return h.Blocks[i].Start + max(0, ref-h.Blocks[i].Ref)
}

// Check reports the first record that cannot be applied: out of order or of
// range, at odds with the reference, an allele number without an allele, an
// allele that is not made of bases, or an overlap with another on one
// haplotype.
func Check(ref Sequence, records []Record) error {
	var end [2]int
	last := 0
	for i := range records {
		r := &records[i]
		if err := fits(ref, r); err != nil {
			return fmt.Errorf("%s:%d %s: %w", r.Contig, r.Start+1, r.Ref, err)
		}
		if r.Start < last {
			return fmt.Errorf("%s:%d %s: it stands behind a record at %d", r.Contig, r.Start+1, r.Ref, last+1)
		}
		last = r.Start
		for h := range end {
			if r.allele(h) == 0 {
				continue
			}
			if r.Start < end[h] {
				return fmt.Errorf("%s:%d %s: it overlaps another variant of haplotype %d", r.Contig, r.Start+1, r.Ref, h+1)
			}
			end[h] = r.End
		}
	}
	return nil
}

// fits says what of a record does not fit a sequence.
func fits(ref Sequence, r *Record) error {
	switch {
	case r.Contig != ref.Name:
		return fmt.Errorf("it is not on %s", ref.Name)
	case r.Ref == "" || r.Start < 0 || r.End != r.Start+len(r.Ref) || r.End > len(ref.Bases):
		return fmt.Errorf("bases %d to %d, want %d within the %d of the contig", r.Start+1, r.End, len(r.Ref), len(ref.Bases))
	case string(ref.Bases[r.Start:r.End]) != r.Ref:
		return fmt.Errorf("the reference has %.40s there", ref.Bases[r.Start:r.End])
	case max(r.GT.A, r.GT.B) > len(r.Alts) || min(r.GT.A, r.GT.B) < variant.Missing:
		return fmt.Errorf("genotype %d|%d with %d alternate alleles", r.GT.A, r.GT.B, len(r.Alts))
	case r.Ploidy != 1 && r.Ploidy != 2:
		return fmt.Errorf("ploidy %d, want 1 or 2", r.Ploidy)
	}
	for _, a := range r.Alts {
		if a == "" || !known([]byte(a)) {
			return fmt.Errorf("alternate allele %.40q, want bases", a)
		}
	}
	return nil
}
