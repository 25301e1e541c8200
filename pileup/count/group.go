package count

import (
	"hash/maphash"

	"github.com/gx-genomics/gx/variant/align"
)

// group sorts what was found by position, keeping the order of the reads, and
// lets a later read with the key of an earlier one take its place. Both are
// linear: a counting sort, and a table of the keys.
func (c *Counter) group() {
	k := &c.counts
	k.first = zeroed(k.first, c.n+1)
	for i := range c.found {
		k.first[c.found[i].pos+1]++
	}
	for i := range c.n {
		k.first[i+1] += k.first[i]
	}
	if cap(k.alleles) < len(c.found) {
		k.alleles = make([]Allele, len(c.found)+len(c.found)/2)
	}
	k.alleles = k.alleles[:len(c.found)]
	for i := range c.found {
		at := &k.first[c.found[i].pos]
		k.alleles[*at] = c.found[i].Allele
		*at++
	}
	copy(k.first[1:], k.first[:c.n]) // each is now the end of its position
	k.first[0] = 0
	if c.keys.sharedBy(k.reads, c.found) {
		c.dropReplaced()
	}
	for i := range c.n {
		n := k.RefSupport[i]
		for j := range k.At(i) {
			if a := &k.At(i)[j]; !a.Low && a.Type != Reference {
				n++
			}
		}
		k.Total[i] = n
	}
}

// dropReplaced keeps only the last allele of each key at each position. It
// goes backward, so that the first one met of a key is the one to keep.
func (c *Counter) dropReplaced() {
	k := &c.counts
	c.met = zeroed(c.met, len(k.reads))
	for i := c.n - 1; i >= 0; i-- {
		at := k.At(i)
		for j := len(at) - 1; j >= 0; j-- {
			met := &c.met[c.keys.of[at[j].Read]]
			if *met == int32(i)+1 {
				at[j].Type = 0
			}
			*met = int32(i) + 1
		}
	}
	kept, from := int32(0), int32(0)
	for i := range c.n {
		to := k.first[i+1]
		for _, a := range k.alleles[from:to] {
			if a.Type != 0 {
				k.alleles[kept] = a
				kept++
			}
		}
		from, k.first[i+1] = to, kept
	}
	k.alleles = k.alleles[:kept]
}

// keys numbers the keys of reads: of[i] is the first read with the key of
// read i. It is a hash table with open addressing, used again and again; the
// seed only decides the order of probing, never a result.
type keys struct {
	of    []int32
	slots []int32 // read + 1 of a key, 0 where free
	seed  maphash.Seed
	ready bool
}

// sharedBy numbers the keys of the reads that were found to show something and
// says whether a position can have two alleles of one key: two of those reads
// share a key, or one read shows two things at a position.
func (k *keys) sharedBy(reads []align.Read, seen []found) bool {
	if !k.ready {
		k.seed, k.ready = maphash.MakeSeed(), true
	}
	size := 16
	for size < 2*len(reads) {
		size *= 2
	}
	k.slots = zeroed(k.slots, size)
	k.of = zeroed(k.of, len(reads))
	shared := false
	for i := range seen {
		r := seen[i].Read
		if i > 0 && seen[i-1].Read == r {
			shared = shared || seen[i-1].pos >= seen[i].pos
			continue
		}
		k.of[r] = k.find(reads, r)
		shared = shared || k.of[r] != r
	}
	return shared
}

// find is the first read with the key of read i, which is added if it is that.
func (k *keys) find(reads []align.Read, i int32) int32 {
	r := &reads[i]
	mask := uint64(len(k.slots) - 1)
	h := maphash.String(k.seed, r.Name) + uint64(r.Number())
	for ; ; h++ {
		s := &k.slots[h&mask]
		if *s == 0 {
			*s = i + 1
			return i
		}
		if o := &reads[*s-1]; o.Name == r.Name && o.Number() == r.Number() {
			return *s - 1
		}
	}
}
