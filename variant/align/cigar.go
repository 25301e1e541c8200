package align

import (
	"fmt"
	"strconv"
)

// Op is a kind of alignment operation, numbered as in BAM.
type Op byte

// The operations of a CIGAR: match or mismatch, insertion to the reference,
// deletion from it, skipped reference, soft and hard clip, padding, sequence
// match, sequence mismatch.
const (
	M Op = iota
	I
	D
	N
	S
	H
	P
	Eq
	X
)

const opLetters = "MIDNSHP=X"

// String is the letter of the operation.
func (o Op) String() string {
	if int(o) < len(opLetters) {
		return opLetters[o : o+1]
	}
	return "?"
}

// TakesRead says whether the operation consumes bases of the read.
func (o Op) TakesRead() bool { return o == M || o == I || o == S || o == Eq || o == X }

// TakesRef says whether the operation consumes bases of the reference.
func (o Op) TakesRef() bool { return o == M || o == D || o == N || o == Eq || o == X }

// Matches says whether the operation sets a read base on a reference base.
func (o Op) Matches() bool { return o == M || o == Eq || o == X }

// CigarOp is an operation with its length, packed as in BAM: length<<4 | op.
type CigarOp uint32

// MakeOp packs an operation; n is 0 to 2^28-1.
func MakeOp(o Op, n int) CigarOp { return CigarOp(n<<4) | CigarOp(o) }

// Op is the kind of operation.
func (c CigarOp) Op() Op { return Op(c & 15) }

// Len is the number of bases.
func (c CigarOp) Len() int { return int(c >> 4) }

// Cigar is the alignment of a read as a list of operations.
type Cigar []CigarOp

// RefLen is the number of reference bases covered (M, D, N, =, X).
func (c Cigar) RefLen() int {
	n := 0
	for _, x := range c {
		if x.Op().TakesRef() {
			n += x.Len()
		}
	}
	return n
}

// ReadLen is the number of read bases consumed (M, I, S, =, X).
func (c Cigar) ReadLen() int {
	n := 0
	for _, x := range c {
		if x.Op().TakesRead() {
			n += x.Len()
		}
	}
	return n
}

// String is the text of SAM, "*" where empty.
func (c Cigar) String() string {
	if len(c) == 0 {
		return "*"
	}
	var b []byte
	for _, x := range c {
		b = strconv.AppendInt(b, int64(x.Len()), 10)
		b = append(b, x.Op().String()...)
	}
	return string(b)
}

// ParseCigar reads the text of SAM.
func ParseCigar(s string) (Cigar, error) {
	if s == "*" {
		return nil, nil
	}
	var c Cigar
	n, digits := 0, 0
	for i := range len(s) {
		ch := s[i]
		if '0' <= ch && ch <= '9' {
			n, digits = n*10+int(ch-'0'), digits+1
			if n >= 1<<28 {
				return nil, fmt.Errorf("CIGAR %.40q: an operation longer than 2^28-1", s)
			}
			continue
		}
		op := -1
		for k := range len(opLetters) {
			if opLetters[k] == ch {
				op = k
			}
		}
		if op < 0 || digits == 0 {
			return nil, fmt.Errorf("CIGAR %.40q: want pairs of a length and one of %s", s, opLetters)
		}
		c = append(c, MakeOp(Op(op), n))
		n, digits = 0, 0
	}
	if digits > 0 || len(c) == 0 {
		return nil, fmt.Errorf("CIGAR %.40q: it ends without an operation", s)
	}
	return c, nil
}
