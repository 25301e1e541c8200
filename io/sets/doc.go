// Package sets reads the text files that say which variants are tested together,
// in regenie's formats. Fields are apart by blanks and tabs; files may be gzip or
// BGZF; empty lines count for nothing.
//
//   - Annotations: VARIANT SET CATEGORY, or VARIANT SET DOMAIN CATEGORY.
//   - Masks: MASK CATEGORY,CATEGORY,...
//   - Set lists: SET CHROM POS VARIANT,VARIANT,...
//   - Frequencies: VARIANT FREQ, or VARIANT FREQ SINGLETON with 0 or 1.
//   - Names: one a line.
//
// Source: regenie's documentation, "Gene-based testing".
package sets
