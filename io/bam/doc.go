// Package bam reads and writes BAM files, reads SAM text, and checks both
// (SAM specification, https://samtools.github.io/hts-specs/SAMv1.pdf).
//
// A File is one BAM file: Reads yields the records of a region by its BAI or
// CSI index, from as many goroutines at once as one likes; All yields all of
// them in order, also from a stream. A Set is several files of one reference.
// A Text is SAM text. Check lists all that is wrong with a file.
//
// Nothing that stands in a file is trusted: every length is checked before
// memory is sized by it, every block's CRC is verified, an index is compared
// with the data before its first use, and a Read that comes out of a reader can
// be used without looking twice: its contig exists, its alignment lies on it,
// its CIGAR covers its bases, its optional fields end. Records for which that
// does not hold are errors, or with Options.Warn are told and left out.
//
// A Read belongs to the reader and is valid until the next step; align.Batch
// keeps copies.
package bam
