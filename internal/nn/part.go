package nn

import (
	"fmt"

	"github.com/gx-genomics/gx/internal/kern"
)

// A step whose shards run apart, perhaps on other machines: the Trainer of the
// whole calls Begin, hands Weights to the Parts, and for each phase in turn has
// them Run it and hands their Sums to Join, whose result they Take; then Finish.
// That gives the bits of Trainer.Step, whoever runs which shard and however
// often: a shard that is begun anew gives the same sums once more.

// Phases is how many phases a step has. All but the last end with sums for a
// norm, the last with gradients.
func (t *Trainer) Phases() int { return len(t.phases) }

// Shards is into how many parts a batch is cut.
func (t *Trainer) Shards() int { return t.o.Shards }

// Weights appends all numbers of the network, tensor by tensor.
func (t *Trainer) Weights(dst []float32) []float32 {
	for _, p := range t.params {
		dst = append(dst, *p.Data...)
	}
	return dst
}

// Begin begins a step on n samples whose shards run elsewhere.
func (t *Trainer) Begin(n int) { t.n = n }

// Sums is how many numbers each shard hands over after a phase, and how many
// each takes before the next.
func (t *Trainer) Sums(phase int) (sums, takes int) {
	p := &t.phases[phase]
	if p.norm != nil {
		return 2 * len(p.norm.mean), 3 * len(p.norm.mean)
	}
	for i := range t.net.Layers {
		if t.layers[i].back != nil {
			l := &t.net.Layers[i]
			sums += len(l.Weight) + len(l.Bias)
		}
	}
	return sums, 0
}

// Join ends a phase with what the shards summed up, in their order. After the
// last phase the first of sums may be of several shards, added up in order
// already. It gives what all shards take before the next phase, valid until the
// next call, nil after the last. It panics where numbers are missing.
func (t *Trainer) Join(phase int, sums [][]float32) []float32 {
	want, _ := t.Sums(phase)
	for _, v := range sums {
		if len(v) != want {
			panic(fmt.Sprintf("nn: %d sums of a shard, want %d", len(v), want))
		}
	}
	p := &t.phases[phase]
	if p.norm == nil {
		t.gather(sums)
		return nil
	}
	c := len(p.norm.mean)
	for s, v := range sums {
		copy(p.norm.s1[s], v[:c])
		copy(p.norm.s2[s], v[c:])
	}
	p.serial()
	var out []float32
	for _, v := range p.norm.takes(p.back) {
		out = append(out, v...)
	}
	return out
}

// takes is what shards need of a norm before their next phase.
func (s *normState) takes(back bool) [3][]float32 {
	if back {
		return [3][]float32{s.a, s.b, s.k}
	}
	return [3][]float32{s.mean, s.scale, s.shift}
}

// gather adds the gradients of shards up in order.
func (t *Trainer) gather(sums [][]float32) {
	at := 0
	t.eachGradient(func(g []float32) {
		copy(g, sums[0][at:])
		for _, v := range sums[1:] {
			addTo(t.k, g, v[at:at+len(g)])
		}
		at += len(g)
	})
}

// Add adds the gradients of one more shard to the sum of those before it.
func (p *Part) Add(sum, shard []float32) { addTo(p.t.k, sum, shard) }

func addTo(k *kern.Kernels, sum, shard []float32) {
	k.AddRows(1, len(sum), kern.Rows{X: shard}, kern.Rows{X: sum}, -inf, inf)
}

// eachGradient visits the gradients that shards sum up.
func (t *Trainer) eachGradient(visit func(g []float32)) {
	for i := range t.net.Layers {
		l := &t.net.Layers[i]
		if t.layers[i].back != nil {
			visit(t.gradient(&l.Weight))
			if len(l.Bias) > 0 {
				visit(t.gradient(&l.Bias))
			}
		}
	}
}

// Finish ends a step: it moves the weights. Loss is the sum of those of the
// shards, in order; it gives the mean.
func (t *Trainer) Finish(loss float64) float64 {
	t.update()
	return loss / float64(t.n)
}

// Part runs shards of the steps of a Trainer elsewhere. It belongs to one
// goroutine, and uses several.
type Part struct {
	t    *Trainer
	room int // samples of a slot
	sums [][]float32
}

// NewPart prepares to run shards of up to room samples in so many slots. Of the
// options it takes Threads, Kernels and Fake.
func NewPart(n *Network, room, slots int, o TrainOptions) (*Part, error) {
	o.Batch, o.Shards, o.Schedule, o.Adam = room*slots, slots, Constant(0), DefaultAdam
	o.Average, o.Momentum = 0, 0
	t, err := NewTrainer(n, o)
	if err != nil {
		return nil, err
	}
	return &Part{t: t, room: room, sums: make([][]float32, slots)}, nil
}

// Phases is how many phases a step has.
func (p *Part) Phases() int { return len(p.t.phases) }

// Begin begins a step with the weights of the Trainer, on a batch of n samples
// in all shards together. Of b the samples of slot i begin at i times room.
func (p *Part) Begin(weights []float32, n int, b *Batch) error {
	want := 0
	for _, x := range p.t.params {
		want += len(*x.Data)
	}
	if len(weights) != want {
		return fmt.Errorf("%d weights, the network has %d", len(weights), want)
	}
	for _, x := range p.t.params {
		copy(*x.Data, weights)
		weights = weights[len(*x.Data):]
	}
	p.t.n, p.t.batch = n, b
	p.t.pack()
	return nil
}

// Hold says that the samples of a slot are there, so many.
func (p *Part) Hold(slot, samples int) {
	p.t.hold((slot + 1) * p.room)
	p.t.spans[slot] = [2]int{slot * p.room, slot*p.room + samples}
}

// Run runs a phase for slots, which must have run those before.
func (p *Part) Run(phase int, slots []int) {
	p.t.parallel(len(slots), func(i, worker int) { p.t.phases[phase].run(slots[i], worker) })
}

// Take takes what Join gave after a phase.
func (p *Part) Take(phase int, v []float32) error {
	ph := &p.t.phases[phase]
	if ph.norm == nil || len(v) != 3*len(ph.norm.mean) {
		return fmt.Errorf("%d numbers after phase %d", len(v), phase)
	}
	for _, to := range ph.norm.takes(ph.back) {
		copy(to, v)
		v = v[len(to):]
	}
	return nil
}

// Sums is what a slot hands over after a phase, valid until it runs another,
// and after the last phase its loss.
func (p *Part) Sums(phase, slot int) ([]float32, float64) {
	ph := &p.t.phases[phase]
	out := p.sums[slot][:0]
	if ph.norm != nil {
		out = append(append(out, ph.norm.s1[slot]...), ph.norm.s2[slot]...)
		p.sums[slot] = out
		return out, 0
	}
	for i := range p.t.net.Layers {
		if b := p.t.layers[i].back; b != nil {
			l := &p.t.net.Layers[i]
			n := len(out)
			out = append(out, make([]float32, len(l.Weight)+len(l.Bias))...)
			b.unpack(b.shards[slot], out[n:n+len(l.Weight)], out[n+len(l.Weight):])
		}
	}
	p.sums[slot] = out
	return out, p.t.loss[slot]
}
