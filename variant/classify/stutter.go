package classify

import (
	"cmp"
	"math"

	"github.com/gx-genomics/gx/pileup/noise"
)

// templates is how many molecules of each haplotype a library may have been
// amplified from at a place. Nobody knows it: what few and what more of them make
// of the reads is averaged.
var templates = [...]int{4, 12}

// spread is by what factor the rate of slips of a place differs from what is usual
// in runs of its length, and how often.
var spread = [...]struct{ factor, weight float64 }{{0.25, 0.06}, {0.5, 0.24}, {1, 0.4}, {2, 0.24}, {4, 0.06}}

const (
	farBases   = 8    // lengths that differ more from the reference are taken for that
	shorter    = 0.65 // of slips, those that drop a base
	longestRun = 24   // bases; no rate is larger than that of such a run
	mostRate   = 0.2  // of slips, as far as runs of a length are alike
	anyRate    = 0.4  // and in any of them
	leastShare = 1e-3 // of reads of any length, whatever has slipped
	otherSlips = 0.1  // of slips, those of more than a base or after the templates
	leastSlips = 1e-5 // what has slipped with less probability is left out
)

// lengths is a number per length of a run, from farBases bases fewer than the
// reference has to as many more.
type lengths [2*farBases + 1]int

// slipped is how many templates of a haplotype have become a base shorter and
// longer, and how probable that is.
type slipped struct {
	down, up int
	p        float64
}

// stutter weighs the reads that reach across the run of a site. Its memory is used
// again.
type stutter struct {
	library *noise.Noise
	rates   []float64 // of slips in that library, by length in bases

	length  int // of the run in the reference
	reads   lengths
	seen    []int // places in reads where there are any
	alleles []int // of the site, the reference first: places of their lengths

	of [len(templates)][len(spread)]outcomes
}

// outcomes is what so many templates at a rate may have become.
type outcomes struct {
	alleles []outcome
	power   []float64 // by place of seen and templates of that length: how well the reads of the length fit
}

// outcome is that of one allele.
type outcome struct {
	list []slipped
	have []int // by entry of list and place of seen: templates of that length
}

// observe takes in a site. It says whether all alleles are lengths of the run, and
// some read reaches across it.
func (s *stutter) observe(e *Evidence, rep repeat) bool {
	s.alleles = append(s.alleles[:0], farBases)
	for _, alt := range e.Site.Alts {
		d := len(alt) - len(e.Site.Ref)
		if max(d, -d) > farBases || !e.slips(alt, rep) {
			return false
		}
		s.alleles = append(s.alleles, d+farBases)
	}
	s.length, s.reads, s.seen = rep.length, lengths{}, s.seen[:0]
	all := 0
	for i := range e.Reads {
		if r := &e.Reads[i]; r.Across {
			s.reads[max(0, min(r.Gap+farBases, 2*farBases))]++
			all++
		}
	}
	for k, n := range s.reads {
		if n > 0 {
			s.seen = append(s.seen, k)
		}
	}
	if all == 0 {
		return false
	}
	s.know(e.Noise)
	for i, n := range templates {
		for j := range spread {
			s.become(&s.of[i][j], n, spread[j].factor, all)
		}
	}
	return true
}

// know makes the table of rates, once for all sites of a library.
func (s *stutter) know(n *noise.Noise) {
	if len(s.rates) > 0 && n == s.library {
		return
	}
	var unknown noise.Noise
	s.rates, s.library = s.rates[:0], n
	for length := range longestRun + 1 {
		s.rates = append(s.rates, min(cmp.Or(n, &unknown).Rate(length), mostRate))
	}
}

// rate is how often a template of the length at a place slips.
func (s *stutter) rate(place int, factor float64) float64 {
	return min(factor*s.rates[max(0, min(s.length+place-farBases, longestRun))], anyRate)
}

// become fills in what n templates of each allele may have become, and how well
// reads of each length fit so many templates of it out of those of two haplotypes:
// share^reads, in units of what it is at most.
func (s *stutter) become(o *outcomes, n int, factor float64, all int) {
	for len(o.alleles) < len(s.alleles) {
		o.alleles = append(o.alleles, outcome{})
	}
	most := 0.0
	for a, place := range s.alleles {
		x := &o.alleles[a]
		rate := s.rate(place, factor)
		most = max(most, rate)
		x.list, x.have = slip(x.list[:0], n, rate), x.have[:0]
		for _, t := range x.list {
			var of lengths
			of[place] += n - t.down - t.up
			of[max(place-1, 0)] += t.down
			of[min(place+1, 2*farBases)] += t.up
			for _, k := range s.seen {
				x.have = append(x.have, of[k])
			}
		}
	}
	least := max(leastShare, otherSlips*most)
	o.power = o.power[:0]
	for _, k := range s.seen {
		reads := float64(s.reads[k])
		for t := range 2*n + 1 {
			share := max(float64(t)/float64(2*n), least)
			o.power = append(o.power, math.Pow(share*float64(all)/reads, reads))
		}
	}
}

// slip appends what n templates may have become that slip at a rate.
func slip(dst []slipped, n int, rate float64) []slipped {
	stay, down, up := math.Pow(1-rate, float64(n)), shorter*rate/(1-rate), (1-shorter)*rate/(1-rate)
	first := stay // of so many shorter ones, none longer
	for i := 0; i <= n; i++ {
		p := first
		for j := 0; i+j <= n; j++ {
			if p >= leastSlips {
				dst = append(dst, slipped{i, j, p})
			}
			p *= up * float64(n-i-j) / float64(j+1)
		}
		first *= down * float64(n-i) / float64(i+1)
	}
	return dst
}

// pair is how probable the reads are where the haplotypes are the alleles of two
// numbers, up to a factor that is the same for all pairs.
func (s *stutter) pair(a, b int) float64 {
	sum := 0.0
	for i, n := range templates {
		for j := range spread {
			sum += float64(spread[j].weight * s.of[i][j].both(n, len(s.seen), a, b))
		}
	}
	return sum
}

// both adds up over all that may have become of n templates of either allele, of
// the reads of so many lengths.
func (o *outcomes) both(n, lengths, a, b int) float64 {
	sum := 0.0
	for i, x := range o.alleles[a].list {
		of := o.alleles[a].have[i*lengths : (i+1)*lengths]
		for j, y := range o.alleles[b].list {
			too := o.alleles[b].have[j*lengths : (j+1)*lengths]
			p := x.p * y.p
			for k, t := range of {
				p *= o.power[k*(2*n+1)+t+too[k]]
			}
			sum += float64(p)
		}
	}
	return sum
}
