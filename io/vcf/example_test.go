package vcf_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
)

func ExampleReader_All() {
	const file = `##fileformat=VCFv4.2
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	mother	child
chr20	100	.	A	C,G	50	PASS	AF=0.25,0.5	GT	0/1	1|2
chr20	200	.	T	C	9.5	q10	AF=0.1	GT	./.	0/1
`
	r, err := vcf.NewReader("trio.vcf", strings.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	child := r.Header().Sample("child")
	for rec, err := range r.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		gt, err := rec.Genotype(child)
		if err != nil {
			fmt.Println(err)
			return
		}
		af, err := rec.InfoFloats(nil, "AF")
		fmt.Println(rec.Contig, rec.Pos, rec.Ref, rec.Alts, rec.Passed(), gt, af, err)
	}
	// Output:
	// chr20 99 A [C G] true {1 2 true} [0.25 0.5] <nil>
	// chr20 199 T [C] false {0 1 false} [0.1] <nil>
}

func ExampleRow() {
	h := vcf.NewHeader("VCFv4.2", "NA12878")
	h.AddFormat("GT", "1", "String", "Genotype")
	h.AddFormat("GQ", "1", "Integer", "Conditional genotype quality")
	if err := h.AddLine("##contig=<ID=chr20,length=64444167>"); err != nil {
		fmt.Println(err)
		return
	}
	w, err := vcf.NewWriter("-", os.Stdout, h)
	if err != nil {
		fmt.Println(err)
		return
	}
	var row vcf.Row
	row.Site("chr20", 99, "A", "C")
	row.Qual(37.6)
	row.Filter("PASS")
	row.Format("GT", "GQ")
	row.Sample()
	row.GT(variant.Genotype{A: 0, B: 1})
	row.Int(36)
	if err := w.Write(&row); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ##fileformat=VCFv4.2
	// ##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
	// ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Conditional genotype quality">
	// ##contig=<ID=chr20,length=64444167>
	// #CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	NA12878
	// chr20	100	.	A	C	37.6	PASS	.	GT:GQ	0/1:36
}
