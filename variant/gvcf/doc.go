// Package gvcf makes the reference blocks of a gVCF and merges them with the
// calls.
//
// At every base of the reference the reads that support it and those that do
// not give likelihoods of the three genotypes under one error rate. Runs of
// bases whose quality falls into the same bin become one record. A base where
// the reference is not the likeliest is a record of its own, a no-call.
//
// A run is made of pieces (Run): each cell of the genome gives its own, in any
// goroutine, and a Joiner joins neighbouring ones that belong together, so that
// the blocks do not depend on where cells end. They end where the Joiner is
// told to Cut: at borders of the regions asked for, or, to equal DeepVariant,
// at the end of every partition.
//
// Merger puts blocks and calls into one order; the blocks give way where a call
// stands. (DeepVariant 1.5 and 1.9: make_examples --gvcf, haplotype-unaware
// merging of postprocess_variants.)
package gvcf
