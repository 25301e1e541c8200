package realign

import "github.com/gx-genomics/gx/pileup/count"

// stretch is a piece of the reference. What it does not hold counts as lying
// outside the contig.
type stretch count.Window

// end is the position behind the last base.
func (r *stretch) end() int { return r.Start + len(r.Bases) }

// at is the letter at a contig position, 0 outside.
func (r *stretch) at(pos int) byte {
	if i := pos - r.Start; i >= 0 && i < len(r.Bases) {
		return r.Bases[i]
	}
	return 0
}

// span is the letters [from, to), nil where not all are held.
func (r *stretch) span(from, to int) []byte {
	if from < r.Start || to > r.end() || from > to {
		return nil
	}
	return r.Bases[from-r.Start : to-r.Start]
}

// canonical says whether there are letters, all of them A, C, G or T.
func canonical(s []byte) bool {
	for _, b := range s {
		if code[b] == other {
			return false
		}
	}
	return len(s) > 0
}

// other is the code of every letter but A, C, G and T, which are 0 to 3.
const other = 4

// code numbers the letters.
var code = func() (t [256]byte) {
	for i := range t {
		t[i] = other
	}
	t['A'], t['C'], t['G'], t['T'] = 0, 1, 2, 3
	return t
}()
