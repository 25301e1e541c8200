package pileup_test

import (
	"fmt"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/variant/locus"
)

// A region border filters what is wanted of a cell, never what is read there.
func ExampleCells() {
	contigs, _ := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 5000}})
	regions, _ := pileup.CallingRegions(contigs, locus.NewSet(locus.Region{Contig: "chr1", Start: 900, End: 1200}, locus.Region{Contig: "chr1", Start: 1500, End: 1600}), nil)
	for cell := range pileup.Cells(contigs, regions, pileup.CellSize) {
		fmt.Println(cell.Region, cell.Emit)
	}
	// Output:
	// chr1:1-1000 [chr1:901-1000]
	// chr1:1001-2000 [chr1:1001-1200 chr1:1501-1600]
}
