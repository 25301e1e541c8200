package image

// matchColor is that of a base that equals the reference's; any other, and a
// gap, is the lightest.
var matchColor = tint(0.2)

func readDiffers(_ *Painter, l *layout, dst []byte, step int) {
	match := matchColor
	for _, s := range l.spans {
		j := s.lo * step
		ref := l.ref[s.lo:s.hi]
		for i, b := range l.letter[s.lo:s.hi] {
			v := byte(lightest)
			if b == ref[i] {
				v = match
			}
			dst[j] = v
			j += step
		}
	}
}

func refDiffers(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), matchColor)
}
