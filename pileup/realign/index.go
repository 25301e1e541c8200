package realign

import (
	"bytes"
	"slices"
	"sort"

	"github.com/gx-genomics/gx/variant/align"
)

// index finds the reads that share a K-mer with a haplotype. The K-mers of the
// haplotypes are numbered, and every read is looked up among them: few K-mers,
// so that the table stays small, and none for what the reads have for
// themselves.
type index struct {
	k     int
	kmers table
	hapID []int32 // per letter of the haplotypes: the K-mer that begins there, -1 for none, or one with a letter beside ACGT
	where []int32 // per K-mer: where one of it begins
	hits  []hit   // in the order of the reads, then grouped by K-mer
	first []int32 // hits of K-mer i are grouped[first[i]:first[i+1]]
	group []hit
	odd   []oddHit // K-mers of reads with letters beside ACGT
}

// hit is a K-mer of a read.
type hit struct {
	id     int32
	read   int32 // in the list of the window
	offset int32
	before byte // the letter of the read before it, 0 at its start
}

type oddHit struct {
	kmer []byte
	hit
}

// build numbers the K-mers of the haplotypes and finds them in the reads. A
// read of just K bases is left out, as in DeepVariant.
func (x *index) build(text []byte, haps []segment, reads []align.Read, list []int32, k int) {
	x.k = k
	x.kmers.begin()
	if cap(x.hapID) < len(text) {
		x.hapID = make([]int32, len(text)+len(text)/2)
	}
	x.hapID, x.where = x.hapID[:len(text)], x.where[:0]
	for i := range x.hapID {
		x.hapID[i] = -1
	}
	odd := false
	for _, s := range haps {
		odd = x.number(text, s) || odd
	}
	x.hits, x.odd = x.hits[:0], x.odd[:0]
	for n, i := range list {
		if len(reads[i].Bases) > k {
			x.find(text, reads[i].Bases, int32(n), odd)
		}
	}
	slices.SortStableFunc(x.odd, func(a, b oddHit) int { return bytes.Compare(a.kmer, b.kmer) })
	x.first = zeroed(x.first, x.kmers.n+1)
	for i := range x.hits {
		x.first[x.hits[i].id+1]++
	}
	for i := range x.kmers.n {
		x.first[i+1] += x.first[i]
	}
	if cap(x.group) < len(x.hits) {
		x.group = make([]hit, len(x.hits)+len(x.hits)/2)
	}
	x.group = x.group[:len(x.hits)]
	for _, h := range x.hits {
		x.group[x.first[h.id]] = h
		x.first[h.id]++
	}
	copy(x.first[1:], x.first[:x.kmers.n])
	x.first[0] = 0
}

// at gives the hits of the K-mer that begins at place p of the haplotypes'
// text, in the order of the reads. buf is used where they have to be gathered.
func (x *index) at(text []byte, p int, buf []hit) []hit {
	if id := x.hapID[p]; id >= 0 {
		return x.group[x.first[id]:x.first[id+1]]
	}
	kmer := text[p : p+x.k]
	i := sort.Search(len(x.odd), func(i int) bool { return bytes.Compare(x.odd[i].kmer, kmer) >= 0 })
	buf = buf[:0]
	for ; i < len(x.odd) && bytes.Equal(x.odd[i].kmer, kmer); i++ {
		buf = append(buf, x.odd[i].hit)
	}
	return buf
}

// packing is a sequence's last K letters, packed.
type packing struct {
	key, mask uint64
	good      int // letters of ACGT in a row
}

func (x *index) packing() packing { return packing{mask: ^uint64(0) >> (64 - 2*x.k)} }

func (p *packing) add(b byte) {
	c := code[b]
	p.good++
	if c == other {
		p.good = 0
	}
	p.key = (p.key<<2 | uint64(c&3)) & p.mask
}

// next is the K-mer behind K-mer id in a sequence that goes on with letter b, as
// long as the haplotypes go on in the same way where it was seen first; -1 where
// they do not. Most K-mers of reads, and of all haplotypes but one, are found so.
func (x *index) next(text []byte, id int32, b byte) int32 {
	if id < 0 {
		return -1
	}
	p := int(x.where[id])
	if end := p + x.k; end < len(text) && text[end] == b {
		return x.hapID[p+1]
	}
	return -1
}

// number numbers the K-mers of a haplotype. It says whether there are any with
// letters beside ACGT.
func (x *index) number(text []byte, s segment) (odd bool) {
	p, last := x.packing(), int32(-1)
	for i, b := range text[s.from:s.to] {
		p.add(b)
		if i < x.k-1 {
			continue
		}
		at := s.from + i - x.k + 1
		if last = x.next(text, last, b); last < 0 && p.good >= x.k {
			if last = x.kmers.number(p.key); int(last) == len(x.where) {
				x.where = append(x.where, int32(at))
			}
		}
		odd = odd || last < 0
		x.hapID[at] = last
	}
	return odd
}

// find finds the K-mers of read n among those of the haplotypes.
func (x *index) find(text, bs []byte, n int32, odd bool) {
	p, last := x.packing(), int32(-1)
	for i, b := range bs {
		p.add(b)
		at := i - x.k + 1
		if at < 0 {
			continue
		}
		pure := true
		if last = x.next(text, last, b); last < 0 {
			if pure = p.good >= x.k; pure {
				last = x.kmers.find(p.key)
			}
		}
		if last < 0 && (pure || !odd) {
			continue
		}
		h := hit{id: last, read: n, offset: int32(at)}
		if at > 0 {
			h.before = bs[at-1]
		}
		if pure {
			x.hits = append(x.hits, h)
		} else {
			h.id = 0
			x.odd = append(x.odd, oddHit{bs[at : at+x.k], h})
		}
	}
}
