package realign

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// aligner sets the reads of one window on its haplotypes and from there on the
// reference. Positions in the window's stretch of the reference, and in the
// haplotypes that extend over it, count from the stretch's start.
type aligner struct {
	o         *Options
	reads     []align.Read
	list      []int32 // the reads of the window
	ref       []byte  // the stretch of the reference
	refStart  int     // its position on the contig
	prefix    int     // letters of it before the window
	suffix    int     // letters of it behind
	text      []byte  // the haplotypes, extended by prefix and suffix
	codes     []byte  // of text, then of the reference
	refTarget target
	haps      []hap
	spans     []segment
	index     index
	local     local
	placed    []placement // per haplotype and read, without gaps
	covered   []byte
	ones      []byte
	odd       []hit
	query     []byte
	guesses   []int
	seeds     seeds
	toHap     align.Cigar
	toRef     align.Cigar
	order     []int32
	merger    merger
	force     bool // reads are set on the haplotype whether or not others support it
}

// hap is a haplotype of the window.
type hap struct {
	segment        // in text
	score     int  // of the reads placed on it without gaps; 0: unsupported
	reference bool // it is the reference, or a part of it
	aligned   bool // toRef is known
	ok        bool // it has an alignment to the reference
	begin     int  // where that begins
	toRef     align.Cigar
	memory    align.Cigar
	target    target
}

// placement is where a read lies on a haplotype; score 0: nowhere. failed are
// the first and the last position, from 1, where it shares a K-mer but did not
// fit; 0: none.
type placement struct {
	score, pos int32
	failed     [2]int32
}

// The bounds of a window's memory: reads, and haplotypes times reads. They lie
// far beyond what DeepVariant's own limits let through; a window beyond stays
// as it was aligned.
const (
	maxReads      = 1 << 13
	maxPlacements = 1 << 21
)

// maxForced is the longest haplotype that reads are forced onto: a picture is
// a few hundred bases wide.
const maxForced = 1 << 16

// begin prepares a window with the stretch [from, to) of the reference around
// it. It says whether the window can be aligned.
func (a *aligner) begin(o *Options, reads []align.Read, list []int32, ref *stretch, from, to int, w Window, h *haplotypes, haps segment) bool {
	n := haps.to - haps.from
	if len(list) == 0 || len(list) > maxReads || to <= w.End || n*len(list) > maxPlacements {
		return false
	}
	a.o, a.reads, a.list = o, reads, list
	a.ref, a.refStart = ref.span(from, to), from
	a.prefix, a.suffix = w.Start-from, to-w.End
	a.text, a.spans = a.text[:0], a.spans[:0]
	for i := haps.from; i < haps.to; i++ {
		at := len(a.text)
		a.text = append(a.text, a.ref[:a.prefix]...)
		a.text = append(a.text, h.at(i)...)
		a.text = append(a.text, a.ref[len(a.ref)-a.suffix:]...)
		a.spans = append(a.spans, segment{at, len(a.text)})
	}
	a.ready()
	return true
}

// beginForced prepares one haplotype that is its own reference.
func (a *aligner) beginForced(o *Options, reads []align.Read, list []int32, hap count.Window) bool {
	if len(hap.Bases) == 0 || len(list) > maxReads || len(hap.Bases) > maxForced {
		return false
	}
	a.o, a.reads, a.list, a.force = o, reads, list, true
	a.ref, a.refStart = hap.Bases, hap.Start
	a.prefix, a.suffix = 0, 0
	a.text = append(a.text[:0], hap.Bases...)
	a.spans = append(a.spans[:0], segment{0, len(a.text)})
	a.ready()
	return true
}

