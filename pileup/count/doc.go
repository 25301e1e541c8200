// Package count counts the alleles that reads show at each position of a
// region, as the allele counter of DeepVariant 1.5 and 1.9 does.
//
// Every aligned base of a read is one observation at its position; insertions,
// deletions and soft clips stand at the base before them, as in VCF, and take
// the place of the base there. Reads that show the reference are only counted;
// every other observation is kept with its read.
//
// A Counter reuses all of its memory: once warm it allocates nothing per read.
// Observations hold no bases of their own, only their place in the read or in
// the reference, so Counts are valid as long as the reads that they were made
// from and until the next Count of the same Counter.
package count
