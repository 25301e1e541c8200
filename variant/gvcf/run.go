package gvcf

import (
	"fmt"
	"slices"
	"sort"

	"github.com/gx-genomics/gx/variant"
)

// Position is what the reads say at one base of the reference.
type Position struct {
	Ref      byte  // the reference base, either case
	RefCount int32 // reads that support it
	Total    int32 // all reads that count; not less than RefCount
}

// Run is a piece of a block: bases in a row whose quality falls into one bin.
type Run struct {
	variant.Block
	bin    int
	depths []depth // ascending; only where the median is told
}

type depth struct{ reads, bases int }

// Runs appends the runs of the bases from start on to dst. Bases with an IUPAC
// code other than A, C, G, T belong to no run. A base that is no nucleotide
// code at all, and counts that contradict themselves, are errors.
func (m *Maker) Runs(dst []Run, contig string, start int, bases []Position) ([]Run, error) {
	first := len(dst)
	haploid := m.isHaploid(contig)
	for i, b := range bases {
		pos := start + i
		ref, ok := nucleotide(b.Ref)
		if !ok {
			return dst, fmt.Errorf("%s:%d: reference base %q, want a nucleotide code", contig, pos+1, b.Ref)
		}
		if b.RefCount < 0 || b.RefCount > b.Total {
			return dst, fmt.Errorf("%s:%d: %d reads of %d support the reference", contig, pos+1, b.RefCount, b.Total)
		}
		if ref == 0 {
			continue
		}
		t := m.diploid
		if haploid && !m.isPAR(contig, pos) {
			t = m.haploid
		}
		c := at(t, int(b.RefCount), int(b.Total))
		if n := len(dst); n > first && c.valid && dst[n-1].takes(contig, pos, c.bin) {
			m.extend(&dst[n-1], c, int(b.Total))
			continue
		}
		dst = append(dst, m.one(contig, pos, ref, c, int(b.Total)))
	}
	return dst, nil
}

// takes says whether a valid base at pos continues the run.
func (r *Run) takes(contig string, pos, bin int) bool {
	return r.End == pos && r.bin == bin && r.GT.A == 0 && r.Contig == contig
}

func (m *Maker) one(contig string, pos int, ref byte, c *confidence, total int) Run {
	r := Run{bin: c.bin, Block: variant.Block{Contig: contig, Start: pos, End: pos + 1, Ref: ref, GQ: c.gq, GL: c.gl, MinDP: total, MedDP: -1}}
	if !c.valid {
		r.GT = variant.NoCall
	}
	if m.o.MedDP {
		r.depths = []depth{{total, 1}}
	}
	return r
}

func (m *Maker) extend(r *Run, c *confidence, total int) {
	r.End++
	if c.gq < r.GQ {
		r.GQ = c.gq
		if !m.o.FirstGL {
			r.GL = c.gl
		}
	}
	r.MinDP = min(r.MinDP, total)
	if m.o.MedDP {
		r.count(depth{total, 1})
	}
}

func (r *Run) count(d depth) {
	i := sort.Search(len(r.depths), func(i int) bool { return r.depths[i].reads >= d.reads })
	if i < len(r.depths) && r.depths[i].reads == d.reads {
		r.depths[i].bases += d.bases
		return
	}
	r.depths = slices.Insert(r.depths, i, d)
}

// median is the middle depth, or the mean of the two middle ones, cut to a
// whole number; -1 where depths were not kept.
func (r *Run) median() int {
	if len(r.depths) == 0 {
		return -1
	}
	bases := r.End - r.Start
	return (r.nth((bases-1)/2) + r.nth(bases/2)) / 2
}

func (r *Run) nth(k int) int {
	for _, d := range r.depths {
		if k < d.bases {
			return d.reads
		}
		k -= d.bases
	}
	return r.depths[len(r.depths)-1].reads
}

// join lets r grow by the run that follows it, false where they are two.
func (r *Run) join(next *Run, firstGL bool) bool {
	if next.GT.A != 0 || !r.takes(next.Contig, next.Start, next.bin) {
		return false
	}
	r.End = next.End
	if next.GQ < r.GQ {
		r.GQ = next.GQ
		if !firstGL {
			r.GL = next.GL
		}
	}
	r.MinDP = min(r.MinDP, next.MinDP)
	for _, d := range next.depths {
		r.count(d)
	}
	return true
}

// nucleotide is the upper-case base, 0 for an IUPAC code of several, false for
// what is none.
func nucleotide(b byte) (byte, bool) {
	b &^= 'a' - 'A'
	switch b {
	case 'A', 'C', 'G', 'T':
		return b, true
	case 'N', 'R', 'Y', 'S', 'W', 'K', 'M', 'B', 'D', 'H', 'V', 'U', 'X':
		return 0, true
	}
	return 0, false
}

// Joiner makes blocks of the runs of neighbouring stretches. It holds one run
// at a time and is for one goroutine.
type Joiner struct {
	firstGL bool
	emit    func(*variant.Block) error
	open    Run
	any     bool
}

// NewJoiner gives a Joiner for runs of m. The blocks handed to emit are the
// receiver's to keep.
func (m *Maker) NewJoiner(emit func(*variant.Block) error) *Joiner {
	return &Joiner{firstGL: m.o.FirstGL, emit: emit}
}

// Add takes runs in order of the genome. They are copied.
func (j *Joiner) Add(runs []Run) error {
	for i := range runs {
		r := &runs[i]
		if j.any && j.open.join(r, j.firstGL) {
			continue
		}
		if err := j.Cut(); err != nil {
			return err
		}
		j.open, j.any = *r, true
		j.open.depths = slices.Clone(r.depths)
	}
	return nil
}

// Cut ends the block: no later run is joined to it. It is called at every
// border that blocks must not cross and after the last run.
func (j *Joiner) Cut() error {
	if !j.any {
		return nil
	}
	j.any = false
	b := j.open.Block
	b.MedDP = j.open.median()
	return j.emit(&b)
}

// Open is the start of the block that Add may still let grow.
func (j *Joiner) Open() (start int, ok bool) { return j.open.Start, j.any }
