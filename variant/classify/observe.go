package classify

import (
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant/align"
)

// Observe sets e.Reads from the observations at the site of e, whose Ref is
// set. reads are those that the observations index; observations of low base
// quality, which count in no depth either, are left out. Where the site has
// indels, the bases of the reads are compared with each allele.
func (e *Evidence) Observe(observations []candidate.Observation, reads []align.Read) {
	e.Reads = e.Reads[:0]
	f, fits := newFitter(e)
	var memory []float32
	if fits {
		f.neighbours(observations, reads)
		memory = make([]float32, 0, len(observations)*len(f.haps))
	}
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
		}
		e.Reads = append(e.Reads, x)
	}
}
