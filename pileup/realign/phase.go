package realign

import (
	"slices"
	"strings"

	"github.com/gx-genomics/gx/pileup/candidate"
)

// Phaser sorts long reads into two haplotypes by the alleles that they carry
// at heterozygous SNPs (DeepVariant's direct phasing): a vertex per allele of a
// site, edges between the alleles of neighbouring sites that a read joins, and
// the pair of paths through them that the most reads support. It belongs to
// one goroutine; the zero value, with Version set, is ready.
type Phaser struct {
	Version Version

	sites    []phaseSite
	vertices []vertex
	support  []int32 // of all vertices, and the reads behind every score
	newest   []int32 // per read: its last vertex, -1 without
	joined   []link
	phases   []int32
	tally    [][2]int32
}

// MaxPhaseCandidates is the number of candidates beyond which DeepVariant does
// not phase a region (phase_max_candidates).
const MaxPhaseCandidates = 5000

// minRefReads is the number of reads that make the reference an allele.
const minRefReads = 3

// minLead is the number of alleles, or of reads, that decide about a phase.
const minLead = 2

// phaseSite is a SNP that takes part.
type phaseSite struct {
	candidate   int
	first, last int          // its vertices
	scores      []phaseScore // of every ordered pair of them
	restarts    bool         // a new chain begins here
}

// vertex is an allele of a site.
type vertex struct {
	bases    string // "REF" for the reference
	allele   int    // 0 for the reference
	site     int
	from, to int // its reads in Phaser.support; from on those that begin here
	begins   int
	joined   bool // an edge leads here
	phase    int32
}

// link is an edge between alleles of neighbouring sites.
type link struct{ from, to int32 }

// phaseScore is the best pair of paths that end in a pair of alleles.
type phaseScore struct {
	set     bool
	score   int
	from    [2]int // vertices, -1 where the paths begin
	support [2][]int32
}

// Phase gives every read its haplotype, 1 or 2, or 0 where that is not known.
// The candidates stand in order and have the reads of the reference; index
// leads from their reads to those to be phased, -1 where it is none of them,
// nil if they are the same; n is the number of these. Reads of one key must
// have one index. With more than MaxPhaseCandidates none is phased. The result
// is valid until the next call.
func (p *Phaser) Phase(candidates []candidate.Candidate, index []int32, n int) []int32 {
	p.phases = zeroed(p.phases, n)
	if len(candidates) > MaxPhaseCandidates {
		p.sites = p.sites[:0]
		return p.phases
	}
	p.build(candidates, index, n)
	p.walkSites()
	p.backtrack()
	p.tally = zeroed(p.tally, n)
	for i := range p.vertices {
		if v := &p.vertices[i]; v.phase > 0 {
			for _, r := range p.support[v.from:v.to] {
				p.tally[r][v.phase-1]++
			}
		}
	}
	for r, t := range p.tally {
		p.phases[r] = leader(t[0], t[1], 1)
	}
	return p.phases
}

// leader is the haplotype that leads by at least so many, and has at least
// minLead.
func leader(one, two, by int32) int32 {
	switch {
	case one-two >= by && one >= minLead:
		return 1
	case two-one >= by && two >= minLead:
		return 2
	}
	return 0
}

// build makes the vertices and the edges.
func (p *Phaser) build(candidates []candidate.Candidate, index []int32, n int) {
	p.sites, p.vertices, p.support, p.joined = p.sites[:0], p.vertices[:0], p.support[:0], p.joined[:0]
	p.newest = zeroed(p.newest, n)
	for r := range p.newest {
		p.newest[r] = -1
	}
	indelEnd := 0
	for i := range candidates {
		c := &candidates[i]
		if p.takesPart(c, &indelEnd) {
			p.addSite(i, c, index)
		}
	}
	slices.SortFunc(p.joined, p.compareLinks)
	p.joined = slices.Compact(p.joined)
}

// takesPart says whether a candidate is a SNP with two alleles that no indel
// overlaps. As in DeepVariant, reads of any allele that was not called rule it
// out, as their name has the length of no SNP.
func (p *Phaser) takesPart(c *candidate.Candidate, indelEnd *int) bool {
	keys, uncalled, ref := len(c.Alts), len(c.Other), refReads(c)
	for i := range c.Others {
		uncalled += len(c.Others[i].Other)
	}
	if uncalled > 0 {
		keys++
	}
	if keys <= 1 && ref < minRefReads {
		return false
	}
	span := c.End - c.Start
	odd := uncalled > 0
	for _, alt := range c.Alts {
		odd = odd || len(alt) != span
	}
	if odd || c.End <= *indelEnd {
		*indelEnd = max(*indelEnd, c.End)
		return false
	}
	return true
}

