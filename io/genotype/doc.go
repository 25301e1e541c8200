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
// What is kept in memory does not grow with the number of variants beyond 40
// bytes for a thousand of them: tables of variants are read again as they are
// used.
package genotype
