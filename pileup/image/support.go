package image

import "github.com/gx-genomics/gx/pileup/candidate"

// What a read says of the alt set that is drawn.
const (
	ofNone     = iota // no alternate allele
	ofAlt             // an allele of the set
	ofOther           // an alternate allele of the candidate outside the set
	ofUncalled        // one that is not called; it has the colour of none
)

var (
	noneColor  = tint(0.6)
	altColor   = tint(1)
	otherColor = tint(0.3) // where it is told apart (add_supporting_other_alt_color)
)

// markSupport notes for each key of a read what it says of the alt set and
// which allele it carries. Of two alleles of one key the first counts.
func (p *Painter) markSupport(c *candidate.Candidate, altSet []int) {
	for alt, reads := range c.Support {
		class := byte(ofOther)
		for _, i := range altSet {
			if i == alt {
				class = ofAlt
			}
		}
		for _, s := range reads {
			if k := p.keys[s.Read]; p.class[k] == ofNone {
				p.class[k], p.allele[k] = class, int32(alt)
			}
		}
	}
	for _, s := range c.Other {
		if k := p.keys[s.Read]; p.class[k] == ofNone {
			p.class[k] = ofUncalled
		}
	}
}

// clearSupport takes back what markSupport noted.
func (p *Painter) clearSupport(c *candidate.Candidate) {
	for _, reads := range c.Support {
		for _, s := range reads {
			p.class[p.keys[s.Read]] = ofNone
		}
	}
	for _, s := range c.Other {
		p.class[p.keys[s.Read]] = ofNone
	}
}

func readSupport(p *Painter, l *layout, dst []byte, step int) {
	v := noneColor
	switch p.class[p.keys[l.index]] {
	case ofAlt:
		v = altColor
	case ofOther:
		if p.o.OtherAltColor {
			v = otherColor
		}
	}
	l.fill(dst, step, v)
}

func refSupport(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), noneColor)
}
