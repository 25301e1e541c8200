package label_test

import (
	"fmt"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/label"
	"github.com/gx-genomics/gx/variant/locus"
)

type genome string

func (g genome) Bases(dst []byte, r locus.Region) ([]byte, error) {
	return append(dst, g[r.Start:r.End]...), nil
}

// The candidate takes an A from the left end of a run of them, the truth from
// the right end: the same change.
func ExampleHaplotype() {
	const reference = genome("ACGTTGCATCAAAAAACGTGACTGATCTCTCTCGGATACC")
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: len(reference)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := &label.Haplotype{Reference: reference, Contigs: contigs}
	candidates := []variant.Variant{{Contig: "chr1", Start: 9, End: 11, Ref: "CA", Alts: []string{"C", "CAA"}}}
	truth := []label.Truth{{
		Variant: variant.Variant{Contig: "chr1", Start: 14, End: 16, Ref: "AA", Alts: []string{"A"}},
		GT:      variant.Genotype{A: 0, B: 1, Phased: true},
	}}
	labels, err := h.Label(nil, candidates, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels[0].GT.A, labels[0].GT.B)
	fmt.Println(labels[0].Of([]int{0}), labels[0].Of([]int{1}), labels[0].Of([]int{0, 1}))
	// Output:
	// 0 1
	// 1 0 1
}
