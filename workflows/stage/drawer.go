package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/label"
	"github.com/gx-genomics/gx/variant/locus"
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
	known    []image.Known // of the population, near the cells at hand
	near     []image.Known // and of these, near the site at hand
	number   int           // of the cell at hand among all
	before   pileup.Spent  // by the processor, up to the cell at hand
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
	if err == nil {
		d.known, err = d.w.population.known(d.known[:0], cells)
	}
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
	if d.w.outputs[toRuntimes] != nil {
		d.runtimes(cells, out)
	}
	return out, nil
}

// runtimes adds the lines of the table of run times: one per partition, or one
// for all cells together, whose reads were taken together.
func (d *drawer) runtimes(cells []pileup.GridCell, out []exampleCell) {
	var all exampleCell
	for i := range cells {
		c := &out[i]
		if d.w.pileup.Compat != pileup.Default {
			c.runtimes = appendRuntimes(nil, cells[i].Region, &c.spent, c.spent.Reads, c.sites, len(c.examples))
			continue
		}
		all.spent.add(&c.spent)
		all.sites += c.sites
		all.examples = append(all.examples, c.examples...)
	}
	if d.w.pileup.Compat == pileup.Default {
		r := locus.Region{Contig: cells[0].Contig, Start: cells[0].Start, End: cells[len(cells)-1].End}
		out[0].runtimes = appendRuntimes(nil, r, &all.spent, all.spent.Reads, all.sites, len(all.examples))
	}
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
	now := d.c.p.Spent()
	c.spent.Spent, d.before = now.Since(&d.before), now
	began := time.Now()
	defer func() { c.spent.Write = time.Since(began) - c.spent.Draw }()
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
	if err := d.label(p, sites, &c.info.metrics); err != nil {
		return c, err
	}
	drawing := time.Now()
	d.painter.Region(p.Reads, p.Ref, p.Haplotypes)
	c.spent.Draw += time.Since(drawing)
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
		if d.w.plan.Phase.Tell && p.Phases != nil && d.w.training.proposed == nil {
			d.tellPhase(v, p.Phases[i])
		}
		if d.w.training.labeler == nil {
			d.draw(&c, p, &sites[i], v, nil)
			continue
		}
		if l := &d.labels[i]; l.Known && d.w.training.keeps(&sites[i].Variant, l) {
			c.truth = append(c.truth, labelledSite{sites[i].Site, l.GT})
			d.draw(&c, p, &sites[i], v, l)
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
func (d *drawer) draw(c *exampleCell, p *pileup.Pileup, site *candidate.Candidate, v *example.Variant, l *label.Label) {
	if l != nil {
		v.Info.Set("BAM_FNAME", example.TextValue(d.w.training.reads))
		v.Calls[0].Genotype = []int{l.GT.A, l.GT.B}
	}
	frequency, _ := d.frequencies(site, p)
	for _, set := range d.w.plan.Image.AltSets(len(site.Alts)) {
		began := time.Now()
		drawn := d.painter.Draw(d.img, image.Subject{Candidate: site, AltSet: set, Frequency: frequency})
		c.spent.Draw += time.Since(began)
		if !drawn {
			continue
		}
		e := example.New(v, set, d.img, d.w.plan.Image.Shape())
		e.Sequencing = d.w.plan.Sequencing
		if l != nil {
			e.HasLabel, e.Label = true, l.Of(set)
			c.labels = append(c.labels, e.Label)
			if of := d.w.training.denovo; of != nil {
				e.HasDenovo = true
				if of.Contains(site.Contig, site.Start) {
					e.Denovo = 1
				}
			}
		}
		c.info.count(e)
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
	d.tellFrequencies(m, c, p)
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
