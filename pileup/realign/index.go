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
	hapID []int32 // per letter of the haplotypes: the K-mer that begins there, -1 for one with a letter beside ACGT
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
	x.hapID = x.hapID[:len(text)]
	odd := false
	for _, s := range haps {
		x.scan(text[s.from:s.to], func(at int, key uint64, pure bool) {
			id := int32(-1)
			if pure {
				id = x.kmers.number(key)
			} else {
				odd = true
			}
			x.hapID[s.from+at] = id
		})
	}
	x.hits, x.odd = x.hits[:0], x.odd[:0]
	for n, i := range list {
		bs := reads[i].Bases
		if len(bs) <= k {
			continue
		}
		x.scan(bs, func(at int, key uint64, pure bool) {
			h := hit{read: int32(n), offset: int32(at)}
			if at > 0 {
				h.before = bs[at-1]
			}
			if pure {
				if h.id = x.kmers.find(key); h.id >= 0 {
					x.hits = append(x.hits, h)
				}
			} else if odd {
				x.odd = append(x.odd, oddHit{bs[at : at+k], h})
			}
		})
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

// scan calls f with every K-mer of a sequence, packed; pure says that it is of
// ACGT alone.
func (x *index) scan(s []byte, f func(at int, key uint64, pure bool)) {
	mask := ^uint64(0) >> (64 - 2*x.k)
	key, good := uint64(0), 0
	for i, b := range s {
		c := code[b]
		good++
		if c == other {
			good = 0
		}
		key = (key<<2 | uint64(c&3)) & mask
		if at := i - x.k + 1; at >= 0 {
			f(at, key, good >= x.k)
		}
	}
}
