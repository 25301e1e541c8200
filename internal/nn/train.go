package nn

import (
	"fmt"
	"sync"

	"github.com/gx-genomics/gx/internal/kern"
)

// Shards is into how many fixed parts a batch is cut, unless TrainOptions ask
// for fewer. Each part is summed by one goroutine and the parts are added in
// order, so that a run gives the same bits for any number of threads. So it does
// for any kernels.
const Shards = 8

// MaxShards is the most parts that a batch may be cut into.
const MaxShards = 16

// TrainOptions say how a network is trained.
type TrainOptions struct {
	Threads  int
	Shards   int           // parts of a batch, which decide the bits: 0 is Shards, at most MaxShards; 1 is fastest where one goroutine trains
	Kernels  *kern.Kernels // nil: kern.Active()
	Batch    int           // the most samples of a step
	Adam     Adam
	Schedule Schedule
	Momentum float32 // share of a step in the running moments of norms, 0.01 to 0.1
	Average  float32 // decay of the average of weights, 0 for none
	// Fake rounds weights and activations of image layers as bytes would be:
	// the last steps before Quantise. The network is folded and these are its
	// scales by value, from Quantise.
	Fake []float32
}

// A Trainer changes the weights of a network by steps of gradient descent. The
// loss goes with the last layer: cross-entropy for Softmax, binary
// cross-entropy for Sigmoid, half the squared error else; each is the mean over
// the samples and, but for Softmax, the sum over the outputs.
type Trainer struct {
	net    *Network
	o      TrainOptions
	k      *kern.Kernels
	shapes []Shape
	values []*storage // results of layers
	grads  []*storage // gradients of them, in the border their layer's wants
	layers []trainLayer
	phases []phase
	params []*param
	tiles  []*tileScratch // by worker
	loss   []float64      // by shard
	spans  [][2]int       // the samples of each shard: from, to
	n      int            // samples of the step under way, those of shards elsewhere too
	batch  *Batch
	step   int
	held   int // samples that there is memory for
	width  int // channels of the widest value
}

// Batch is the samples of one step.
type Batch struct {
	N      int
	Inputs []Input   // bytes of images are divided by 255
	Target []float32 // N times the outputs: probabilities, 0 and 1, or numbers
	Weight []float32 // by sample, nil for all 1
}

// phase is a part of a training step: the shards run apart, each through all of
// its functions, and then serial ends, once, what all of them summed up for norm.
// The last phase has neither: it leaves gradients of weights.
type phase struct {
	shard  []func(s, worker int)
	norm   *normState
	back   bool // the sums are on the way back
	serial func()
}

// trainLayer is what a layer keeps between forward and backward.
type trainLayer struct {
	conv *convolution
	back *backConvolution
	norm *normState
	// store[j] says whether the gradient of input j is written rather than
	// added to: this layer comes first on the way back.
	store []bool
}

// param is one array of weights with its gradient and moments.
type param struct {
	Tensor
	grad, m, v []float32
	average    []float32
	decay      bool
}

// NewTrainer prepares to train n, which it changes.
func NewTrainer(n *Network, o TrainOptions) (*Trainer, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.Kernels == nil {
		o.Kernels = kern.Active()
	}
	if o.Shards == 0 {
		o.Shards = Shards
	}
	shapes, err := n.Shapes()
	if err != nil {
		return nil, err
	}
	t := &Trainer{net: n, o: o, k: o.Kernels, shapes: shapes, layers: make([]trainLayer, len(n.Layers)),
		loss: make([]float64, o.Shards), spans: make([][2]int, o.Shards)}
	if err := t.check(); err != nil {
		return nil, err
	}
	if err := t.makeParams(); err != nil {
		return nil, err
	}
	t.lay()
	t.plan()
	return t, nil
}

// check refuses what has no gradient here.
func (t *Trainer) check() error {
	use := t.net.consumers()
	first := len(t.net.Inputs)
	for i := range t.net.Layers {
		l := &t.net.Layers[i]
		last := i == len(t.net.Layers)-1
		switch {
		case l.Kind == Conv && l.Groups != 1 && l.Out != l.Groups:
			return fmt.Errorf("layer %d: no gradient for %d groups of convolution", i, l.Groups)
		case (l.Kind == Softmax || l.Kind == Sigmoid) && !last:
			return fmt.Errorf("layer %d: %s may only come last in training", i, l.Kind)
		case !last && len(use[first+i]) == 0:
			return fmt.Errorf("layer %d (%s): nothing reads its result", i, l.Kind)
		case last && t.shapes[first+i].spatial():
			return fmt.Errorf("layer %d: the result is an image, which has no loss", i)
		}
	}
	if t.o.Fake != nil && len(t.o.Fake) != len(t.shapes) {
		return fmt.Errorf("%d scales of bytes for %d values", len(t.o.Fake), len(t.shapes))
	}
	return nil
}

func (t *Trainer) makeParams() error {
	tensors, err := t.net.Tensors()
	if err != nil {
		return err
	}
	for _, x := range tensors {
		p := &param{Tensor: x, decay: len(x.Shape) > 1}
		n := len(*x.Data)
		if x.trained() {
			p.grad, p.m, p.v = make([]float32, n), make([]float32, n), make([]float32, n)
		}
		if t.o.Average > 0 {
			p.average = append(p.average, *x.Data...)
		}
		t.params = append(t.params, p)
	}
	return nil
}

// trained says whether gradients change a tensor: moments of norms are counted.
func (x Tensor) trained() bool {
	return !hasSuffix(x.Name, ".mean") && !hasSuffix(x.Name, ".var")
}

func hasSuffix(s, suffix string) bool {
	return len(s) >= len(suffix) && s[len(s)-len(suffix):] == suffix
}

