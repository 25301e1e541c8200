package genotype_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// acgt is a reference without end.
type acgt struct{}

func (acgt) Bases(dst []byte, r locus.Region) ([]byte, error) {
	for pos := r.Start; pos < r.End; pos++ {
		dst = append(dst, "ACGT"[pos%4])
	}
	return dst, nil
}

// BenchmarkRecords is the whole of genotyping: sites with the probabilities of
// their alt sets, and reference blocks between them, to the text of a VCF and a
// gVCF. The bar is 300,000 records per second and core.
func BenchmarkRecords(b *testing.B) {
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 1 << 30}})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var sites []*genotype.Input
	var blocks []*variant.Block
	at := 0
	for i := range 10000 {
		s := variant.Site{Variant: variant.Variant{Contig: "chr1", Start: at, End: at + 1, Ref: "A", Alts: []string{"C"}}, Depth: 30, AD: []int{14, 16}, VAF: []float64{16. / 30}}
		if i%10 == 0 {
			s.Alts, s.AD, s.VAF = []string{"C", "G"}, []int{2, 14, 14}, []float64{14. / 30, 14. / 30}
		}
		in := &genotype.Input{Site: s}
		for _, set := range variant.AltSets(len(s.Alts)) {
			x := rng.Float64()
			in.Sets = append(in.Sets, variant.Likelihoods{AltSet: set, P: [3]float64{.01 * x, 1 - .02*x, .01 * x}})
		}
		sites = append(sites, in)
		end := at + 2 + rng.IntN(200)
		blocks = append(blocks, &variant.Block{Contig: "chr1", Start: at, End: end, Ref: 'A', GQ: 50, GL: [3]float64{0, -9, -90}, MinDP: 30, MedDP: -1})
		at = end
	}
	var dst, gdst text
	records := 0
	b.ReportAllocs()
	for b.Loop() {
		dst.text, gdst.text = dst.text[:0], gdst.text[:0]
		merger := gvcf.NewMerger(contigs, acgt{}, variant.AnyAllele, &gdst)
		stream, err := genotype.NewStream(genotype.Defaults(), contigs, func(c *variant.Call) error {
			if err := dst.Call(c); err != nil {
				return err
			}
			return merger.AddCall(c)
		})
		if err != nil {
			b.Fatal(err)
		}
		for i, in := range sites {
			if err := stream.Push(in); err != nil {
				b.Fatal(err)
			}
			if err := merger.AddBlock(blocks[i]); err != nil {
				b.Fatal(err)
			}
		}
		if err := stream.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := merger.Close(); err != nil {
			b.Fatal(err)
		}
		records += 3 * len(sites) // a call in either file, a block in one
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
