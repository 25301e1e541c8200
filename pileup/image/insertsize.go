package image

// maxInsert is the longest fragment that is told apart.
const maxInsert = 1000

func readInsertSize(_ *Painter, l *layout, dst []byte, step int) {
	n := l.read.TemplateLen
	if n < 0 {
		n = -n
	}
	l.fill(dst, step, scaled(min(n, maxInsert), maxInsert))
}
