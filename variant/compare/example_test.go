package compare_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/compare"
	"github.com/gx-genomics/gx/variant/locus"
)

// sequence is a reference of one contig.
type sequence string

func (s sequence) Bases(dst []byte, r locus.Region) ([]byte, error) {
	return append(dst, s[r.Start:r.End]...), nil
}

// records gives heterozygous variants as a stream.
func records(list ...variant.Variant) compare.Records {
	return func(yield func(compare.Record, error) bool) {
		for _, v := range list {
			v.Contig, v.End = "c", v.Start+len(v.Ref)
			if !yield(compare.Record{Variant: v, GT: variant.Genotype{A: 0, B: 1}, Ploidy: 2, GQ: 40}, nil) {
				return
			}
		}
	}
}

// The same deletion, at either end of a run, and a block of two bases against
// two SNPs.
func Example() {
	ref := sequence("GATTACAAAAAAGTCCTGATTACAGGACTAGCAT")
	contigs, _ := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(ref)}})
	results, err := compare.Run(context.Background(), compare.Input{
		Reference: ref,
		Contigs:   contigs,
		Truth:     records(variant.Variant{Start: 5, Ref: "CA", Alts: []string{"C"}}, variant.Variant{Start: 19, Ref: "TT", Alts: []string{"GC"}}),
		Queries: []compare.Query{{Name: "calls", Calls: records(variant.Variant{Start: 10, Ref: "AA", Alts: []string{"A"}},
			variant.Variant{Start: 19, Ref: "T", Alts: []string{"G"}}, variant.Variant{Start: 20, Ref: "T", Alts: []string{"C"}})}},
	}, 1, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range results[0].Summary() {
		fmt.Println(strings.Join(row[:7], " "))
	}
	// Output:
	// INDEL ALL 1 1 0 1 0
	// INDEL PASS 1 1 0 1 0
	// SNP ALL 1 1 0 2 0
	// SNP PASS 1 1 0 2 0
}
