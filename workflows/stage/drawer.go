package stage

import (
	"context"
	"fmt"
	"time"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/label"
	"github.com/gx-genomics/gx/variant/locus"
)

// drawer is one goroutine's part of making examples.
type drawer struct {
	w      *exampleWork
	c      caller
	group  *pileup.Group
	stack  *image.Stack
	failed error
	img    []byte

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
	d.stack, d.failed = image.NewStack(w.plan.Image, aligner)
	d.group = w.group(d.c.p)
	return d
}

func (d *drawer) span(ctx context.Context, span exampleSpan) ([]exampleCell, error) {
	cells := span.cells
	if d.failed != nil {
		return nil, d.failed
	}
	err := d.records.load(d.w.training, d.w.writes, cells)
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
	err = d.group.Span(ctx, busy, func(all []*pileup.Pileup) (err error) {
		d.number = span.first + places[0]
		out[places[0]], err = d.cells(all)
		places = places[1:]
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cells[0].Contig, err)
	}
	if d.w.wants(toRuntimes) {
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
	if d.w.blocks != nil || d.w.wants(toSweep) {
		return false
	}
	given := 0 // proposals, where all candidates are given
	for i, r := range d.w.writes {
		if r.proposed == nil {
			given++
			continue
		}
		given += len(d.records.proposedIn(i, c))
	}
	return given == 0 || t.labeler != nil && t.confident != nil && !d.w.wants(toCandidates) && !t.confident.Overlaps(c.Region)
}

func basesOf(c *pileup.GridCell) (n int) {
	for _, r := range c.Emit {
		n += r.Len()
	}
	return n
}

// cells makes what is written of the samples of a cell, whose pileups are given
// by member.
func (d *drawer) cells(all []*pileup.Pileup) (c exampleCell, err error) {
	now := d.group.Spent()
	spent := Spent{Spent: now.Since(&d.before)}
	d.before = now
	began := time.Now()
	for i, r := range d.w.family {
		p, known := all[0], r.member >= 0
		if known {
			p = all[r.member]
		}
		if painter := d.stack.Sample(i); known {
			painter.Region(p.Reads, p.Ref, p.Haplotypes)
		} else {
			painter.Region(nil, p.Ref, nil)
		}
	}
	spent.Draw = time.Since(began)
	for i, r := range d.w.writes {
		of, err := d.cell(i, r, all)
		if err != nil {
			return c, err
		}
		spent.Draw += of.spent.Draw
		if i == 0 {
			c = of
		} else {
			c.kin = append(c.kin, of)
		}
	}
	spent.Write = time.Since(began) - spent.Draw
	c.spent = spent
	return c, nil
}

// cell makes what is written of one sample, number n of those of which
// something is.
func (d *drawer) cell(n int, r *sampleWork, all []*pileup.Pileup) (c exampleCell, err error) {
	p := all[r.member]
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
	if d.w.wants(toSweep) {
		c.sites = len(p.Candidates)
		starts := make([]int, len(p.Candidates))
		for i := range p.Candidates {
			starts[i] = p.Candidates[i].Start
		}
		c.sweep = pileup.AppendSweep(nil, starts, p.EndsRegion)
		return c, nil
	}
	sites := p.Found
	if r.proposed != nil {
		if sites, err = d.propose(n, p, countsWithout(all, r.member)); err != nil {
			return c, err
		}
	}
	if d.w.childless(all) {
		sites = nil
	}
	if err := d.label(p, sites, &c.info.metrics); err != nil {
		return c, err
	}
	for i := range sites {
		if !p.Emits(sites[i].Start) {
			continue
		}
		c.sites++
		if d.w.wants(toCandidates) {
			c.candidates = append(c.candidates, d.candidateMessage(&sites[i], r, all).Append(nil))
		}
		if !d.w.wants(toExamples) {
			continue
		}
		v := message(&sites[i], r.sample)
		if d.w.plan.Phase.Tell && p.Phases != nil && r.proposed == nil {
			d.tellPhase(v, p.Phases[i])
		}
		if d.w.training.labeler == nil {
			d.draw(&c, p, r, &sites[i], v, nil)
			continue
		}
		if l := &d.labels[i]; l.Known && d.w.training.keeps(&sites[i].Variant, l) {
			c.truth = append(c.truth, labelledSite{sites[i].Site, l.GT})
			d.draw(&c, p, r, &sites[i], v, l)
		}
	}
	return c, nil
}

// countsWithout is the counts of all members but one.
func countsWithout(all []*pileup.Pileup, member int) (out []*count.Counts) {
	for i, p := range all {
		if i != member {
			out = append(out, p.Counts)
		}
	}
	return out
}

// childless says whether DeepVariant finds nothing in a partition, in parents
// neither, because the child has no reads there and no blocks are wanted.
func (w *exampleWork) childless(all []*pileup.Pileup) bool {
	return w.pileup.Compat != pileup.Default && len(w.family) > 1 && w.blocks == nil && len(all[w.family[child].member].Reads) == 0
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

// draw makes the examples of a candidate of a sample, whose message is v,
// labelled where there is a label.
func (d *drawer) draw(c *exampleCell, p *pileup.Pileup, r *sampleWork, site *candidate.Candidate, v *example.Variant, l *label.Label) {
	if l != nil {
		v.Info.Set("BAM_FNAME", example.TextValue(d.w.training.reads))
		v.Calls[0].Genotype = []int{l.GT.A, l.GT.B}
	}
	frequency, _ := d.frequencies(site, p)
	for _, set := range d.w.plan.Image.AltSets(len(site.Alts)) {
		began := time.Now()
		drawn := d.stack.Draw(d.img, r.order, func(sample int) image.Subject {
			return image.Subject{Candidate: d.w.seenBy(sample, r, site), AltSet: set, Frequency: frequency}
		})
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
