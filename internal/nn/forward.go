package nn

import (
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// prepare makes what layer i keeps.
func (t *Trainer) prepare(i int) {
	l := &t.net.Layers[i]
	st := &t.layers[i]
	v := l.In[0]
	switch l.Kind {
	case Conv, Dense:
		st.conv = newConvolution(t.k, l, t.shapes[v], t.shapes[v].C)
		st.back = newBackConvolution(t.k, l, t.shapes[v], t.o.Shards, v >= len(t.net.Inputs))
	case Norm:
		st.norm = newNormState(t.shapes[v].C, t.o.Shards)
	}
}

// pack lays out the weights of the step for the tiles, rounded if bytes are to
// be learnt.
func (t *Trainer) pack() {
	t.parallel(len(t.net.Layers), func(i, _ int) {
		l, st := &t.net.Layers[i], &t.layers[i]
		if st.conv == nil {
			return
		}
		w := l.Weight
		if l.Kind == Conv && t.fake(i) > 0 {
			w = Dequantise(quantiseWeights(w, l.Out))
		}
		st.conv.load(w, l.Bias)
		st.back.load(w)
	})
}

// fake is the scale in bytes of the result of layer i, 0 where it is float.
func (t *Trainer) fake(i int) float32 {
	if t.o.Fake == nil {
		return 0
	}
	return t.o.Fake[len(t.net.Inputs)+i]
}

// eachPlane calls f for the planes of the samples of a shard: one per image, or
// one row of all vectors where every value is one.
func (t *Trainer) eachPlane(s int, vector bool, f func(at func(st *storage) plane)) {
	from, to := t.shard(s)
	if from == to {
		return
	}
	if vector {
		f(func(st *storage) plane { return st.rows(from, to) })
		return
	}
	for i := from; i < to; i++ {
		f(func(st *storage) plane { return st.image(i) })
	}
}

// vector says whether layer i works on rows of vectors.
func (t *Trainer) vector(i int) bool {
	return !t.shapes[t.net.Layers[i].In[0]].spatial() && !t.shapes[len(t.net.Inputs)+i].spatial()
}

// forward adds the steps that compute layer i.
func (t *Trainer) forward(i int) {
	l, st := &t.net.Layers[i], &t.layers[i]
	v := len(t.net.Inputs) + i
	c := t.shapes[v].C
	if l.Kind == Norm {
		t.forwardNorm(i)
		return
	}
	t.add(func(s, worker int) {
		tile := t.tiles[worker]
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			x, y := at(t.values[l.In[0]]), at(t.values[v])
			switch l.Kind {
			case Conv, Dense:
				st.conv.run(tile, x, y)
			case MaxPool, AvgPool:
				l.runPool(t.k, tile, x, y, c)
			case Add:
				runAdd(t.k, l, func(u int) plane { return at(t.values[u]) }, y, c)
			case Concat:
				to := y
				for _, u := range l.In {
					copyPlane(at(t.values[u]), to, t.shapes[u].C)
					to.off += t.shapes[u].C
				}
			case Softmax, Sigmoid:
				copyPlane(x, y, c)
				for j := range y.w {
					squash(l.Kind, y.row(0, j)[:c])
				}
			}
			if f := t.fake(i); f > 0 {
				roundPlane(y, c, f)
			}
		})
	})
}

// roundPlane rounds numbers to the steps of a byte.
func roundPlane(y plane, c int, scale float32) {
	for r := range y.h {
		for x := range y.w {
			px := y.row(r, x)[:c]
			for j, v := range px {
				px[j] = float32(kern.RoundByte(v/scale)) * scale
			}
		}
	}
}

// normState is what a Norm layer keeps: the moments of the batch and, per
// shard, sums on the way to them.
type normState struct {
	s1, s2       [][]float32
	mean, inv    []float32 // of the batch: inv is 1/sqrt(var+eps)
	scale, shift []float32
	a, b, k      []float32 // of the gradient: see kern.NormGrad
}

func newNormState(c, shards int) *normState {
	s := &normState{s1: make([][]float32, shards), s2: make([][]float32, shards)}
	for i := range shards {
		s.s1[i], s.s2[i] = make([]float32, c), make([]float32, c)
	}
	for _, p := range []*[]float32{&s.mean, &s.inv, &s.scale, &s.shift, &s.a, &s.b, &s.k} {
		*p = make([]float32, c)
	}
	return s
}

// pixels is how many numbers of a channel a batch has.
func (t *Trainer) pixels(v int) float64 { return float64(t.n * t.shapes[v].H * t.shapes[v].W) }

// forwardNorm adds the steps of batch norm (Ioffe and Szegedy 2015): moments
// about the running mean, which keeps the difference of large numbers small,
// then the scaling.
func (t *Trainer) forwardNorm(i int) {
	l, st := &t.net.Layers[i], t.layers[i].norm
	in, v := l.In[0], len(t.net.Inputs)+i
	c := t.shapes[v].C
	t.add(func(s, worker int) {
		clear(st.s1[s])
		clear(st.s2[s])
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			x := at(t.values[in])
			for r := range x.h {
				t.k.MomentRows(x.w, c, rowOf(x, r), l.Mean, st.s1[s], st.s2[s])
			}
		})
	})
	t.end(st, false, func() { t.moments(i) })
	t.add(func(s, worker int) {
		lo, hi := bounds(l.Act, l.Lo, l.Hi)
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			x, y := at(t.values[in]), at(t.values[v])
			for r := range y.h {
				t.k.AffineRows(y.w, c, rowOf(x, r), st.scale, st.shift, lo, hi, rowOf(y, r))
			}
		})
	})
}

// moments ends the sums of a norm and moves its running moments.
func (t *Trainer) moments(i int) {
	l, st := &t.net.Layers[i], t.layers[i].norm
	n := t.pixels(l.In[0])
	for c := range st.mean {
		var s1, s2 float64
		for s := range t.o.Shards {
			s1 += float64(st.s1[s][c])
			s2 += float64(st.s2[s][c])
		}
		d := s1 / n
		variance := max(s2/n-d*d, 0)
		mean := float64(l.Mean[c]) + d
		inv := 1 / math.Sqrt(variance+float64(l.Eps))
		st.mean[c], st.inv[c] = float32(mean), float32(inv)
		st.scale[c] = float32(float64(l.Gamma[c]) * inv)
		st.shift[c] = float32(float64(l.Beta[c]) - mean*float64(l.Gamma[c])*inv)
		m := float64(t.o.Momentum)
		l.Mean[c] = float32((1-m)*float64(l.Mean[c]) + m*mean)
		l.Var[c] = float32((1-m)*float64(l.Var[c]) + m*variance*n/max(n-1, 1))
	}
}
