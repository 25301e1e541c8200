package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

// reference runs one sample in float64 by the plainest loops and gives every
// value in HWC order.
func reference(t testing.TB, n *Network, inputs [][]float64) [][]float64 {
	t.Helper()
	values := [][][]float64{}
	for _, x := range inputs {
		values = append(values, [][]float64{x})
	}
	var out [][]float64
	for _, v := range referenceBatch(t, n, values, false) {
		out = append(out, v[0])
	}
	return out
}

// referenceBatch runs samples by value and sample. In training, norms take the
// moments of the batch.
func referenceBatch(t testing.TB, n *Network, values [][][]float64, training bool) [][][]float64 {
	t.Helper()
	shapes, err := n.Shapes()
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		in, out := shapes[l.In[0]], shapes[len(n.Inputs)+i]
		scale, shift := refNorm(l, in, values[l.In[0]], training)
		var result [][]float64
		for s := range values[0] {
			y := make([]float64, out.Len())
			refLayer(l, in, out, shapes, func(v int) []float64 { return values[v][s] }, scale, shift, y)
			if l.Act {
				for j, v := range y {
					y[j] = min(max(v, float64(l.Lo)), float64(l.Hi))
				}
			}
			result = append(result, y)
		}
		values = append(values, result)
	}
	return values
}

func refNorm(l *Layer, in Shape, x [][]float64, training bool) (scale, shift []float64) {
	if l.Kind != Norm {
		return nil, nil
	}
	for c := range in.C {
		mean, variance := float64(l.Mean[c]), float64(l.Var[c])
		if training {
			n := float64(len(x) * in.H * in.W)
			mean, variance = 0, 0
			for _, s := range x {
				for j := c; j < len(s); j += in.C {
					mean += s[j] / n
				}
			}
			for _, s := range x {
				for j := c; j < len(s); j += in.C {
					variance += (s[j] - mean) * (s[j] - mean) / n
				}
			}
		}
		k := float64(l.Gamma[c]) / math.Sqrt(variance+float64(l.Eps))
		scale = append(scale, k)
		shift = append(shift, float64(l.Beta[c])-mean*k)
	}
	return scale, shift
}

func refLayer(l *Layer, in, out Shape, shapes []Shape, get func(int) []float64, scale, shift, y []float64) {
	x := get(l.In[0])
	switch l.Kind {
	case Conv:
		refConv(l, x, y, in, out)
	case Dense:
		for o := range l.Out {
			for j, v := range x {
				y[o] += v * float64(l.Weight[o*len(x)+j])
			}
			if l.Bias != nil {
				y[o] += float64(l.Bias[o])
			}
		}
	case MaxPool, AvgPool:
		refPool(l, x, y, in, out)
	case Norm:
		for j, v := range x {
			y[j] = v*scale[j%in.C] + shift[j%in.C]
		}
	case Add:
		for _, v := range l.In {
			for j, u := range get(v) {
				y[j] += u
			}
		}
	case Concat:
		at := 0
		for _, v := range l.In {
			c := shapes[v].C
			for j, u := range get(v) {
				y[j/c*out.C+at+j%c] = u
			}
			at += c
		}
	case Softmax:
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(v)
		}
		for j, v := range x {
			y[j] = math.Exp(v) / sum
		}
	case Sigmoid:
		for j, v := range x {
			y[j] = 1 / (1 + math.Exp(-v))
		}
	}
}

func refConv(l *Layer, x, y []float64, in, out Shape) {
	cin, each := in.C/l.Groups, out.C/l.Groups
	for oy := range out.H {
		for ox := range out.W {
			for o := range out.C {
				s := 0.0
				if l.Bias != nil {
					s = float64(l.Bias[o])
				}
				for ky := range l.KH {
					for kx := range l.KW {
						iy, ix := oy*l.SH+ky-l.Pad[0], ox*l.SW+kx-l.Pad[1]
						if iy < 0 || ix < 0 || iy >= in.H || ix >= in.W {
							continue
						}
						for c := range cin {
							s += x[(iy*in.W+ix)*in.C+o/each*cin+c] * float64(l.Weight[((o*l.KH+ky)*l.KW+kx)*cin+c])
						}
					}
				}
				y[(oy*out.W+ox)*out.C+o] = s
			}
		}
	}
}