// refReads is the reads of the reference allele. As in DeepVariant those of
// further samples say whether it is one, though they are not phased.
func refReads(c *candidate.Candidate) int {
	n := len(c.RefSupport)
	for i := range c.Others {
		n += len(c.Others[i].RefSupport)
	}
	return n
}

// addSite makes a vertex of every allele, the reference first.
func (p *Phaser) addSite(i int, c *candidate.Candidate, index []int32) {
	site := len(p.sites)
	s := phaseSite{candidate: i, first: len(p.vertices)}
	if refReads(c) >= minRefReads {
		p.addVertex(site, 0, "REF", c.RefSupport, index)
	}
	for a, alt := range c.Alts { // in the order of bytes
		p.addVertex(site, a+1, alt, c.Support[a], index)
	}
	s.last = len(p.vertices)
	p.sites = append(p.sites, s)
}

// addVertex adds an allele with its reads of good quality. A read's allele is
// joined to its allele at the site before; a read without any begins here.
func (p *Phaser) addVertex(site, allele int, bases string, support []candidate.Support, index []int32) {
	v := vertex{bases: bases, allele: allele, site: site, from: len(p.support)}
	id := int32(len(p.vertices))
	begins := 0
	for _, s := range support {
		r := s.Read
		if index != nil {
			r = index[r]
		}
		if s.Low || r < 0 {
			continue
		}
		at := len(p.support)
		p.support = append(p.support, r)
		if last := p.newest[r]; last < 0 {
			// Those that begin here stand first.
			p.support[at], p.support[v.from+begins] = p.support[v.from+begins], r
			begins++
		} else if int(last) < len(p.vertices) && p.vertices[last].site == site-1 {
			p.joined = append(p.joined, link{last, id})
			v.joined = true
		}
		p.newest[r] = id
	}
	v.begins, v.to = v.from+begins, len(p.support)
	p.vertices = append(p.vertices, v)
}

// compareLinks orders edges by the site they lead to, then by the bases of
// both ends.
func (p *Phaser) compareLinks(a, b link) int {
	if x, y := p.vertices[a.to].site, p.vertices[b.to].site; x != y {
		return x - y
	}
	if c := strings.Compare(p.vertices[a.from].bases, p.vertices[b.from].bases); c != 0 {
		return c
	}
	return strings.Compare(p.vertices[a.to].bases, p.vertices[b.to].bases)
}

// walkSites scores the pairs of alleles of all sites in order.
func (p *Phaser) walkSites() {
	next := 0
	for i := range p.sites {
		s := &p.sites[i]
		size := s.last - s.first
		s.scores = make([]phaseScore, size*size)
		from := next
		for next < len(p.joined) && p.vertices[p.joined[next].to].site == i {
			next++
		}
		if i == 0 || p.Version >= V19 && (next == from || p.sites[i-1].level()) {
			p.begin(s)
			continue
		}
		p.extend(s, &p.sites[i-1], p.edges(s, &p.sites[i-1], p.joined[from:next]))
	}
}

// begin scores a site at which both paths begin.
func (p *Phaser) begin(s *phaseSite) {
	s.restarts = true
	size := s.last - s.first
	for i := range size {
		for j := i; j < size; j++ {
			a, b := p.reads(s.first+i), p.reads(s.first+j)
			n := len(a) + len(b)
			if slices.Equal(a, b) {
				n = len(a)
			}
			s.scores[i*size+j] = phaseScore{true, n, [2]int{-1, -1}, [2][]int32{a, b}}
		}
	}
}

// reads is the reads of a vertex in order.
func (p *Phaser) reads(v int) []int32 {
	x := &p.vertices[v]
	list := slices.Clone(p.support[x.from:x.to])
	slices.Sort(list)
	return slices.Compact(list)
}

// edges is those that lead to a site; an allele without any is joined to all
// of the site before, so that a broken path can go on.
func (p *Phaser) edges(s, before *phaseSite, joined []link) []link {
	all := slices.Clone(joined)
	for v := s.first; v < s.last; v++ {
		if p.vertices[v].joined {
			continue
		}
		for u := before.first; u < before.last; u++ {
			all = append(all, link{int32(u), int32(v)})
		}
	}
	slices.SortFunc(all, p.compareLinks)
	return all
}

