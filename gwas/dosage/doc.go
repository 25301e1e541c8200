// Package dosage holds the noun of association: a Block, a run of variants by
// all kept samples.
//
// A Row is one variant with one alternate allele; a record with several is
// split into one Row for each, where copies of the other alternates count as
// none. A Row says how many copies of the alternate allele each sample carries,
// in one of two shapes:
//
//   - hard calls, packed two bits a sample (0, 1, 2 copies, 3 missing), 32
//     samples a word, the first in the lowest bits: the main track of PGEN.
//     They stay packed, so that counting is a matter of popcounts and half a
//     million samples take 125 KB. Unpack spreads them to a byte a sample
//     through a table of the caller's.
//   - dosages, a uint16 a sample in units of 1/Scale of an allele, Missing
//     where there is none. Scale is 16384 in PGEN and VCF, 2^B-1 in a BGEN of B
//     bits up to 15, so that what stands in the file is kept exactly. BGEN of
//     more bits is rounded to 16384 units an allele.
//
// A decoder gives hard calls wherever all values of a variant are whole, so that
// the same genotypes are the same rows whatever file they come from.
//
// A haploid genotype counts two copies for its allele: hemizygous males are 0
// or 2.
//
// All sums are exact integers of units: they depend on no order, and dividing
// once at the end gives the same bits for the same genotypes in any format.
package dosage
