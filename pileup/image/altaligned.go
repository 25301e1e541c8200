package image

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Aligner sets reads on one haplotype, without regard to how they were aligned
// before: DeepVariant's fast-pass aligner with forced alignment. hap stands at
// hap.Start of the contig; prefix and suffix are its lengths at either end
// where no read needs to cover it. The function gives reads[i] the new Start
// and Cigar, in memory that is valid until its next call, or leaves both where
// the new alignment is not a normal one, and sets kept[i] to false where there
// is none at all.
type Aligner func(hap count.Window, prefix, suffix int, reads []align.Read, kept []bool)

// altScratch is the memory of trimming and alt alignment.
type altScratch struct {
	trimmed []align.Read
	offset  []int // of the trimmed bases in their read
	ops     align.Cigar
	aligned []align.Read
	kept    []bool
	index   []int // of the trimmed reads in the Painter's list
	sortAt  []int
	offsets []int

	hap, lettersBuf     []byte
	prefix, suffix      int    // lengths of the haplotype beside the allele
	letters, refLetters []byte // of the columns: of the haplotype, of the reference
}

// needsAlt says whether pictures of alternate alleles are drawn for a site.
func (p *Painter) needsAlt(s *Subject) bool {
	if p.o.AltAligned == NoAlt || p.o.AltAlignAll {
		return p.o.AltAligned != NoAlt
	}
	if len(s.Ref) > 1 {
		return true
	}
	for _, alt := range s.Alts {
		if len(alt) > 1 {
			return true
		}
	}
	return false
}

// drawAligned draws a picture with what belongs to its alternate alleles. Since
// 1.9 the reads of the reference picture are cut to the window as well wherever
// those of the alternate alleles are.
func (p *Painter) drawAligned(dst []byte, s Subject) bool {
	needed := p.needsAlt(&s)
	shape := p.o.Shape()
	step := shape[2]
	main := dst[:p.o.Height*p.o.Width*step]
	p.overlapping(s.Candidate)
	from, to := max(s.Start-p.o.half(), p.ref.Start), min(s.End+p.o.half(), p.ref.Start+len(p.ref.Bases))
	newer := p.o.Version != V15
	if newer && (needed || p.o.TrimReads || p.o.Spanning) {
		p.trimScene(from, to)
		p.useTrimmed()
		p.picture(main, step, s.Start, p.channels)
	} else {
		p.picture(main, step, s.Start, p.channels)
		if needed {
			p.trimScene(from, to)
		}
	}
	if !needed {
		return true
	}
	a := &p.alt
	a.index = append(a.index[:0], p.scene.index...)
	a.sortAt = append(a.sortAt[:0], p.scene.sortAt...)
	a.offsets = append(a.offsets[:0], a.offset...)
	for k, alt := range s.AltSet {
		if k == 2 {
			break
		}
		if !p.haplotype(s.Candidate.Start, s.Candidate.End, s.Alts[alt]) {
			return newer
		}
		p.alignScene(s.Start)
		p.altPicture(dst, k, s.Start)
	}
	if len(s.AltSet) == 1 {
		p.repeatAlt(dst)
	}
	return true
}

// useTrimmed makes the trimmed reads those of the scene.
func (p *Painter) useTrimmed() {
	s := &p.scene
	s.reads, s.offset = s.reads[:0], s.offset[:0]
	for i := range p.alt.trimmed {
		s.reads = append(s.reads, &p.alt.trimmed[i])
		s.offset = append(s.offset, p.alt.offset[i])
	}
}

// haplotype sets the sequence that the contig has around an alternate allele,
// and the letters of the columns. It says false where it is too short for a
// picture.
func (p *Painter) haplotype(start, end int, alt string) bool {
	a, half := &p.alt, p.o.half()
	prefix := p.stretch(start-half, start)
	suffix := p.stretch(end, end+half)
	a.hap = append(append(append(a.hap[:0], prefix...), alt...), suffix...)
	a.prefix, a.suffix = len(prefix), len(suffix)
	a.letters = a.hap
	if p.o.Version == V15 {
		a.letters = append(append(append(a.lettersBuf[:0], prefix...), alt...), suffix[:min(len(suffix), max(half+1-len(alt), 0))]...)
		a.lettersBuf = a.letters
	}
	if len(a.letters) < p.o.Width {
		return false
	}
	a.letters = a.letters[:p.o.Width]
	return true
}

// stretch is the part of [from, to) that the contig has.
func (p *Painter) stretch(from, to int) []byte {
	from, to = max(from-p.ref.Start, 0), min(to-p.ref.Start, len(p.ref.Bases))
	if from >= to {
		return nil
	}
	return p.ref.Bases[from:to]
}

// alignScene sets the trimmed reads on the haplotype; those that lie there are
// the scene.
func (p *Painter) alignScene(start int) {
	a, s := &p.alt, &p.scene
	a.aligned = append(a.aligned[:0], a.trimmed...)
	a.kept = a.kept[:0]
	for range a.aligned {
		a.kept = append(a.kept, true)
	}
	// Reads must cover the haplotype between these lengths: in 1.5 the nearest
	// 100 bases on either side of the allele, since 1.9 all of it.
	prefix, suffix := 0, 0
	if p.o.Version == V15 {
		const near = 100
		margin := min(a.prefix, a.suffix, near)
		prefix, suffix = a.prefix-margin, a.suffix-margin
	}
	p.aligner(count.Window{Start: start - a.prefix, Bases: a.hap}, prefix, suffix, a.aligned, a.kept)
	s.reads, s.index, s.sortAt, s.offset = s.reads[:0], s.index[:0], s.sortAt[:0], s.offset[:0]
	for i := range a.aligned {
		if !a.kept[i] {
			continue
		}
		s.reads = append(s.reads, &a.aligned[i])
		s.index = append(s.index, a.index[i])
		s.offset = append(s.offset, a.offsets[i])
		at := a.sortAt[i]
		if p.o.Version == V15 {
			at = a.aligned[i].Start
		}
		s.sortAt = append(s.sortAt, at)
	}
}

// altPicture draws the scene as the k-th picture of an alternate allele.
func (p *Painter) altPicture(dst []byte, k, site int) {
	p.scene.letters, p.alt.refLetters = p.alt.letters, p.scene.letters
	shape := p.o.Shape()
	step := shape[2]
	switch p.o.AltAligned {
	case AltRows:
		size := p.o.Height * p.o.Width * step
		p.picture(dst[(k+1)*size:(k+2)*size], step, site, p.channels)
	case AltBase, AltDiff:
		p.picture(dst[len(p.channels)+k:], step, site, p.altChannel[:])
	}
	p.scene.letters = p.alt.refLetters
}

// repeatAlt gives a picture about one alternate allele its second alt-aligned
// part: the first one again, but for rows since 1.9, which stay empty.
func (p *Painter) repeatAlt(dst []byte) {
	if p.o.AltAligned == AltRows {
		if p.o.Version == V15 {
			size := len(dst) / 3
			copy(dst[2*size:], dst[size:2*size])
		}
		return
	}
	step := len(p.channels) + 2
	for i := len(p.channels); i < len(dst); i += step {
		dst[i+1] = dst[i]
	}
}
