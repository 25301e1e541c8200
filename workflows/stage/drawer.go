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
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/label"
)

// drawer is one goroutine's part of making examples.
type drawer struct {
	w       *exampleWork
	c       caller
	painter *image.Painter
	failed  error
	img     []byte

	records  nearRecords // of the truth and of proposals, around the cells at hand
	selector candidate.Selector
	sites    []candidate.Candidate
	variants []variant.Variant
	labels   []label.Label
	number   int // of the cell at hand among all
}

func newDrawer(w *exampleWork) *drawer {
	d := &drawer{w: w, img: make([]byte, w.plan.Image.Size())}
	d.c = *newCaller(w.callWork)
	d.selector.Options = w.pileup.Candidate
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

func (d *drawer) span(ctx context.Context, span exampleSpan) ([]exampleCell, error) {
	cells := span.cells
	if d.failed != nil {
		return nil, d.failed
	}
	err := d.records.load(d.w.training, cells)
	if err != nil {
		return nil, err
	}
	var busy []pileup.GridCell
	var places []int
	out := make([]exampleCell, len(cells))
	for i := range cells {
		if d.idle(&cells[i]) {
			out[i].bases = basesOf(&cells[i]) // it has its turn in the files all the same
			continue
		}
		busy, places = append(busy, cells[i]), append(places, i)
	}
	err = d.c.p.Span(ctx, busy, func(p *pileup.Pileup) (err error) {
		d.number = span.first + places[0]
		out[places[0]], err = d.cell(p)
		places = places[1:]
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cells[0].Contig, err)
	}
	return out, nil
}

// idle says whether nothing can come of a cell, so that its reads need not be
// looked at.
func (d *drawer) idle(c *pileup.GridCell) bool {
	t := d.w.training
	switch {
	case d.w.blocks != nil, d.w.outputs[toSweep] != nil:
		return false
	case t.proposed != nil && len(d.records.proposedIn(c)) == 0:
		return true
	}
	return t.labeler != nil && t.confident != nil && d.w.outputs[toCandidates] == nil && !t.confident.Overlaps(c.Region)
}

func basesOf(c *pileup.GridCell) (n int) {
	for _, r := range c.Emit {
		n += r.Len()
	}
	return n
}

func (d *drawer) cell(p *pileup.Pileup) (c exampleCell, err error) {
	c.bases = basesOf(&p.GridCell)
	if d.w.blocks != nil {
		var f found
		if err := d.c.reference(p, &f); err != nil {
			return c, err
		}
		if len(f.Runs) > 0 {
			c.runs = f.Runs[0]
		}
	}
	if d.w.outputs[toSweep] != nil {
		c.sites = len(p.Candidates)
		starts := make([]int, len(p.Candidates))
		for i := range p.Candidates {
			starts[i] = p.Candidates[i].Start
		}
		c.sweep = pileup.AppendSweep(nil, starts, p.EndsRegion)
		return c, nil
	}
	sites := p.Found
	if d.w.training.proposed != nil {
		if sites, err = d.propose(p); err != nil {
			return c, err
		}
	}
	if err := d.label(p, sites); err != nil {
		return c, err
	}
	d.painter.Region(p.Reads, p.Ref, p.Haplotypes)
	for i := range sites {
		if !p.Emits(sites[i].Start) {
			continue
		}
		c.sites++
		if d.w.outputs[toCandidates] != nil {
			c.candidates = append(c.candidates, d.candidateMessage(&sites[i], p).Append(nil))
		}
		if d.w.outputs[toExamples] == nil {
			continue
		}
		v := example.FromSite(&sites[i].Site, d.w.in.sample)
		if d.w.plan.TellPhase && p.Phases != nil && d.w.training.proposed == nil {
			d.tellPhase(v, p.Phases[i])
		}
		if d.w.training.labeler == nil {
			d.draw(&c, &sites[i], v, nil)
		} else if d.labels[i].Known {
			d.draw(&c, &sites[i], v, &d.labels[i])
		}
	}
	return c, nil
}

// tellPhase adds the haplotypes of the alleles, and the name of the stretch in
// which haplotypes have the same numbers, the cell: its contig and its number on
// it, from 1, or as DeepVariant numbers partitions, by file and from 1 within it.
func (d *drawer) tellPhase(v *example.Variant, haplotypes []int) {
	values := make([]example.Value, len(haplotypes))
	for i, h := range haplotypes {
		values[i] = example.IntValue(h)
	}
	name := fmt.Sprintf("%s-%d", v.Contig, v.Start/d.w.pileup.CellSize+1)
	if n := d.w.shards(); d.w.pileup.Compat != pileup.Default {
		name = fmt.Sprintf("%d-%d", d.number%n, d.number/n+1)
	}
	v.Info.Set("ALT_PS", values...)
	v.Info.Set("PS_CONTIG", example.TextValue(name))
}

// draw makes the examples of a candidate, whose message is v, labelled where
// there is a label.
func (d *drawer) draw(c *exampleCell, site *candidate.Candidate, v *example.Variant, l *label.Label) {
	if l != nil {
		v.Info.Set("BAM_FNAME", example.TextValue(d.w.training.reads))
		v.Calls[0].Genotype = []int{l.GT.A, l.GT.B}
	}
	for _, set := range d.w.plan.Image.AltSets(len(site.Alts)) {
		if !d.painter.Draw(d.img, image.Subject{Candidate: site, AltSet: set}) {
			continue
		}
		e := example.New(v, set, d.img, d.w.plan.Image.Shape())
		if l != nil {
			e.HasLabel, e.Label = true, l.Of(set)
			c.labels = append(c.labels, e.Label)
		}
		c.examples = append(c.examples, e.Append(nil))
	}
}

// context19 is how many positions around a candidate DeepVariant 1.9 tells the
// share of other alleles of.
const context19 = 51

// candidateMessage is a candidate as a DeepVariantCall: the keys of the reads
// of each allele, in order. 1.5 tells less of them.
func (d *drawer) candidateMessage(c *candidate.Candidate, p *pileup.Pileup) *example.DeepVariantCall {
	older := d.w.pileup.Compat == pileup.V15
	m := &example.DeepVariantCall{Variant: example.FromSite(&c.Site, d.w.in.sample)}
	list := func(support []candidate.Support) (ext []example.ReadSupport, plain []string) {
		for _, s := range support {
			r := &p.Reads[s.Read]
			x := example.ReadSupport{Read: fmt.Sprintf("%s/%d", r.Name, r.Number()), Low: s.Low}
			if !older {
				x.MapQ, x.BaseQuality, x.Reverse, x.Sample = int(r.MapQ), int(s.BaseQ), r.Flag&align.Reverse != 0, d.w.in.sample
			}
			ext = append(ext, x)
		}
		slices.SortFunc(ext, func(a, b example.ReadSupport) int { return cmp.Compare(a.Read, b.Read) })
		for _, x := range ext {
			plain = append(plain, x.Read)
		}
		return ext, plain
	}
	add := func(allele string, support []candidate.Support) {
		if len(support) > 0 {
			ext, plain := list(support)
			m.Support = append(m.Support, example.AlleleReads{Allele: allele, Reads: plain})
			m.SupportExt = append(m.SupportExt, example.AlleleReadsExt{Allele: allele, Reads: ext})
		}
	}
	for i, support := range c.Support {
		add(c.Alts[i], support)
	}
	add(example.Uncalled, c.Other)
	slices.SortFunc(m.Support, func(a, b example.AlleleReads) int { return cmp.Compare(a.Allele, b.Allele) })
	slices.SortFunc(m.SupportExt, func(a, b example.AlleleReadsExt) int { return cmp.Compare(a.Allele, b.Allele) })
	m.RefExt, m.Ref = list(c.RefSupport)
	if older {
		return m
	}
	around, first := candidate.Context(nil, p.Counts, c.Start, context19)
	for i, percent := range around {
		m.FrequencyAt = append(m.FrequencyAt, example.FrequencyAt{Offset: first + i, Value: percent})
	}
	return m
}
