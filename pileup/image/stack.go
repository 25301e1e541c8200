package image

import "fmt"

// Stack draws pictures of several samples into one, one below the other, each
// with rows of the reference of its own (as DeepTrio's networks take them). Of
// one sample it is a Painter. It belongs to one goroutine.
type Stack struct {
	painters []*Painter
	size     int // of a whole picture
}

// NewStack checks the options; the Aligner is that of NewPainter.
func NewStack(o Options, a Aligner) (*Stack, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &Stack{size: o.Size()}
	for i := range max(len(o.Heights), 1) {
		p, err := NewPainter(o.of(i), a)
		if err != nil {
			return nil, err
		}
		s.painters = append(s.painters, p)
	}
	return s, nil
}

// of is the options of the picture of sample i.
func (o *Options) of(i int) Options {
	p := *o
	if i < len(o.Coverages) {
		p.MeanCoverage = o.Coverages[i]
	}
	if len(o.Heights) > 0 {
		p.Height, p.Heights, p.Coverages, p.part = o.Heights[i], nil, nil, true
	}
	return p
}

// Sample draws the pictures of a sample: its Region is to be set before Draw.
func (s *Stack) Sample(i int) *Painter { return s.painters[i] }

// Draw draws the pictures of the samples of the given numbers, from top to
// bottom, into dst, which has Options.Size bytes. of gives what the picture of
// a sample is about: the same candidate and alt set, as that sample sees it. It
// says false where one of them has none.
func (s *Stack) Draw(dst []byte, samples []int, of func(sample int) Subject) bool {
	if len(dst) != s.size || len(samples) != len(s.painters) {
		panic(fmt.Sprintf("image: %d bytes for pictures of %d, of %d samples out of %d", len(dst), s.size, len(samples), len(s.painters)))
	}
	at := 0
	for _, i := range samples {
		p := s.painters[i]
		n := p.o.Size()
		if !p.Draw(dst[at:at+n], of(i)) {
			return false
		}
		at += n
	}
	return true
}
