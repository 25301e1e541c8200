package image

// gcColor is that of the share of G and C among the letters.
func gcColor(letters []byte) byte {
	gc := 0
	for _, b := range letters {
		if b == 'G' || b == 'C' {
			gc++
		}
	}
	return percentColors[percent(gc, len(letters))]
}

func readGC(_ *Painter, l *layout, dst []byte, step int) { l.fill(dst, step, gcColor(l.read.Bases)) }

func refGC(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), gcColor(letters))
}
