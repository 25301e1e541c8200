// Package compare judges called variants by the truth, haplotype by haplotype:
// a call is right when the sequences that it makes of the reference are those
// that the truth makes, however either is spelled.
//
// The method is that of Cleary et al. 2015 (bioRxiv 023754, RTG vcfeval): among
// all subsets of the true and of the called records of a place, and all ways to
// lay their alleles on two haplotypes, take those that give the same two
// sequences on both sides, and of them the one that keeps most records. What it
// keeps is right; what is left over is missed or false. A set of records that
// cancel each other out, with nothing on the other side, keeps nothing. What is
// left over is compared once more with one haplotype and any of its alleles:
// there a call that matches has the right allele and the wrong genotype.
//
// The search goes along the reference and keeps, of all ways to get to a place,
// the best one for each difference that is still open there, so that it is
// exact and linear in all but the densest places.
//
// Genotypes are taken like this: phase is ignored; a haploid call is one of two
// equal alleles; a missing allele beside a called one is the reference; the
// allele * changes nothing; records without a genotype, without an alternate
// allele in it, or with another symbolic allele in it are not judged.
package compare
