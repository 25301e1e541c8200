package bam

import (
	"hash/maphash"

	"github.com/gx-genomics/gx/variant/align"
)

// Bounds of what pairs remembers: about 200 MB. Beyond them pairs are no longer
// compared, the first ones were.
const (
	maxWaiting = 1 << 19 // first reads whose mate has not come
	maxSeen    = 1 << 21 // pairs that are complete
)

// pairs compares the two primary records of each pair with what each says of
// the other. It remembers first reads until their mates come.
type pairs struct {
	f       *findings
	seed    maphash.Seed
	waiting map[string]half
	seen    map[uint64]struct{} // hashes of read name and number that have come
}

// half is what a record says of itself and of its mate.
type half struct {
	flag           align.Flag
	contig, start  int32
	mateContig     int32
	mateStart      int32
	template       int32
	cigar          string
	mateCigar      string // tag MC
	givesMateCigar bool
}

func newPairs(f *findings) *pairs {
	return &pairs{f: f, seed: maphash.MakeSeed(), waiting: map[string]half{}, seen: map[uint64]struct{}{}}
}

const whichOfPair = align.FirstOfPair | align.SecondOfPair

// add takes the next record of the file.
func (p *pairs) add(r *align.Read) {
	p.mateCigarAlone(r)
	which := r.Flag & whichOfPair
	if r.Flag&align.Paired == 0 || r.Flag&(align.Secondary|align.Supplementary) != 0 || which == 0 || which == whichOfPair || r.Name == "*" {
		return // other templates may have any number of reads
	}
	p.twice(r, which)
	h := half{flag: r.Flag, contig: int32(r.Contig), start: int32(r.Start), mateContig: int32(r.MateContig), mateStart: int32(r.MateStart), template: int32(r.TemplateLen)}
	mc, ok := r.StringTag("MC")
	h.givesMateCigar = ok
	first, ok := p.waiting[r.Name]
	if !ok {
		if len(p.waiting) < maxWaiting {
			h.cigar, h.mateCigar = r.Cigar.String(), string(mc)
			p.waiting[string([]byte(r.Name))] = h
		}
		return
	}
	if first.flag&whichOfPair == which {
		return // a read that comes twice
	}
	delete(p.waiting, r.Name)
	h.cigar, h.mateCigar = r.Cigar.String(), string(mc)
	p.compare(&first, &h)
}

// twice finds a read of a pair that stands in the file more than once.
func (p *pairs) twice(r *align.Read, which align.Flag) {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.WriteString(r.Name)
	h.WriteByte(byte(which))
	sum := h.Sum64()
	if _, ok := p.seen[sum]; ok {
		p.f.add(kTwice, "a primary record of the same read of the pair stands before it")
		return
	}
	if len(p.seen) < maxSeen {
		p.seen[sum] = struct{}{}
	}
}

// mateCigarAlone checks the tag MC of a record by itself.
func (p *pairs) mateCigarAlone(r *align.Read) {
	mc, ok := r.StringTag("MC")
	if !ok {
		return
	}
	if c, err := align.ParseCigar(string(mc)); err != nil || len(c) == 0 {
		p.f.add(kMateCigar, "tag MC is %.60q, want a CIGAR", mc)
	} else if r.Flag&(align.Paired|align.MateUnmapped) != align.Paired {
		p.f.add(kMateCigar, "tag MC is %.60q, but it has no mapped mate", mc)
	}
}

func (p *pairs) compare(a, b *half) {
	says := func(x, of *half) {
		switch {
		case (x.flag&align.MateUnmapped != 0) != (of.flag&align.Unmapped != 0):
			p.f.add(kMateAdvice, "whether its mate is mapped is not what the mate says")
		case (x.flag&align.MateReverse != 0) != (of.flag&align.Reverse != 0):
			p.f.add(kMateAdvice, "the strand of its mate is not the one of the mate")
		case x.mateContig >= 0 && (x.mateContig != of.contig || x.mateStart != of.start):
			p.f.add(kMateAdvice, "position %d of its mate, which is at %d", x.mateStart+1, of.start+1)
		}
		if x.givesMateCigar && of.flag&align.Unmapped == 0 && x.mateCigar != of.cigar {
			p.f.add(kMateCigar, "tag MC is %.60q, the CIGAR of its mate %.60q", x.mateCigar, of.cigar)
		}
	}
	says(a, b)
	says(b, a)
	if a.template != -b.template {
		p.f.add(kMateAdvice, "template lengths %d and %d of a pair, want one the negative of the other", a.template, b.template)
	}
	if a.flag&align.ProperPair != b.flag&align.ProperPair {
		p.f.add(kFlagAdvice, "one read of a pair is flagged as properly paired, the other not")
	}
}
