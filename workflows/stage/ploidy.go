package stage

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/variant/locus"
)

// Ploidy says of which contigs a sample has one copy: by its sex, or contig by
// contig. It is part of the options of calling and genotyping.
type Ploidy struct {
	Sex     string   `json:"sex,omitempty"` // female or male, of a human sample; empty: as the two others say
	Haploid []string `json:"haploid_contigs,omitempty"`
	PARBed  string   `json:"par_regions_bed,omitempty"`
}

// errSexTwice is what giving both ways at once is.
var errSexTwice = errors.New("sex says what haploid-contigs and par-regions-bed say: want one or the others")

func (p *Ploidy) validate() error {
	switch {
	case p.Sex != "" && p.Sex != "female" && p.Sex != "male":
		return fmt.Errorf("sex %q: want female or male", p.Sex)
	case p.Sex != "" && (len(p.Haploid) > 0 || p.PARBed != ""):
		return errSexTwice
	}
	return nil
}

// on finds the haploid contigs of a reference, and their regions that are
// diploid all the same. Of a man these are X and Y without the pseudoautosomal
// regions of GRCh37 or GRCh38, whichever the length of X tells; a woman has two
// of all, and calls on Y are left as they are. skip lets lines of the BED file
// be on contigs that the reference lacks.
func (p *Ploidy) on(env *Env, contigs *locus.Contigs, skip bool) (haploid []string, par *locus.Set, err error) {
	for _, name := range p.Haploid {
		if contigs.Index(name) < 0 {
			return nil, nil, fmt.Errorf("haploid contigs: %w", contigs.Unknown(name))
		}
	}
	if p.PARBed != "" {
		if len(p.Haploid) == 0 {
			return nil, nil, fmt.Errorf("%s: regions that are diploid on haploid contigs, but no contig is haploid; name them with --haploid-contigs", p.PARBed)
		}
		par, err = bed.Set(p.PARBed, bed.Options{Contigs: contigs, Skip: skip})
		return p.Haploid, par, err
	}
	if p.Sex != "male" {
		return p.Haploid, nil, nil
	}
	h := locus.FindHuman(contigs.List())
	for _, c := range []locus.Contig{h.X, h.Y} {
		if c.Name != "" {
			haploid = append(haploid, c.Name)
		}
	}
	switch {
	case len(haploid) == 0:
		env.note("sex male: the reference has no contig X or Y, so that all is called diploid")
	case h.PARX == nil:
		return nil, nil, fmt.Errorf("sex male: %s of %d bases is that of neither GRCh37 nor GRCh38, whose pseudoautosomal regions are known; "+
			"name them with --haploid-contigs and --par-regions-bed", haploid[0], contigs.At(contigs.Index(haploid[0])).Length)
	}
	return haploid, locus.NewSet(slices.Concat(h.PARX, h.PARY)...), nil
}

// mitoNote says once that calls on the mitochondrion are as if of two copies.
type mitoNote struct{ said bool }

func (m *mitoNote) call(env *Env, contig string, haploid []string) {
	if !m.said && locus.Mitochondrial(contig) && !slices.Contains(haploid, contig) {
		m.said = true
		env.note("%s is called as if it had two copies: fractions of its many copies are not genotypes", contig)
	}
}
