package genotype

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// ErrOrder is in the chain of errors about sites that come out of order.
var ErrOrder = errors.New("not in order of contig, start and end")

// Stream makes the records of sorted sites and hands them on in order, settled
// where they overlap. It holds one run of overlapping records at a time. It is
// for one goroutine.
type Stream struct {
	o       Options
	contigs *locus.Contigs
	emit    func(*variant.Call) error
	run     []*variant.Call
	end     int          // the furthest end in run
	last    locus.Region // the site before, as it came
	any     bool
}

// NewStream checks the options. The calls handed to emit are the receiver's to
// keep; an error of emit ends the stream.
func NewStream(o Options, contigs *locus.Contigs, emit func(*variant.Call) error) (*Stream, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	return &Stream{o: o, contigs: contigs, emit: emit}, nil
}

// Push takes the next site. Sites come in order of contig, start and end.
func (s *Stream) Push(in *Input) error {
	c, err := s.o.Call(in)
	if err != nil {
		return err
	}
	return s.add(&c, region(&in.Site))
}

// PushCall takes a site whose record was made by Options.Call, perhaps in
// another goroutine; Push is the two together. The call is the stream's from
// here on.
func (s *Stream) PushCall(c *variant.Call) error {
	return s.add(c, locus.Region{Contig: c.Contig, Start: c.Start, End: c.End})
}

func (s *Stream) add(c *variant.Call, at locus.Region) error {
	if s.contigs.Index(c.Contig) < 0 {
		return fmt.Errorf("%s: %w: %q", place(&c.Site), locus.ErrUnknownContig, c.Contig)
	}
	if s.any && s.contigs.Compare(locus.Region{Contig: at.Contig, Start: at.Start}, locus.Region{Contig: s.last.Contig, Start: s.last.Start}) < 0 {
		return fmt.Errorf("%s comes after %s: %w", place(&c.Site), s.last, ErrOrder)
	}
	s.last, s.any = at, true
	if len(s.run) > 0 && (s.run[0].Contig != c.Contig || c.Start >= s.end) {
		if err := s.Flush(); err != nil {
			return err
		}
	}
	s.run = append(s.run, c)
	s.end = max(s.end, c.End)
	return nil
}

// Reached says that no later site starts before pos on contig, so that a run
// that ends there can go out now rather than with the next site.
func (s *Stream) Reached(contig string, pos int) error {
	if len(s.run) > 0 && s.run[0].Contig == contig && pos < s.end {
		return nil
	}
	return s.Flush()
}

// Flush settles and emits what is held. It is called once more after the last
// site, and before that wherever no site spans.
func (s *Stream) Flush() error {
	s.o.Resolve(s.run)
	if len(s.run) > 1 { // the alleles may have been simplified to other ends
		slices.SortStableFunc(s.run, func(a, b *variant.Call) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
		})
	}
	for _, c := range s.run {
		if err := s.emit(c); err != nil {
			return err
		}
	}
	clear(s.run)
	s.run, s.end = s.run[:0], 0
	return nil
}

// Passed says whether a record stays where only those that pass are wanted.
// The gVCF always keeps all.
func Passed(c *variant.Call) bool { return c.Filter == variant.Pass }

// Held is the start of the first record that is not yet emitted.
func (s *Stream) Held() (start int, ok bool) {
	if len(s.run) == 0 {
		return 0, false
	}
	return s.run[0].Start, true
}
