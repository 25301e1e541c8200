package nn

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/kern"
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

// best is the highest rate per CPU-second over several rounds of f, which does
// work units.
func best(work float64, f func()) float64 {
	f()
	top := 0.0
	for range 9 {
		start, n := cpuTime(), 0
		for cpuTime()-start < 80*time.Millisecond {
			f()
			n++
		}
		top = max(top, work*float64(n)/(cpuTime()-start).Seconds())
	}
	return top
}

// peakU8 and peakF32 are the operations per second of the largest tile in the
// first cache: the peak of the core for that kernel.
func peakU8(k *kern.Kernels) float64 {
	s := k.U8()
	t := kern.TileU8{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 128, ARow: 512, A: make([]uint8, 512*s.Rows), B: make([]int8, 512*s.Cols),
		Init: make([]int32, s.Cols), Sum128: make([]int32, s.Cols), Scale: make([]float32, s.Cols), C: make([]uint8, s.Rows*s.Cols), CRow: s.Cols}
	return best(2*512*1000*float64(s.Rows*s.Cols), func() {
		for range 1000 {
			k.TileU8(&t)
		}
	})
}

func peakF32(k *kern.Kernels) float64 {
	s := k.F32()
	t := kern.TileF32{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 128, ARow: 1, AStep: s.Rows, BStep: s.Cols, CRow: s.Cols, InitRow: s.Cols,
		A: make([]float32, 128*s.Rows), B: make([]float32, 128*s.Cols), C: make([]float32, s.Rows*s.Cols)}
	t.Init = t.C
	return best(2*128*1000*float64(s.Rows*s.Cols), func() {
		for range 1000 {
			k.TileF32(&t)
		}
	})
}

// fast are the kernels worth timing.
func fast() []*kern.Kernels {
	k := kern.Available()
	return k[min(1, len(k)-1):]
}

func report(b *testing.B, n *Network, unit string, rate, peak float64) {
	macs, err := n.MACs()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(rate, unit)
	b.ReportMetric(2*rate*float64(macs)/1e9, "GOP/s")
	b.ReportMetric(peak/1e9, "peak")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBytes is int8 inference of 64 different images, dense layers and
// softmax included.
func BenchmarkBytes(b *testing.B) {
	for _, size := range []string{"S", "M"} {
		for _, features := range []bool{false, true} {
			n := plain(b, size, 100, 221, 8, features)
			q := quantised(b, n)
			name := "plain" + size
			if features {
				name += "F"
			}
			in := []Input{{U8: pictures(n.Inputs[0], 64, rand.New(rand.NewPCG(1, 1)))}, {F32: make([]float32, 64*70)}}[:len(n.Inputs)]
			for _, k := range fast() {
				b.Run(name+"/"+k.Name(), func(b *testing.B) {
					p, err := NewBytePredictor(q, k)
					if err != nil {
						b.Fatal(err)
					}
					dst := make([]float32, 64*3)
					report(b, n, "images/s", best(64, func() { p.Predict(dst, in, 64) }), peakU8(k))
				})
			}
		}
	}
}

// BenchmarkFloats is inference in float32.
func BenchmarkFloats(b *testing.B) {
	for _, size := range []string{"S", "M"} {
		n := plain(b, size, 100, 221, 8, false)
		in := make([]float32, 64*n.Inputs[0].Len())
		bytesAsFloats(in, pictures(n.Inputs[0], 64, rand.New(rand.NewPCG(1, 1))))
		for _, k := range fast() {
			b.Run("plain"+size+"/"+k.Name(), func(b *testing.B) {
				p, err := NewPredictor(n, k)
				if err != nil {
					b.Fatal(err)
				}
				dst := make([]float32, 64*3)
				report(b, n, "images/s", best(64, func() { p.Predict(dst, [][]float32{in}, 64) }), peakF32(k))
			})
		}
	}
}

// BenchmarkTraining is whole steps of Adam on batches of 64 different images in
// bytes: forward, backward, norms, update.
func BenchmarkTraining(b *testing.B) {
	for _, size := range []string{"S", "M"} {
		for _, k := range fast() {
			b.Run("plain"+size+"/"+k.Name(), func(b *testing.B) {
				n := plain(b, size, 100, 221, 8, false)
				in := []Input{{U8: pictures(n.Inputs[0], 64, rand.New(rand.NewPCG(1, 1)))}}
				benchmarkSteps(b, n, options(64, 1, k), &Batch{N: 64, Inputs: in, Target: make([]float32, 64*3)}, "images/s")
			})
		}
	}
}

// BenchmarkDense trains the net of a covariate model: 10 inputs, 64-64-32-16,
// one result and a linear path around.
func BenchmarkDense(b *testing.B) {
	for _, k := range fast() {
		for _, batch := range []int{256, 1024} {
			for _, shards := range []int{1, Shards} {
				b.Run(fmt.Sprintf("%s/batch%d/shards%d", k.Name(), batch, shards), func(b *testing.B) {
					n := testNetworks(b)["dense"]
					in := randomInputs(n, batch, rand.New(rand.NewPCG(2, 2)))
					o := options(batch, 1, k)
					o.Shards = shards
					benchmarkSteps(b, n, o, &Batch{N: batch, Inputs: []Input{{F32: in[0]}}, Target: make([]float32, batch)}, "samples/s")
				})
			}
		}
	}
}

func benchmarkSteps(b *testing.B, n *Network, o TrainOptions, batch *Batch, unit string) {
	t, err := NewTrainer(n, o)
	if err != nil {
		b.Fatal(err)
	}
	rate := best(float64(batch.N), func() { t.Step(batch) })
	macs, err := n.MACs()
	if err != nil {
		b.Fatal(err)
	}
	only := *n // the first layer alone, whose input wants no gradient
	only.Layers = n.Layers[:1]
	first, err := only.MACs()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(rate, unit)
	b.ReportMetric(rate*float64(6*macs-2*first)/1e9, "GFLOP/s") // forward and two gradients
	b.ReportMetric(peakF32(o.Kernels)/1e9, "peak")
	b.ReportMetric(0, "ns/op")
}
