// Package realign sets short reads anew on the reference where several of them
// disagree with it, so that one and the same indel is written in one way in
// all reads that carry it. It follows DeepVariant's realigner:
//
//   - Window selection: positions that at least two reads contradict are joined
//     to windows of up to 1,000 bases.
//   - Haplotypes: the k-mers of a window's reads and reference make a de Bruijn
//     graph; its paths from the first to the last k-mer of the reference are
//     the sequences that the sample may carry there (DePristo et al., Nature
//     Genetics 43, 2011, had the idea).
//   - Alignment: every read is set on every haplotype, first without gaps by
//     an index of its 32-mers, and where that fails by local alignment with
//     affine gaps (Smith and Waterman 1981, Gotoh 1982; ends and traceback
//     follow the striped implementation of Zhao et al., PLoS ONE 8, 2013).
//     The best haplotype's own alignment to the reference then carries the
//     read there.
//
// By default the result is a function of the reads near a site alone: windows
// are found on the contig, whatever region is asked for. Options.ByPartition
// is DeepVariant's way, where the borders of a partition cut them.
//
// All work is done in the memory of a Scratch, which belongs to one goroutine
// and allocates nothing once it is warm.
package realign
