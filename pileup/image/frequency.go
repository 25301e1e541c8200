package image

import "math"

// readFrequency colours by the frequency in a population of the allele of the
// alt set that the read carries.
func readFrequency(p *Painter, l *layout, dst []byte, step int) {
	k := p.keys[l.index]
	if p.class[k] != ofAlt || int(p.allele[k]) >= len(p.frequency) {
		return
	}
	l.fill(dst, step, frequencyColor(p.frequency[p.allele[k]]))
}

// frequencyColor is a frequency on a logarithmic scale from 1e-5, all in single
// precision.
func frequencyColor(f float32) byte {
	const least float32 = 1e-5
	if !(f > least) {
		return 0
	}
	low := float32(math.Log10(float64(least)))
	x := float32(math.Log10(float64(f)))
	share := (low - x) / low
	return byte(int(share * lightest))
}
