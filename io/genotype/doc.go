// Package genotype reads the genotypes of many people, from PLINK 1 (.bed),
// PLINK 2 (.pgen), BGEN, VCF and BCF, as blocks of package dosage, and writes
// .bed and .pgen.
//
// Open takes a path, finds the tables of variants and samples beside it, and
// compares them with each other. A File is read in runs of rows, from many
// goroutines at once:
//
//	f, err := genotype.Open(ctx, "cohort.bed", genotype.Options{})
//	...
//	for b, err := range f.Blocks(ctx, 0, -1, 256) {
//		if err != nil {
//			return err
//		}
//		for i := range b.Rows {
//			fmt.Println(b.Rows[i].ID, b.Rows[i].Freq())
//		}
//	}
//
// What is kept in memory hardly grows with the number of variants: of a plain
// table of variants the place of every 1024th line, of a packed one the table as
// it is packed, of a BGEN or VCF the place of some records, and that only where
// rows in its middle were asked for. A cursor holds one block of rows and what
// one record takes.
//
// A record of several alternate alleles gives a row for each, in order; in row k
// the other alternate alleles count as none. Which allele of two is counted:
// ALT where a file names one; in .bim and BGEN, which do not, the first, unless
// Options.RefFirst. Haploid genotypes of BGEN and VCF count two copies of their
// allele. More than two copies of a chromosome are an error.
//
// Sources: PLINK 1.9 file formats (.bed, .bim, .fam); "PLINK 2 File Format
// Specification" (.pgen, .pvar, .psam), storage modes 0x01 to 0x04, 0x10, 0x11,
// 0x20 and 0x21; the BGEN format, versions 1.1 to 1.3; VCF 4.1 to 4.5 and BCF2.
package genotype
