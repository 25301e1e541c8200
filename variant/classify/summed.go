package classify

import (
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant"
)

// Summed is a site in numbers, as it can be sent to a classifier elsewhere. Of
// every alt set, in the order of variant.AltSets, it has Features numbers, what
// the counts model says, and what Slips does; Slips is nil where that says nothing.
type Summed struct {
	Features []float32
	Counts   [][Copies]float64
	Slips    [][Copies]float64
}

// Sum sums a site up.
func (f *Featurer) Sum(e *Evidence) (*Summed, error) {
	if e.Summed != nil {
		return e.Summed, nil
	}
	sets, err := f.f.counts.site(e, &f.f.s)
	if err != nil {
		return nil, err
	}
	s := &Summed{Features: f.f.write(nil, e, sets)}
	for _, l := range sets {
		s.Counts = append(s.Counts, l.P)
	}
	slips, err := f.slips.site(e)
	for _, l := range slips {
		s.Slips = append(s.Slips, l.P)
	}
	return s, err
}

// featureSame is the place of the feature that is 1 where no allele of the set
// is longer or shorter than the reference.
const featureSame = 12

// Alleles is the number of alternate alleles of a site with n alt sets, 0 where
// no site has so many.
func Alleles(n int) int {
	k := 0
	for k*(k+1)/2 < n {
		k++
	}
	if k*(k+1)/2 != n {
		return 0
	}
	return k
}

// Evidence is a site that only its sums and pictures are known of: picture
// appends that of the k-th alt set. Its alleles stand for whether they are
// longer or shorter than the reference, as far as classifiers ask. The site is
// called name in errors. It panics where Alleles is 0.
func (s *Summed) Evidence(name string, picture func(dst []byte, k int) ([]byte, error)) *Evidence {
	alts := Alleles(len(s.Counts))
	if alts == 0 || len(s.Features) != len(s.Counts)*Features {
		panic("classify: sums of no site")
	}
	e := &Evidence{Summed: s, Site: variant.Site{Variant: variant.Variant{Contig: name, Ref: "N", End: 1}}}
	for i := range alts {
		alt := "NN"
		if s.Features[i*Features+featureSame] == 1 {
			alt = "N"
		}
		e.Site.Alts = append(e.Site.Alts, alt)
	}
	sets := variant.AltSets(alts)
	e.Draw = func(dst []byte, set []int) ([]byte, error) {
		return picture(dst, slices.IndexFunc(sets, func(x []int) bool { return slices.Equal(x, set) }))
	}
	return e
}

func (s *Summed) features(dst []float32, e *Evidence) ([]float32, error) {
	if want := len(variant.AltSets(len(e.Site.Alts))) * Features; len(s.Features) != want {
		return nil, fmt.Errorf("%s:%d: %d features, want %d", e.Site.Contig, e.Site.Start+1, len(s.Features), want)
	}
	return append(dst, s.Features...), nil
}

// counts is what the counts model said of the site.
func (s *Summed) counts(e *Evidence) ([]variant.Likelihoods, error) {
	alts := variant.AltSets(len(e.Site.Alts))
	if len(alts) == 0 || len(s.Counts) != len(alts) {
		return nil, fmt.Errorf("%s:%d: %d alt sets, and what counts say of %d", e.Site.Contig, e.Site.Start+1, len(alts), len(s.Counts))
	}
	sets := make([]variant.Likelihoods, len(alts))
	for i, set := range alts {
		sets[i] = variant.Likelihoods{AltSet: set, P: s.Counts[i], Model: countsName}
	}
	return sets, nil
}
