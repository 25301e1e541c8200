package image

import "github.com/gx-genomics/gx/variant/align"

var probabilityColors = scaleTable(255)

func readMethylation(p *Painter, l *layout, dst []byte, step int) {
	p.modified(l, dst, step, align.MethylC)
}

func read6mA(p *Painter, l *layout, dst []byte, step int) { p.modified(l, dst, step, align.MethylA) }

// modified colours by the probability that a base is modified.
func (p *Painter) modified(l *layout, dst []byte, step int, of []align.Modification) {
	levels := p.perBase(len(p.reads[l.index].Bases))
	if !p.reads[l.index].ModificationLevels(levels, of) {
		return
	}
	for i, v := range levels {
		levels[i] = probabilityColors[v]
	}
	l.fillAt(dst, step, levels[l.offset:])
}
