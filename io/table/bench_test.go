package table

import (
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

// drawn is rows of unlike values.
func drawn() []result.Row {
	v := make([]dosage.Variant, 196_608)
	list := make([]result.Row, len(v))
	x := uint64(1)
	next := func() float64 {
		x = x*6364136223846793005 + 1442695040888963407
		return float64(x>>11) / (1 << 53)
	}
	for i := range v {
		v[i] = dosage.Variant{Chrom: "7", Start: 1000 + 137*i, ID: fmt.Sprint("rs", 12345678+i), Ref: "G", Alt: "A"}
		list[i] = result.Row{Variant: &v[i], N: 10_000, Cases: -1, Controls: -1, EAF: next(), EAFCases: nan, EAFControls: nan, Info: nan,
			Test: "ADD", Beta: next() - 0.5, SE: next(), Stat: 4*next() - 2, DF: 1, NegLog10P: 3 * next(), Method: result.OLS}
	}
	return list
}

func cpuTime() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

// BenchmarkWrite is the CPU time of a row as plain text, as BGZF and as Parquet.
func BenchmarkWrite(b *testing.B) {
	list := drawn()
	perRow := func(b *testing.B, start int64) {
		b.ReportMetric(float64(cpuTime()-start)/float64(b.N*len(list)), "cpu-ns/row")
	}
	for _, packed := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "bgzf"}[packed]
		b.Run(name, func(b *testing.B) {
			c := Columns{Format: GX}
			var text []byte
			start := cpuTime()
			for b.Loop() {
				w, err := NewWriter(io.Discard, c, packed, 1)
				if err != nil {
					b.Fatal(err)
				}
				text = text[:0]
				for i := range list {
					text = c.Append(text, &list[i])
				}
				if err := w.Write(text); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			perRow(b, start)
		})
	}
	b.Run("parquet", func(b *testing.B) {
		start := cpuTime()
		for b.Loop() {
			p, err := NewParquet(io.Discard, nil)
			if err != nil {
				b.Fatal(err)
			}
			if err := p.Write(list); err != nil {
				b.Fatal(err)
			}
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b, start)
	})
}
