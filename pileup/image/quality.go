package image

var (
	qualityColors     = scaleTable(40)
	mapQColors        = scaleTable(60)
	meanQualityColors = scaleTable(93)
)

func readQuality(_ *Painter, l *layout, dst []byte, step int) {
	l.fillFrom(dst, step, l.quality, &qualityColors)
}

// refQuality is the colour of the quality 60 that the reference is given.
func refQuality(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), qualityColors[60])
}

func readMapQ(_ *Painter, l *layout, dst []byte, step int) {
	l.fill(dst, step, mapQColors[l.read.MapQ])
}

// readMeanQuality colours by the mean over all bases of the read.
func readMeanQuality(_ *Painter, l *layout, dst []byte, step int) {
	if len(l.read.Quals) == 0 {
		return
	}
	sum := 0
	for _, q := range l.read.Quals {
		sum += int(q)
	}
	mean := float32(sum) / float32(len(l.read.Quals))
	l.fill(dst, step, meanQualityColors[int(mean)])
}
