package image

import (
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/internal/mt"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Painter draws the pictures of the candidates of one region after the other.
// It belongs to one goroutine and allocates nothing once it is warm.
type Painter struct {
	o        Options
	channels []painting
	aligner  Aligner

	altChannel [1]painting // what is shown of alt-aligned reads, where that is one channel

	reads      []align.Read
	ref        count.Window
	ends       []int   // of the reads on the reference
	keys       []int32 // per read: the first read with its key
	haplotypes []int32 // per read

	class     []byte  // per key: what it says of the alt set that is drawn
	allele    []int32 // per key: the allele it carries, where class is not ofNone
	frequency []float32

	scene  scene // the reads and the reference of the picture that is drawn
	order  []int
	rows   []int
	taken  []int // per allele: reads that have a row because of it
	hashes []uint64
	byName map[readKey]int32
	rng32  mt.Rand32
	rng64  mt.Rand64
	byRow  func(a, b int) int // compareRows and compareHashes, made once since
	byHash func(a, b int) int // a method value costs an allocation
	layout layout
	colors []byte
	alt    altScratch
}

type readKey struct {
	name   string
	number int
}

// scene is what a picture is drawn from: reads in the order of the list, where
// they are sorted, and the letters of the reference per column.
type scene struct {
	reads   []*align.Read
	index   []int // of each in the Painter's list
	sortAt  []int // the position that each is sorted by
	offset  []int // of its first base in the read of the list; empty where none is trimmed
	letters []byte
}

// NewPainter checks the options. The Aligner is asked only where
// o.AltAligned is not NoAlt; else it may be nil.
func NewPainter(o Options, a Aligner) (*Painter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if o.AltAligned != NoAlt && a == nil {
		return nil, fmt.Errorf("alt-aligned pictures want an aligner")
	}
	p := &Painter{o: o, aligner: a, byName: map[readKey]int32{}}
	for _, c := range o.Channels {
		p.channels = append(p.channels, paintings[c])
	}
	if o.AltAligned == AltBase {
		p.altChannel[0] = paintings[ReadBase]
	} else {
		p.altChannel[0] = paintings[BaseDiffersFromRef]
	}
	p.byRow, p.byHash = p.compareRows, p.compareHashes
	p.layout.resize(o.Width)
	p.scene.letters = make([]byte, o.Width)
	return p, nil
}

// Options are those that the Painter was made with.
func (p *Painter) Options() Options { return p.o }

// Region sets the reads that the following candidates were found in, in the
// order of DeepVariant's list, and their reference. What ref does not hold
// counts as lying outside the contig. haplotypes, where not nil, has one number
// per read that takes the place of its HP tag. All three are used until the
// next Region and must not change.
func (p *Painter) Region(reads []align.Read, ref count.Window, haplotypes []int32) {
	if haplotypes != nil && len(haplotypes) != len(reads) {
		panic(fmt.Sprintf("image: %d haplotypes for %d reads", len(haplotypes), len(reads)))
	}
	p.reads, p.ref = reads, ref
	p.ends, p.keys, p.haplotypes = p.ends[:0], p.keys[:0], p.haplotypes[:0]
	clear(p.byName)
	tags := p.o.SortByHaplotypes || slices.Contains(p.o.Channels, HaplotypeTag)
	for i := range reads {
		r := &reads[i]
		p.ends = append(p.ends, r.End())
		key := readKey{r.Name, r.Number()}
		first, ok := p.byName[key]
		if !ok {
			first = int32(i)
			p.byName[key] = first
		}
		p.keys = append(p.keys, first)
		switch {
		case haplotypes != nil:
			p.haplotypes = append(p.haplotypes, haplotypes[i])
		case tags:
			p.haplotypes = append(p.haplotypes, haplotypeOf(r))
		default:
			p.haplotypes = append(p.haplotypes, 0)
		}
	}
	if len(p.class) < len(reads) {
		p.class, p.allele = make([]byte, 2*len(reads)), make([]int32, 2*len(reads))
	}
}

// Subject is what a picture is about.
type Subject struct {
	*candidate.Candidate
	AltSet    []int     // indices into Alts
	Frequency []float32 // per alternate allele, in a population; nil where not known
}

// Draw draws a picture into dst, which has Options.Size bytes. It says false
// where there is none: in 1.5, where the window leaves the contig or is too
// long for the haplotype of an alternate allele. The candidate is one of the
// region that was set.
func (p *Painter) Draw(dst []byte, s Subject) bool {
	if len(dst) != p.o.Size() {
		panic(fmt.Sprintf("image: %d bytes for a picture of %d", len(dst), p.o.Size()))
	}
	if !p.window(s.Start - p.o.half()) {
		return false
	}
	clear(dst)
	p.frequency = s.Frequency
	p.markSupport(s.Candidate, s.AltSet)
	defer p.clearSupport(s.Candidate)
	if p.o.AltAligned != NoAlt || p.o.TrimReads || p.o.Spanning {
		return p.drawAligned(dst, s)
	}
	p.overlapping(s.Candidate)
	p.picture(dst, len(p.channels), s.Start, p.channels)
	return true
}

// window sets the letters of the columns. What lies outside the contig is N,
// or, in 1.5, no picture.
func (p *Painter) window(start int) bool {
	from, to := max(start, p.ref.Start), min(start+p.o.Width, p.ref.Start+len(p.ref.Bases))
	if to-from == p.o.Width {
		copy(p.scene.letters, p.ref.Bases[from-p.ref.Start:])
		return true
	}
	if p.o.Version == V15 {
		return false
	}
	for i := range p.scene.letters {
		p.scene.letters[i] = 'N'
	}
	if from < to {
		copy(p.scene.letters[from-start:], p.ref.Bases[from-p.ref.Start:to-p.ref.Start])
	}
	return true
}

// overlapping sets the reads of a picture: those that come near the candidate.
func (p *Painter) overlapping(c *candidate.Candidate) {
	s := &p.scene
	s.reads, s.index, s.sortAt, s.offset = s.reads[:0], s.index[:0], s.sortAt[:0], s.offset[:0]
	from, to := c.Start-p.o.Buffer, c.End+p.o.Buffer
	for i, end := range p.ends {
		if end > from && p.reads[i].Start < to {
			s.reads = append(s.reads, &p.reads[i])
			s.index = append(s.index, i)
			s.sortAt = append(s.sortAt, p.reads[i].Start)
		}
	}
}

// picture draws channels of the scene into the first bytes of each pixel of
// img; a pixel has step bytes. site is the first position of the candidate,
// which stands in the middle column. The bytes are empty before.
func (p *Painter) picture(img []byte, step, site int, channels []painting) {
	rowLen := p.o.Width * step
	for i := range RefRows {
		if i > 0 && step == len(channels) {
			copy(img[i*rowLen:(i+1)*rowLen], img[:rowLen])
			continue
		}
		for c := range channels {
			channels[c].ref(p, p.scene.letters, img[i*rowLen+c:], step)
		}
	}
	l := &p.layout
	l.ref = p.scene.letters
	for i, k := range p.chooseRows(site) {
		l.index, l.offset = p.scene.index[k], 0
		if len(p.scene.offset) > 0 {
			l.offset = p.scene.offset[k]
		}
		l.place(p.scene.reads[k], site-p.o.half())
		row := img[(RefRows+i)*rowLen:]
		for c := range channels {
			channels[c].read(p, l, row[c:], step)
		}
	}
	for c := range channels {
		if channels[c].whole != nil {
			channels[c].whole(p, img[c:], step)
		}
	}
}
