package align

import (
	"bytes"
	"slices"
)

// Modification is a way in which a base is modified, as the MM tag names it.
type Modification struct {
	Base   byte
	Strand byte
	Code   byte
}

// The modifications that DeepVariant looks at: 5-methylcytosine and
// 6-methyladenine, the latter on either strand.
var (
	MethylC = []Modification{{'C', '+', 'm'}}
	MethylA = []Modification{{'A', '+', 'a'}, {'T', '-', 'a'}}
)

// ModificationLevels sets per base of a read the probability (0 to 255) that
// it is modified in one of the given ways, from its tags MM and ML (SAM optional
// fields specification, section 1.7); 0 where nothing is said. It says false
// where the tags are absent or do not fit the read: then, as in DeepVariant,
// none of them counts. Where two ways say something of a base the larger
// probability counts.
func (r *Read) ModificationLevels(levels []byte, of []Modification) bool {
	mm, ok := r.StringTag("MM")
	kind, ml, okML := r.Tag("ML")
	if !ok || !okML || kind != 'B' || len(ml) < 5 || ml[0] != 'C' {
		return false
	}
	ml = ml[5:]
	if mn, ok := r.IntTag("MN"); ok && mn != len(r.Bases) {
		return false // the read was clipped after the tags were made
	}
	found := false
	for group := range bytes.SplitSeq(bytes.TrimSuffix(mm, []byte{';'}), []byte{';'}) {
		head, list, any := bytes.Cut(group, []byte{','})
		if !any {
			continue
		}
		n := bytes.Count(list, []byte{','}) + 1
		if n > len(ml) {
			return false
		}
		if m, ok := parseModification(head); ok && slices.Contains(of, m) {
			if setLevels(levels, r, m.Base, list, ml[:n]) {
				found = true
			}
		}
		ml = ml[n:]
	}
	return found
}

// parseModification reads the head of a group, like C+m or C+m?.
func parseModification(head []byte) (Modification, bool) {
	head = bytes.TrimRight(head, ".?")
	if len(head) != 3 {
		return Modification{}, false
	}
	return Modification{head[0], head[1], head[2]}, true
}

// setLevels gives the bases that a list of distances names their levels. The
// distances count bases of one kind in the order of sequencing, from the end of
// a reverse read. A list that reaches beyond the read counts nowhere.
func setLevels(levels []byte, r *Read, base byte, list, ml []byte) bool {
	reverse := r.Flag&Reverse != 0
	if reverse {
		base = complement[base]
	}
	total := 0
	if !eachDistance(list, func(d int) bool {
		total += d + 1
		return total <= len(r.Bases)
	}) || bytes.Count(r.Bases, []byte{base}) < total {
		return false
	}
	i := -1 // of the base in the order of sequencing
	at := func() int {
		if reverse {
			return len(r.Bases) - 1 - i
		}
		return i
	}
	k := 0
	return eachDistance(list, func(d int) bool {
		for skip := d; ; {
			i++
			if r.Bases[at()] != base {
				continue
			}
			if skip == 0 {
				break
			}
			skip--
		}
		levels[at()] = max(levels[at()], ml[k])
		k++
		return true
	})
}

// eachDistance calls f for the numbers of a list until it says false, and says
// whether all of them were numbers and f said true to each.
func eachDistance(list []byte, f func(int) bool) bool {
	for text := range bytes.SplitSeq(list, []byte{','}) {
		n := 0
		if len(text) == 0 || len(text) > 9 {
			return false
		}
		for _, c := range text {
			if c < '0' || c > '9' {
				return false
			}
			n = n*10 + int(c-'0')
		}
		if !f(n) {
			return false
		}
	}
	return true
}

var complement = [256]byte{'A': 'T', 'C': 'G', 'G': 'C', 'T': 'A', 'N': 'N'}
