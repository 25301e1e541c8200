// Package table reads tables of samples (phenotypes, covariates, predictions)
// and writes rows of association: gx's own columns, and those of regenie,
// PLINK and GWAS-SSF.
package table
