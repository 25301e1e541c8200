package summary

import (
	"cmp"
	"strconv"
	"strings"
)

// bare is a chromosome without chr before it, in capitals.
func bare(chrom string) string {
	if len(chrom) > 3 && strings.EqualFold(chrom[:3], "chr") {
		chrom = chrom[3:]
	}
	return strings.ToUpper(chrom)
}

// place is where a chromosome stands in a genome: numbers, X, Y, M, then all others.
func place(bare string) int {
	if n, err := strconv.Atoi(bare); err == nil && n >= 0 && n < 1000 {
		return n
	}
	switch bare {
	case "X", "XY", "PAR1", "PAR2":
		return 1000
	case "Y":
		return 1001
	case "M", "MT":
		return 1002
	}
	return 1003
}

// CompareChroms orders names of chromosomes as genomes do: by number, X, Y, M, then
// the others by name.
func CompareChroms(a, b string) int {
	if a == b {
		return 0
	}
	x, y := bare(a), bare(b)
	return cmp.Or(cmp.Compare(place(x), place(y)), strings.Compare(x, y), strings.Compare(a, b))
}
