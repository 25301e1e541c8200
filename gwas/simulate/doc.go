// Package simulate makes cohorts whose truth is known: genotypes with linkage
// disequilibrium, population structure and families, covariates, and traits
// that depend on both, linearly and not.
//
// Genotypes are drawn haplotype by haplotype. Along a block of linkage each
// haplotype keeps a rank, uniform in 0..1, that is redrawn with a small chance
// from one variant to the next; it carries the allele where its rank lies below
// (or, for half of the variants, above) the frequency. So two variants of equal
// frequency that are d apart have correlation +-rho^d, and every single one is
// in Hardy-Weinberg proportions. Populations differ in frequency as of Balding
// and Nichols (1995). Children take a haplotype of each parent.
//
// Covariates and traits follow one protocol, whose parts have stated shares of
// the variance: L linear in the covariates, N nonlinear in them and orthogonal
// to every linear function, G genetic, E noise; see Scenario.
//
// Everything is drawn from generators seeded by the seed of the options and the
// number of a block or trait: rows can be read from anywhere, by many at once,
// and are the same.
package simulate
