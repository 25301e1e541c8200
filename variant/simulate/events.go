package simulate

import (
	"math"
)

// substitute draws another base: a transition with the odds of TiTv, and nine
// times out of ten in a CpG.
func (d *drawer) substitute(b byte, inCpG bool) byte {
	c := codes[b]
	transitions := d.o.TiTv / (1 + d.o.TiTv)
	if inCpG {
		transitions = max(transitions, 0.92)
	}
	if d.Float64() < transitions {
		return letters[c^2] // A<->G, C<->T
	}
	// The two others are the complement of the base and of its transition.
	return letters[[2]byte{3 - c, (3 - c) ^ 2}[d.IntN(2)]]
}

func (d *drawer) single(p int, inCpG bool) {
	b := d.seq[p]
	first := d.substitute(b, inCpG)
	if d.Float64() < d.o.Multiallelic {
		for {
			if second := d.substitute(b, false); second != first {
				d.put(p, string(b), []string{string(first), string(second)}, d.both(), "snp")
				return
			}
		}
	}
	d.put(p, string(b), []string{string(first)}, d.zygosity(), "snp")
}

func (d *drawer) mnp(p int) {
	n := 2
	if d.IntN(4) == 0 {
		n = 3
	}
	ref := d.seq[p : p+n]
	if !known(ref) {
		return
	}
	alt := make([]byte, n)
	for i, b := range ref {
		alt[i] = d.substitute(b, false)
	}
	d.put(p, string(ref), []string{string(alt)}, d.zygosity(), "mnp")
}

// cluster draws two to five SNPs near each other, mostly of one haplotype.
func (d *drawer) cluster(p int) {
	gt := d.zygosity()
	for range 1 + d.steps(0.4, 4) {
		if p >= len(d.seq)-edge {
			return
		}
		if b := d.seq[p]; codes[b] < 4 {
			g := gt
			if d.IntN(5) == 0 {
				g = d.zygosity()
			}
			d.put(p, string(b), []string{string(d.substitute(b, false))}, g, "cluster")
		}
		p += 2 + int(d.ExpFloat64()*12)
	}
}

// indel draws an insertion or a deletion. Three of five insertions repeat what
// stands beside them, the rest is new sequence (Montgomery et al. 2013).
func (d *drawer) indel(p int) {
	n := d.powerLength(d.o.MaxIndel)
	if p+n+1 >= len(d.seq)-edge {
		return
	}
	anchor := string(d.seq[p])
	beside := d.seq[p+1 : p+1+n]
	if d.IntN(2) == 0 {
		if known(beside) {
			d.aligned(p, anchor+string(beside), anchor, "deletion")
		}
		return
	}
	inserted := make([]byte, n)
	if d.IntN(5) < 3 && known(beside) {
		copy(inserted, beside)
	} else {
		for i := range inserted {
			inserted[i] = letters[d.IntN(4)]
		}
	}
	d.aligned(p, anchor, anchor+string(inserted), "insertion")
}

// duplication repeats 20 to 300 bases right behind themselves, lengths even on
// a log scale.
func (d *drawer) duplication(p int) {
	n := int(20 * math.Pow(15, d.Float64()))
	if p+n+1 >= len(d.seq)-edge || !known(d.seq[p:p+1+n]) {
		return
	}
	anchor := string(d.seq[p])
	d.aligned(p, anchor, anchor+string(d.seq[p+1:p+1+n]), "duplication")
}

func (d *drawer) aligned(p int, ref, alt, class string) {
	p, ref, alt = leftAlign(d.seq, edge, p, ref, alt)
	d.put(p, ref, []string{alt}, d.zygosity(), class)
}

// tractAt draws whether the next run or repeat has another length in the
// sample, on one or on both haplotypes. Its record starts at the base before.
func (d *drawer) tractAt(p int) {
	t := d.tracts[d.next]
	d.next++
	n := t.copies()
	chance, again, class := d.o.Runs*runChance(n), 0.22, "run"
	if t.unit > 1 {
		chance, again, class = d.o.Repeats*repeatChance(t.unit, n), 0.35, "repeat"
	}
	if d.Float64() >= chance || t.start-1 != p || p < d.free {
		return
	}
	if d.seq[p] == d.seq[p+t.unit] {
		return // the unit goes on into the tract before: its changes would have to be spelled there
	}
	change := func() int {
		k := d.steps(again, max(1, n-2))
		if d.IntN(2) == 0 {
			return -k
		}
		return k
	}
	first, second := change(), 0
	if d.IntN(7) == 0 {
		second = change() // another allele on the other haplotype
	}
	if second == first {
		second = 0
	}
	shortest := min(first, second, 0)
	anchor := d.seq[p : p+1]
	unit := d.seq[t.start : t.start+t.unit]
	ref := string(d.seq[p : t.start-shortest*t.unit])
	spell := func(change int) string {
		s := append([]byte(nil), anchor...)
		for range change - shortest {
			s = append(s, unit...)
		}
		return string(s)
	}
	if second == 0 {
		d.put(p, ref, []string{spell(first)}, d.zygosity(), class)
		return
	}
	d.put(p, ref, []string{spell(first), spell(second)}, d.both(), class)
}
