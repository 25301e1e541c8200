package compare

import (
	"bytes"
	"fmt"

	"github.com/gx-genomics/gx/variant/locus"
)

// A Reference appends the bases of a region, upper case, to dst. It is asked
// for regions within the contigs only, by one goroutine.
type Reference interface {
	Bases(dst []byte, r locus.Region) ([]byte, error)
}

// bases is a window on one contig that moves along with the records.
type bases struct {
	ref    Reference
	contig string
	length int
	start  int
	text   []byte
}

// windowLen is how many bases are read at once.
const windowLen = 1 << 18

// get is the bases [from, to) of the contig, valid until the next call.
func (b *bases) get(from, to int) ([]byte, error) {
	if from < 0 || to > b.length || from > to {
		return nil, fmt.Errorf("%s:%d-%d is outside of the reference, which has %d bases", b.contig, from+1, to, b.length)
	}
	if from < b.start || to > b.start+len(b.text) {
		start := max(0, from-windowLen/8)
		want := locus.Region{Contig: b.contig, Start: start, End: min(b.length, max(start+windowLen, to))}
		text, err := b.ref.Bases(b.text[:0], want)
		if err != nil {
			return nil, err
		}
		if len(text) != want.Len() {
			return nil, fmt.Errorf("%s: the reference gave %d bases", want, len(text))
		}
		b.start, b.text = start, text
	}
	return b.text[from-b.start : to-b.start], nil
}

// roll gives the first and, one behind, the last base that an indel touches in
// any of its spellings.
func (b *bases) roll(x allele) (left, right int, err error) {
	if x.change() == 0 {
		return x.start, x.end, nil
	}
	const step = 200
	from, to := max(0, x.start-step), min(b.length, x.end+step)
	text, err := b.get(from, to)
	if err != nil {
		return 0, 0, err
	}
	for {
		left, right = rolled(text, x, from)
		wider := left == from && from > 0 || right == to && to < b.length
		if !wider || to-from > longestRoll {
			return left, right, nil
		}
		from, to = max(0, from-4*step), min(b.length, to+4*step)
		if text, err = b.get(from, to); err != nil {
			return 0, 0, err
		}
	}
}

// rolled is roll within a text that begins at base `from` of the contig.
func rolled(text []byte, x allele, from int) (left, right int) {
	s, e := x.start-from, x.end-from
	moved := []byte(x.bases)
	if x.change() < 0 {
		moved = bytes.Clone(text[s:e])
	}
	// An indel with a substitution in it does not roll.
	if x.end > x.start && len(x.bases) > 0 {
		return x.start, x.end
	}
	n := len(moved)
	left, right = s, e
	for k := n - 1; left > 0 && text[left-1] == moved[k]; left-- {
		if k--; k < 0 {
			k = n - 1
		}
	}
	for k := 0; right < len(text) && text[right] == moved[k]; right++ {
		if k++; k == n {
			k = 0
		}
	}
	return left + from, right + from
}
