package classify

import (
	"slices"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant/align"
)

// Observe sets e.Reads from the observations at the site of e, whose Ref is
// set. reads are those that the observations index; observations of low base
// quality, which count in no depth either, are left out. Where the site has
// indels, the bases of the reads are compared with each allele. The two reads
// of a fragment that both lie over the site are one molecule and become one.
func (e *Evidence) Observe(observations []candidate.Observation, reads []align.Read) {
	e.Reads = e.Reads[:0]
	f, fits := newFitter(e)
	var memory []float32
	reach := 0
	if fits {
		f.neighbours(observations, reads)
		memory = make([]float32, 0, len(observations)*len(f.haps))
		for _, alt := range e.Site.Alts {
			reach = max(reach, e.reach(alt))
		}
	}
	var paired []pairedRead // those whose mate lies over the site as well
	for i := range observations {
		o := &observations[i]
		if o.Low {
			continue
		}
		r := &reads[o.Read]
		x := Read{Allele: int(o.Allele), BaseQ: o.BaseQ, MapQ: o.MapQ, Reverse: o.Reverse,
			Left: max(e.Site.Start-r.Start, 0), Right: max(r.End()-1-e.Site.Start, 0)}
		if fits {
			from := len(memory)
			memory = f.fit(memory, r, x.Allele)
			x.Fit = memory[from:len(memory):len(memory)]
			x.Gap, x.Across = gapsWithin(r, e.Site.Start, e.Site.Start+reach), x.Left > 0 && x.Right > reach
		}
		if mateOver(r, e.Site.Start) {
			mate := slices.IndexFunc(paired, func(p pairedRead) bool { return p.name == r.Name })
			if mate >= 0 {
				e.Reads[paired[mate].at].join(x)
				continue
			}
			paired = append(paired, pairedRead{r.Name, len(e.Reads)})
		}
		e.Reads = append(e.Reads, x)
	}
}

// gapsWithin is the number of bases inserted less those deleted by the alignment
// of a read between two positions, one base beside them included: not every
// aligner shifts indels to the left.
func gapsWithin(r *align.Read, from, to int) int {
	at, sum := r.Start, 0
	for _, op := range r.Cigar {
		if n := gapLength(op); n != 0 && at >= from && at <= to+2 {
			sum += n
		}
		if op.Op().TakesRef() {
			at += op.Len()
		}
	}
	return sum
}

type pairedRead struct {
	name string
	at   int // in Evidence.Reads
}

// mateOver says whether the mate of a read may lie over a position too.
func mateOver(r *align.Read, pos int) bool {
	return r.Flag&align.Paired != 0 && r.Flag&align.MateUnmapped == 0 && r.MateContig == r.Contig &&
		r.MateStart <= pos+1 && pos < r.MateStart+2*len(r.Bases)
}

// leastMargin is the Phred difference from which on the better of two reads of
// a molecule that contradict each other is believed.
const leastMargin = 3

// join takes the other read of the same molecule in. Where both show one allele
// the molecule is as sure as the better read; where they differ one of them is
// wrong, and the better one counts by what it is better.
func (r *Read) join(o Read) {
	if len(r.Fit) == len(o.Fit) {
		top := float32(0)
		for i := range r.Fit {
			r.Fit[i] *= o.Fit[i]
			top = max(top, r.Fit[i])
		}
		for i := range r.Fit {
			if r.Fit[i] /= top; top == 0 {
				r.Fit[i] = 1
			}
		}
	} else if len(o.Fit) > 0 {
		r.Fit = o.Fit
	}
	better, worse := *r, o
	if o.BaseQ > r.BaseQ {
		better, worse = o, *r
	}
	if min(worse.Left, worse.Right) > min(better.Left, better.Right) {
		better.Left, better.Right = worse.Left, worse.Right
	}
	if !better.Across {
		better.Gap, better.Across = worse.Gap, worse.Across
	}
	if better.Allele != worse.Allele {
		better.BaseQ -= worse.BaseQ
		if better.BaseQ < leastMargin {
			better.Allele = Other
		}
	}
	better.MapQ, better.Fit = max(better.MapQ, worse.MapQ), r.Fit
	*r = better
}
