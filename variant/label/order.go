package label

import "math/bits"

// genotype is an unordered pair of alleles, the smaller one first.
type genotype [2]uint8

// ref is the genotype without an alternate allele.
var ref = genotype{}

// zeros is how many of the alleles are the reference.
func (g genotype) zeros() int {
	n := 0
	for _, a := range g {
		if a == 0 {
			n++
		}
	}
	return n
}

// genotypes lists the genotypes of so many alternate alleles in the order in
// which DeepVariant tries them, which decides among equal matches. It holds
// them in a Python set, so the order is that of CPython's hash table (3.8 and
// later): entries lie where the hash of the pair puts them, and the table is
// made anew, in its own order, when three fifths of it are full.
func genotypes(alts int) []genotype {
	t := hashTable{slots: make([]*genotype, 8)}
	for b := range alts + 1 {
		for a := range b + 1 {
			t.add(&genotype{uint8(a), uint8(b)})
		}
	}
	return t.list()
}

// hashTable is CPython's set of pairs of small numbers.
type hashTable struct {
	slots []*genotype // a power of two
	used  int
}

func (t *hashTable) list() []genotype {
	out := make([]genotype, 0, t.used)
	for _, g := range t.slots {
		if g != nil {
			out = append(out, *g)
		}
	}
	return out
}

func (t *hashTable) add(g *genotype) {
	t.place(g)
	if t.used++; 5*t.used < 3*(len(t.slots)-1) {
		return
	}
	size := 8
	for size <= 4*t.used {
		size *= 2
	}
	old := t.slots
	t.slots = make([]*genotype, size)
	for _, g := range old {
		if g != nil {
			t.place(g)
		}
	}
}

// place puts a pair into the first free slot: of the slot of its hash and the
// nine behind it where these lie in the table, then of other such runs.
func (t *hashTable) place(g *genotype) {
	const run, shift = 9, 5
	mask := uint64(len(t.slots) - 1)
	perturb := g.hash()
	for i := perturb & mask; ; i = (5*i + 1 + perturb) & mask {
		last := i
		if i+run <= mask {
			last = i + run
		}
		for k := i; k <= last; k++ {
			if t.slots[k] == nil {
				t.slots[k] = g
				return
			}
		}
		perturb >>= shift
	}
}

// hash is CPython's hash of a tuple of two numbers, a form of xxHash.
func (g *genotype) hash() uint64 {
	const prime1, prime2, prime5 = 11400714785074694791, 14029467366897019727, 2870177450012600261
	h := uint64(prime5)
	for _, a := range g {
		h = bits.RotateLeft64(h+uint64(a)*prime2, 31) * prime1
	}
	return h + (2 ^ (prime5 ^ 3527539))
}
