package train

import (
	"fmt"
	"math/rand/v2"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/classify"
)

// drawer draws batches: draw i is the same whatever was drawn before it was asked
// for, but draws come one after the other.
type drawer struct {
	src    Source
	shape  Shape // of pictures; empty where features alone are drawn
	bare   bool  // pictures alone are drawn
	o      *Options
	stream uint64    // tells drawers of one seed apart
	sets   [][]int   // examples to train on, by set; of indels some several times
	upTo   []float64 // sums of the shares of the sets
	cycles []cycle
	rng    *rand.Rand // which set comes next
	drawn  int
	batch  nn.Batch
	held   []int
}

// cycle is one way through a set in random order, over and over.
type cycle struct {
	order   []int
	at, lap int
}

func newDrawer(src Source, s Shape, bare bool, o *Options, stream uint64) (*drawer, error) {
	d := &drawer{src: src, shape: s, bare: bare, o: o, stream: stream, rng: rand.New(rand.NewPCG(o.Seed, 0x5e75+stream))}
	for i := range src.Len() {
		m := src.Meta(i)
		if m.Held {
			d.held = append(d.held, i)
			continue
		}
		for int(m.Set) >= len(d.sets) {
			d.sets = append(d.sets, nil)
		}
		times := 1
		if m.Kind != SNP {
			times = o.Indels
		}
		for range times {
			d.sets[m.Set] = append(d.sets[m.Set], i)
		}
	}
	total := 0.0
	for i, list := range d.sets {
		w := 1.0
		if i < len(o.Weights) {
			w = o.Weights[i]
		}
		if len(list) > 0 {
			total += w
		}
		d.upTo = append(d.upTo, total)
	}
	if total == 0 {
		return nil, fmt.Errorf("no examples to train on among %d (%d of held-out loci)", src.Len(), len(d.held))
	}
	if len(d.held) == 0 {
		return nil, fmt.Errorf("none of %d examples lies at a held-out locus: the data cover too little of a genome", src.Len())
	}
	rand.New(rand.NewPCG(o.Seed, 0x4e1d)).Shuffle(len(d.held), func(i, j int) { d.held[i], d.held[j] = d.held[j], d.held[i] })
	d.cycles = make([]cycle, len(d.sets))
	d.batch = d.room(o.Batch)
	return d, nil
}

// room is a batch for n draws.
func (d *drawer) room(n int) nn.Batch {
	b := nn.Batch{N: n, Target: make([]float32, n*classify.Copies), Weight: make([]float32, n)}
	if d.shape.size() > 0 {
		b.Inputs = append(b.Inputs, nn.Input{U8: make([]byte, n*d.shape.size())})
	}
	if !d.bare {
		b.Inputs = append(b.Inputs, nn.Input{F32: make([]float32, n*classify.Features)})
	}
	return b
}

// pick is the next example.
func (d *drawer) pick() int {
	x := d.rng.Float64() * d.upTo[len(d.upTo)-1]
	k := 0
	for d.upTo[k] <= x {
		k++
	}
	c := &d.cycles[k]
	if c.at == len(c.order) {
		c.order = append(c.order[:0], d.sets[k]...)
		rand.New(rand.NewPCG(d.o.Seed, d.stream<<48|uint64(k)<<32|uint64(c.lap))).Shuffle(len(c.order), func(i, j int) { c.order[i], c.order[j] = c.order[j], c.order[i] })
		c.at, c.lap = 0, c.lap+1
	}
	c.at++
	d.drawn++
	return c.order[c.at-1]
}

// skip passes over n draws.
func (d *drawer) skip(n int) {
	for range n {
		d.pick()
	}
}

// next fills the batch with the next draws.
func (d *drawer) next() (*nn.Batch, error) {
	for i := range d.batch.N {
		number := d.drawn
		if err := d.fill(&d.batch, i, number, d.pick()); err != nil {
			return nil, err
		}
	}
	return &d.batch, nil
}

// fill makes sample i of a batch that draw, which is of example k.
func (d *drawer) fill(b *nn.Batch, i, draw, k int) error {
	size := d.shape.size()
	m := d.src.Meta(k)
	var img []byte
	if size > 0 {
		img = b.Inputs[0].U8[i*size : (i+1)*size]
	}
	var features []float32
	if !d.bare {
		features = b.Inputs[len(b.Inputs)-1].F32[i*classify.Features : (i+1)*classify.Features]
	}
	if err := d.src.Read(k, features, img); err != nil {
		return err
	}
	target := b.Target[i*classify.Copies : (i+1)*classify.Copies]
	clear(target)
	target[m.Label] = 1
	b.Weight[i] = m.Weight
	if img != nil && m.Depth >= thinFrom && (m.AltAD >= thinAlts || m.Label == 0) {
		rng := rand.New(rand.NewPCG(d.o.Seed^0xd809, uint64(draw)))
		if rng.Float64() < d.o.Dropout {
			dropRows(img, d.shape, rng)
		}
	}
	return nil
}

// Examples of less depth, or of fewer reads of what is true, keep all rows: what
// is left would not tell the label.
const thinFrom, thinAlts = 20, 8

// dropRows takes a random share of up to a half of the rows of reads away.
func dropRows(img []byte, s Shape, rng *rand.Rand) {
	row := s.Width * s.Channels
	p := rng.Float64() / 2
	to := image.RefRows
	for r := image.RefRows; r < s.Height; r++ {
		line := img[r*row : (r+1)*row]
		if empty(line) {
			break
		}
		if rng.Float64() < p {
			continue
		}
		if to != r {
			copy(img[to*row:], line)
		}
		to++
	}
	for r := to; r < s.Height; r++ {
		line := img[r*row : (r+1)*row]
		if empty(line) {
			break
		}
		clear(line)
	}
}

func empty(line []byte) bool {
	for _, b := range line {
		if b != 0 {
			return false
		}
	}
	return true
}
