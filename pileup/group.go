package pileup

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Group makes the pileups of several samples cell by cell, each sample with its
// own reads and options. Which alleles make a candidate in one of them depends
// on all (candidate.Selector.Append), and its candidates tell what the reads of
// the others show, in the order of the members without itself. It belongs to
// one goroutine.
type Group struct {
	members []*Processor
	joint   bool
	scratch realign.Scratch
	bases   []byte
	batch   []align.Read
	parts   [][]align.Read // of the members, set anew together
	counts  []*count.Counts
	others  []*count.Counts
	pileups []*Pileup
}

// NewGroup makes a group of processors of the same contigs, which are used by
// it alone from here on. joint asks for their reads to be set anew together
// (enable_joint_realignment), by the options of the first.
func NewGroup(joint bool, members ...*Processor) *Group {
	g := &Group{members: members, joint: joint, parts: make([][]align.Read, len(members)),
		counts: make([]*count.Counts, len(members)), pileups: make([]*Pileup, len(members))}
	for _, p := range members {
		p.member = len(members) > 1
	}
	return g
}

// Span is Processor.Span for all members: visit is given one pileup of each, in
// their order.
func (g *Group) Span(ctx context.Context, cells []GridCell, visit func([]*Pileup) error) error {
	if len(g.members) == 1 {
		return g.members[0].Span(ctx, cells, func(p *Pileup) error {
			g.pileups[0] = p
			return visit(g.pileups)
		})
	}
	next := make([]func() (event, error, bool), len(g.members))
	for i, p := range g.members {
		var stop func()
		next[i], stop = iter.Pull2(p.events(ctx, cells, g.joint))
		defer stop()
	}
	events := make([]event, len(g.members))
	for done := 0; done < len(cells); {
		for i := range next {
			var err error
			if events[i], err, _ = next[i](); err != nil {
				return err
			}
		}
		if events[0].unset != nil {
			if err := g.set(events); err != nil {
				return err
			}
			continue
		}
		done++
		for i := range events {
			g.pileups[i], g.counts[i] = events[i].pileup, events[i].pileup.Counts
		}
		g.find()
		if err := visit(g.pileups); err != nil {
			return err
		}
	}
	return nil
}

// find finds the candidates of all members. Where reads of the reference are
// tracked a member is counted anew, which changes nothing that others look at.
func (g *Group) find() {
	for i, p := range g.members {
		began := time.Now()
		g.others = g.others[:0]
		for k, c := range g.counts {
			if k != i {
				g.others = append(g.others, c)
			}
		}
		p.find(g.pileups[i], g.others...)
		g.counts[i] = g.pileups[i].Counts
		p.spent.Count += time.Since(began)
	}
}

// event is what a member has come to: reads to be set anew, or a counted cell.
type event struct {
	unset  *unset
	pileup *Pileup
}

// unset is reads that are to be set anew in a region, and the place for them.
type unset struct {
	reads  []align.Read
	window count.Window
	region locus.Region
	set    []align.Read
}

// errStopped ends a member whose events are wanted no more.
var errStopped = errors.New("stopped")

// events are those of a member over cells: each cell, and before, where reads
// are set anew together, what is to be set.
func (p *Processor) events(ctx context.Context, cells []GridCell, joint bool) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		give := func(e event) error {
			if !yield(e, nil) {
				return errStopped
			}
			return nil
		}
		p.joint = nil
		if joint && p.o.Realign != nil {
			p.joint = func(u *unset) ([]align.Read, error) {
				err := give(event{unset: u})
				return u.set, err
			}
		}
		err := p.Span(ctx, cells, func(x *Pileup) error { return give(event{pileup: x}) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(event{}, err)
		}
	}
}

// set sets reads of a region anew, where that is wanted.
func (p *Processor) set(scratch *realign.Scratch, reads []align.Read, ref count.Window, r locus.Region) ([]align.Read, error) {
	switch {
	case p.joint != nil:
		return p.joint(&unset{reads: reads, window: ref, region: r})
	case p.o.Realign == nil, len(reads) == 0:
		return reads, nil
	}
	return scratch.Realign(reads, ref, r, p.o.Realign), nil
}

// set sets the reads of all members anew together, as if they were of one
// sample. Their names are told apart meanwhile: two samples may have equal ones.
func (g *Group) set(events []event) error {
	first := events[0].unset
	g.batch = g.batch[:0]
	start, end := first.window.Start, 0
	for i, e := range events {
		suffix := "." + strconv.Itoa(i)
		for _, r := range e.unset.reads {
			r.Name += suffix
			g.batch = append(g.batch, r)
		}
		start, end = min(start, e.unset.window.Start), max(end, e.unset.window.Start+len(e.unset.window.Bases))
	}
	var err error
	if g.bases, err = g.members[0].ref.Bases(g.bases[:0], locus.Region{Contig: first.region.Contig, Start: start, End: end}); err != nil {
		return err
	}
	all := g.batch
	if g.members[0].o.Compat == Default {
		slices.SortStableFunc(all, func(a, b align.Read) int { return cmp.Compare(a.Start, b.Start) })
	}
	if len(all) > 0 {
		all = g.scratch.Realign(all, count.Window{Start: start, Bases: g.bases}, first.region, g.members[0].o.Realign)
	}
	for i := range g.parts {
		g.parts[i] = g.parts[i][:0]
	}
	for _, r := range all {
		dot := strings.LastIndexByte(r.Name, '.')
		i, _ := strconv.Atoi(r.Name[dot+1:]) // as it was written
		r.Name = r.Name[:dot]
		g.parts[i] = append(g.parts[i], r)
	}
	for i, e := range events {
		e.unset.set = g.parts[i]
	}
	return nil
}
