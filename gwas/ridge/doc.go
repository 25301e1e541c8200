// Package ridge predicts traits from the whole genome, so that an association
// test can leave out what other chromosomes explain: regenie's step 1 (Mbatchou
// and others, Nature Genetics 53:1097, 2021).
//
// Level 0 turns every block of variants into five predictors of each trait, by
// ridge regression at five shrinkages. Level 1 weighs the predictors of all
// blocks by one more ridge regression, logistic for a binary trait, whose
// shrinkage is chosen by cross-validation. Predictions of a person come from
// models that have not seen the person's trait: of another fold, or of all
// others (leave-one-out). The prediction without chromosome c is the sum over the
// predictors of all other chromosomes.
//
// Samples are in the order of the genotypes, and folds are runs of it, as in
// regenie. Predictions of a quantitative trait are of its residual from the
// covariates, scaled to a variance of 1; of a binary trait on the scale of the
// logit.
package ridge
