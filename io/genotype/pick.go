package genotype

import "github.com/gx-genomics/gx/gwas/dosage"

// picker takes some of a file's samples, in any order, out of packed calls and
// of units. A nil picker takes all. It is read only.
type picker struct {
	index []int32 // place in the file of each sample kept
	all   int
	runs  []run
}

// run is samples that stand one after another both in the file and in the rows.
type run struct{ src, dst, n int }

func newPicker(index []int32, all int) *picker {
	p := &picker{index: index, all: all}
	for i, k := range index {
		if last := len(p.runs) - 1; last >= 0 && p.runs[last].src+p.runs[last].n == int(k) {
			p.runs[last].n++
			continue
		}
		p.runs = append(p.runs, run{int(k), i, 1})
	}
	if len(p.runs) == 1 && len(index) == all {
		return nil
	}
	return p
}

// calls copies the kept pairs of src to dst, whose words it sets whole.
func (p *picker) calls(dst, src []uint64) {
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

// units copies the kept units of src to dst.
func (p *picker) units(dst, src []uint16) {
	for _, r := range p.runs {
		copy(dst[r.dst:r.dst+r.n], src[r.src:])
	}
}