// gradient is that of a tensor of the network.
func (t *Trainer) gradient(data *[]float32) []float32 {
	for _, p := range t.params {
		if p.Data == data {
			return p.grad
		}
	}
	return nil
}

// lay says how values and gradients lie in memory.
func (t *Trainer) lay() {
	n := t.net
	first := len(n.Inputs)
	t.values, t.grads = make([]*storage, len(t.shapes)), make([]*storage, len(t.shapes))
	t.width = 1
	for v, s := range t.shapes {
		t.values[v] = &storage{shape: s}
		t.grads[v] = &storage{shape: s}
		t.width = max(t.width, s.C)
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		v := l.In[0]
		if l.Kind == Conv {
			t.values[v].border = t.values[v].border.union(l.needs(t.shapes[v], t.shapes[first+i]))
			if l.Groups == 1 {
				t.grads[first+i].border = l.needsBack(t.shapes[v], t.shapes[first+i])
			}
		}
	}
}

// hold makes memory for n samples, where there is less. What it held it holds
// still. A trainer whose shards all run elsewhere needs none.
func (t *Trainer) hold(n int) {
	if n <= t.held {
		return
	}
	t.held = n
	for v := range t.shapes {
		t.values[v].allocate(n)
		if v >= len(t.net.Inputs) {
			t.grads[v].allocate(n)
		}
	}
	for len(t.tiles) < t.o.Threads {
		t.tiles = append(t.tiles, newTileScratch(t.k, t.width))
	}
}

// plan lists what a step does: forward, loss, backward.
func (t *Trainer) plan() {
	t.phases = []phase{{}}
	n := t.net
	first := len(n.Inputs)
	seen := make([]bool, len(t.shapes)) // values whose gradient an earlier step writes
	t.add(t.loadInputs)
	for i := range n.Layers {
		t.prepare(i)
		t.forward(i)
	}
	t.add(t.lossShard)
	for i := len(n.Layers) - 1; i >= 0; i-- {
		l := &n.Layers[i]
		t.layers[i].store = make([]bool, len(l.In))
		for j, v := range l.In {
			t.layers[i].store[j] = !seen[v]
			seen[v] = v >= first
		}
		t.backward(i)
	}
}

// add gives the shards more to do in the phase under way.
func (t *Trainer) add(shard func(s, worker int)) {
	last := &t.phases[len(t.phases)-1]
	last.shard = append(last.shard, shard)
}

// end ends the phase under way with sums for a norm.
func (t *Trainer) end(norm *normState, back bool, serial func()) {
	last := &t.phases[len(t.phases)-1]
	last.norm, last.back, last.serial = norm, back, serial
	t.phases = append(t.phases, phase{})
}

// shard gives the samples from..to of shard s of the step under way.
func (t *Trainer) shard(s int) (int, int) { return t.spans[s][0], t.spans[s][1] }

// Span gives the samples from..to of a batch of n that are part s of so many
// parts.
func Span(n, parts, s int) (int, int) { return s * n / parts, (s + 1) * n / parts }

// Step trains on one batch and gives its mean loss before the step. It panics
// where the batch is larger than Batch or its slices are too short.
func (t *Trainer) Step(b *Batch) float64 {
	loss := t.Gradients(b)
	t.update()
	return loss
}

// Gradients computes the loss of a batch and the gradients of all weights, but
// changes nothing except the running moments of norms.
func (t *Trainer) Gradients(b *Batch) float64 {
	if b.N < 1 || b.N > t.o.Batch || len(b.Inputs) != len(t.net.Inputs) || len(b.Target) < b.N*t.shapes[len(t.shapes)-1].C {
		panic("nn: a batch does not fit the trainer")
	}
	t.batch, t.n = b, b.N
	t.hold(t.o.Batch)
	for s := range t.spans {
		t.spans[s][0], t.spans[s][1] = Span(b.N, t.o.Shards, s)
	}
	t.pack()
	for i := range t.phases {
		p := &t.phases[i]
		t.parallel(t.o.Shards, func(s, worker int) { p.run(s, worker) })
		if p.serial != nil {
			p.serial()
		}
	}
	t.reduce()
	loss := 0.0
	for _, l := range t.loss {
		loss += l
	}
	return loss / float64(b.N)
}

// run does the phase for a shard.
func (p *phase) run(s, worker int) {
	for _, f := range p.shard {
		f(s, worker)
	}
}

// parallel runs f for 0..n-1 on the workers; which worker takes which does not
// matter to the result.
func (t *Trainer) parallel(n int, f func(i, worker int)) {
	threads := min(t.o.Threads, n)
	if threads == 1 {
		for i := range n {
			f(i, 0)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range threads {
		wg.Go(func() {
			for i := w; i < n; i += threads {
				f(i, w)
			}
		})
	}
	wg.Wait()
}

// loadInputs copies the samples of a shard to the values of the inputs.
func (t *Trainer) loadInputs(s, _ int) {
	from, to := t.shard(s)
	for j, shape := range t.net.Inputs {
		in := t.batch.Inputs[j]
		for i := from; i < to; i++ {
			p := t.values[j].image(i)
			if in.U8 != nil {
				p.loadBytes(in.U8[i*shape.Len():(i+1)*shape.Len()], shape.C)
			} else {
				p.load(in.F32[i*shape.Len():(i+1)*shape.Len()], shape.C)
			}
		}
	}
}

// loadBytes copies an image in bytes as x/255.
func (p plane) loadBytes(src []uint8, c int) {
	n := p.w * c
	for y := range p.h {
		dst, row := p.row(y, 0)[:n], src[y*n:(y+1)*n]
		for i, v := range row {
			dst[i] = float32(v) * inputScale
		}
	}
}
