package stage

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
)

// caller is one goroutine's part of the work.
type caller struct {
	w         *callWork
	p         *pileup.Processor
	noise     *noise.Noise
	observer  pileup.Evidence
	observed  []candidate.Observation
	around    []int
	evidence  []*classify.Evidence
	positions []gvcf.Position

	painter *image.Painter // nil where no pictures are looked at
	failed  error          // to make it
	shown   bool           // it knows the pileup at hand
}

func newCaller(w *callWork) *caller {
	c := &caller{w: w, noise: w.noise, p: pileup.NewProcessor(w.in.reads, w.in.ref, w.in.contigs, w.pileup),
		observer: pileup.Evidence{MinMapQ: w.pileup.Count.MinMapQ, MinBaseQ: w.pileup.Count.MinBaseQ}}
	if w.image != nil {
		c.painter, c.failed = image.NewPainter(*w.image, nil)
	}
	return c
}

func (c *caller) span(ctx context.Context, cells []pileup.GridCell) (*found, error) {
	if c.failed != nil {
		return nil, c.failed
	}
	out := &found{Contig: cells[0].Contig, End: cells[len(cells)-1].End}
	err := c.p.Span(ctx, cells, func(p *pileup.Pileup) error {
		for _, r := range p.Emit {
			out.Bases += r.Len()
		}
		if c.w.blocks != nil {
			if err := c.reference(p, out); err != nil {
				return err
			}
		}
		return c.sites(ctx, p, out)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cells[0].Contig, err)
	}
	return out, nil
}

// flank is how much of the reference beside a site a classifier sees.
const flank = 200

// sites classifies the candidates of a pileup and makes their records.
func (c *caller) sites(ctx context.Context, p *pileup.Pileup, out *found) error {
	c.evidence, c.shown = c.evidence[:0], false
	for i := range p.Candidates {
		e := c.evidenceOf(p, &p.Candidates[i])
		if c.painter != nil {
			e.Draw = func(dst []byte, altSet []int) ([]byte, error) { return c.draw(dst, p, &p.Candidates[i], altSet) }
		}
		c.evidence = append(c.evidence, e)
	}
	return c.w.classifier.Classify(ctx, c.evidence, func(i int, sets []variant.Likelihoods) error {
		call, err := c.w.genotype.Call(&genotype.Input{Site: c.evidence[i].Site, Sets: sets})
		if err != nil {
			return err
		}
		out.Calls = append(out.Calls, call)
		return nil
	})
}

// evidenceOf gathers what there is to judge a candidate by, but for pictures.
func (c *caller) evidenceOf(p *pileup.Pileup, site *candidate.Candidate) *classify.Evidence {
	e := &classify.Evidence{Site: site.Site, Noise: c.noise}
	e.RefStart = max(site.Start-flank, p.Ref.Start)
	e.Ref = p.Ref.Bases[e.RefStart-p.Ref.Start : min(site.End+flank-p.Ref.Start, len(p.Ref.Bases))]
	c.observed = c.observer.Append(c.observed[:0], site, p.Reads)
	e.Observe(c.observed, p.Reads)
	var first int
	c.around, first = candidate.Context(c.around[:0], p.Counts, site.Start, classify.AroundWidth)
	if n := first - (site.Start - classify.AroundWidth/2); len(c.around) > 0 {
		e.Around = make([]int, n, n+len(c.around)) // what lies before is not known
		e.Around = append(e.Around, c.around...)
	}
	return e
}

// draw appends the picture of an alt set of a candidate.
func (c *caller) draw(dst []byte, p *pileup.Pileup, site *candidate.Candidate, altSet []int) ([]byte, error) {
	if !c.shown {
		c.painter.Region(p.Reads, p.Ref, p.Haplotypes)
		c.shown = true
	}
	n, size := len(dst), c.w.image.Size()
	if cap(dst)-n < size {
		dst = append(dst, make([]byte, size)...)
	}
	dst = dst[:n+size]
	if !c.painter.Draw(dst[n:], image.Subject{Candidate: site, AltSet: altSet}) {
		return nil, fmt.Errorf("%s:%d: there is no picture of the site", site.Contig, site.Start+1)
	}
	return dst, nil
}
