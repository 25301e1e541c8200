package image

import "github.com/gx-genomics/gx/variant/align"

var percentColors = scaleTable(100)

// readMapped colours by the share of the read's bases that the alignment sets
// on the reference as M or =; the percentage mapped and the identity are the
// same number, since DeepVariant counts X in neither.
func readMapped(_ *Painter, l *layout, dst []byte, step int) {
	match := 0
	for _, op := range l.read.Cigar {
		if o := op.Op(); o == align.M || o == align.Eq {
			match += op.Len()
		}
	}
	l.fill(dst, step, percentColors[min(percent(match, len(l.read.Bases)), 100)])
}

// readGapCompressed colours by the share of M and = among the aligned columns,
// an insertion or a deletion counting as one column however long it is.
func readGapCompressed(_ *Painter, l *layout, dst []byte, step int) {
	match, all := 0, 0
	for _, op := range l.read.Cigar {
		switch op.Op() {
		case align.M, align.Eq:
			match += op.Len()
			all += op.Len()
		case align.X:
			all += op.Len()
		case align.I, align.D:
			all++
		}
	}
	l.fill(dst, step, percentColors[min(percent(match, all), 100)])
}
