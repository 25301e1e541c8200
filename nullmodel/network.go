package nullmodel

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
)

// The network's schedule: batches of netBatch, the rate falling by half a
// cosine to 0 over netEpochs passes; large cohorts need fewer of these to take
// as many steps. Fewer people need more decay of weights: netDecay over the root
// of their number did best, or nearly, on simulated cohorts of smooth effects,
// thresholds and interactions of 2,000 and 10,000 people.
const (
	netBatch     = 256
	netRate      = 2e-3
	netDecay     = 200
	netMostDecay = 20
	netEpochs    = 60
	netFewest    = 10
	netSamples   = 3_000_000 // seen in training, where that needs fewer passes than netEpochs
	netChecks    = 30        // times that the validation loss is looked at
	netLooked    = 20_000    // validation rows that it is looked at on, evenly spread, at the most
	netAveraging = 0.99      // of the average of weights that is kept
)

// network is DeepNull's: dense layers of 64, 64, 32 and 16 with ReLU, and beside
// them a linear path from the inputs to the output. Its inputs are those of an
// encoder; its target is scaled to mean 0 and variance 1.
type network struct {
	net      *nn.Network
	mean, sd float64
	enc      *encoder
}

// lesson is the training rows as networks take them. Several networks learn
// from one.
type lesson struct {
	enc      *encoder
	mean, sd float64   // of the target
	rows     []float32 // of enc.inputs() numbers
	target   []float32
}

// newLesson encodes the rows, and scales the target unless it is binary.
func newLesson(train sample, enc *encoder, scaled bool) *lesson {
	l := &lesson{enc: enc, sd: 1, rows: enc.rows(train.x, len(train.y)), target: make([]float32, len(train.y))}
	if scaled {
		l.mean, l.sd = moments(train.y)
	}
	for i, v := range train.y {
		l.target[i] = float32((v - l.mean) / l.sd)
	}
	return l
}

// fitNetwork trains on a lesson and keeps the averaged weights that had the
// smallest loss on the validation rows.
func fitNetwork(train *lesson, valid sample, binary bool, seed uint64) (n *network, curve Curve, err error) {
	n = &network{mean: train.mean, sd: train.sd, enc: train.enc}
	net, err := buildNetwork(n.enc.inputs(), binary, seed)
	if err != nil {
		return nil, curve, err
	}
	rows := len(train.target)
	epochs := min(netEpochs, max(netFewest, netSamples/rows))
	steps := epochs * ((rows + netBatch - 1) / netBatch)
	t, err := nn.NewTrainer(net, nn.TrainOptions{Threads: 1, Shards: 1, Batch: netBatch,
		Adam: nn.Adam{Beta1: 0.9, Beta2: 0.99, Eps: 1e-7, Decay: min(netDecay/math.Sqrt(float64(rows)), netMostDecay)}, Schedule: nn.Cosine(netRate, steps/20, steps), Average: netAveraging})
	if err != nil {
		return nil, curve, err
	}
	feed := newFeeder(train, netBatch, false, &passes{rng: rand.New(rand.NewPCG(seed, 0x6e756c6c)), n: rows})
	looked := thin(valid, netLooked)
	seen := n.enc.rows(looked.x, len(looked.y))
	curve = Curve{Every: max(steps/netChecks, 1), Unit: "steps"}
	best := math.Inf(1)
	for i := range steps {
		t.Step(feed.next())
		if (i+1)%curve.Every != 0 && i+1 != steps {
			continue
		}
		look := *n
		look.net = t.Averaged()
		run, err := look.runner()
		if err != nil {
			return nil, curve, err
		}
		l := loss(run(nil, seen), looked.y, binary)
		curve.Loss = append(curve.Loss, l)
		if l < best {
			best, n.net, curve.Kept = l, look.net, len(curve.Loss)-1
		}
	}
	if n.net == nil {
		return nil, curve, fmt.Errorf("the network's loss is not a number after %d steps: is a covariate beyond all measure?", steps)
	}
	return n, curve, nil
}

func moments(y []float64) (mean, sd float64) {
	for _, v := range y {
		mean += v
	}
	mean /= float64(len(y))
	for _, v := range y {
		sd += float64((v - mean) * (v - mean))
	}
	return mean, math.Max(math.Sqrt(sd/float64(len(y))), 1e-300)
}

// buildNetwork leaves the last layer to the loss: a sum, or its sigmoid.
func buildNetwork(inputs int, binary bool, seed uint64) (*nn.Network, error) {
	var b nn.Builder
	x := b.Input(nn.Shape{H: 1, W: 1, C: inputs})
	h := x
	for _, width := range []int{64, 64, 32, 16} {
		h = b.ReLU(b.Dense(h, width))
	}
	out := b.Add(b.Dense(h, 1), b.Dense(x, 1))
	if binary {
		b.Sigmoid(out)
	}
	return b.Network(seed)
}

// feeder hands out batches of a stream of the rows of a lesson. Unless full, a
// batch ends where a pass over the rows ends. Rows lie one after the other, so
// that a row drawn at random is one place in memory.
type feeder struct {
	*lesson
	stream stream
	batch  int
	full   bool
	left   int // rows of the pass
	x, y   []float32
}

func newFeeder(l *lesson, batch int, full bool, stream stream) *feeder {
	return &feeder{lesson: l, stream: stream, batch: batch, full: full, x: make([]float32, batch*l.enc.inputs()), y: make([]float32, batch)}
}

// next is valid until the next call.
func (f *feeder) next() *nn.Batch {
	if f.left == 0 {
		f.left = len(f.target)
	}
	n := f.batch
	if !f.full {
		n = min(n, f.left)
		f.left -= n
	}
	p := f.enc.inputs()
	for k := range n {
		i := f.stream.next()
		copy(f.x[k*p:(k+1)*p], f.rows[i*p:(i+1)*p])
		f.y[k] = f.target[i]
	}
	return &nn.Batch{N: n, Inputs: []nn.Input{{F32: f.x[:n*p]}}, Target: f.y[:n]}
}

// scores runs the network on rows of columns.
func (n *network) scores(x [][]float64, rows int) ([]float64, error) {
	p := n.enc.inputs()
	in := make([]float32, min(rows, scorePiece)*p)
	scores := make([]float64, 0, rows)
	run, err := n.runner()
	if err != nil {
		return nil, err
	}
	for from := 0; from < rows; from += scorePiece {
		k := min(scorePiece, rows-from)
		for i := range k {
			n.enc.apply(in[i*p:(i+1)*p], x, from+i)
		}
		scores = run(scores, in[:k*p])
	}
	return scores, nil
}

// scorePiece is how many rows are run at once.
const scorePiece = 1024

// runner appends the scores of rows of inputs to dst: means, or logits for a
// binary trait.
func (n *network) runner() (func(dst []float64, in []float32) []float64, error) {
	net := n.net
	if last := len(net.Layers) - 1; net.Layers[last].Kind == nn.Sigmoid {
		net = net.Clone()
		net.Layers = net.Layers[:last]
	}
	p, err := nn.NewPredictor(net, kern.Active())
	if err != nil {
		return nil, err
	}
	inputs, out := n.enc.inputs(), make([]float32, scorePiece)
	return func(dst []float64, in []float32) []float64 {
		for rows := len(in) / inputs; rows > 0; {
			k := min(scorePiece, rows)
			p.Predict(out[:k], [][]float32{in[:k*inputs]}, k)
			for _, v := range out[:k] {
				dst = append(dst, float64(float64(v)*n.sd)+n.mean)
			}
			in, rows = in[k*inputs:], rows-k
		}
		return dst
	}, nil
}
