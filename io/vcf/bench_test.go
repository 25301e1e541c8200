package vcf

import (
	"bytes"
	"io"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// deepvariant is a header as gx call writes it.
func deepvariant(b *testing.B) *Header {
	b.Helper()
	h := NewHeader("VCFv4.2", "sample")
	h.AddFilter("RefCall", "Reference")
	for _, k := range []string{"GQ", "DP"} {
		h.AddFormat(k, "1", "Integer", k)
	}
	h.AddFormat("GT", "1", "String", "Genotype")
	h.AddFormat("AD", "R", "Integer", "Depths")
	h.AddFormat("VAF", "A", "Float", "Fractions")
	h.AddFormat("PL", "G", "Integer", "Likelihoods")
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 64_444_167}})
	if err == nil {
		err = h.AddContigs(c)
	}
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// call is a record of one sample, as a caller writes it.
func call(row *Row, i int) {
	row.Site("chr20", 10_000+i, "A", "G")
	row.Qual(37.6 + float64(i%100)/10)
	row.Filter("PASS")
	row.Format("GT", "GQ", "DP", "AD", "VAF", "PL")
	row.Sample()
	row.GT(variant.Genotype{A: 0, B: 1})
	row.Int(36)
	row.Int(55 + i%7)
	row.Ints(25, 30+i%7)
	row.Floats(float64(30+i%7) / float64(55+i%7))
	row.Ints(37, 0, 42)
}

// BenchmarkWrite: an operation is a record.
func BenchmarkWrite(b *testing.B) {
	h := deepvariant(b)
	for name, create := range map[string]func() (*Writer, error){
		"plain": func() (*Writer, error) { return NewWriter("-", io.Discard, h) },
		"bgzip": func() (*Writer, error) { return NewPackedWriter("-", io.Discard, h, 1) },
	} {
		b.Run(name, func(b *testing.B) {
			w, err := create()
			if err != nil {
				b.Fatal(err)
			}
			var row Row
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				call(&row, i)
				if err := w.Write(&row); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkRead: an operation is a record of so many samples, of which each
// genotype is looked at.
func BenchmarkRead(b *testing.B) {
	for name, samples := range map[string]int{"1 sample": 1, "2000 samples": 2000} {
		b.Run(name, func(b *testing.B) {
			h := NewHeader("VCFv4.2")
			for i := range samples {
				h.Samples = append(h.Samples, string(rune('a'+i%26))+string(rune('0'+i/26)))
			}
			if err := h.AddLine("##contig=<ID=chr20,length=64444167>"); err != nil {
				b.Fatal(err)
			}
			var file bytes.Buffer
			w, err := NewWriter("-", &file, h)
			if err != nil {
				b.Fatal(err)
			}
			var row Row
			for i := range max(1000/samples, 30) {
				row.Site("chr20", 10_000+i, "A", "G")
				row.InfoFloats("AF", 0.25)
				row.Format("GT", "DP")
				for s := range samples {
					row.Sample()
					row.GT(variant.Genotype{A: s & 1, B: s >> 1 & 1, Phased: true})
					row.Int(s % 50)
				}
				if err := w.Write(&row); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			var r *Reader
			b.ReportAllocs()
			for b.Loop() {
				if r == nil {
					if r, err = NewReader("-", bytes.NewReader(file.Bytes())); err != nil {
						b.Fatal(err)
					}
				}
				rec, err := r.Read()
				if err == io.EOF {
					r = nil
					continue
				}
				if err != nil {
					b.Fatal(err)
				}
				for s := range samples {
					if _, err := rec.Genotype(s); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
