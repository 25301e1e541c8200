package count

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Type is the kind of an allele, numbered as in DeepVariant.
type Type uint8

// The kinds of alleles.
const (
	Reference Type = iota + 1
	Substitution
	Insertion
	Deletion
	SoftClip
)

// Window is a stretch of the reference: Bases are the upper-case letters of the
// contig from position Start on, IUPAC codes as they are.
type Window struct {
	Start int
	Bases []byte
}

// at is the letter at a contig position, 0 outside the window.
func (w *Window) at(pos int) byte {
	if i := pos - w.Start; i >= 0 && i < len(w.Bases) {
		return w.Bases[i]
	}
	return 0
}

// Allele is what one read shows at one position. Its bases are the Anchor,
// then for insertions and soft clips Len bases of the read from Off on, for
// deletions Len bases of the reference behind the anchor. Off is the index in
// the read of the first base of the event: of the base itself for Reference
// and Substitution (Len is 0 there), of the next base behind a deletion.
type Allele struct {
	Read   int32 // index into the reads that were counted
	Off    int32
	Len    int32
	Anchor byte
	Type   Type
	Low    bool // base quality below the bound: in no count, but support of its allele
	Level  byte // probability of 5-methylcytosine out of 255, of a base set on the reference; 0 where it is not known
}

// Size is the number of bases of the allele, the anchor included.
func (a *Allele) Size() int { return 1 + int(a.Len) }

// Sum is one allele of a position with the number of its reads, those of low
// quality left out.
type Sum struct {
	First Allele // the first read that shows it
	N     int
}

// Counts are the alleles of the positions of a region. It is read-only.
type Counts struct {
	Region locus.Region

	// Per position of the region: the reads that show the reference, and these
	// together with the reads that show anything else, soft clips included.
	// Observations of low base quality are in neither.
	RefSupport []int32
	Total      []int32

	reads     []align.Read
	ref       Window
	threshold float64 // of methylation

	first   []int32 // alleles of position i are alleles[first[i]:first[i+1]]
	alleles []Allele
}

// Len is the number of positions.
func (c *Counts) Len() int { return len(c.RefSupport) }

// RefBase is the reference letter of position i of the region.
func (c *Counts) RefBase(i int) byte { return c.ref.at(c.Region.Start + i) }

// Methylated says whether the base that a read shows is methylated.
func (c *Counts) Methylated(a *Allele) bool {
	return float64(float32(float64(a.Level)/255)) > c.threshold
}

// Ref is the reference that was counted against.
func (c *Counts) Ref() Window { return c.ref }

// Reads is the reads that were counted.
func (c *Counts) Reads() []align.Read { return c.reads }

// At is the kept alleles of position i of the region, at most one per key of a
// read, in the order of the reads: everything but reference bases, and these
// too where they are tracked.
func (c *Counts) At(i int) []Allele { return c.alleles[c.first[i]:c.first[i+1]] }

// tail is the bases of an allele behind its anchor.
func (c *Counts) tail(i int, a *Allele) []byte {
	switch a.Type {
	case Insertion, SoftClip:
		return c.reads[a.Read].Bases[a.Off : a.Off+a.Len]
	case Deletion:
		from := c.Region.Start + i + 1 - c.ref.Start
		return c.ref.Bases[from : from+int(a.Len)]
	}
	return nil
}

// BaseQ is the Phred quality of what a read shows: of its base, the mean of the
// inserted or clipped bases rounded down, of the last base before a deletion
// (of the first base of the read where it starts with one).
func (c *Counts) BaseQ(a *Allele) byte {
	quals := c.reads[a.Read].Quals
	switch a.Type {
	case Insertion, SoftClip:
		sum := 0
		for _, q := range quals[a.Off : a.Off+a.Len] {
			sum += int(q)
		}
		return byte(sum / int(a.Len))
	case Deletion:
		return quals[max(a.Off-1, 0)]
	}
	return quals[a.Off]
}

// AppendBases appends the bases of an allele of position i to dst.
func (c *Counts) AppendBases(dst []byte, i int, a *Allele) []byte {
	return append(append(dst, a.Anchor), c.tail(i, a)...)
}

// Same says whether two alleles of position i have the same bases and type.
func (c *Counts) Same(i int, a, b *Allele) bool { return same(c, a, c, b, i) }

// SameIn says whether a, of position i, has the bases and the type of b, which
// is of that position in the counts of another sample over the same region.
func (c *Counts) SameIn(i int, a *Allele, other *Counts, b *Allele) bool {
	return same(c, a, other, b, i)
}

func same(ca *Counts, a *Allele, cb *Counts, b *Allele, i int) bool {
	if a.Type != b.Type || a.Len != b.Len || a.Anchor != b.Anchor {
		return false
	}
	return a.Len == 0 || a.Type == Deletion || bytes.Equal(ca.tail(i, a), cb.tail(i, b))
}

// AppendSums appends the alleles of position i with the number of reads that
// show each, those of low quality left out, in order of bases, then type.
func (c *Counts) AppendSums(dst []Sum, i int) []Sum {
	from := len(dst)
	at := c.At(i)
next:
	for k := range at {
		a := &at[k]
		if a.Low {
			continue
		}
		for s := from; s < len(dst); s++ {
			if c.Same(i, &dst[s].First, a) {
				dst[s].N++
				continue next
			}
		}
		dst = append(dst, Sum{*a, 1})
	}
	if len(dst)-from > 1 {
		slices.SortFunc(dst[from:], func(a, b Sum) int {
			return cmp.Or(cmp.Compare(a.First.Anchor, b.First.Anchor),
				bytes.Compare(c.tail(i, &a.First), c.tail(i, &b.First)), cmp.Compare(a.First.Type, b.First.Type))
		})
	}
	return dst
}
