package simulate_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
)

// A genome is made, a sample of it drawn, and that sequenced.
func Example() {
	made := simulate.DefaultReference()
	made.Contigs = []locus.Contig{{Name: "chr1", Length: 50_000}}
	ref, err := simulate.Reference(made, 0)
	if err != nil {
		log.Print(err)
		return
	}
	truth, err := simulate.Truth(ref, simulate.DefaultTruth())
	if err != nil {
		log.Print(err)
		return
	}
	genome := simulate.InMemory{{Sequence: ref, Donors: []simulate.Donor{{Records: truth, Share: 1}}}}
	o := simulate.DefaultReads()
	o.Depth = 20
	bases, last, sorted := 0, 0, true
	err = simulate.Aligned(context.Background(), genome, simulate.DefaultProfile(), o, 2, func(r *align.Read) error {
		bases += len(r.Bases)
		sorted, last = sorted && r.Start >= last, r.Start
		return nil
	})
	fmt.Println(err, sorted, (bases/len(ref.Bases)+2)/5*5)
	// Output: <nil> true 20
}
