package image

import "github.com/gx-genomics/gx/variant/align"

// haplotypeColors are those of no haplotype, 1, 2 and more.
var haplotypeColors = scaleTable(2)

// haplotypeOf is the HP tag of a read, 0 where it has none or a negative one.
func haplotypeOf(r *align.Read) int32 {
	if v, ok := r.IntTag("HP"); ok && v > 0 {
		return int32(min(v, 1<<30))
	}
	return 0
}

// sortHaplotype is the first key of the order of rows: the haplotype that is
// polished comes first.
func (p *Painter) sortHaplotype(i int) int32 {
	if !p.o.SortByHaplotypes {
		return 0
	}
	h := p.haplotypes[i]
	if p.o.PolishHaplotype > 0 && int(h) == p.o.PolishHaplotype {
		return -1
	}
	return h
}

// readHaplotype colours by the haplotype. Where haplotype 2 is polished it
// changes its colour with 1.
func readHaplotype(p *Painter, l *layout, dst []byte, step int) {
	h := p.haplotypes[l.index]
	if p.o.PolishHaplotype == 2 && (h == 1 || h == 2) {
		h = 3 - h
	}
	l.fill(dst, step, haplotypeColors[min(h, 255)])
}
