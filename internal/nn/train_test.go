package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

func options(batch, threads int, k *kern.Kernels) TrainOptions {
	return TrainOptions{Threads: threads, Kernels: k, Batch: batch, Adam: DefaultAdam, Schedule: Constant(0.01), Momentum: 0.1, Average: 0.9}
}

// targets suit the last layer of n.
func targets(n *Network, samples int, r *rand.Rand) []float32 {
	s, _ := n.Output()
	y := make([]float32, samples*s.C)
	for i := range y {
		switch n.Layers[len(n.Layers)-1].Kind {
		case Softmax:
			if i%s.C == 0 {
				y[i+r.IntN(s.C)] = 1
			}
		case Sigmoid:
			y[i] = float32(r.IntN(2))
		default:
			y[i] = float32(r.NormFloat64())
		}
	}
	return y
}

func batchOf(n *Network, samples int, r *rand.Rand) *Batch {
	b := &Batch{N: samples, Target: targets(n, samples, r), Weight: make([]float32, samples)}
	for _, x := range randomInputs(n, samples, r) {
		b.Inputs = append(b.Inputs, Input{F32: x})
	}
	for i := range b.Weight {
		b.Weight[i] = 0.5 + r.Float32()
	}
	return b
}

// referenceLoss is the loss of a batch in float64.
func referenceLoss(t testing.TB, n *Network, b *Batch) float64 {
	t.Helper()
	var values [][][]float64
	for j, s := range n.Inputs {
		var x [][]float64
		for i := range b.N {
			part := make([]float64, s.Len())
			for q, v := range b.Inputs[j].F32[i*s.Len() : (i+1)*s.Len()] {
				part[q] = float64(v)
			}
			x = append(x, part)
		}
		values = append(values, x)
	}
	values = referenceBatch(t, n, values, true)
	loss := 0.0
	for i, y := range values[len(values)-1] {
		for j, p := range y {
			q, w := float64(b.Target[i*len(y)+j]), float64(b.Weight[i])
			switch n.Layers[len(n.Layers)-1].Kind {
			case Softmax:
				loss -= w * q * math.Log(p)
			case Sigmoid:
				loss -= w * (q*math.Log(p) + (1-q)*math.Log(1-p))
			default:
				loss += w * (p - q) * (p - q) / 2
			}
		}
	}
	return loss / float64(b.N)
}

// trainingNetworks are the test networks that have a gradient, and one whose
// depthwise and strided layers end in numbers.
func trainingNetworks(t testing.TB) map[string]*Network {
	t.Helper()
	nets := testNetworks(t)
	delete(nets, "groups")
	var b Builder
	x := b.Input(Shape{9, 11, 3})
	x = b.ReLU(b.Norm(b.Conv(x, 10, 3, 2, 2, 3, [4]int{1, 0, 1, 1})))
	x = b.Clip(b.Norm(b.Layer(Layer{Kind: Conv, In: []int{x}, Out: 10, KH: 3, KW: 3, SH: 2, SW: 1, Pad: [4]int{1, 1, 1, 1}, Groups: 10})), 0, 1.5)
	y := b.Norm(x)
	x = b.Add(y, x, y)
	x = b.Pool(AvgPool, x, 2, 3, 1, 1, [4]int{1, 1, 0, 1})
	x = b.ReLU(b.Conv(x, 17, 1, 1, 2, 2, [4]int{}))
	x = b.Pool(MaxPool, x, 2, 2, 1, 1, [4]int{1, 0, 0, 0})
	b.Dense(x, 2)
	n, err := b.Network(5)
	if err != nil {
		t.Fatal(err)
	}
	shake(n, rand.New(rand.NewPCG(6, 7)))
	nets["depthwise"] = n
	return nets
}

// probe is one weight, and the slopes of the loss below and above it: they
// differ where a rectifier or a maximum turns within the step.
type probe struct {
	tensor, index int
	low, high     float64
}

