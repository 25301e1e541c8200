package pileup

import (
	"sort"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/locus"
)

// counted is the region whose positions are counted for a cell: where reads are
// phased, a fifth of its length more on either side, for the candidates there
// tell haplotypes apart too.
func (p *Processor) counted(cell locus.Region) locus.Region {
	if !p.o.Phase {
		return cell
	}
	contig, _ := p.contigs.Find(cell.Contig)
	pad := cell.Len() / 5
	cell.Start, cell.End = max(cell.Start-pad, 0), min(cell.End+pad, contig.Length)
	return cell
}

// tracked marks the positions of candidates, where the reads of the reference
// allele are wanted as well.
func (p *Processor) tracked(c *count.Counts, others []*count.Counts) []bool {
	p.track = append(p.track[:0], make([]bool, c.Len())...)
	p.starts = p.selector.AppendStarts(p.starts[:0], c, others...)
	for _, start := range p.starts {
		p.track[start-c.Region.Start] = true
	}
	return p.track
}

// everywhere marks all of n positions where methylation is looked at, for which
// the reads of the reference allele are wanted; nil where it is not.
func (p *Processor) everywhere(n int) []bool {
	if !p.o.Count.Methylation {
		return nil
	}
	for len(p.track) < n {
		p.track = append(p.track, true)
	}
	return p.track[:n]
}

// phase sorts the reads into haplotypes by all candidates that were found, and
// leaves of these only the ones that start in the cell. Where there are too many
// for DeepVariant to phase them, reads keep the haplotype that their tags tell.
func (p *Processor) phase(out *Pileup) {
	all := out.Found
	at := func(pos int) int {
		return sort.Search(len(all), func(i int) bool { return all[i].Start >= pos })
	}
	from, to := at(out.Start), at(out.End)
	out.Found = all[from:to]
	if len(all) > p.o.PhaseMax {
		return
	}
	out.Haplotypes = p.phaser.Phase(all, nil, len(out.Reads))
	for i := from; i < to; i++ {
		out.Phases = append(out.Phases, p.phaser.Alleles(nil, i, &all[i], nil))
	}
	if p.o.ReverseHaplotypes {
		for i, h := range out.Haplotypes {
			out.Haplotypes[i] = other(h)
		}
		for _, alleles := range out.Phases {
			for i, h := range alleles {
				alleles[i] = other(h)
			}
		}
	}
}

// other is the other haplotype, 0 for none.
func other[T int | int32](h T) T {
	if h == 0 {
		return 0
	}
	return 3 - h
}
