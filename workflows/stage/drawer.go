package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
)

// drawer is one goroutine's part of making examples.
type drawer struct {
	w       *exampleWork
	c       caller
	painter *image.Painter
	failed  error
	img     []byte
}

func newDrawer(w *exampleWork) *drawer {
	d := &drawer{w: w, img: make([]byte, w.plan.Image.Size())}
	d.c = caller{w: w.callWork, p: pileup.NewProcessor(w.in.reads, w.in.ref, w.in.contigs, w.pileup)}
	var aligner image.Aligner
	if w.plan.Image.AltAligned != image.NoAlt {
		o := realign.Defaults(realign.V19)
		if w.pileup.Compat == pileup.V15 {
			o = realign.Defaults(realign.V15)
		}
		aligner = new(realign.Scratch).Forced(o)
	}
	d.painter, d.failed = image.NewPainter(w.plan.Image, aligner)
	return d
}

func (d *drawer) span(ctx context.Context, cells []pileup.GridCell) ([]exampleCell, error) {
	if d.failed != nil {
		return nil, d.failed
	}
	out := make([]exampleCell, 0, len(cells))
	err := d.c.p.Span(ctx, cells, func(p *pileup.Pileup) error {
		var f found
		if d.w.blocks != nil {
			if err := d.c.reference(p, &f); err != nil {
				return err
			}
		}
		c := d.cell(p)
		if len(f.Runs) > 0 {
			c.runs = f.Runs[0]
		}
		out = append(out, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cells[0].Contig, err)
	}
	return out, nil
}

func (d *drawer) cell(p *pileup.Pileup) (c exampleCell) {
	for _, r := range p.Emit {
		c.bases += r.Len()
	}
	c.sites = len(p.Candidates)
	if d.w.outputs[toSweep] != nil {
		starts := make([]int, len(p.Candidates))
		for i := range p.Candidates {
			starts[i] = p.Candidates[i].Start
		}
		c.sweep = pileup.AppendSweep(nil, starts, p.EndsRegion)
		return c
	}
	d.painter.Region(p.Reads, p.Ref, nil)
	for i := range p.Candidates {
		site := &p.Candidates[i]
		if d.w.outputs[toCandidates] != nil {
			c.candidates = append(c.candidates, candidateMessage(site, p.Reads, d.w.in.sample).Append(nil))
		}
		if d.w.outputs[toExamples] == nil {
			continue
		}
		v := example.FromSite(&site.Site, d.w.in.sample)
		for _, set := range d.w.plan.Image.AltSets(len(site.Alts)) {
			if d.painter.Draw(d.img, image.Subject{Candidate: site, AltSet: set}) {
				c.examples = append(c.examples, example.New(v, set, d.img, d.w.plan.Image.Shape()).Append(nil))
			}
		}
	}
	return c
}

// candidateMessage is a candidate as a DeepVariantCall: the keys of the reads
// of each allele, in order.
func candidateMessage(c *candidate.Candidate, reads []align.Read, sample string) *example.DeepVariantCall {
	m := &example.DeepVariantCall{Variant: example.FromSite(&c.Site, sample)}
	add := func(allele string, list []candidate.Support) {
		if len(list) == 0 {
			return
		}
		ext := example.AlleleReadsExt{Allele: allele}
		for _, s := range list {
			r := &reads[s.Read]
			ext.Reads = append(ext.Reads, example.ReadSupport{Read: fmt.Sprintf("%s/%d", r.Name, r.Number()), Low: s.Low, MapQ: int(r.MapQ),
				BaseQuality: int(s.BaseQ), Reverse: r.Flag&align.Reverse != 0, Sample: sample})
		}
		slices.SortFunc(ext.Reads, func(a, b example.ReadSupport) int { return cmp.Compare(a.Read, b.Read) })
		plain := example.AlleleReads{Allele: allele}
		for _, r := range ext.Reads {
			plain.Reads = append(plain.Reads, r.Read)
		}
		m.Support, m.SupportExt = append(m.Support, plain), append(m.SupportExt, ext)
	}
	for i, list := range c.Support {
		add(c.Alts[i], list)
	}
	add(example.Uncalled, c.Other)
	slices.SortFunc(m.Support, func(a, b example.AlleleReads) int { return cmp.Compare(a.Allele, b.Allele) })
	slices.SortFunc(m.SupportExt, func(a, b example.AlleleReadsExt) int { return cmp.Compare(a.Allele, b.Allele) })
	return m
}
