package label

import (
	"cmp"
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// speller finds the genotypes of candidates that make given haplotypes. It goes
// from candidate to candidate: all that matters of the alleles given so far is
// how far the haplotype has come along the contig and along the sequence that
// it is to be.
type speller struct {
	candidates []*variant.Variant
	order      [][]genotype // of each candidate, in the order of trying
	text       string       // of the reference, from start on
	start      int

	haplotypes [2]string
	single     [2]map[place]bool // whether a haplotype can go on from a place to its end
	cost       map[joint]int     // fewest candidates without alternate allele from there on
}

// place is where a haplotype stands before candidate i: everything before pos
// on the contig is spelled by the first at bases of the sequence.
type place struct{ i, pos, at int }

// joint is where both haplotypes stand.
type joint struct{ i, posA, atA, posB, atB int }

func (j joint) of(h int) place {
	if h == 0 {
		return place{j.i, j.posA, j.atA}
	}
	return place{j.i, j.posB, j.atB}
}

func newSpeller(candidates []*variant.Variant, text string, start int) *speller {
	s := &speller{candidates: candidates, text: text, start: start, cost: map[joint]int{}}
	for h := range s.single {
		s.single[h] = map[place]bool{}
	}
	for _, v := range candidates {
		s.order = append(s.order, genotypes(len(v.Alts)))
	}
	return s
}

// spelling is the best way in which the candidates make two haplotypes.
type spelling struct {
	none  int   // candidates without an alternate allele
	first []int // the first choice of genotypes that makes them, as places in the order of trying
	best  []int // the first one among those with fewest such candidates
}

func (x *spelling) genotypes(s *speller) []genotype {
	out := make([]genotype, len(x.best))
	for i, k := range x.best {
		out[i] = s.order[i][k]
	}
	return out
}

// before says whether x is a better match than y, nil being none, where both
// miss as much of the truth. DeepVariant lists matches by their haplotypes, in
// the order in which these were first made, and takes the first of equals.
func (x *spelling) before(y *spelling) bool {
	if y == nil {
		return true
	}
	return cmp.Or(cmp.Compare(x.none, y.none), slices.Compare(x.first, y.first), slices.Compare(x.best, y.best)) < 0
}

// spell finds the best genotypes that make two haplotypes, nil where there are
// none.
func (s *speller) spell(haplotypes [2]string) *spelling {
	s.haplotypes = haplotypes
	clear(s.single[0])
	clear(s.single[1])
	clear(s.cost)
	from := joint{posA: s.start, posB: s.start}
	if !s.possible(0, from.of(0)) || !s.possible(1, from.of(1)) {
		return nil
	}
	x := &spelling{none: s.fewest(from)}
	x.first = s.earliest(from, func(joint, int, genotype) bool { return true })
	x.best = s.earliest(from, func(to joint, left int, g genotype) bool { return s.fewest(to)+none(g) == left })
	return x
}

// none is 1 for a genotype without an alternate allele.
func none(g genotype) int {
	if g == ref {
		return 1
	}
	return 0
}

// possible says whether haplotype h can go on from a place to its end.
func (s *speller) possible(h int, p place) bool {
	if p.i == len(s.candidates) {
		return s.haplotypes[h][p.at:] == s.text[p.pos-s.start:]
	}
	if ok, known := s.single[h][p]; known {
		return ok
	}
	ok := false
	for a := 0; !ok && a <= len(s.candidates[p.i].Alts); a++ {
		next, fits := s.step(h, p, uint8(a))
		ok = fits && s.possible(h, next)
	}
	s.single[h][p] = ok
	return ok
}

// step gives a haplotype an allele of the candidate at hand; false where it
// cannot lie there or is not what the sequence says.
func (s *speller) step(h int, p place, allele uint8) (place, bool) {
	v := s.candidates[p.i]
	if v.Start < p.pos {
		return place{p.i + 1, p.pos, p.at}, allele == 0
	}
	want := s.haplotypes[h][p.at:]
	between := s.text[p.pos-s.start : v.Start-s.start]
	bases, end := s.text[v.Start-s.start:v.Start-s.start+1], v.Start+1
	if allele > 0 {
		bases, end = v.Alts[allele-1], v.End
	}
	n := len(between) + len(bases)
	if len(want) < n || want[:len(between)] != between || want[len(between):n] != bases {
		return p, false
	}
	return place{p.i + 1, end, p.at + n}, true
}

// steps yields the places to which a genotype leads, in both ways in which it
// may lie, from where both haplotypes can be finished.
func (s *speller) steps(j joint, g genotype) (to [2]joint, n int) {
	for way := range 2 {
		if way == 1 && g[0] == g[1] {
			break
		}
		a, okA := s.step(0, j.of(0), g[way])
		if !okA || !s.possible(0, a) {
			continue
		}
		b, okB := s.step(1, j.of(1), g[1-way])
		if okB && s.possible(1, b) {
			to[n] = joint{j.i + 1, a.pos, a.at, b.pos, b.at}
			n++
		}
	}
	return to, n
}

// fewest is how many of the candidates from j on must go without alternate
// alleles. Both haplotypes can be finished from there, each by itself, and so
// together: any two choices of alleles are genotypes.
func (s *speller) fewest(j joint) int {
	if j.i == len(s.candidates) {
		return 0
	}
	if c, known := s.cost[j]; known {
		return c
	}
	best := len(s.candidates) + 1
	for _, g := range s.order[j.i] {
		to, n := s.steps(j, g)
		for _, t := range to[:n] {
			best = min(best, s.fewest(t)+none(g))
		}
	}
	s.cost[j] = best
	return best
}

// earliest is the first choice of genotypes, in the order of trying, all of
// whose steps are good. left is the fewest candidates without alternate alleles
// from before the step on.
func (s *speller) earliest(from joint, good func(to joint, left int, g genotype) bool) []int {
	chosen := make([]int, 0, len(s.candidates))
	at := []joint{from} // all places that the genotypes chosen so far lead to
	for i := range s.candidates {
		var next []joint
		for k, g := range s.order[i] {
			for _, j := range at {
				to, n := s.steps(j, g)
				for _, t := range to[:n] {
					if !slices.Contains(next, t) && good(t, s.fewest(j), g) {
						next = append(next, t)
					}
				}
			}
			if len(next) > 0 {
				chosen = append(chosen, k)
				break
			}
		}
		at = next
	}
	return chosen
}
