package gwas_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
)

// writeCohort writes PLINK 1 files of random genotypes.
func writeCohort(t testing.TB, dir string, samples, variants int, missing float64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(dir, "cohort.bed")
	create := func(suffix string, write func(w *bufio.Writer)) {
		f, err := os.Create(path[:len(path)-4] + suffix)
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		write(w)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	create(".fam", func(w *bufio.Writer) {
		for i := range samples {
			fmt.Fprintf(w, "%d %d 0 0 %d -9\n", i+1, i+1, 1+i%2)
		}
	})
	create(".bim", func(w *bufio.Writer) {
		for j := range variants {
			fmt.Fprintf(w, "%d\trs%d\t0\t%d\tA\tG\n", 1+j*22/variants, j+1, 100*(j+1))
		}
	})
	create(".bed", func(w *bufio.Writer) {
		w.Write([]byte{0x6c, 0x1b, 1})
		row := make([]byte, (samples+3)/4)
		for range variants {
			f := 0.05 + 0.45*rng.Float64()
			// Cumulative shares of hom A1 00, het 10, hom A2 11 and missing 01, of 2^16.
			a, h := uint16(65536*f*f), uint16(65536*(f*f+2*f*(1-f)))
			m := uint16(65535 * missing)
			for i := range row {
				u, v := rng.Uint64(), uint64(0)
				if missing > 0 {
					v = rng.Uint64()
				}
				row[i] = 0
				for k := range min(4, samples-4*i) {
					c := byte(3)
					switch x := uint16(u >> (16 * k)); {
					case missing > 0 && uint16(v>>(16*k)) < m:
						c = 1
					case x < a:
						c = 0
					case x < h:
						c = 2
					}
					row[i] |= c << (2 * k)
				}
			}
			w.Write(row)
		}
	})
	return path
}

// makeStudy draws traits and covariates of all samples of a file.
func makeStudy(t testing.TB, f *genotype.File, traits, covariates int, binary bool) *pheno.Study {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	tab := &pheno.Table{Path: "drawn"}
	var samples []pheno.Sample
	for _, s := range f.Samples() {
		samples = append(samples, pheno.Sample{FID: s.FID, IID: s.IID})
		tab.FID, tab.IID = append(tab.FID, s.FID), append(tab.IID, s.IID)
	}
	o := pheno.Defaults()
	column := func(name string, draw func() string) {
		col := make([]string, len(samples))
		for i := range col {
			col[i] = draw()
		}
		tab.Names, tab.Columns = append(tab.Names, name), append(tab.Columns, col)
	}
	for k := range traits {
		name := fmt.Sprintf("y%d", k+1)
		o.Traits = append(o.Traits, name)
		column(name, func() string {
			if binary {
				if rng.Float64() < 0.1 {
					return "1"
				}
				return "0"
			}
			return fmt.Sprint(rng.NormFloat64())
		})
	}
	for k := range covariates {
		column(fmt.Sprintf("c%d", k+1), func() string { return fmt.Sprint(rng.NormFloat64()) })
	}
	s, err := pheno.NewStudy(samples, tab, tab, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkScan is a scan of 10,000 samples by 50,000 variants (5,000 with
// 1,000 traits) with 10 covariates, from a .bed to plain text, on one thread. cpu-s is the whole of
// it, opening and matching included.
func BenchmarkScan(b *testing.B) {
	for _, c := range []struct {
		name     string
		traits   int
		binary   bool
		missing  float64
		variants int
		o        func(*gwas.Options)
	}{
		{"linear/1", 1, false, 0, 50_000, nil},
		{"linear/10", 10, false, 0, 50_000, nil},
		{"linear/1000x5000", 1000, false, 0, 5000, nil},
		{"linear/1/missing=0.01", 1, false, 0.01, 50_000, nil},
		{"firth/1", 1, true, 0, 50_000, nil},
		{"logistic/1", 1, true, 0, 50_000, func(o *gwas.Options) { o.Second = gwas.Logistic }},
		{"spa/1", 1, true, 0, 50_000, func(o *gwas.Options) { o.Second = gwas.SPA }},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := writeCohort(b, b.TempDir(), 10_000, c.variants, c.missing)
			for b.Loop() {
				start := cpuTime()
				f, err := genotype.Open(b.Context(), path, genotype.Options{})
				if err != nil {
					b.Fatal(err)
				}
				study := makeStudy(b, f, c.traits, 10, c.binary)
				o := gwas.Defaults()
				if c.o != nil {
					c.o(&o)
				}
				columns := table.Columns{Binary: c.binary}
				o.Encode = func(dst []byte, r *result.Row) []byte { return columns.Append(dst, r) }
				_, err = gwas.Scan(b.Context(), f, study, o, func(batch *gwas.Batch) error {
					for _, text := range batch.Text {
						if _, err := io.Discard.Write(text); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
				b.ReportMetric((cpuTime() - start).Seconds(), "cpu-s")
			}
		})
	}
}
