package stage

import (
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/locus"
)

// population is the VCFs of the frequencies of alleles, open.
type population []*vcf.Indexed

func openPopulation(paths []string) (p population, err error) {
	for _, path := range paths {
		f, err := vcf.OpenIndexed(path)
		if err != nil {
			p.close()
			return nil, err
		}
		p = append(p, f)
	}
	return p, nil
}

func (p population) close() {
	for _, f := range p {
		f.Close() // it was only read
	}
}

// besideKnown is how far beside the cells at hand records are looked for: as
// far as a candidate may reach out of its cell.
const besideKnown = pileup.Margin

// known are the records that overlap the cells at hand, of all files in turn,
// each in the order of starts. A record without frequencies says nothing.
func (p population) known(dst []image.Known, cells []pileup.GridCell) ([]image.Known, error) {
	r := locus.Region{Contig: cells[0].Contig, Start: cells[0].Start, End: cells[len(cells)-1].End + besideKnown}
	for _, f := range p {
		err := eachRecord(f, r, func(rec *vcf.Record) error {
			if _, ok := rec.InfoValue("AF"); !ok {
				return nil
			}
			list, err := rec.InfoFloats(nil, "AF")
			if err != nil {
				return err
			}
			k := image.Known{Variant: siteOf(rec)}
			if !inBases(k.Alts) {
				return nil
			}
			for _, x := range list {
				k.Frequency = append(k.Frequency, float32(x))
			}
			dst = append(dst, k)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// frequencies are those of a candidate's alternate alleles, and of its
// reference allele, in the population; nil where there is none.
func (d *drawer) frequencies(c *candidate.Candidate, p *pileup.Pileup) (alts []float32, reference float32) {
	if len(d.w.population) == 0 {
		return nil, 0
	}
	d.near = d.near[:0]
	for i := range d.known {
		if k := &d.known[i]; k.Start < c.End && k.End > c.Start {
			d.near = append(d.near, *k)
		}
	}
	return image.Frequencies(nil, &c.Variant, d.near, p.Ref)
}

// tellFrequencies adds them to the message of a candidate.
func (d *drawer) tellFrequencies(m *example.DeepVariantCall, c *candidate.Candidate, p *pileup.Pileup) {
	alts, reference := d.frequencies(c, p)
	if alts == nil {
		return
	}
	m.Frequency = append(m.Frequency, example.AlleleFrequency{Allele: c.Ref, Value: reference})
	for i, f := range alts {
		m.Frequency = append(m.Frequency, example.AlleleFrequency{Allele: c.Alts[i], Value: f})
	}
}
