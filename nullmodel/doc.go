// Package nullmodel predicts a phenotype from its covariates alone, nonlinearly
// and out of fold, so that the prediction can stand in an association test as
// one extra covariate (DeepNull: McCaw et al., Nature Communications 13:241,
// 2022). Genotypes are never seen.
//
// People are dealt into K folds. Run k trains its members on K-2 folds, stops
// them early and weighs them on fold k, and predicts fold k+1: nobody's
// prediction has seen their own phenotype. The members are
//
//   - linear: least squares, or logistic regression for a binary trait;
//   - spline: natural cubic splines of every column and products of pairs, under
//     a ridge;
//   - network: dense layers 64-64-32-16 with ReLU beside a linear path from the
//     inputs straight to the output, which are added; the inputs are the columns
//     and the place of each value within intervals between quantiles; several
//     networks are averaged;
//   - boost: gradient-boosted trees over histograms (Friedman, Annals of
//     Statistics 29:1189, 2001; second-order leaves as in Chen and Guestrin,
//     KDD 2016), shallow ones and deep ones.
//
// The final prediction is a mixture of the members with weights that are not
// negative and sum to one, chosen on the validation fold of each run. Unless it
// does better there than the linear member by more than chance would have it,
// the linear member stands alone: where covariates act linearly nothing is lost.
//
// Options.Original follows DeepNull 0.2.2 instead: the network alone, covariates
// and phenotype as they are, its Adam, its batches of 1024 that cross passes, 1000
// epochs, and of these the one whose validation correlation (or cross-entropy) is
// best. Folds are the original's for the same seed; only where a binary trait has
// few cases or controls does gx deal these out for themselves.
//
// Everything is deterministic: a member of a run is fitted by one goroutine, a
// seed decides its random numbers, and people are taken in the order of their
// identifiers: neither the number of threads nor the order of a table changes a
// bit.
package nullmodel
