// Package image draws the reads at a candidate as the picture that a network
// looks at: DeepVariant's pileup image, pixel for pixel as its releases 1.5 and
// 1.9 draw it.
//
// A picture has 5 rows of the reference, then one row per read, then empty
// rows; its middle column is the first base of the candidate. Each pixel has
// one byte per channel: what the read shows there (base, quality, whether it
// differs), what is known of the read (mapping quality, strand, insert size)
// and whether it supports the alternate alleles that the picture is about. A
// candidate with several alternate alleles has one picture per alt set, see
// variant.AltSets; they differ in the channel of support.
//
// A base stands in the column of its reference position. An insertion and a
// deletion have one pixel, in the column before them, that takes the place of
// the base there; deleted columns stay empty.
//
// All arithmetic that decides a pixel is IEEE single precision, cut towards
// zero, as in DeepVariant.
package image
