// Package summary sums up a scan for a report while its rows pass by: how many
// tests, how many hits, the inflation, quantiles for a QQ plot, a picture of the
// whole genome and the loci.
//
// # What is exact
//
// Counts, loci, leading variants and the 8,192 smallest p are exact, so everything of
// a scan of up to 16,384 tests is. Of more, the other quantiles come from bins of
// -log10 p a 4,096th wide, spread evenly inside, and the inflation with them. The
// picture keeps of every stretch of the genome which heights have a dot, finer than
// any pixel. Nothing depends on the order of the rows.
//
// # Memory
//
// A test keeps at most 8,192 values, 70,000 counts, 8,192 stretches of the genome with
// a bit per height, and the loci, of which a genome has no more than its length over
// the window: about 2 MB for ten rows as for ten million (TestMemoryStays).
//
// # Loci
//
// Hits on a chromosome no further apart than the window belong to one locus; the
// smallest p leads it. No linkage is looked at: a long chain of hits is one locus,
// and a second signal beside the first is not seen. All hits inside a region that is
// one by its history (the MHC) are one locus as well.
package summary
