package simulate

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Pair is the two reads of a fragment as a machine gives them: each in its own
// direction, qualities as Phred numbers.
type Pair struct {
	Name         string
	Bases, Quals [2][]byte
}

// Pairs sequences a genome and emits the pairs, one at a time, in the order of
// the places they come from. A pair is valid until emit returns.
func Pairs(ctx context.Context, g Genome, p *Profile, o ReadOptions, threads int, emit func(*Pair) error) error {
	var pair Pair
	return sequenceAll(ctx, g, p, o, threads, func(c *cellReads) error {
		for i := 0; i+1 < len(c.reads); i += 2 {
			pair.Name = c.reads[i].Name
			for k := range 2 {
				r := &c.reads[i+k]
				pair.Bases[k], pair.Quals[k] = append(pair.Bases[k][:0], r.Bases...), append(pair.Quals[k][:0], r.Quals...)
				if r.Flag&align.Reverse != 0 {
					reverseComplement(pair.Bases[k])
					slices.Reverse(pair.Quals[k])
				}
			}
			if err := emit(&pair); err != nil {
				return err
			}
		}
		return nil
	})
}

// Aligned sequences a genome and emits the reads sorted by contig and start. A
// read that cannot be placed stands where its mate does; pairs of which neither
// can are left out. A read is valid until emit returns.
func Aligned(ctx context.Context, g Genome, p *Profile, o ReadOptions, threads int, emit func(*align.Read) error) error {
	var waiting []align.Read // placed ones that a later cell may still have to go before
	flush := func(before int) error {
		i := 0
		for ; i < len(waiting) && waiting[i].Start < before; i++ {
			if err := emit(&waiting[i]); err != nil {
				return err
			}
		}
		waiting = waiting[:copy(waiting, waiting[i:])]
		return nil
	}
	err := sequenceAll(ctx, g, p, o, threads, func(c *cellReads) error {
		waiting = merge(waiting, sorted(c.reads))
		// No read of a later cell starts before that cell by more than the bases
		// which an insertion at its first end may push it.
		return flush(c.settled)
	})
	if err != nil {
		return err
	}
	return flush(math.MaxInt)
}

// sorted gives the reads that have a place in order of their starts, those of
// the same in the order in which they were made.
func sorted(reads []align.Read) []align.Read {
	keys := make([]uint64, 0, len(reads))
	for i := range reads {
		if reads[i].Contig >= 0 {
			keys = append(keys, uint64(reads[i].Start)<<32|uint64(i))
		}
	}
	slices.Sort(keys)
	out := make([]align.Read, len(keys))
	for k, key := range keys {
		out[k] = reads[uint32(key)]
	}
	return out
}

// merge puts two sorted lists together, those of the first before equal ones
// of the second.
func merge(a, b []align.Read) []align.Read {
	if len(a) == 0 {
		return b
	}
	out := make([]align.Read, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].Start < a[0].Start {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// cellReads is the reads of a cell, pair by pair, and the place before which
// no read of a later cell of the contig begins.
type cellReads struct {
	reads   []align.Read
	settled int
}

// job is a cell of a contig.
type job struct {
	contig *sequencer // to copy
	cell   int
	last   bool
}

func sequenceAll(ctx context.Context, g Genome, p *Profile, o ReadOptions, threads int, emit func(*cellReads) error) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if err := p.Validate(); err != nil {
		return err
	}
	s := newRun(p, o)
	worker := func() func(context.Context, job) (*cellReads, error) {
		var mine *sequencer
		return func(_ context.Context, j job) (*cellReads, error) {
			if mine == nil || mine.contig != j.contig.contig {
				c := *j.contig
				mine = &c
			}
			settled := math.MaxInt
			if !j.last {
				settled = (j.cell+1)*s.cell - o.Length
			}
			return &cellReads{mine.read(j.cell).Reads, settled}, nil
		}
	}
	return parallel.Ordered(ctx, s.jobs(g), threads, worker, emit)
}

// jobs yields the cells of all contigs.
func (s *run) jobs(g Genome) iter.Seq2[job, error] {
	return func(yield func(job, error) bool) {
		for i, c := range g.Contigs() {
			contig, err := g.Contig(i)
			if err == nil {
				err = contig.check(c.Name, c.Length)
			}
			if err != nil {
				yield(job{}, err)
				return
			}
			base := s.onContig(contig, i)
			cells := (len(contig.Bases) + s.cell - 1) / s.cell
			for n := range cells {
				if !yield(job{base, n, n == cells-1}, nil) {
					return
				}
			}
		}
	}
}

// check says what a genome got wrong about its own contig.
func (c *Contig) check(name string, length int) error {
	if c.Name != name || len(c.Bases) != length {
		return fmt.Errorf("contig %s of %d bases: got %s of %d", name, length, c.Name, len(c.Bases))
	}
	if len(c.Donors) == 0 {
		return fmt.Errorf("contig %s: no donor", name)
	}
	sum := 0.0
	for _, d := range c.Donors {
		if d.Share < 0 {
			return fmt.Errorf("contig %s: donor with a share of %g", name, d.Share)
		}
		sum += d.Share
		if err := Check(c.Sequence, d.Records); err != nil {
			return err
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("contig %s: the shares of the donors sum to %g, want 1", name, sum)
	}
	return nil
}

// onContig makes the sequencer that workers copy.
func (s *run) onContig(c *Contig, index int) *sequencer {
	q := &sequencer{run: s, contig: c, index: index, key: mix(s.o.Seed) ^ nameKey(c.Name)}
	for _, d := range c.Donors {
		q.tracks = append(q.tracks, [2]*Track{NewTrack(c.Sequence, d.Records, 0), NewTrack(c.Sequence, d.Records, 1)})
	}
	if s.o.Targets != nil {
		q.targets = append([]locus.Region{}, s.o.Targets.On(c.Name)...)
	}
	q.gcMean = s.meanGC(c.Bases)
	q.twins = newTwinList(c.Bases)
	return q
}

// meanGC is the mean over a contig of the relative depth at the GC content of
// both ends of a fragment, taken every thousand bases.
func (s *run) meanGC(seq []byte) float64 {
	insert, weight := 0.0, 0.0
	for i, w := range s.p.Insert {
		insert += w * (float64(i) + 0.5) * float64(s.p.InsertBin)
		weight += w
	}
	gap := max(int(insert/weight), s.o.Length)
	at := func(from int) (float64, bool) {
		gc := 0
		for _, b := range seq[from : from+s.o.Length] {
			switch codes[b] {
			case 1, 2:
				gc++
			case 4:
				return 0, false
			}
		}
		x := float64(gc) / float64(s.o.Length) * 20
		i := min(int(x), 19)
		return s.p.GC[i] + (x-float64(i))*(s.p.GC[i+1]-s.p.GC[i]), true
	}
	sum, n := 0.0, 0
	for from := 0; from+gap <= len(seq); from += max(100, len(seq)/200_000) {
		a, ok := at(from)
		b, also := at(from + gap - s.o.Length)
		if ok && also {
			sum, n = sum+a*b, n+1
		}
	}
	if n == 0 || sum == 0 {
		return 1
	}
	return sum / float64(n)
}
