package genotype_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/genotype"
)

// Calls of five people at one variant, written as PLINK 2 and read again.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "cohort.pgen")

	var people []genotype.Sample
	for _, name := range []string{"ada", "ben", "cem", "dee", "eva"} {
		people = append(people, genotype.Sample{IID: name})
	}
	rows := func(yield func(*dosage.Block, error) bool) {
		var b dosage.Block
		b.Reset(0, len(people))
		r := b.AddCalls(dosage.Variant{Chrom: "7", Start: 99, ID: "rs1", Ref: "A", Alt: "G", Allele: 1, Alts: 1})
		r.Calls[0] = 0<<0 | 1<<2 | 2<<4 | dosage.Absent<<6 | 1<<8
		r.Count(len(people), 0)
		yield(&b, nil)
	}
	if _, err := genotype.Write(ctx, path, people, rows, genotype.WriteOptions{}); err != nil {
		log.Fatal(err)
	}

	f, err := genotype.Open(ctx, path, genotype.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for b, err := range f.Blocks(ctx, 0, -1, 256) {
		if err != nil {
			log.Fatal(err)
		}
		for i := range b.Rows {
			r := &b.Rows[i]
			fmt.Printf("%s:%d %s>%s in %d people, %d missing, frequency %.2f\n", r.Chrom, r.Start+1, r.Ref, r.Alt, r.N, r.Missing, r.Freq())
		}
	}
	// Output: 7:100 A>G in 4 people, 1 missing, frequency 0.50
}
