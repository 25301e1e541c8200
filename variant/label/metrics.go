package label

import (
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Metrics counts how candidates and truths went together: DeepVariant's
// LabelingMetrics. The zero value is no sites.
type Metrics struct {
	TruthSites, TruthAlleles         int // of the truth; alleles are alternate ones of its genotypes
	CandidateSites, CandidateAlleles int // where the truth is known
	UnknownSites                     int // candidates where it is not

	TruePositiveSites, TruePositiveAlleles   int // of the truth, that candidates make
	FalseNegativeSites, FalseNegativeAlleles int // of the truth, that they do not
	FalsePositiveSites, FalsePositiveAlleles int // of the candidates

	InexactPositions         int // candidates with an alternate allele where no truth starts
	ExactPositions           int // candidates that start where a truth does,
	ExactAlleles             int // have the same alternate alleles,
	ExactGenotypes           int // and the same genotype
	MultiallelicsMissAlleles int // truths of several alternate alleles that are not all there
}

// fields are the counts by DeepVariant's names, in its order.
func (m *Metrics) fields() []struct {
	name string
	n    *int
} {
	return []struct {
		name string
		n    *int
	}{
		{"n_truth_variant_sites", &m.TruthSites}, {"n_truth_variant_alleles", &m.TruthAlleles},
		{"n_candidate_variant_sites", &m.CandidateSites}, {"n_candidate_variant_alleles", &m.CandidateAlleles},
		{"n_non_confident_candidate_variant_sites", &m.UnknownSites},
		{"n_true_positive_sites", &m.TruePositiveSites}, {"n_true_positive_alleles", &m.TruePositiveAlleles},
		{"n_false_negative_sites", &m.FalseNegativeSites}, {"n_false_negative_alleles", &m.FalseNegativeAlleles},
		{"n_false_positive_sites", &m.FalsePositiveSites}, {"n_false_positive_alleles", &m.FalsePositiveAlleles},
		{"n_inexact_position_matches", &m.InexactPositions}, {"n_exact_position_matches", &m.ExactPositions},
		{"n_exact_position_and_allele_matches", &m.ExactAlleles},
		{"n_exact_position_and_allele_and_genotype_matches", &m.ExactGenotypes},
		{"n_truth_multiallelics_sites_with_missed_alleles", &m.MultiallelicsMissAlleles},
	}
}

// Add adds the counts of another part.
func (m *Metrics) Add(o *Metrics) {
	theirs := o.fields()
	for i, f := range m.fields() {
		*f.n += *theirs[i].n
	}
}

// Append appends the counts as protocol buffer text, one per line, those of 0
// left out, each line behind an indent.
func (m *Metrics) Append(dst []byte, indent string) []byte {
	for _, f := range m.fields() {
		if *f.n != 0 {
			dst = fmt.Appendf(dst, "%s%s: %d\n", indent, f.name, *f.n)
		}
	}
	return dst
}

// add counts a group: the candidates and the genotypes that they were given, the
// truths, their genotypes, and what was made of these.
func (m *Metrics) add(confident *locus.Set, candidates []*variant.Variant, found []genotype, truths []*variant.Variant, gt []variant.Genotype, made []genotype) {
	for i := range truths {
		given := genotype{uint8(gt[i].A), uint8(gt[i].B)}
		m.TruthSites++
		m.TruthAlleles += given.alts()
		if made[i].alts() == 0 {
			m.FalseNegativeSites++
		} else {
			m.TruePositiveSites++
		}
		if n := given.alts(); n > 1 && made[i].alts() < n {
			m.MultiallelicsMissAlleles++
		}
		found := min(2-made[i].zeros(), 2-given.zeros())
		m.TruePositiveAlleles += found
		m.FalseNegativeAlleles += 2 - given.zeros() - found
	}
	for i, c := range candidates {
		if !known(confident, c) {
			m.UnknownSites++
			continue
		}
		alts := found[i].alts()
		m.CandidateSites++
		m.CandidateAlleles += len(c.Alts)
		m.FalsePositiveAlleles += len(c.Alts) - alts
		if alts == 0 {
			m.FalsePositiveSites++
		}
		m.place(c, found[i], truths, made)
	}
}

// place counts how near a candidate is to the truth that starts where it does,
// the last one if there are several.
func (m *Metrics) place(c *variant.Variant, found genotype, truths []*variant.Variant, made []genotype) {
	for i, t := range slices.Backward(truths) {
		if t.Start != c.Start {
			continue
		}
		m.ExactPositions++
		if !sameAlts(c.Alts, t.Alts) {
			return
		}
		m.ExactAlleles++
		if found == made[i] {
			m.ExactGenotypes++
		}
		return
	}
	if found.alts() > 0 {
		m.InexactPositions++
	}
}

// sameAlts says whether two records have the same alternate alleles, in any
// order.
func sameAlts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// alts is the number of different alternate alleles of a genotype.
func (g genotype) alts() int {
	switch {
	case g[0] == 0 && g[1] == 0:
		return 0
	case g[0] == 0 || g[1] == 0 || g[0] == g[1]:
		return 1
	}
	return 2
}
