// Package merge joins the gVCFs of many samples into one table of sites and
// genotypes.
//
// A site is written wherever an alternate allele is supported by some sample.
// Records of all samples that start at one base are one site: REF is the
// longest of theirs, every allele is lengthened by the bases that its own REF
// lacks of that, and equal alleles become one. Alleles that no sample supports
// with the Phred quality Options.MinAlleleQual are left out; their support is
// the difference between the best likelihood of genotypes without the allele
// and of those with it.
//
// What a sample has at a site:
//
//   - a record of its own that starts there: its genotype, counts and
//     likelihoods under the new numbers. Likelihoods of genotypes with alleles
//     the sample never saw are those of its symbolic allele <*>, or missing.
//     Phases are left out, for phase sets are of one sample's making. A genotype with an allele that was left out becomes the likeliest of the
//     remaining ones.
//   - reference blocks, or records without a variant call, over all bases of
//     REF: 0/0, with the smallest quality and depth of them. A call that begins
//     within REF leaves 0/0 too: it is of other alleles than the site's.
//   - a block that is a no-call, or of depth 0: ./. . A depth of 0 is never
//     0/0.
//   - a call of its own that began before the site and changes the site's first
//     base: ./. , for what stands there is neither REF nor ALT.
//   - nothing, or not over all of REF: ./. without a depth. So what was not
//     looked at is told from what is reference.
//
// Columns are sorted by the sample's name, alleles by how many samples carry
// them, then length and bases: the order of the inputs changes nothing. Work
// goes in windows of the genome, so that memory is bounded by the samples times
// the records of a window, not by the files.
package merge
