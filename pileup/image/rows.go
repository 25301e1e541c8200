package image

import (
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant/align"
)

// shuffleSeed is DeepVariant's for choosing the reads of a picture.
const shuffleSeed = 2101079370

// chooseRows gives the reads of the scene that get a row, from top to bottom.
func (p *Painter) chooseRows(site int) []int {
	s := &p.scene
	most := p.o.Height - RefRows
	p.order = p.order[:0]
	for k := range s.reads {
		p.order = append(p.order, k)
	}
	p.rows = p.rows[:0]
	if len(p.order) > most {
		switch {
		case p.o.MinPerAllele > 0:
			p.sortByHash()
			p.favour(site, most)
		case p.o.Version == V15:
			p.rng32.Seed(shuffleSeed)
			p.rng32.Shuffle(p.order)
		case p.o.Version == V19:
			p.rng64.Seed(shuffleSeed)
			p.rng64.Shuffle(p.order)
		default:
			p.sortByHash()
		}
	}
	for _, k := range p.order {
		if len(p.rows) == most {
			break
		}
		if p.drawable(k, site) {
			p.rows = append(p.rows, k)
		}
	}
	slices.SortStableFunc(p.rows, p.byRow)
	return p.rows
}

// drawable says whether a read of the scene may have a row.
func (p *Painter) drawable(k, site int) bool {
	r := p.scene.reads[k]
	return int(r.MapQ) >= p.o.MinMapQ && !hides(r, site, p.o.MinBaseQ)
}

// favour gives rows to the first reads of each allele, as far as rows go, and
// takes them out of the order.
func (p *Painter) favour(site, most int) {
	p.taken = p.taken[:0]
	rest := p.order[:0]
	for _, k := range p.order {
		group := p.group(p.scene.index[k])
		for len(p.taken) <= group {
			p.taken = append(p.taken, 0)
		}
		if p.taken[group] < p.o.MinPerAllele && len(p.rows) < most && p.drawable(k, site) {
			p.taken[group]++
			p.rows = append(p.rows, k)
			continue
		}
		rest = append(rest, k)
	}
	p.order = rest
}

// group numbers what the reads show: nothing but the reference, alleles that
// are not called, and the alternate alleles.
func (p *Painter) group(i int) int {
	switch k := p.keys[i]; p.class[k] {
	case ofNone:
		return 0
	case ofUncalled:
		return 1
	default:
		return 2 + int(p.allele[k])
	}
}

// compareRows orders the rows: by haplotype, then position. Equal ones stay in
// the order of the list in 1.5 and stand in that of their keys in 1.9.
func (p *Painter) compareRows(a, b int) int {
	s := &p.scene
	if c := p.sortHaplotype(s.index[a]) - p.sortHaplotype(s.index[b]); c != 0 {
		return int(c)
	}
	if c := s.sortAt[a] - s.sortAt[b]; c != 0 {
		return c
	}
	if p.o.Version == V15 {
		return 0
	}
	return compareKeys(s.reads[a], s.reads[b])
}

// sortByHash puts the reads into an order that their keys alone decide.
func (p *Painter) sortByHash() {
	p.hashes = p.hashes[:0]
	for _, r := range p.scene.reads {
		p.hashes = append(p.hashes, keyHash(r.Name, r.Number()))
	}
	slices.SortStableFunc(p.order, p.byHash)
}

func (p *Painter) compareHashes(a, b int) int {
	switch x, y := p.hashes[a], p.hashes[b]; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	x, y := p.scene.reads[a], p.scene.reads[b]
	if c := compareKeys(x, y); c != 0 {
		return c
	}
	return x.Start - y.Start
}

// compareKeys orders reads by name and number.
func compareKeys(x, y *align.Read) int {
	if c := strings.Compare(x.Name, y.Name); c != 0 {
		return c
	}
	return x.Number() - y.Number()
}

// keyHash is a hash of a read's key that never changes: FNV-1a, its bits mixed
// by the finalizer of SplitMix64.
func keyHash(name string, number int) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	h = (h ^ uint64('0'+number)) * 1099511628211
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
