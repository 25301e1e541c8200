package nullmodel

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gx-genomics/gx/internal/nn"
)

// The schedule of DeepNull 0.2.2: Adam at a constant rate over full batches
// that cross the borders of passes, and after every epoch a look at the
// validation fold.
const (
	originalBatch  = 1024
	originalRate   = 1e-4 * originalBatch / 1024
	originalEpochs = 1000
	originalBuffer = 10000 // of the shuffling stream
)

// fitOriginal trains DeepNull's network as DeepNull does, on covariates and
// phenotype as they are, and keeps the weights of the epoch with the largest
// validation correlation (BatchPearson), or the smallest cross-entropy. epochs
// is 0 for the original's.
func fitOriginal(train, valid sample, binary bool, seed uint64, epochs int) (n *network, curve Curve, err error) {
	if epochs == 0 {
		epochs = originalEpochs
	}
	n = &network{sd: 1, enc: plainEncoder(train.x)}
	net, err := buildNetwork(n.enc.inputs(), binary, seed)
	if err != nil {
		return nil, curve, err
	}
	// The trainer's loss is half the squared error: with half the epsilon Adam
	// takes the steps that the whole would give.
	eps := 1e-7
	if !binary {
		eps /= 2
	}
	t, err := nn.NewTrainer(net, nn.TrainOptions{Threads: 1, Batch: originalBatch,
		Adam: nn.Adam{Beta1: 0.9, Beta2: 0.99, Eps: eps}, Schedule: nn.Constant(originalRate)})
	if err != nil {
		return nil, curve, err
	}
	f := newFeeder(newLesson(train, n.enc, false), originalBatch, true, newBuffered(len(train.y), originalBuffer, rand.New(rand.NewPCG(seed, 0x6f726967))))
	steps := (len(train.y) + originalBatch - 1) / originalBatch
	curve = Curve{Every: 1, Unit: "epochs", Kept: -1}
	best := math.Inf(1)
	for epoch := range epochs {
		for range steps {
			t.Step(f.next())
		}
		look := *n
		look.net = t.Network()
		scores, err := look.scores(valid.x, len(valid.y))
		if err != nil {
			return nil, curve, err
		}
		l := loss(scores, valid.y, binary)
		curve.Loss = append(curve.Loss, l)
		if !binary {
			l = -BatchPearson(scores, valid.y)
		}
		if l < best {
			best, n.net, curve.Kept = l, look.net, epoch
		}
	}
	if n.net == nil {
		return nil, curve, fmt.Errorf("the original's network never had a validation metric that is a number in %d epochs: its predictions do not vary", epochs)
	}
	return n, curve, nil
}

// BatchPearson is the mean of the correlations within batches of 1024 people,
// the last one short, each counting the same: the tf_pearson of DeepNull. NaN
// where a batch does not vary.
func BatchPearson(pred, y []float64) float64 {
	sum, batches := 0.0, 0
	for from := 0; from < len(y); from += originalBatch {
		to := min(from+originalBatch, len(y))
		sum += Pearson(pred[from:to], y[from:to])
		batches++
	}
	return sum / float64(batches)
}

// stream is an endless sequence of rows.
type stream interface{ next() int }

// passes goes through all rows again and again, each time in a new order.
type passes struct {
	rng   *rand.Rand
	n     int
	order []int
}

func (p *passes) next() int {
	if len(p.order) == 0 {
		p.order = p.rng.Perm(p.n)
	}
	i := p.order[0]
	p.order = p.order[1:]
	return i
}

// buffered goes through all rows in their order again and again, through a
// buffer from which one is drawn at random each time. Every pass fills it anew.
type buffered struct {
	rng     *rand.Rand
	n, size int
	buffer  []int
	read    int
}

func newBuffered(n, size int, rng *rand.Rand) *buffered { return &buffered{rng: rng, n: n, size: size} }

func (b *buffered) next() int {
	if len(b.buffer) == 0 {
		b.read = 0
	}
	for len(b.buffer) < b.size && b.read < b.n {
		b.buffer = append(b.buffer, b.read)
		b.read++
	}
	k := b.rng.IntN(len(b.buffer))
	i, last := b.buffer[k], len(b.buffer)-1
	b.buffer[k] = b.buffer[last]
	b.buffer = b.buffer[:last]
	return i
}
