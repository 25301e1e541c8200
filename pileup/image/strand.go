package image

import "github.com/gx-genomics/gx/variant/align"

const forwardColor, reverseColor = 70, 240

func readStrand(_ *Painter, l *layout, dst []byte, step int) {
	v := byte(forwardColor)
	if l.read.Flag&align.Reverse != 0 {
		v = reverseColor
	}
	l.fill(dst, step, v)
}

func refStrand(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), forwardColor)
}
