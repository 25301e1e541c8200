// Package vcf reads and writes variant calls: text of the Variant Call Format,
// VCF 4.1 to 4.5, plain, gzip or bgzip, and its binary form BCF2.
//
// A Reader gives the records of a file one by one; Indexed gives those of a
// region by the .tbi or .csi index of a bgzip file. A Record holds the columns
// of the site; what its samples say is cut out of the line only when asked
// for, so that a file of thousands of samples costs what is used of it. BCF is
// read as the text that it stands for.
//
// A Writer writes rows, which a Row builds from left to right, calls and
// reference blocks, and for bgzip and BCF the index beside the file. It checks
// what the readers of others stop at: records sorted, contigs declared, a
// column for every sample. Its bytes depend on the records alone.
//
// A Reader takes all that it can understand. Check holds a file against the
// rules of its version and tells every breach with its line; its verdicts on
// the conformance files of the specification are in docs/malformed-vcf.md.
package vcf
