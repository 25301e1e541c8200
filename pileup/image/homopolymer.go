package image

var homopolymerColors = scaleTable(30)

// longRun is the length from which a run of one letter is a homopolymer.
const longRun = 3

// runs calls f for each maximal run [lo, hi) of equal letters.
func runs(letters []byte, f func(lo, hi int)) {
	for lo := 0; lo < len(letters); {
		hi := lo + 1
		for hi < len(letters) && letters[hi] == letters[lo] {
			hi++
		}
		f(lo, hi)
		lo = hi
	}
}

// isHomopolymer colours the letters in long runs.
func (p *Painter) isHomopolymer(letters []byte) []byte {
	v := p.perBase(len(letters))
	runs(letters, func(lo, hi int) {
		if hi-lo >= longRun {
			for i := lo; i < hi; i++ {
				v[i] = lightest
			}
		}
	})
	return v
}

// homopolymer colours the letters by the length of their run. DeepVariant keeps
// lengths in a byte, so that a run of 256 is one of 0.
func (p *Painter) homopolymer(letters []byte) []byte {
	v := p.perBase(len(letters))
	runs(letters, func(lo, hi int) {
		c := homopolymerColors[byte(hi-lo)]
		for i := lo; i < hi; i++ {
			v[i] = c
		}
	})
	return v
}

// perBase is empty memory for a colour per letter, valid until its next use.
func (p *Painter) perBase(n int) []byte {
	if cap(p.colors) < n {
		p.colors = make([]byte, n+n/2)
	}
	v := p.colors[:n]
	clear(v)
	return v
}

func readIsHomopolymer(p *Painter, l *layout, dst []byte, step int) {
	l.fillAt(dst, step, p.isHomopolymer(l.read.Bases))
}

func readHomopolymer(p *Painter, l *layout, dst []byte, step int) {
	l.fillAt(dst, step, p.homopolymer(l.read.Bases))
}

func refIsHomopolymer(p *Painter, letters, dst []byte, step int) {
	spread(dst, step, p.isHomopolymer(letters))
}

func refHomopolymer(p *Painter, letters, dst []byte, step int) {
	spread(dst, step, p.homopolymer(letters))
}

// spread writes a colour per column.
func spread(dst []byte, step int, colors []byte) {
	for c, v := range colors {
		dst[c*step] = v
	}
}
