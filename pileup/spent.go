package pileup

import (
	"time"

	"github.com/gx-genomics/gx/pileup/realign"
)

// Spent is how long a Processor was busy with each part of its work, and how
// many reads took part.
type Spent struct {
	Read  time.Duration // reads, from the source to those that are kept
	Count time.Duration // alleles, candidates, haplotypes
	realign.Spent
	Reads int
}

// Add adds what another goroutine spent.
func (s *Spent) Add(o *Spent) {
	s.Read += o.Read
	s.Count += o.Count
	s.Window += o.Window
	s.Graph += o.Graph
	s.Align += o.Align
	s.Reads += o.Reads
}

// Since is what was spent after an earlier moment.
func (s *Spent) Since(o *Spent) Spent {
	d := *s
	d.Read -= o.Read
	d.Count -= o.Count
	d.Window -= o.Window
	d.Graph -= o.Graph
	d.Align -= o.Align
	d.Reads -= o.Reads
	return d
}

// Spent is what the processor has spent so far.
func (p *Processor) Spent() Spent {
	s := p.spent
	if p.parts != nil {
		s.Spent = p.parts.realign.Spent()
	} else {
		s.Spent = p.spans.realign.Spent()
	}
	return s
}

// Spent is what all members have spent so far.
func (g *Group) Spent() (s Spent) {
	for _, p := range g.members {
		of := p.Spent()
		s.Add(&of)
	}
	joint := Spent{Spent: g.scratch.Spent()}
	s.Add(&joint)
	return s
}
