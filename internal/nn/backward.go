package nn

import (
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// lossShard adds up the loss of a shard and writes the gradient of the last
// value. For Softmax and Sigmoid that is already the gradient of their input:
// probability minus target.
func (t *Trainer) lossShard(s, _ int) {
	last := len(t.shapes) - 1
	kind := t.net.Layers[len(t.net.Layers)-1].Kind
	c := t.shapes[last].C
	from, to := t.shard(s)
	loss := 0.0
	values, grads := t.values[last].rows(from, to), t.grads[last].rows(from, to)
	for i := from; i < to; i++ {
		y, g := values.row(0, i-from)[:c], grads.row(0, i-from)[:c]
		target := t.batch.Target[i*c : (i+1)*c]
		w := 1.0
		if t.batch.Weight != nil {
			w = float64(t.batch.Weight[i])
		}
		for j, v := range y {
			p, q := float64(v), float64(target[j])
			g[j] = float32((p - q) * w / float64(t.n))
			switch kind {
			case Softmax:
				loss -= w * q * math.Log(max(p, 1e-30))
			case Sigmoid:
				loss -= w * (q*math.Log(max(p, 1e-30)) + (1-q)*math.Log(max(1-p, 1e-30)))
			default:
				loss += w * (p - q) * (p - q) / 2
			}
		}
	}
	t.loss[s] = loss
}

// backward adds the steps that hand the gradient of layer i to its inputs and
// weights.
func (t *Trainer) backward(i int) {
	l, st := &t.net.Layers[i], &t.layers[i]
	v := len(t.net.Inputs) + i
	if l.Kind == Norm {
		t.backwardNorm(i)
		return
	}
	t.add(func(s, worker int) {
		if st.back != nil {
			st.back.begin(s)
		}
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			y, dy := at(t.values[v]), at(t.grads[v])
			t.unclip(i, y, dy)
			x := at(t.values[l.In[0]])
			switch l.Kind {
			case Conv, Dense:
				st.back.weights(s, t.tiles[worker], x, dy)
				if t.wants(l.In[0]) {
					st.back.input(t.tiles[worker], dy, at(t.grads[l.In[0]]), st.store[0])
				}
			case MaxPool, AvgPool:
				if t.wants(l.In[0]) {
					dx := at(t.grads[l.In[0]])
					if st.store[0] {
						clearPlane(dx, t.shapes[l.In[0]].C)
					}
					l.gradPool(t.k, t.tiles[worker], x, y, dy, dx, t.shapes[v].C)
				}
			case Add, Concat:
				from := dy
				for j, u := range l.In {
					if t.wants(u) {
						t.pass(from, at(t.grads[u]), t.shapes[u].C, st.store[j])
					}
					if l.Kind == Concat {
						from.off += t.shapes[u].C
					}
				}
			case Softmax, Sigmoid:
				if t.wants(l.In[0]) {
					t.pass(dy, at(t.grads[l.In[0]]), t.shapes[v].C, st.store[0])
				}
			}
		})
	})
}

// wants says whether value v has a gradient: inputs have none.
func (t *Trainer) wants(v int) bool { return v >= len(t.net.Inputs) }

// unclip takes the activation of layer i out of its gradient.
func (t *Trainer) unclip(i int, y, dy plane) {
	l := &t.net.Layers[i]
	c := t.shapes[len(t.net.Inputs)+i].C
	lo, hi := bounds(l.Act, l.Lo, l.Hi)
	if f := t.fake(i); f > 0 {
		lo, hi = max(lo, 0), min(hi, 255*f)
	} else if !l.Act {
		return
	}
	for r := range y.h {
		t.k.MaskRows(y.w, c, rowOf(dy, r), rowOf(y, r), lo, hi)
	}
}

// pass hands dy to dx.
func (t *Trainer) pass(dy, dx plane, c int, store bool) {
	if store {
		copyPlane(dy, dx, c)
		return
	}
	for r := range dx.h {
		t.k.AddRows(dx.w, c, rowOf(dy, r), rowOf(dx, r), -inf, inf)
	}
}

func clearPlane(p plane, c int) {
	for y := range p.h {
		for x := range p.w {
			clear(p.row(y, x)[:c])
		}
	}
}

// backwardNorm adds the steps of the gradient of batch norm: with g the
// gradient behind the activation, over the n numbers of a channel,
//
//	dbeta = sum g, dgamma = sum g (x - mean) inv
//	dx = gamma inv (g - dbeta/n - (x - mean) inv dgamma/n)
func (t *Trainer) backwardNorm(i int) {
	l, st := &t.net.Layers[i], t.layers[i].norm
	in, v := l.In[0], len(t.net.Inputs)+i
	c := t.shapes[v].C
	dgamma, dbeta := t.gradient(&l.Gamma), t.gradient(&l.Beta)
	t.add(func(s, worker int) {
		clear(st.s1[s])
		clear(st.s2[s])
		lo, hi := bounds(l.Act, l.Lo, l.Hi)
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			g, y, x := at(t.grads[v]), at(t.values[v]), at(t.values[in])
			for r := range x.h {
				t.k.NormSums(x.w, c, rowOf(g, r), rowOf(y, r), rowOf(x, r), st.mean, lo, hi, st.s1[s], st.s2[s])
			}
		})
	})
	t.end(st, true, func() {
		n := t.pixels(in)
		for j := range dgamma {
			var s1, s2 float64
			for s := range t.o.Shards {
				s1 += float64(st.s1[s][j])
				s2 += float64(st.s2[s][j])
			}
			inv, mean := float64(st.inv[j]), float64(st.mean[j])
			a := float64(l.Gamma[j]) * inv
			b := -a * inv * s2 * inv / n
			dbeta[j], dgamma[j] = float32(s1), float32(s2*inv)
			st.a[j], st.b[j], st.k[j] = float32(a), float32(b), float32(-a*s1/n-b*mean)
		}
	})
	if !t.wants(in) {
		return
	}
	t.add(func(s, worker int) {
		lo, hi := bounds(l.Act, l.Lo, l.Hi)
		t.eachPlane(s, t.vector(i), func(at func(*storage) plane) {
			g, y, x, dx := at(t.grads[v]), at(t.values[v]), at(t.values[in]), at(t.grads[in])
			for r := range x.h {
				to := rowOf(dx, r)
				if !t.layers[i].store[0] {
					part := t.tiles[worker].row(x.w * c)
					t.k.NormGrad(x.w, c, rowOf(g, r), rowOf(y, r), rowOf(x, r), st.a, st.b, st.k, lo, hi, kern.Rows{X: part, Stride: c})
					t.k.AddRows(x.w, c, kern.Rows{X: part, Stride: c}, to, -inf, inf)
					continue
				}
				t.k.NormGrad(x.w, c, rowOf(g, r), rowOf(y, r), rowOf(x, r), st.a, st.b, st.k, lo, hi, to)
			}
		})
	})
}

// row gives scratch for n numbers.
func (s *tileScratch) row(n int) []float32 {
	if cap(s.flat) < n {
		s.flat = make([]float32, n)
	}
	return s.flat[:n]
}
