package label

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestMetrics: what is counted of candidates and truths, by hand.
func TestMetrics(t *testing.T) {
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: 400}})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("ACGTTGCATCAGGATC", 25)
	site := func(pos, n int, alts ...string) variant.Variant {
		return variant.Variant{Contig: "c", Start: pos, End: pos + n, Ref: text[pos : pos+n], Alts: alts}
	}
	truth := func(a, b int, v variant.Variant) Truth { return Truth{Variant: v, GT: variant.Genotype{A: a, B: b}} }
	h := &Haplotype{Reference: genome(text), Contigs: contigs, Confident: locus.NewSet(locus.Region{Contig: "c", Start: 0, End: 300})}
	other := func(pos int) string { return map[byte]string{'A': "C", 'C': "G", 'G': "T", 'T': "A"}[text[pos]] }
	third := func(pos int) string { return map[byte]string{'A': "G", 'C': "T", 'G': "A", 'T': "C"}[text[pos]] }
	for _, k := range []struct {
		name       string
		candidates []variant.Variant
		truths     []Truth
		want       Metrics
	}{
		{"found", []variant.Variant{site(50, 1, other(50))}, []Truth{truth(1, 1, site(50, 1, other(50)))},
			Metrics{TruthSites: 1, TruthAlleles: 1, CandidateSites: 1, CandidateAlleles: 1, TruePositiveSites: 1, TruePositiveAlleles: 2, ExactPositions: 1, ExactAlleles: 1, ExactGenotypes: 1}},
		{"missed", nil, []Truth{truth(0, 1, site(50, 1, other(50)))},
			Metrics{TruthSites: 1, TruthAlleles: 1, FalseNegativeSites: 1, FalseNegativeAlleles: 1}},
		{"false", []variant.Variant{site(50, 1, other(50), third(50))}, nil,
			Metrics{CandidateSites: 1, CandidateAlleles: 2, FalsePositiveSites: 1, FalsePositiveAlleles: 2}},
		{"where nothing is known", []variant.Variant{site(320, 1, other(320))}, []Truth{truth(0, 1, site(320, 1, other(320)))},
			Metrics{UnknownSites: 1}},
		{"one of two alleles", []variant.Variant{site(50, 1, other(50))}, []Truth{truth(1, 2, site(50, 1, other(50), third(50)))},
			Metrics{TruthSites: 1, TruthAlleles: 2, CandidateSites: 1, CandidateAlleles: 1, TruePositiveSites: 1, TruePositiveAlleles: 1, FalseNegativeAlleles: 1,
				ExactPositions: 1, MultiallelicsMissAlleles: 1}},
		{"written otherwise", []variant.Variant{site(50, 1, other(50)), site(51, 1, other(51))}, []Truth{truth(0, 1, site(50, 2, other(50)+other(51)))},
			Metrics{TruthSites: 1, TruthAlleles: 1, CandidateSites: 2, CandidateAlleles: 2, TruePositiveSites: 1, TruePositiveAlleles: 1, InexactPositions: 1, ExactPositions: 1}},
	} {
		var got, twice Metrics
		for range 2 {
			got = Metrics{}
			if _, err := h.LabelCounted(nil, &got, k.candidates, k.truths); err != nil {
				t.Fatalf("%s: %v", k.name, err)
			}
			twice.Add(&got)
		}
		if got != k.want {
			t.Errorf("%s:\n got %+v\nwant %+v", k.name, got, k.want)
		}
		if twice.TruthSites != 2*got.TruthSites || twice.CandidateAlleles != 2*got.CandidateAlleles {
			t.Errorf("%s: %+v is not twice %+v", k.name, twice, got)
		}
	}
	m := Metrics{TruthSites: 3, ExactGenotypes: 2}
	if got, want := string(m.Append(nil, " ")), " n_truth_variant_sites: 3\n n_exact_position_and_allele_and_genotype_matches: 2\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