func refPool(l *Layer, x, y []float64, in, out Shape) {
	for oy := range out.H {
		for ox := range out.W {
			for c := range out.C {
				most, sum, n := math.Inf(-1), 0.0, 0
				for ky := range l.KH {
					for kx := range l.KW {
						iy, ix := oy*l.SH+ky-l.Pad[0], ox*l.SW+kx-l.Pad[1]
						if iy < 0 || ix < 0 || iy >= in.H || ix >= in.W {
							continue
						}
						v := x[(iy*in.W+ix)*in.C+c]
						most, sum, n = max(most, v), sum+v, n+1
					}
				}
				if l.CountPad {
					n = l.KH * l.KW
				}
				if l.Kind == AvgPool {
					most = sum / float64(n)
				}
				y[(oy*out.W+ox)*out.C+c] = most
			}
		}
	}
}

// shake makes norms and biases of a network other than the identity.
func shake(n *Network, r *rand.Rand) {
	for i := range n.Layers {
		l := &n.Layers[i]
		for j := range l.Bias {
			l.Bias[j] = float32(r.NormFloat64() / 4)
		}
		for j := range l.Gamma {
			l.Gamma[j] = 0.5 + r.Float32()
			l.Beta[j] = float32(r.NormFloat64() / 4)
			l.Mean[j] = float32(r.NormFloat64() / 4)
			l.Var[j] = 0.5 + r.Float32()
		}
	}
}

// testNetworks are small graphs that hold every kind of layer and every way of
// joining them.
func testNetworks(t testing.TB) map[string]*Network {
	t.Helper()
	nets := map[string]*Network{}
	finish := func(name string, b *Builder) {
		t.Helper()
		n, err := b.Network(7)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shake(n, rand.New(rand.NewPCG(3, 4)))
		nets[name] = n
	}

	var b Builder
	x := b.Input(Shape{9, 23, 7})
	f := b.Input(Shape{1, 1, 10})
	x = b.ConvNormReLU(x, 32, 4, 4, 4, 4, [4]int{})
	x = b.ConvNormReLU(x, 48, 3, 3, 2, 2, [4]int{1, 1, 1, 1})
	x = b.ConvNormReLU(x, 20, 3, 3, 1, 1, [4]int{1, 1, 1, 1})
	s, err := b.SizeOf(x)
	if err != nil {
		t.Fatal(err)
	}
	x = b.GlobalPool(x, s.H, s.W)
	f = b.ReLU(b.Norm(b.Dense(f, 16)))
	f = b.ReLU(b.Dense(f, 8))
	x = b.ReLU(b.Dense(b.Concat(x, f), 16))
	b.Softmax(b.Dense(x, 3))
	finish("late fusion", &b)

	b = Builder{}
	x = b.Input(Shape{7, 9, 3})
	x = b.ReLU(b.Conv(x, 24, 3, 3, 1, 1, [4]int{1, 1, 1, 1}))
	y := b.Conv(x, 24, 3, 5, 1, 1, [4]int{1, 2, 1, 2})
	x = b.ReLU(b.Add(x, y))
	p := b.ReLU(b.Conv(b.Pool(AvgPool, x, 3, 3, 1, 1, [4]int{1, 1, 1, 1}), 8, 1, 1, 1, 1, [4]int{}))
	q := b.ReLU(b.Conv(b.ReLU(b.Conv(x, 12, 1, 1, 1, 1, [4]int{})), 16, 1, 7, 1, 1, [4]int{0, 3, 0, 3}))
	m := b.Pool(MaxPool, x, 3, 3, 1, 1, [4]int{1, 1, 1, 1})
	x = b.Concat(p, b.Concat(q, m), x)
	x = b.ReLU(b.Conv(x, 9, 3, 3, 2, 3, [4]int{0, 1, 1, 0}))
	b.Sigmoid(b.Dense(x, 5))
	finish("branches", &b)

	b = Builder{}
	x = b.Input(Shape{8, 9, 16})
	x = b.Norm(x)
	x = b.Clip(b.Conv(x, 24, 1, 1, 1, 1, [4]int{}), 0, 6)
	x = b.Clip(b.Layer(Layer{Kind: Conv, In: []int{x}, Out: 24, KH: 3, KW: 3, SH: 2, SW: 2, Pad: [4]int{1, 1, 1, 1}, Groups: 24}), 0, 1)
	x = b.Layer(Layer{Kind: Conv, In: []int{x}, Out: 36, KH: 3, KW: 3, SH: 1, SW: 1, Pad: [4]int{1, 1, 1, 1}, Groups: 2, Bias: make([]float32, 36)})
	x = b.Pool(AvgPool, x, 2, 2, 2, 2, [4]int{0, 1, 1, 0})
	x = b.Layer(Layer{Kind: AvgPool, In: []int{x}, KH: 2, KW: 2, SH: 1, SW: 1, Pad: [4]int{1, 0, 0, 1}, CountPad: true})
	b.Pool(MaxPool, x, 2, 1, 1, 1, [4]int{})
	finish("groups", &b)

	b = Builder{}
	x = b.Input(Shape{1, 1, 10})
	d := x
	for _, out := range []int{64, 64, 32, 16} {
		d = b.ReLU(b.Dense(d, out))
	}
	b.Add(b.Dense(d, 1), b.Dense(x, 1))
	finish("dense", &b)
	return nets
}

