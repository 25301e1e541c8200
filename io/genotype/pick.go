package genotype

import (
	"math/bits"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// picker takes some of a file's samples, in any order, out of packed calls and
// of units. A nil picker takes all. It is read only.
type picker struct {
	index []int32 // place in the file of each sample kept
	runs  []run
	words []squeeze // where samples keep the order of the file
}

// run is samples that stand one after another both in the file and in the rows.
type run struct{ src, dst, n int }

// squeeze moves the kept pairs of one word together, at its lower end: each
// move is what goes 2, 4, 8, 16, 32 bits down, in that order (Warren, Hacker's
// Delight, "compress").
type squeeze struct {
	mask  uint64
	moves [5]uint64
	bits  int // kept
}

func newSqueeze(mask uint64) squeeze {
	s := squeeze{mask: mask, bits: bits.OnesCount64(mask)}
	m, gaps := mask, ^mask<<1 // gaps below each bit, which are even in number
	for k := range 6 {
		p := gaps // parity of the gaps below
		for shift := 1; shift < 64; shift *= 2 {
			p ^= p << shift
		}
		move := p & m
		if k > 0 {
			s.moves[k-1] = move
		}
		m = m ^ move | move>>(1<<k)
		gaps &^= p
	}
	return s
}

func (s *squeeze) of(w uint64) uint64 {
	w &= s.mask
	for k, m := range &s.moves {
		t := w & m
		w = w ^ t | t>>(2<<k)
	}
	return w
}

func newPicker(index []int32, all int) *picker {
	p := &picker{index: index}
	ordered := true
	for i, k := range index {
		if i > 0 && k < index[i-1] {
			ordered = false
		}
		if last := len(p.runs) - 1; last >= 0 && p.runs[last].src+p.runs[last].n == int(k) {
			p.runs[last].n++
			continue
		}
		p.runs = append(p.runs, run{int(k), i, 1})
	}
	if len(p.runs) == 1 && len(index) == all {
		return nil
	}
	if ordered {
		mask := make([]uint64, dosage.Words(all))
		for _, k := range index {
			mask[k/dosage.WordSamples] |= 3 << (2 * (k % dosage.WordSamples))
		}
		for _, m := range mask {
			p.words = append(p.words, newSqueeze(m))
		}
	}
	return p
}

// calls copies the kept pairs of src to dst, whose words it sets whole.
func (p *picker) calls(dst, src []uint64) {
	if p.words != nil {
		p.squeezed(dst, src)
		return
	}
	clear(dst)
	for _, r := range p.runs {
		for r.n > 0 {
			// One step moves what lies in one word of both sides.
			s, d := r.src%dosage.WordSamples, r.dst%dosage.WordSamples
			n := min(r.n, dosage.WordSamples-max(s, d))
			w := src[r.src/dosage.WordSamples] >> (2 * s) & (1<<(2*n) - 1)
			dst[r.dst/dosage.WordSamples] |= w << (2 * d)
			r.src, r.dst, r.n = r.src+n, r.dst+n, r.n-n
		}
	}
}

// squeezed is calls for samples in the order of the file.
func (p *picker) squeezed(dst, src []uint64) {
	var word uint64 // what is not yet a whole word
	fill, at := 0, 0
	for i := range p.words {
		s := &p.words[i]
		w := src[i]
		if s.mask != ^uint64(0) {
			w = s.of(w)
		}
		word |= w << fill
		if fill += s.bits; fill >= 64 {
			dst[at] = word
			at++
			fill -= 64
			word = w >> (s.bits - fill) // all of it where fill is 0: a shift by 64 gives 0
		}
	}
	if fill > 0 {
		dst[at] = word
	}
}

// units copies the kept units of src to dst.
func (p *picker) units(dst, src []uint16) {
	for _, r := range p.runs {
		copy(dst[r.dst:r.dst+r.n], src[r.src:])
	}
}
