package simulate

// Sequence is a contig's name and its bases, upper case.
type Sequence struct {
	Name  string
	Bases []byte
}

const letters = "ACGT"

// codes maps A, C, G, T to 0..3 and everything else to 4; 3-code complements.
var codes = func() (t [256]byte) {
	for i := range t {
		t[i] = 4
	}
	for i := range len(letters) {
		t[letters[i]] = byte(i)
	}
	return t
}()

// complements maps each base to the one that pairs with it; other letters to
// N.
var complements = func() (t [256]byte) {
	for i := range t {
		t[i] = 'N'
	}
	for i := range len(letters) {
		t[letters[i]] = letters[3-i]
	}
	return t
}()

// reverseComplement turns bases into the other strand, in place.
func reverseComplement(b []byte) {
	for i, j := 0, len(b)-1; i <= j; i, j = i+1, j-1 {
		b[i], b[j] = complements[b[j]], complements[b[i]]
	}
}

// known says whether all bases are A, C, G or T.
func known(b []byte) bool {
	for _, x := range b {
		if codes[x] > 3 {
			return false
		}
	}
	return true
}

// tract is a stretch of a sequence made of whole copies of a unit of 1..6
// bases: a homopolymer where the unit is 1.
type tract struct {
	start, end, unit int
}

func (t tract) copies() int { return (t.end - t.start) / t.unit }

// leastCopies is from how many copies on a stretch counts as a tract, by
// length of the unit. Below them slips are as rare as anywhere.
var leastCopies = [7]int{0, 4, 4, 4, 3, 3, 3}

// tracts lists the tracts of a sequence in order of their starts, none inside
// another: at each place the shortest unit that repeats is taken.
func tracts(seq []byte) []tract {
	var out []tract
	// ahead holds the codes of the bases from i on, two bits each, the first one
	// lowest: a tract begins where it equals itself shifted by a unit. Letters
	// that are no bases are caught in the closer look.
	const bases = 32
	var ahead uint64
	for j := range min(bases-1, len(seq)) {
		ahead |= uint64(codes[seq[j]]&3) << (2 * (j + 1))
	}
	free := 0
	for i := range seq {
		ahead >>= 2
		if j := i + bases - 1; j < len(seq) {
			ahead |= uint64(codes[seq[j]]&3) << (2 * (bases - 1))
		}
		if i < free {
			continue
		}
		for u := 1; u <= 6; u++ {
			if (ahead^ahead>>(2*u))&(1<<(2*u*(leastCopies[u]-1))-1) != 0 {
				continue
			}
			if t := tractOf(seq, i, u); t.unit > 0 {
				out = append(out, t)
				free = t.end
				break
			}
		}
	}
	return out
}

// tractOf is the tract of a unit of u bases at i, or none.
func tractOf(seq []byte, i, u int) tract {
	if i+u*leastCopies[u] > len(seq) || !known(seq[i:i+u]) {
		return tract{}
	}
	j := i + u
	for j < len(seq) && seq[j] == seq[j-u] {
		j++
	}
	if n := (j - i) / u; n >= leastCopies[u] {
		return tract{i, i + n*u, u}
	}
	return tract{}
}

// leftAlign shifts an insertion or a deletion, given as VCF does with the base
// before it, as far to the left as it denotes the same change, but not to a
// position below low (VCF 4.3 section 1.4; Tan, Abecasis, Kang 2015).
func leftAlign(seq []byte, low, pos int, ref, alt string) (int, string, string) {
	long := ref
	if len(alt) > len(ref) {
		long = alt
	}
	moved := []byte(long[1:])
	shifts := 0
	for pos > low && seq[pos] == moved[len(moved)-1] && codes[seq[pos-1]] < 4 {
		copy(moved[1:], moved)
		moved[0] = seq[pos]
		pos--
		if shifts++; shifts > 10_000 {
			break // a run longer than any read: where in it does not matter
		}
	}
	if shifts == 0 {
		return pos, ref, alt
	}
	anchor := string(seq[pos])
	if len(alt) > len(ref) {
		return pos, anchor, anchor + string(moved)
	}
	return pos, anchor + string(moved), anchor
}