func randomInputs(n *Network, samples int, r *rand.Rand) [][]float32 {
	in := make([][]float32, len(n.Inputs))
	for i, s := range n.Inputs {
		in[i] = make([]float32, samples*s.Len())
		for j := range in[i] {
			in[i][j] = float32(r.NormFloat64())
		}
	}
	return in
}

// sample is sample i of each input in float64.
func sample(n *Network, inputs [][]float32, i int) [][]float64 {
	out := make([][]float64, len(inputs))
	for j, s := range n.Inputs {
		for _, v := range inputs[j][i*s.Len() : (i+1)*s.Len()] {
			out[j] = append(out[j], float64(v))
		}
	}
	return out
}

// TestPredictor compares with the reference, and all kernels bit by bit.
func TestPredictor(t *testing.T) {
	for name, n := range testNetworks(t) {
		t.Run(name, func(t *testing.T) {
			const samples = 27 // more than a group
			inputs := randomInputs(n, samples, rand.New(rand.NewPCG(5, 6)))
			out, err := n.Output()
			if err != nil {
				t.Fatal(err)
			}
			var first []float32
			for _, k := range kern.Available() {
				p, err := NewPredictor(n, k)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]float32, samples*out.Len())
				p.Clone().Predict(got, inputs, samples)
				if first == nil {
					first = got
					checkReference(t, n, inputs, got, samples, out.Len())
				}
				for i, v := range got {
					if math.Float32bits(v) != math.Float32bits(first[i]) {
						t.Fatalf("%s: result %d is %v, generic %v", k.Name(), i, v, first[i])
					}
				}
				one := make([]float32, out.Len())
				p.Predict(one, randomInputs(n, 1, rand.New(rand.NewPCG(5, 6))), 1)
				if a := testing.AllocsPerRun(3, func() { p.Predict(got, inputs, samples) }); a != 0 {
					t.Errorf("%s: %v allocations in Predict", k.Name(), a)
				}
			}
		})
	}
}

func checkReference(t *testing.T, n *Network, inputs [][]float32, got []float32, samples, size int) {
	t.Helper()
	for i := range samples {
		values := reference(t, n, sample(n, inputs, i))
		for j, want := range values[len(values)-1] {
			if v := float64(got[i*size+j]); math.Abs(v-want) > 1e-5*(1+math.Abs(want)) {
				t.Fatalf("sample %d: result %d is %v, want %v", i, j, v, want)
			}
		}
	}
}

func TestExp(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for range 20000 {
		x := (r.Float64() - 0.5) * 1400
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 4e-16*want {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp(0) != 1 || exp(-1e9) != 0 || !math.IsInf(exp(1e9), 1) || exp(math.NaN()) == 0 {
		t.Error("exp at the ends")
	}
}
