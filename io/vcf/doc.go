// Package vcf reads and writes variant calls as text of the Variant Call
// Format, VCF 4.1 to 4.5, plain, gzip or bgzip.
//
// A Reader gives the records of a file one by one. A Record holds the columns
// of the site; what its samples say is cut out of the line only when asked
// for, so that a file of thousands of samples costs what is used of it.
//
// A Writer writes rows, which a Row builds from left to right, and, for bgzip,
// the index beside the file. It checks what the readers of others stop at:
// records sorted, contigs declared, a column for every sample.
package vcf
