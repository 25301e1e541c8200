package classify

import "github.com/gx-genomics/gx/variant"

// longestUnit is the longest period, in bases, of what counts as a short
// tandem repeat.
const longestUnit = 6

// repeat is the tandem repeat that an insertion or deletion stands in.
type repeat struct {
	unit   int // bases of its period; 0 where there is none
	length int // bases of the reference that it spans
}

// copies is the number of times the unit is repeated, cut to a whole number.
func (r repeat) copies() int {
	if r.unit == 0 {
		return 0
	}
	return r.length / r.unit
}

// at is the i-th base of the contig, 0 outside the stretch that is known.
func (e *Evidence) at(pos int) byte {
	if i := pos - e.RefStart; i >= 0 && i < len(e.Ref) {
		return e.Ref[i]
	}
	return 0
}

// tandem is the repeat of up to longestUnit bases that begins behind the
// first base of the site, where indels are placed (leftmost): the one of the
// unit that is repeated most often. Runs to the left of the site count as well,
// because not every aligner shifts indels to the left.
func (e *Evidence) tandem() repeat {
	var best repeat
	first := e.Site.Start + 1
	for unit := 1; unit <= longestUnit; unit++ {
		end := first + unit
		for b := e.at(end); b != 0 && b == e.at(end-unit); b = e.at(end) {
			end++
		}
		start := first
		for b := e.at(start - 1); b != 0 && b == e.at(start-1+unit); b = e.at(start - 1) {
			start--
		}
		r := repeat{unit, end - start}
		if r.copies() >= 2 && (best.unit == 0 || r.copies() > best.copies()) {
			best = r
		}
	}
	return best
}

// slips says whether an alternate allele is the reference with whole units of
// the repeat more or fewer. (Insertions and deletions stand behind the first
// base of the site.)
func (e *Evidence) slips(alt string, r repeat) bool {
	ref := e.Site.Ref
	changed := ref[1:]
	n := len(ref) - len(alt)
	if n < 0 {
		changed, n = alt[1:], -n
	}
	if r.unit == 0 || n == 0 || n%r.unit != 0 || n > len(changed) {
		return false
	}
	for i := range n {
		if changed[i] != e.at(e.Site.Start+1+i%r.unit) {
			return false
		}
	}
	return true
}

// reach is the number of bases behind the first of the site that a read must
// cover to tell an allele from the reference: the changed bases, and as far as
// these can be shifted without changing the sequence.
func (e *Evidence) reach(alt string) int {
	ref := e.Site.Ref
	n := max(len(ref), len(alt)) - 1
	switch {
	case len(alt) == len(ref):
		return n
	case len(alt) < len(ref): // deletion of k bases: it rolls while the base behind equals the base leaving
		k := len(ref) - len(alt)
		from := e.Site.Start + len(alt)
		shift := 0
		for b := e.at(from + k + shift); b != 0 && b == e.at(from+shift); b = e.at(from + k + shift) {
			shift++
		}
		return len(alt) - 1 + shift + k
	}
	inserted := alt[len(ref):]
	from := e.Site.Start + len(ref)
	shift := 0
	for b := e.at(from + shift); b != 0 && b == rolled(inserted, ref, e, shift); b = e.at(from + shift) {
		shift++
	}
	return len(ref) - 1 + shift + len(inserted)
}

// rolled is the base that an insertion shifted by i bases begins with.
func rolled(inserted, ref string, e *Evidence, i int) byte {
	if i < len(inserted) {
		return inserted[i]
	}
	return e.at(e.Site.Start + len(ref) + i - len(inserted))
}

// isIndel says whether an alternate allele changes the length.
func isIndel(v *variant.Variant, alt int) bool { return len(v.Alts[alt]) != len(v.Ref) }