// extend scores a site by the pairs of edges that lead to it.
func (p *Phaser) extend(s, before *phaseSite, edges []link) {
	size, sizeBefore := s.last-s.first, before.last-before.first
	for _, e := range edges {
		for _, f := range edges {
			old := &before.scores[(int(e.from)-before.first)*sizeBefore+int(f.from)-before.first]
			now := phaseScore{from: [2]int{-1, -1}}
			if old.set {
				a := p.carriers(int(e.to), old.support[0])
				b := p.carriers(int(f.to), old.support[1])
				now = phaseScore{true, old.score + union(a, b), [2]int{int(e.from), int(f.from)}, [2][]int32{a, b}}
			}
			best := &s.scores[(int(e.to)-s.first)*size+int(f.to)-s.first]
			if !best.set {
				*best = phaseScore{set: true, from: [2]int{-1, -1}}
			}
			if now.score > best.score || now.score == best.score && p.Version >= V19 && now.from[0] >= 0 && p.larger(now.from, best.from) {
				now.set = true
				*best = now
			}
		}
	}
}

// carriers is the reads of a vertex that begin there or carried the path on.
func (p *Phaser) carriers(v int, before []int32) []int32 {
	x := &p.vertices[v]
	var list []int32
	for k, r := range p.support[x.from:x.to] {
		if x.from+k < x.begins {
			list = append(list, r)
		} else if _, ok := slices.BinarySearch(before, r); ok {
			list = append(list, r)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// union is the number of reads in either list; both are sorted.
func union(a, b []int32) int {
	n := len(a) + len(b)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n--
			i++
			j++
		}
	}
	return n
}

// larger compares pairs of vertices by their joined bases; no pair is the
// least.
func (p *Phaser) larger(a, b [2]int) bool {
	if b[0] < 0 {
		return true
	}
	return p.vertices[a[0]].bases+p.vertices[a[1]].bases > p.vertices[b[0]].bases+p.vertices[b[1]].bases
}

// level says whether all scores of a site are equal: it tells nothing.
func (s *phaseSite) level() bool {
	first := -1
	for i := range s.scores {
		if !s.scores[i].set {
			continue
		}
		if first >= 0 && s.scores[i].score != first {
			return false
		}
		first = s.scores[i].score
	}
	return true
}

// backtrack gives alleles their phase along the best paths, from the last site
// that tells anything; since 1.9 along those of earlier chains as well.
func (p *Phaser) backtrack() {
	for i := len(p.sites) - 1; i >= 0; {
		s := &p.sites[i]
		if s.level() && (i > 0 || p.Version >= V19) {
			i--
			continue
		}
		pair, ok := p.best(s)
		if !ok {
			return
		}
		for pair[0] >= 0 {
			a, b := &p.vertices[pair[0]], &p.vertices[pair[1]]
			if pair[0] != pair[1] {
				a.phase, b.phase = 1, 2
			}
			i = a.site
			s := &p.sites[i]
			pair = s.scores[(pair[0]-s.first)*(s.last-s.first)+pair[1]-s.first].from
		}
		if p.Version < V19 {
			return
		}
		i--
	}
}

// best is the pair of alleles of a site with the highest score, that with the
// larger bases among equals.
func (p *Phaser) best(s *phaseSite) (pair [2]int, ok bool) {
	size := s.last - s.first
	score := 0
	for i := range size {
		for j := range size {
			x := &s.scores[i*size+j]
			if !x.set {
				continue
			}
			now := [2]int{s.first + i, s.first + j}
			if !ok || x.score > score || x.score == score && p.larger(now, pair) {
				pair, score, ok = now, x.score, true
			}
		}
	}
	return pair, ok
}

// Alleles appends the haplotype of every allele of candidate i of the last
// Phase, c, the reference first: of a SNP that took part and was told apart
// what the paths say, of others 1 or 2 where the reads of that haplotype lead
// clearly, else 0 (DeepVariant's ALT_PS). index is that of Phase.
func (p *Phaser) Alleles(dst []int, i int, c *candidate.Candidate, index []int32) []int {
	at := len(dst)
	for range len(c.Alts) + 1 {
		dst = append(dst, 0)
	}
	told := false
	if k, ok := slices.BinarySearchFunc(p.sites, i, func(s phaseSite, i int) int { return s.candidate - i }); ok {
		for _, v := range p.vertices[p.sites[k].first:p.sites[k].last] {
			dst[at+v.allele] = int(v.phase)
			told = told || v.phase > 0
		}
	}
	if told {
		return dst
	}
	count := func(support []candidate.Support) int {
		var n [3]int32
		for _, s := range support {
			r := s.Read
			if index != nil {
				r = index[r]
			}
			if r >= 0 {
				n[p.phases[r]]++
			}
		}
		return int(leader(n[1], n[2], minLead))
	}
	dst[at] = count(c.RefSupport)
	for a := range c.Alts {
		dst[at+1+a] = count(c.Support[a])
	}
	return dst
}
