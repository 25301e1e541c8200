package compare

// setting is what kind of sequence a record lies in.
type setting byte

const (
	unique setting = iota
	run6
	run10
	run15
	repeat
	contexts
)

var contextNames = [contexts]string{"unique", "homopolymer_6_9", "homopolymer_10_14", "homopolymer_15_plus", "tandem_repeat"}

// size is the length of the longest indel of a record.
type size byte

const (
	noIndel size = iota
	ins1to5
	ins6to15
	ins16
	del1to5
	del6to15
	del16
	sizes
)

// sizeNames are hap.py's subtypes.
var sizeNames = [sizes]string{"*", "I1_5", "I6_15", "I16_PLUS", "D1_5", "D6_15", "D16_PLUS"}

// stratum is the groups in which a record is counted.
type stratum struct {
	context     setting
	size        size
	transition  bool
	het, homAlt bool
	single      bool // a change of one base for one: it has a Ti/Tv kind
}

// stratumOf finds the stratum of a judged record within the reference `text`
// from base `from`.
func stratumOf(p *place, text string, from int) stratum {
	s := stratum{het: p.het() && (p.a == 0 || p.b == 0), homAlt: !p.het()}
	longest := 0
	for _, x := range p.alleles {
		if n := x.change(); abs(n) > abs(longest) {
			longest = n
		}
	}
	switch {
	case longest == 0:
	case longest > 0:
		s.size = binned(longest, ins1to5)
	default:
		s.size = binned(-longest, del1to5)
	}
	if x := p.alleles[0]; len(p.alleles) == 1 && x.end == x.start+1 && len(x.bases) == 1 {
		s.single = true
		s.transition = isTransition(text[x.start-from], x.bases[0])
	}
	s.context = contextAt(text, p.start-from, max(p.end, p.start+1)-from)
	return s
}

func abs(n int) int { return max(n, -n) }

func binned(n int, first size) size {
	switch {
	case n <= 5:
		return first
	case n <= 15:
		return first + 1
	}
	return first + 2
}

func isTransition(a, b byte) bool {
	switch [2]byte{a, b} {
	case [2]byte{'A', 'G'}, [2]byte{'G', 'A'}, [2]byte{'C', 'T'}, [2]byte{'T', 'C'}:
		return true
	}
	return false
}

// contextAt looks for the longest homopolymer that touches [from, to), and for
// units of 2 to 6 bases that stand there at least four times and on ten bases.
func contextAt(text string, from, to int) setting {
	low, high := max(from-1, 0), min(to+1, len(text))
	longest := 0
	for i := low; i < high; {
		a, b := stretch(text, i, 1)
		longest = max(longest, b-a)
		i = max(b, i+1)
	}
	switch {
	case longest >= 15:
		return run15
	case longest >= 10:
		return run10
	case longest >= 6:
		return run6
	}
	for unit := 2; unit <= 6; unit++ {
		for i := low; i < high; i++ {
			if a, b := stretch(text, i, unit); b-a >= max(4*unit, 10) {
				return repeat
			}
		}
	}
	return unique
}

// stretch is the stretch around base i in which each base equals the one a unit
// before it.
func stretch(text string, i, unit int) (from, to int) {
	from = i
	for from > 0 && from-1+unit < len(text) && text[from-1] == text[from-1+unit] {
		from--
	}
	to = min(from+unit, len(text))
	for to < len(text) && text[to] == text[to-unit] {
		to++
	}
	return from, to
}