// probes measures slopes in float64. The step is the difference of the float32
// weights themselves.
func probes(t *testing.T, n *Network, b *Batch, r *rand.Rand) []probe {
	t.Helper()
	tensors, err := n.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	middle := referenceLoss(t, n, b)
	each := 2
	if testing.Short() {
		each = 1
	}
	var list []probe
	for i, x := range tensors {
		if !x.trained() {
			continue
		}
		w := *x.Data
		for range each {
			j := r.IntN(len(w))
			old := w[j]
			slope := func(h float32) float64 {
				w[j] = old + h
				s := (referenceLoss(t, n, b) - middle) / (float64(w[j]) - float64(old))
				w[j] = old
				return s
			}
			up, down := slope(1e-4), slope(-1e-4)
			list = append(list, probe{i, j, min(up, down), max(up, down)})
		}
	}
	return list
}

// TestGradients compares with differences of the loss in float64.
func TestGradients(t *testing.T) {
	for name, n := range trainingNetworks(t) {
		r := rand.New(rand.NewPCG(51, 52))
		const samples = 9
		b := batchOf(n, samples, r)
		want := referenceLoss(t, n, b)
		slopes := probes(t, n, b, r)
		for _, k := range kern.Available() {
			t.Run(name+"/"+k.Name(), func(t *testing.T) {
				tr, err := NewTrainer(n.Clone(), options(samples, 1, k))
				if err != nil {
					t.Fatal(err)
				}
				if got := tr.Gradients(b); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
					t.Fatalf("loss %v, want %v", got, want)
				}
				for _, p := range slopes {
					x := tr.params[p.tensor]
					g := float64(x.grad[p.index])
					if slack := 1e-3*(math.Abs(g)+rms(x.grad)) + 1e-6; g < p.low-slack || g > p.high+slack {
						t.Errorf("%s[%d]: gradient %v, want %v to %v", x.Name, p.index, g, p.low, p.high)
					}
				}
			})
		}
	}
}

func rms(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return math.Sqrt(s / float64(len(x)))
}

// TestThreadsChangeNothing: weights after some steps are the same bits for any
// kernels and any number of threads, of a batch that the shards do not divide.
func TestThreadsChangeNothing(t *testing.T) {
	for name, n := range trainingNetworks(t) {
		t.Run(name, func(t *testing.T) {
			var first []*Network
			kernels := kern.Available()
			for i, threads := range []int{1, 3, 8} {
				r := rand.New(rand.NewPCG(61, 62))
				tr, err := NewTrainer(n.Clone(), options(13, threads, kernels[i%len(kernels)]))
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					tr.Step(batchOf(n, 9+r.IntN(5), r))
				}
				got := []*Network{tr.Network(), tr.Averaged()}
				if first == nil {
					first = got
				}
				for i := range got {
					a, _ := got[i].Tensors()
					b, _ := first[i].Tensors()
					for j := range a {
						for q, v := range *a[j].Data {
							if math.Float32bits(v) != math.Float32bits((*b[j].Data)[q]) {
								t.Fatalf("%s, %d threads: %s[%d] = %v, generic with one %v", tr.k.Name(), threads, a[j].Name, q, v, (*b[j].Data)[q])
							}
						}
					}
				}
			}
		})
	}
}

