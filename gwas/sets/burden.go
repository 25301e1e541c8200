package sets

import (
	"math/bits"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// tally gathers the sites of one mask. Values are in the order of the genotypes'
// columns, in units of 1/scale of a copy, scale being that of the whole set.
type tally struct {
	copies []uint32
	absent []uint16 // sites without a value; nil while there are none
	sites  int
	names  []string // of the sites
}

// arena keeps the memory of tallies from set to set.
type arena struct {
	samples int
	copies  [][]uint32
	absent  [][]uint16
}

func (a *arena) newTally() *tally {
	t := &tally{}
	if n := len(a.copies); n > 0 {
		t.copies, a.copies = a.copies[n-1], a.copies[:n-1]
		clear(t.copies)
	} else {
		t.copies = make([]uint32, a.samples)
	}
	return t
}

func (a *arena) counts() []uint16 {
	if n := len(a.absent); n > 0 {
		v := a.absent[n-1]
		a.absent = a.absent[:n-1]
		clear(v)
		return v
	}
	return make([]uint16, a.samples)
}

func (a *arena) free(t *tally) {
	if t == nil {
		return
	}
	a.copies = append(a.copies, t.copies)
	if t.absent != nil {
		a.absent = append(a.absent, t.absent)
	}
}

// site is a row as the masks take it: the columns that carry the allele and those
// without a genotype.
type site struct {
	at      []int32
	units   []uint32
	missing []int32
}

// oddBits are the lower bits of the pairs of a word.
const oddBits = 0x5555555555555555

// load takes the carriers of a row; flipped counts the other allele. scale is that
// of the set, a multiple of the row's, or else units are rounded.
func (s *site) load(r *dosage.Row, samples int, flipped bool, scale uint32) {
	s.at, s.units, s.missing = s.at[:0], s.units[:0], s.missing[:0]
	if !r.Hard() {
		own := uint32(r.Scale)
		for i, u := range r.Units[:samples] {
			if u == dosage.Missing {
				s.missing = append(s.missing, int32(i))
				continue
			}
			v := uint32(u)
			if flipped {
				v = 2*own - v
			}
			if v == 0 {
				continue
			}
			if own != scale {
				v = uint32((uint64(v)*uint64(scale) + uint64(own)/2) / uint64(own))
			}
			s.at, s.units = append(s.at, int32(i)), append(s.units, v)
		}
		return
	}
	for w, word := range r.Calls {
		if flipped {
			// 0 and 2 change places, 1 and 3 stay: the high bit where the low is 0.
			word ^= (^word & oddBits) << 1
			if left := samples - w*dosage.WordSamples; left < dosage.WordSamples {
				word &= 1<<(2*left) - 1
			}
		}
		for carrier := (word | word>>1) & oddBits; carrier != 0; carrier &= carrier - 1 {
			bit := bits.TrailingZeros64(carrier)
			i := int32(w*dosage.WordSamples + bit/2)
			if c := uint32(word>>bit) & 3; c == dosage.Absent {
				s.missing = append(s.missing, i)
			} else {
				s.at, s.units = append(s.at, i), append(s.units, c*scale)
			}
		}
	}
}

// add takes a site into a mask.
func (a *arena) add(t *tally, s *site, rule Rule) {
	t.sites++
	if rule == Max {
		for k, i := range s.at {
			t.copies[i] = max(t.copies[i], s.units[k])
		}
	} else {
		for k, i := range s.at {
			t.copies[i] += s.units[k]
		}
	}
	if len(s.missing) == 0 {
		return
	}
	if t.absent == nil {
		t.absent = a.counts()
	}
	for _, i := range s.missing {
		t.absent[i]++
	}
}

// merge takes the sites of another mask into t.
func (a *arena) merge(t, other *tally, rule Rule) {
	if other == nil {
		return
	}
	t.sites += other.sites
	t.names = append(t.names, other.names...)
	for i, v := range other.copies {
		if rule == Max {
			t.copies[i] = max(t.copies[i], v)
		} else {
			t.copies[i] += v
		}
	}
	if other.absent == nil {
		return
	}
	if t.absent == nil {
		t.absent = a.counts()
	}
	for i, v := range other.absent {
		t.absent[i] += v
	}
}

// rescale multiplies the units by a factor.
func (t *tally) rescale(by uint32) {
	for i := range t.copies {
		t.copies[i] *= by
	}
}

// missing says that a column has no genotype at any site.
func (t *tally) missing(i int) bool { return t.absent != nil && int(t.absent[i]) == t.sites }

// mostScale is the finest a row can be: two copies are 65534 units.
const mostScale = 32767

// row appends the mask to a block as a variant's row. Sums are told as means over
// the sites, so that no genotype is above two copies.
func (t *tally) row(b *dosage.Block, v dosage.Variant, rule Rule, scale uint32) {
	unit := uint64(scale)
	if rule == Sum {
		unit *= uint64(t.sites)
	}
	own := min(unit, mostScale)
	r := b.AddUnits(v, int(own))
	for i, c := range t.copies {
		u := uint64(c)
		if rule == CompHet {
			u = min(u, 2*uint64(scale))
		}
		if own != unit {
			u = (u*own + unit/2) / unit
		}
		r.Units[i] = uint16(u)
		if t.missing(i) {
			r.Units[i] = dosage.Missing
		}
	}
	r.Count(b.Samples, 0)
}
