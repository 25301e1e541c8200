package image

// baseColors are 40 plus 70 per step in the order (A, G) and 30 plus 70 per
// step in the order (T, C); other letters and gaps are empty.
var baseColors = [256]byte{'A': 250, 'G': 180, 'T': 100, 'C': 30}

func readBase(_ *Painter, l *layout, dst []byte, step int) {
	l.fillFrom(dst, step, l.letter, &baseColors)
}

func refBase(_ *Painter, letters, dst []byte, step int) {
	for c, b := range letters {
		dst[c*step] = baseColors[b]
	}
}
