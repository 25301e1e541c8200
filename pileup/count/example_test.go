package count_test

import (
	"fmt"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Two reads carry an insertion behind the third base, a third one does not.
func Example() {
	read := func(name, cigar, bases string) align.Read {
		c, _ := align.ParseCigar(cigar)
		quals := make([]byte, len(bases))
		for i := range quals {
			quals[i] = 30
		}
		return align.Read{Name: name, Start: 100, Cigar: c, Bases: []byte(bases), Quals: quals, MapQ: 60}
	}
	reads := []align.Read{read("a", "3M2I2M", "ACGTTTA"), read("b", "3M2I2M", "ACGTTTA"), read("c", "5M", "ACGTA")}
	ref := count.Window{Start: 100, Bases: []byte("ACGTA")}

	counter := count.Counter{Options: count.Defaults()}
	counts := counter.Count(reads, ref, locus.Region{Contig: "chr1", Start: 100, End: 105}, nil)
	for i := range counts.Len() {
		fmt.Printf("%d %c: %d of %d reads", counts.Region.Start+i, counts.RefBase(i), counts.RefSupport[i], counts.Total[i])
		for _, s := range counts.AppendSums(nil, i) {
			fmt.Printf(", %s in %d", counts.AppendBases(nil, i, &s.First), s.N)
		}
		fmt.Println()
	}
	// Output:
	// 100 A: 3 of 3 reads
	// 101 C: 3 of 3 reads
	// 102 G: 1 of 3 reads, GTT in 2
	// 103 T: 3 of 3 reads
	// 104 A: 3 of 3 reads
}
