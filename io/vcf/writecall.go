package vcf

import (
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// NewCallHeader is the header of CallHeader as a Writer takes it.
func NewCallHeader(o CallStyle, contigs *locus.Contigs, sample string) (*Header, error) {
	h := NewHeader("VCFv4.2", sample)
	lines := CallHeader(o, contigs, sample)
	for _, line := range lines[1 : len(lines)-1] { // without the version and the #CHROM line
		if err := h.AddLine(line); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// WriteCall writes the line of a call to a file of one sample.
func (w *Writer) WriteCall(c *variant.Call, o CallStyle) error {
	w.scratch = AppendCall(w.scratch[:0], c, o)
	return w.WriteLine(c.Contig, c.Start, c.End, w.scratch)
}

// WriteBlock writes the line of a reference block to a file of one sample.
func (w *Writer) WriteBlock(b *variant.Block, o CallStyle) error {
	w.scratch = AppendBlock(w.scratch[:0], b, o)
	return w.WriteLine(b.Contig, b.Start, b.End, w.scratch)
}

// WriteLabel writes the line of a candidate with its true genotype to a file of
// one sample.
func (w *Writer) WriteLabel(s *variant.Site, gt variant.Genotype) error {
	w.scratch = AppendLabel(w.scratch[:0], s, gt)
	return w.WriteLine(s.Contig, s.Start, s.End, w.scratch)
}
