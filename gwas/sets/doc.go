// Package sets tests sets of variants, genes mostly, for association with traits:
// burden tests of masks, and tests of variance.
//
// A mask takes those variants of a set that have one of some annotations and an
// allele frequency up to a bound. Its burden is a genotype made of theirs (the
// largest number of copies, their sum, or the sum up to two), tested exactly as a
// variant is, by package gwas.
//
// The tests of variance take the scores s of the mask's variants and their
// covariance K under the null model, each times the weight of its variant, a beta
// density at its frequency:
//
//   - SKAT: sum s^2, whose distribution is that of chi-squares weighted by the
//     eigenvalues of K (Wu and others 2011; package mixture);
//   - SKAT-O: the best of (1-rho) SKAT + rho burden over a grid of rho (Lee, Wu and
//     Lin 2012), and the Cauchy combination of the grid;
//   - ACAT-V: the Cauchy combination of the p of the variants (Liu and others 2019);
//   - ACAT-O: that of ACAT-V with the grid, which is SKAT and burden alone unless
//     SKAT-O is made too.
//
// Variants of few copies are collapsed into one column by their maximum. For a
// binary trait the variance of a score that is below the threshold of p is
// replaced by that which gives the p of Firth's method or of the saddlepoint
// approximation, and K is inflated so that the burden of the columns has its p
// too (Zhao and others 2020).
//
// What comes out depends on no order of samples and on no number of threads. One
// set is held at a time by each of them.
package sets
