// Package simulate makes data whose truth is known: a synthetic reference,
// the two haplotypes of a sample over a reference, and the short reads of a
// sequencing run of them, as pairs and as alignments.
//
// The way of the data: Reference makes sequences (or a caller brings its own);
// Truth draws phased variants over a sequence (or Adopt takes given ones);
// Pairs and Aligned read fragments of the haplotypes with the errors of a
// Profile. Everything is drawn from generators seeded by the seed of the
// options, the name of the contig and the number of a cell of it, so the same
// options give the same values whatever the number of goroutines, and a contig
// the same values whatever other contigs are simulated beside it.
//
// Alignments are not made by aligning. A read's true path through the
// reference is known, and what an aligner would have made of it is worked out
// from the affine scores of BWA-MEM (Li 2013, arXiv:1303.3997): indels too
// close to an end become mismatches or clips, adapters and chimeric halves are
// clipped where they stop matching, indels are shifted left, and reads of
// places that are alike are set on any of them with mapping quality 0.
package simulate
