// Package genotype turns what a classifier says of the alt sets of a site into
// the record of that site: which alternate alleles stay, the genotype, its
// quality, the filter; and settles neighbouring records that cannot both be
// true of one diploid sample.
//
// The steps for one site, in order (DeepVariant 1.5 to 1.10,
// postprocess_variants):
//
//  1. alternate alleles whose own Phred quality is below Options.AltQual go,
//     with every alt set that names them;
//  2. the probabilities of the sets that stay become probabilities of
//     genotypes: the smallest that any set allows (Min), or their product
//     (Product), scaled to sum 1;
//  3. on haploid contigs heterozygous genotypes get probability 0;
//  4. alleles lose their common suffix;
//  5. GT is the likeliest genotype, GQ its Phred quality, QUAL that of "not
//     homozygous reference"; a site without reads is a no-call;
//  6. FILTER follows from GT and QUAL; a weak RefCall loses its genotype.
//
// Then records that overlap and together call more than two copies of
// alternate alleles over one base are settled jointly (resolve.go).
//
// With Options.Compat the records are DeepVariant's byte for byte. Without it
// two things that harm users are mended: GQ, QUAL and FILTER follow a genotype
// that the settling changed, and a no-call has one likelihood per genotype.
package genotype