// ready works out what begins with the haplotypes.
func (a *aligner) ready() {
	if cap(a.haps) < len(a.spans) { // those at hand keep their memory
		a.haps = append(a.haps[:cap(a.haps)], make([]hap, len(a.spans)-cap(a.haps))...)
	}
	a.haps = a.haps[:len(a.spans)]
	for i, s := range a.spans {
		h := &a.haps[i]
		*h = hap{segment: s, memory: h.memory, target: h.target, reference: bytes.Equal(a.text[s.from:s.to], a.ref)}
	}
	a.local.setScores(&a.o.Align)
	a.seeds.ready = false
	a.codes = appendCodes(appendCodes(a.codes[:0], a.text), a.ref)
	for i, s := range a.spans {
		a.haps[i].target.set(a.codes[s.from:s.to])
	}
	a.refTarget.set(a.codes[len(a.text):])
	a.index.build(a.text, a.spans, a.reads, a.list, a.o.Align.K)
	a.placed = zeroed(a.placed, len(a.haps)*len(a.list))
	for i := range a.haps {
		a.place(i)
	}
	a.rank()
}

func appendCodes(dst, s []byte) []byte {
	for _, b := range s {
		dst = append(dst, code[b])
	}
	return dst
}

// on is the placements of all reads on haplotype i.
func (a *aligner) on(i int) []placement {
	n := len(a.list)
	return a.placed[i*n : (i+1)*n]
}

// place sets reads on a haplotype without gaps wherever they share a K-mer,
// and keeps the best place of each. A haplotype loses all reads if a K-mer of
// its own part, known from some read, begins where no read could be placed.
func (a *aligner) place(i int) {
	h := &a.haps[i]
	placed := a.on(i)
	hapText := a.text[h.from:h.to]
	a.covered = zeroed(a.covered, len(hapText))
	score := 0
	for p := 0; p+a.o.Align.K <= len(hapText); p++ {
		hits := a.index.at(a.text, h.from+p, a.odd)
		if len(hits) == 0 {
			continue
		}
		before := byte(1)
		if p > 0 {
			before = hapText[p-1]
		}
		for _, x := range hits {
			// Where the K-mer before is shared as well, it led to the same place.
			if x.before != before {
				score += a.try(hapText, placed, x, p)
			}
		}
		if a.covered[p] == 0 && p >= a.prefix && p < len(hapText)-a.suffix && !bytes.Equal(hapText, a.ref) {
			score = 0
			break
		}
	}
	h.score = score
	if score == 0 {
		clear(placed)
	}
}

// try places a read so that its K-mer lies at p, and returns by how much that
// is better than before.
func (a *aligner) try(hapText []byte, placed []placement, x hit, p int) int {
	at := max(0, p-int(x.offset))
	now := &placed[x.read]
	if now.score > 0 && int(now.pos) == at || int(now.failed[1]) == at+1 {
		return 0
	}
	bs := a.reads[a.list[x.read]].Bases
	if at+len(bs) > len(hapText) {
		return 0
	}
	misses := mismatches(bs, hapText[at:at+len(bs)], a.o.Align.MaxMismatches)
	if misses > a.o.Align.MaxMismatches {
		if now.failed[1] = int32(at) + 1; now.failed[0] == 0 {
			now.failed[0] = now.failed[1]
		}
		return 0
	}
	for len(a.ones) < len(bs) {
		a.ones = append(a.ones, 1)
	}
	copy(a.covered[at:at+len(bs)], a.ones)
	better := (len(bs)-misses)*a.o.Align.Match - misses*a.o.Align.Mismatch - int(now.score)
	if better <= 0 {
		return 0
	}
	now.score, now.pos = now.score+int32(better), int32(at)
	return better
}

// mismatches counts the letters that differ, N matching all, and stops beyond
// most. Both sequences are equally long.
func mismatches(a, b []byte, most int) int {
	n, i := 0, 0
	for ; i+8 <= len(a) && i+8 <= len(b); i += 8 {
		d := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
		for d != 0 {
			k := bits.TrailingZeros64(d) &^ 7
			d &^= 0xff << k
			if a[i+k/8] != 'N' && b[i+k/8] != 'N' {
				n++
			}
		}
		if n > most {
			return n
		}
	}
	for ; i < len(a); i++ {
		if a[i] != b[i] && a[i] != 'N' && b[i] != 'N' {
			n++
		}
	}
	return n
}
