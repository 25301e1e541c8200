// Package gwas tests variants for association with traits: a Study and a
// source of genotypes give rows of results, in the order of the variants.
//
// All traits are tested in one pass over the genotypes. Traits with the same
// samples share one group, whose covariates are an orthonormal basis Q (see
// pheno.Basis); the covariates are taken out of a trait once. For a variant g
// the sums g'y, g'Q and g'g are then all that least squares and the score test
// need:
//
//	gy = g'y,  gg = g'g - |Q'g|^2,  beta = gy/gg
//
// They are sums of whole numbers (see package exact), so that no bit of a
// result depends on the order of samples, on threads or on kernels. Where a
// genotype is missing, the sums over those samples are taken off Q'Q, Q'y and
// y'y, in the order of the samples' IDs; least squares is then exactly that of
// the samples with a genotype.
//
// A binary trait is tested by its score on a null logistic model, fitted once
// for each chromosome; what comes out below a threshold is fitted again by
// Firth's penalised likelihood or its tail by a saddlepoint approximation. Models
// of every variant by maximum likelihood are fitted sixteen at a time (see
// glm.Panel).
//
// Where the sex of people is known, chromosome X is tested with sex as one more
// covariate, males counting 0 or 2 copies, and Y in males only, counted alike; who
// has no known sex is left out there. Of one copy there is no heterozygote: such a
// call is missing, on mitochondria in all. Frequencies and allele counts are of
// the copies that are there. X agrees with PLINK after its --set-hh-missing; of Y
// PLINK counts one copy, which doubles beta and changes no p.
package gwas
