package nn

import (
	"errors"
	"fmt"
	"math"
)

// Adam is the optimiser of Kingma and Ba (2015), with the decay of weights
// apart from the gradient (Loshchilov and Hutter 2019): each step takes
// rate*Decay of a weight away. Norms and biases do not decay.
type Adam struct {
	Beta1, Beta2, Eps, Decay float64
}

// Schedule gives the learning rate of step i, from 0.
type Schedule func(i int) float64

// Constant is one rate for all steps.
func Constant(rate float64) Schedule { return func(int) float64 { return rate } }

// Cosine rises from 0 over warm steps, then falls to 0 at step total by half a
// cosine.
func Cosine(rate float64, warm, total int) Schedule {
	return func(i int) float64 {
		if i < warm {
			return rate * float64(i+1) / float64(warm)
		}
		if i >= total {
			return 0
		}
		return rate * (1 + math.Cos(math.Pi*float64(i-warm)/float64(total-warm))) / 2
	}
}

// Staircase multiplies the rate by factor every each steps.
func Staircase(rate, factor float64, each int) Schedule {
	return func(i int) float64 { return rate * math.Pow(factor, float64(i/each)) }
}

// DefaultAdam is the usual setting.
var DefaultAdam = Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}

func (o *TrainOptions) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Threads >= 1, "threads %d: want 1 or more", o.Threads)
	check(o.Shards >= 0 && o.Shards <= MaxShards, "shards %d: want 0 to %d", o.Shards, MaxShards)
	check(o.Batch >= 1 && o.Batch <= 1<<20, "batch %d: want 1 to %d", o.Batch, 1<<20)
	check(o.Schedule != nil, "no schedule of learning rates")
	unit := func(x float64) bool { return x >= 0 && x < 1 }
	check(unit(o.Adam.Beta1) && unit(o.Adam.Beta2), "Adam's betas %v, %v: want 0 to 1", o.Adam.Beta1, o.Adam.Beta2)
	check(o.Adam.Eps > 0, "Adam's epsilon %v: want more than 0", o.Adam.Eps)
	check(o.Adam.Decay >= 0, "decay %v: want 0 or more", o.Adam.Decay)
	check(o.Momentum >= 0 && o.Momentum <= 1, "momentum %v: want 0 to 1", o.Momentum)
	check(unit(float64(o.Average)), "average %v: want 0 to 1", o.Average)
	return errors.Join(errs...)
}

// reduce ends the gradients of all convolutions and dense layers.
func (t *Trainer) reduce() {
	t.parallel(len(t.net.Layers), func(i, _ int) {
		l, st := &t.net.Layers[i], &t.layers[i]
		if st.back != nil {
			st.back.finish(t.gradient(&l.Weight), t.gradient(&l.Bias))
		}
	})
}

// averageRamp is how many steps pass before the average of weights has its full
// decay.
const averageRamp = 30

// update moves the weights by one step of Adam.
func (t *Trainer) update() {
	a := t.o.Adam
	rate := t.o.Schedule(t.step)
	t.step++
	n := float64(t.step)
	// The correction of the second moment divides v: sqrt(v/c)+eps is
	// (sqrt(v) + eps sqrt(c))/sqrt(c).
	root := math.Sqrt(1 - math.Pow(a.Beta2, n))
	alpha := rate * root / (1 - math.Pow(a.Beta1, n))
	decay := min(float64(t.o.Average), n/(n+averageRamp))
	for _, p := range t.params {
		w := *p.Data
		if p.grad != nil {
			d := 0.0
			if p.decay {
				d = rate * a.Decay
			}
			t.k.AdamStep(w, p.m, p.v, p.grad, float32(a.Beta1), float32(a.Beta2), float32(alpha), float32(a.Eps*root), float32(d))
		}
		for i := range p.average {
			p.average[i] += float32(1-decay) * (w[i] - p.average[i])
		}
	}
}

// Steps is how many steps were taken.
func (t *Trainer) Steps() int { return t.step }

// Network is a copy of the network as it stands.
func (t *Trainer) Network() *Network { return t.net.Clone() }

// Averaged is a copy with the average of the weights over the steps, which
// needs TrainOptions.Average.
func (t *Trainer) Averaged() *Network {
	n := t.net.Clone()
	tensors, err := n.Tensors()
	if err != nil {
		return n // not reached: the trainer's network has shapes
	}
	for i, p := range t.params {
		if p.average != nil {
			copy(*tensors[i].Data, p.average)
		}
	}
	return n
}
