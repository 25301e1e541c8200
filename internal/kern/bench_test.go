package kern

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// cpuTime is the time this process has spent on processors: other programs on
// the machine do not count.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// best is the highest rate in 1e9/s per CPU-second over several rounds of f,
// which does ops operations.
func best(ops float64, f func()) float64 {
	f()
	top := 0.0
	for range 7 {
		start, n := cpuTime(), 0
		for cpuTime()-start < 40*time.Millisecond {
			f()
			n++
		}
		top = max(top, ops*float64(n)/(cpuTime()-start).Seconds()/1e9)
	}
	return top
}

// Peaks of a core, from the largest tile on operands in the first cache.
func peakF32(k *Kernels) float64 {
	s := k.F32()
	t := TileF32{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 128, ARow: 1, AStep: s.Rows, BStep: s.Cols, CRow: s.Cols, InitRow: s.Cols,
		A: make([]float32, 128*s.Rows), B: make([]float32, 128*s.Cols), C: make([]float32, s.Rows*s.Cols)}
	t.Init = t.C
	return best(2*128*1000*float64(s.Rows*s.Cols), func() {
		for range 1000 {
			k.TileF32(&t)
		}
	})
}

func peakF64(k *Kernels) float64 {
	s := k.F64()
	t := TileF64{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 128, ARow: 1, AStep: s.Rows, BStep: s.Cols, CRow: s.Cols, InitRow: s.Cols,
		A: make([]float64, 128*s.Rows), B: make([]float64, 128*s.Cols), C: make([]float64, s.Rows*s.Cols)}
	t.Init = t.C
	return best(2*128*1000*float64(s.Rows*s.Cols), func() {
		for range 1000 {
			k.TileF64(&t)
		}
	})
}

func peakU8(k *Kernels) float64 {
	s := k.U8()
	t := TileU8{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 128, ARow: 512, A: make([]uint8, 512*s.Rows), B: make([]int8, 4*128*s.Cols),
		Init: make([]int32, s.Cols), Sum128: make([]int32, s.Cols), Scale: make([]float32, s.Cols), C: make([]uint8, s.Rows*s.Cols), CRow: s.Cols}
	return best(2*4*128*1000*float64(s.Rows*s.Cols), func() {
		for range 1000 {
			k.TileU8(&t)
		}
	})
}

func report(b *testing.B, name string, rate, peak float64) {
	b.ReportMetric(rate, name)
	b.ReportMetric(peak, "peak")
	b.ReportMetric(100*rate/peak, "%peak")
	b.ReportMetric(0, "ns/op")
}

func eachKernel(b *testing.B, f func(b *testing.B, k *Kernels)) {
	for _, k := range Available() {
		b.Run(k.Name(), func(b *testing.B) { f(b, k) })
	}
}

func BenchmarkPeak(b *testing.B) {
	eachKernel(b, func(b *testing.B, k *Kernels) {
		b.ReportMetric(peakF32(k), "f32-GFLOP/s")
		b.ReportMetric(peakF64(k), "f64-GFLOP/s")
		b.ReportMetric(peakU8(k), "u8-GOP/s")
		b.ReportMetric(0, "ns/op")
	})
}

func BenchmarkGemm32(b *testing.B) {
	eachKernel(b, func(b *testing.B, k *Kernels) {
		if k.isa == isaGeneric {
			b.Skip("plain loops are not timed")
		}
		const n = 1024
		r := rand.New(rand.NewPCG(1, 2))
		x, y, z := Dense(randomF32(r, n*n), n, n), Dense(randomF32(r, n*n), n, n), Dense(make([]float32, n*n), n, n)
		g := k.NewGemm32(1)
		report(b, "GFLOP/s", best(2*n*n*n, func() { g.Add(1, x, y, z) }), peakF32(k))
	})
}

func BenchmarkGemm64(b *testing.B) {
	eachKernel(b, func(b *testing.B, k *Kernels) {
		if k.isa == isaGeneric {
			b.Skip("plain loops are not timed")
		}
		const n = 1024
		r := rand.New(rand.NewPCG(1, 2))
		x, y, z := Dense(randomF64(r, n*n), n, n), Dense(randomF64(r, n*n), n, n), Dense(make([]float64, n*n), n, n)
		g := k.NewGemm64(1)
		report(b, "GFLOP/s", best(2*n*n*n, func() { g.Add(1, x, y, z) }), peakF64(k))
	})
}

func BenchmarkSyrk64(b *testing.B) {
	eachKernel(b, func(b *testing.B, k *Kernels) {
		if k.isa == isaGeneric {
			b.Skip("plain loops are not timed")
		}
		const n, p = 1008, 4032
		r := rand.New(rand.NewPCG(1, 2))
		x, z := Dense(randomF64(r, n*p), n, p), Dense(make([]float64, n*n), n, n)
		g := k.NewGemm64(1)
		report(b, "GFLOP/s", best(n*(n+1)*p, func() { g.Syrk(1, x, z) }), peakF64(k))
	})
}

func BenchmarkCholesky(b *testing.B) {
	eachKernel(b, func(b *testing.B, k *Kernels) {
		if k.isa == isaGeneric {
			b.Skip("plain loops are not timed")
		}
		const n = 1000
		r := rand.New(rand.NewPCG(1, 2))
		x, s := Dense(randomF64(r, n*n), n, n), Dense(make([]float64, n*n), n, n)
		k.NewGemm64(1).Syrk(1, x, s)
		for i := range n {
			s.Data[i*n+i] += n
		}
		l, f := Dense(make([]float64, n*n), n, n), k.NewCholesky(1)
		report(b, "GFLOP/s", best(n*n*n/3.0, func() {
			copy(l.Data, s.Data)
			if err := f.Factor(l); err != nil {
				b.Fatal(err)
			}
		}), peakF64(k))
	})
}

// BenchmarkDosages sums variants of 500,000 samples against the three limbs of
// one and of four traits.
func BenchmarkDosages(b *testing.B) {
	for _, traits := range []int{1, 4} {
		eachKernel(b, func(b *testing.B, k *Kernels) {
			const n, m = 500_000, 64
			a, y := make([]uint8, n*m), make([]int8, n*3*traits)
			for i := range a {
				a[i] = uint8(i * 7 % 3)
			}
			for i := range y {
				y[i] = int8(i * 31)
			}
			dst := make([]int64, m*3*traits)
			b.ReportMetric(1e9*best(m, func() { k.DotU8S8(dst, 3*traits, a, n, m, y, n, 3*traits, n) }), "variants/s")
			b.ReportMetric(float64(traits), "traits")
			b.ReportMetric(0, "ns/op")
		})
	}
}
