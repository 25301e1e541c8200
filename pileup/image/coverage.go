package image

const coverageColor, coverageRefColor = 200, 255

// coverage fills as many rows below the reference as the sample's mean coverage
// says, over the whole width, and the rows of the reference. img begins with
// the channel's byte of the first pixel.
func coverage(p *Painter, img []byte, step int) {
	rows := min(int(min(p.o.MeanCoverage, maxHeight))+RefRows, p.o.Height)
	for i := range rows {
		v := byte(coverageColor)
		if i < RefRows {
			v = coverageRefColor
		}
		fillRow(img[i*p.o.Width*step:], step, p.o.Width, v)
	}
}