// TestTrainingLearns: the fused net learns to tell pictures by brightness and a
// feature, the small dense one a curve; a checkpoint goes on as if nothing had
// been.
func TestTrainingLearns(t *testing.T) {
	n := plain(t, "S", 24, 40, 7, true)
	size := n.Inputs[0].Len()
	draw := func(r *rand.Rand, samples int) *Batch {
		b := &Batch{N: samples, Inputs: []Input{{U8: make([]uint8, samples*size)}, {F32: make([]float32, samples*70)}}, Target: make([]float32, samples*3)}
		for i := range samples {
			class := r.IntN(3)
			b.Target[i*3+class] = 1
			for j := range size {
				b.Inputs[0].U8[i*size+j] = uint8(r.IntN(100 + 100*(class&1)))
			}
			b.Inputs[1].F32[i*70+3] = float32(class & 2)
		}
		return b
	}
	o := options(32, 2, nil)
	o.Schedule = Cosine(0.004, 5, 60)
	tr, err := NewTrainer(n, o)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(71, 72))
	first, last := 0.0, 0.0
	var saved *State
	for i := range 40 {
		loss := tr.Step(draw(r, 32))
		if i == 0 {
			first = loss
		}
		last = loss
		if i == 29 {
			saved = tr.State()
			r = rand.New(rand.NewPCG(73, 74))
		}
	}
	if last > first/5 {
		t.Errorf("loss went from %v to %v", first, last)
	}
	again, err := NewTrainer(plain(t, "S", 24, 40, 7, true), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Restore(saved); err != nil {
		t.Fatal(err)
	}
	r = rand.New(rand.NewPCG(73, 74))
	loss := 0.0
	for range 10 {
		loss = again.Step(draw(r, 32))
	}
	if loss != last {
		t.Errorf("after a checkpoint the loss is %v, without %v", loss, last)
	}
	saved.Tensors = saved.Tensors[1:]
	if err := again.Restore(saved); err == nil {
		t.Error("a checkpoint without a tensor was taken")
	}
	checkFineTuning(t, tr.Network(), draw)
}

// checkFineTuning trains the folded network with rounding and demands that the
// loss in bytes does not grow.
func checkFineTuning(t *testing.T, n *Network, draw func(*rand.Rand, int) *Batch) {
	t.Helper()
	const samples = 64
	data := draw(rand.New(rand.NewPCG(81, 82)), samples)
	size := n.Inputs[0].Len()
	quant := func(n *Network) (*Quantised, float64) {
		q, err := Quantise(n, Samples{samples, func(i int, in [][]float32) {
			bytesAsFloats(in[0], data.Inputs[0].U8[i*size:(i+1)*size])
			copy(in[1], data.Inputs[1].F32[i*70:])
		}}, 1e-4)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewBytePredictor(q, kern.Active())
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, samples*3)
		p.Predict(got, data.Inputs, samples)
		loss := 0.0
		for i, v := range got {
			loss -= float64(data.Target[i]) * math.Log(float64(v)+1e-30) / samples
		}
		return q, loss
	}
	folded := n.Fold()
	q, before := quant(folded)
	o := options(32, 1, nil)
	o.Schedule, o.Fake = Constant(0.0005), q.Scale
	tr, err := NewTrainer(folded, o)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(83, 84))
	for range 15 {
		tr.Step(draw(r, 32))
	}
	if _, after := quant(tr.Network()); after > before+0.01 {
		t.Errorf("loss in bytes went from %v to %v", before, after)
	}
}

func TestTrainerRefuses(t *testing.T) {
	n := testNetworks(t)["dense"]
	if _, err := NewTrainer(n, TrainOptions{Threads: 0, Batch: -1, Adam: Adam{Beta1: 2}}); err == nil {
		t.Error("bad options were taken")
	}
	if _, err := NewTrainer(testNetworks(t)["groups"], options(4, 1, nil)); err == nil {
		t.Error("a network without gradient was taken")
	}
}

func TestSchedules(t *testing.T) {
	c := Cosine(2, 10, 110)
	for _, w := range []struct {
		i    int
		rate float64
	}{{0, 0.2}, {9, 2}, {10, 2}, {60, 1}, {110, 0}, {500, 0}} {
		if got := c(w.i); math.Abs(got-w.rate) > 1e-12 {
			t.Errorf("Cosine(%d) = %v, want %v", w.i, got, w.rate)
		}
	}
	if s := Staircase(1, 0.5, 10); s(9) != 1 || s(10) != 0.5 || s(25) != 0.25 {
		t.Error("Staircase")
	}
}
