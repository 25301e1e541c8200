package pileup

import (
	"context"
	"iter"
	"time"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// A ReadSource yields the reads that overlap a region, in coordinate order (for
// several files: in the order that a compatible mode asks for). A read is valid
// until the next step. It is called from many goroutines at once.
type ReadSource interface {
	Reads(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error]
}

// A Reference gives the bases of a genome in upper case, IUPAC codes as they
// are. It is called from many goroutines at once.
type Reference interface {
	// Bases appends the bases of a region to dst.
	Bases(dst []byte, r locus.Region) ([]byte, error)
}

// Pileup is a cell with all that its reads show. It is valid until the function
// that it is given to returns.
type Pileup struct {
	GridCell
	Reads      []align.Read          // realigned, in the order in which images take them
	Counts     *count.Counts         // of the whole cell, and of what lies beside it where reads are phased
	Found      []candidate.Candidate // in all of the cell, whatever part of it is wanted
	Candidates []candidate.Candidate // those that start where the cell emits
	Haplotypes []int32               // of the reads: 1, 2, or 0 where it is not known; nil where they are not phased
	Phases     [][]int               // of the alleles of each of Found, the reference first, in the same way
	Ref        count.Window          // the cell and, within the contig, at least Margin bases beside it
}

// Margin is how far beside a cell its reference is at hand: enough for images
// and for the context of repeats.
const Margin = 500

// Processor turns cells into pileups. It belongs to one goroutine.
type Processor struct {
	reads   ReadSource
	ref     Reference
	contigs *locus.Contigs
	o       Options

	intake   *intake
	counter  count.Counter
	selector candidate.Selector
	found    []candidate.Candidate
	kept     []candidate.Candidate // of found, those that are wanted
	bases    []byte
	near     []align.Read // of the cell at hand
	shifted  []align.Read // and how they are counted and drawn where they are normalized
	drawn    []align.Read
	phaser   realign.Phaser
	track    []bool
	starts   []int
	spans    *spanner
	parts    *partitioner
	spent    Spent

	// Of a member of a Group: its cells are handed over counted only, and joint,
	// where not nil, sets reads anew in place of the processor itself.
	member bool
	joint  func(*unset) ([]align.Read, error)
}

// NewProcessor makes a processor of the cells of some contigs.
func NewProcessor(reads ReadSource, ref Reference, contigs *locus.Contigs, o Options) *Processor {
	p := &Processor{reads: reads, ref: ref, contigs: contigs, o: o, intake: newIntake(&o)}
	p.counter.Options, p.selector.Options = o.Count, o.Candidate
	if o.RefSites > 0 {
		p.selector.KeepRef = RefSites(o.RefSites)
		if o.Compat != Default {
			p.selector.KeepRef = RefSitesInOrder(o.RefSites)
		}
	}
	p.phaser.Version = realign.V19
	if o.Compat == V15 {
		p.phaser.Version = realign.V15
	}
	if o.Compat != Default {
		p.parts = newPartitioner(p)
	} else {
		p.spans = newSpanner(p)
	}
	return p
}

// Span makes the pileups of cells of one contig, in order, and gives each to
// visit. What a cell's pileup is does not depend on the cells beside it in the
// span, but cells that lie together cost less together.
func (p *Processor) Span(ctx context.Context, cells []GridCell, visit func(*Pileup) error) error {
	if len(cells) == 0 {
		return nil
	}
	if p.parts != nil {
		return p.parts.span(ctx, cells, visit)
	}
	return p.spans.span(ctx, cells, visit)
}

// finish counts the reads of a cell and visits its pileup. ref holds the
// reference around the cell.
func (p *Processor) finish(c GridCell, reads []align.Read, ref count.Window, visit func(*Pileup) error) error {
	began := time.Now()
	drawn := reads
	if p.o.Normalize {
		reads, drawn = p.normalized(reads, ref)
	}
	out := &Pileup{GridCell: c, Reads: drawn, Ref: ref}
	region := p.counted(c.Region)
	out.Counts = p.counter.Count(reads, ref, region, p.everywhere(region.Len()))
	if !p.member {
		p.find(out)
	}
	p.spent.Count += time.Since(began)
	return visit(out)
}

// find completes a counted pileup by its candidates. others are the counts of
// further samples.
func (p *Processor) find(out *Pileup, others ...*count.Counts) {
	if p.o.TrackRef && !p.o.Count.Methylation {
		track := p.tracked(out.Counts, others)
		out.Counts = p.counter.Count(out.Counts.Reads(), out.Ref, out.Counts.Region, track)
	}
	p.found = p.selector.Append(p.found[:0], out.Counts, others...)
	out.Found = p.found
	if p.o.Phase {
		p.phase(out)
	}
	p.choose(out)
	out.Candidates = out.Found
	if c := &out.GridCell; len(c.Emit) != 1 || c.Emit[0] != c.Region {
		p.kept = p.kept[:0]
		for i := range out.Found {
			if c.Emits(out.Found[i].Start) {
				p.kept = append(p.kept, out.Found[i])
			}
		}
		out.Candidates = p.kept
	}
}

// choose leaves of what was found the candidates of the wanted types.
func (p *Processor) choose(out *Pileup) {
	if p.o.Types.All() {
		return
	}
	kept := 0
	for i := range out.Found {
		if !p.o.Types.Has(&out.Found[i].Variant) {
			continue
		}
		out.Found[kept] = out.Found[i]
		if out.Phases != nil {
			out.Phases[kept] = out.Phases[i]
		}
		kept++
	}
	out.Found = out.Found[:kept]
	if out.Phases != nil {
		out.Phases = out.Phases[:kept]
	}
}

// window reads the reference from start to end, clipped to the contig. It is
// valid until the next call.
func (p *Processor) window(contig string, start, end int) (count.Window, error) {
	c, _ := p.contigs.Find(contig)
	start, end = max(start, 0), min(end, c.Length)
	var err error
	p.bases, err = p.ref.Bases(p.bases[:0], locus.Region{Contig: contig, Start: start, End: end})
	return count.Window{Start: start, Bases: p.bases}, err
}

// SpanBases is the most bases of the cells of a span: enough for what a span
// reads beside itself to cost little, and few enough for its reads to fit in the
// memory of a worker.
const SpanBases = 100_000

// spanGap is how far apart two cells of a span may lie: reads beside them are
// taken that far anyway.
const spanGap = 5 * CellSize

// Spans cuts a sequence of cells into runs for Processor.Span: cells of one
// contig that lie close together, at most most of them.
func Spans(cells iter.Seq[GridCell], most int) iter.Seq[[]GridCell] {
	return func(yield func([]GridCell) bool) {
		var run []GridCell
		for c := range cells {
			if n := len(run); n > 0 && (run[n-1].Contig != c.Contig || c.Start-run[n-1].End > spanGap || n >= most) {
				if !yield(run) {
					return
				}
				run = nil
			}
			run = append(run, c)
		}
		if len(run) > 0 {
			yield(run)
		}
	}
}
