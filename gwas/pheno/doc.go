// Package pheno turns tables of phenotypes and covariates into a Study: the
// samples that are analysed, their traits as numbers, and the columns of the
// covariates.
//
// The rules are those of regenie and PLINK where the two agree, and stated here
// where they do not:
//
//   - A sample is analysed when it has genotypes, at least one of the traits and
//     all covariates. Every other sample is counted in the account with the
//     first reason that holds.
//   - Samples of a table belong to those of the genotypes by FID and IID; where
//     one side knows no FID, by IID alone, which must then be unique.
//   - A field of a missing code (NA, nan, NaN, ., empty) is missing. In a binary
//     trait -9 is missing too. A quantitative trait keeps -9, with a note.
//   - A trait whose values are two of 0 and 1, or two of 1 and 2, is binary: the
//     larger is the case. With values 0, 1 and 2 it is quantitative unless it is
//     declared binary: then 0 is missing, 1 a control and 2 a case, as in PLINK.
//   - A covariate with a field that is neither a number nor missing is
//     categorical: one indicator for each level but the first in sorted order.
//   - Samples are kept in the order of their IDs, so that no sum depends on the
//     order of any file.
package pheno
