package gwas_test

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// A scan takes a study, which matches samples with tables, and a source of
// genotypes; rows come in the order of the source.
func ExampleScan() {
	src := &drawn{chroms: []string{"1", "1"}, rows: [][]float64{
		{0, 1, 2, 1, 0, 2, 1, 0},
		{1, 1, 0, -1, 0, 1, 2, 1}, // -1 is missing
	}}
	table := &pheno.Table{Path: "pheno.tsv", Names: []string{"height", "age"}, Columns: [][]string{
		{"1.60", "1.71", "1.83", "1.70", "1.58", "1.79", "1.74", "NA"},
		{"31", "45", "27", "62", "38", "54", "41", "33"},
	}}
	for i := range 8 {
		id := fmt.Sprint("s", i)
		src.samples = append(src.samples, pheno.Sample{IID: id})
		table.IID = append(table.IID, id)
	}
	po := pheno.Defaults()
	po.Traits = []string{"height"}
	study, err := pheno.NewStudy(src.samples, table, table, po)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(&study.Account)
	// A file would be restricted to study.Genotyped here.
	src.rows[0], src.rows[1] = src.rows[0][:7], src.rows[1][:7]
	src.samples = src.samples[:7]

	o := gwas.Defaults()
	o.MinMAC = 1
	_, err = gwas.Scan(context.Background(), src, study, o, func(b *gwas.Batch) error {
		for _, r := range b.Rows[0] {
			fmt.Printf("%s n=%d beta=%.4f se=%.4f -log10p=%.2f\n", r.ID, r.N, r.Beta, r.SE, r.NegLog10P)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 7 of 8 genotyped samples analysed; 1 with all traits missing
	// v0 n=7 beta=0.1122 se=0.0110 -log10p=3.28
	// v1 n=6 beta=0.0049 se=0.0837 -log10p=0.02
}
