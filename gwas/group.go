package gwas

import (
	"math"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// group is the traits that have the same samples and covariates.
type group struct {
	mask     []bool   // of the study's samples; nil for all
	words    []uint64 // the mask in the order of genotypes; nil for all
	males    []uint64 // males of the group as a mask; nil where sex does not matter
	sex      []uint64 // all males of the genotypes, the same
	n        int
	basis    *pheno.Basis
	q        *exact.Columns // the basis without the intercept
	root     float64        // every value of the intercept's column: 1/sqrt(n)
	quant    []int          // the study's traits
	binary   []int
	*members // nil without binary traits
}

// members is the samples of a group alone, in the order of the study: what its
// binary traits share.
type members struct {
	rows  []int       // the study's samples
	file  []int       // their columns in the genotypes
	where []int       // of each of the study's samples: its place in rows, or -1
	x     [][]float64 // the basis
}

func (g *group) newMembers(s *pheno.Study) *members {
	m := &members{where: make([]int, len(s.Samples))}
	for i := range s.Samples {
		m.where[i] = -1
		if g.in(i) {
			m.where[i] = len(m.rows)
			m.rows = append(m.rows, i)
			m.file = append(m.file, s.Column[i])
		}
	}
	for _, q := range g.basis.Q {
		if g.mask == nil {
			m.x = append(m.x, q)
			continue
		}
		col := make([]float64, len(m.rows))
		for k, i := range m.rows {
			col[k] = q[i]
		}
		m.x = append(m.x, col)
	}
	return m
}

// malesOf is the males of a mask.
func (g *group) malesOf(mask []uint64) []uint64 {
	if g.sex == nil {
		return nil
	}
	out := make([]uint64, len(g.sex))
	for i, w := range g.sex {
		if out[i] = w; mask != nil {
			out[i] &= mask[i]
		}
	}
	return out
}

// newGroups sorts the traits into groups, in the order of their first trait.
// Those without a sample are in none. males, if not nil, is a mask of the
// genotypes.
func newGroups(s *pheno.Study, males []uint64) (groups []*group, empty []int) {
	type key struct {
		mask string
		own  int // trait with a covariate of its own, else -1
	}
	found := map[key]*group{}
	for t := range s.Traits {
		trait := &s.Traits[t]
		if trait.N == 0 {
			empty = append(empty, t)
			continue
		}
		mask, bits := traitMask(trait)
		k := key{bits, -1}
		if len(trait.Own) > 0 {
			k.own = t
		}
		g := found[k]
		if g == nil {
			g = newGroup(s, mask, trait)
			g.sex = males
			g.males = g.malesOf(g.words)
			found[k] = g
			groups = append(groups, g)
		}
		if trait.Binary {
			g.binary = append(g.binary, t)
			if g.members == nil {
				g.members = g.newMembers(s)
			}
		} else {
			g.quant = append(g.quant, t)
		}
	}
	return groups, empty
}

// traitMask is which samples have the trait, nil for all, and the same as text.
func traitMask(t *pheno.Trait) ([]bool, string) {
	if t.N == len(t.Values) {
		return nil, ""
	}
	mask := make([]bool, len(t.Values))
	bits := make([]byte, (len(mask)+7)/8)
	for i, v := range t.Values {
		if !math.IsNaN(v) {
			mask[i] = true
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return mask, string(bits)
}

func newGroup(s *pheno.Study, mask []bool, t *pheno.Trait) *group {
	n := len(s.Samples)
	covariates := append(s.Covariates[:len(s.Covariates):len(s.Covariates)], t.Own...)
	g := &group{mask: mask, n: t.N, basis: pheno.NewBasis(covariates, mask, n), root: 1 / math.Sqrt(float64(t.N))}
	if mask != nil {
		file := make([]bool, n)
		for i, in := range mask {
			file[s.Column[i]] = in
		}
		g.words = dosage.MaskWords(nil, file)
	}
	g.q = exact.NewColumns(g.basis.Q[1:], s.Column, n)
	return g
}

func (g *group) in(i int) bool { return g.mask == nil || g.mask[i] }
