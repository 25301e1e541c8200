package genotype

import (
	"path/filepath"
	"testing"
)

// benchmarkFile reads a file of 10,000 samples x 2,000 variants over and over;
// the bytes told are those of its hard calls as PLINK 1 packs them.
func benchmarkFile(b *testing.B, name string, dosages bool, keep func(i int) bool) {
	people, block := cohort(1, 10_000, 2000, dosages)
	path := filepath.Join(b.TempDir(), name)
	if _, err := Write(b.Context(), path, people, one(block), WriteOptions{}); err != nil {
		b.Fatal(err)
	}
	f, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if keep != nil {
		var kept []int
		for i := range people {
			if keep(i) {
				kept = append(kept, i)
			}
		}
		if f, err = f.Select(kept); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(2500 * 2000)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for blk, err := range f.Blocks(b.Context(), 0, -1, 256) {
			if err != nil {
				b.Fatal(err)
			}
			n += len(blk.Rows)
		}
		if n != 2000 {
			b.Fatalf("%d rows", n)
		}
	}
}

func BenchmarkBed(b *testing.B)     { benchmarkFile(b, "x.bed", false, nil) }
func BenchmarkPgen(b *testing.B)    { benchmarkFile(b, "x.pgen", false, nil) }
func BenchmarkDosages(b *testing.B) { benchmarkFile(b, "x.pgen", true, nil) }

// BenchmarkSelect leaves one sample of twenty out.
func BenchmarkSelect(b *testing.B) {
	benchmarkFile(b, "x.bed", false, func(i int) bool { return i%20 != 7 })
}

func BenchmarkWritePgen(b *testing.B) {
	people, block := cohort(1, 10_000, 200, false)
	path := filepath.Join(b.TempDir(), "x.pgen")
	b.SetBytes(2500 * 200)
	for b.Loop() {
		if _, err := Write(b.Context(), path, people, one(block), WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBgen decodes 10,000 samples at 8 bits, without unpacking.
func BenchmarkBgen(b *testing.B) {
	values, ploidy := make([][]uint64, 10_000), make([]int, 10_000)
	for i := range values {
		values[i], ploidy[i] = []uint64{uint64(i % 128), uint64(i / 128 % 128)}, 2
	}
	raw := content(2, 8, false, ploidy, values)
	p := newProbabilities(10_000)
	dst := make([]uint16, 10_000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := p.layout2(raw, 2); err != nil {
			b.Fatal(err)
		}
		if _, err := p.allele(dst, 0, nil); err != nil {
			b.Fatal(err)
		}
	}
}
