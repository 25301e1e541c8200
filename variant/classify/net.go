package classify

import (
	"context"
	"fmt"
	"sync"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant"
)

// Net is a Classifier that asks a network about each alt set: about its
// features, its picture, or both.
type Net struct {
	name     string
	features bool
	image    int // bytes of a picture; 0 where none is looked at
	fresh    func() runner
	idle     sync.Pool // of *netWorker
}

// runner runs a network on n alt sets.
type runner interface {
	run(dst []float32, images []byte, features []float32, n int)
}

// Copies is the number of outputs of a network: the probabilities of no, one
// and two copies.
const Copies = 3

// NewNet makes a Net of a network of floats, whose inputs are a picture, the
// features, or both in this order. Bytes of pictures are taken as scale says;
// networks of gx's own are trained on x/255.
func NewNet(name string, n *nn.Network, scale func(byte) float32) (*Net, error) {
	c, err := newNet(name, n.Inputs, n.Output)
	if err != nil {
		return nil, err
	}
	p, err := nn.NewPredictor(n, kern.Active())
	if err != nil {
		return nil, err
	}
	var table [256]float32
	for i := range table {
		table[i] = scale(byte(i))
	}
	c.fresh = func() runner { return &floatRunner{p: p.Clone(), table: &table, image: c.image, features: c.features} }
	return c, nil
}

// NewByteNet makes a Net of a network whose image layers run in bytes.
func NewByteNet(name string, q *nn.Quantised) (*Net, error) {
	c, err := newNet(name, q.Net.Inputs, q.Net.Output)
	if err != nil {
		return nil, err
	}
	p, err := nn.NewBytePredictor(q, kern.Active())
	if err != nil {
		return nil, err
	}
	c.fresh = func() runner { return &byteRunner{p: p.Clone(), features: c.features} }
	return c, nil
}

// newNet finds out what a network looks at.
func newNet(name string, inputs []nn.Shape, output func() (nn.Shape, error)) (*Net, error) {
	out, err := output()
	if err != nil {
		return nil, err
	}
	if out.Len() != Copies {
		return nil, fmt.Errorf("network of %d outputs, want %d: no, one and two copies", out.Len(), Copies)
	}
	c := &Net{name: name}
	for i, s := range inputs {
		switch {
		case s.H > 1 && s.W > 1 && i == 0:
			c.image = s.Len()
		case s.H == 1 && s.W == 1 && i == len(inputs)-1 && s.C == Features:
			c.features = true
		default:
			return nil, fmt.Errorf("input %d of the network is %v: want a picture, %d features, or both", i, s, Features)
		}
	}
	return c, nil
}

// Name implements Classifier.
func (c *Net) Name() string { return c.name }

// netWorker is the memory of one Classify.
type netWorker struct {
	runner
	f        *featurer
	features []float32
	images   []byte
	out      []float32
}

// together is the number of alt sets that a network is asked about at once. It
// changes nothing but the speed.
const together = 24

// worker is one that is idle, or a new one.
func (c *Net) worker() (*netWorker, error) {
	if w, ok := c.idle.Get().(*netWorker); ok {
		return w, nil
	}
	w := &netWorker{runner: c.fresh(), out: make([]float32, together*Copies), images: make([]byte, 0, together*c.image)}
	var err error
	w.f, err = newFeaturer()
	return w, err
}

// Classify implements Classifier.
func (c *Net) Classify(ctx context.Context, sites []*Evidence, emit func(int, []variant.Likelihoods) error) error {
	w, err := c.worker()
	if err != nil {
		return err
	}
	defer c.idle.Put(w)
	for i, e := range sites {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(e.Site.Alts) == 0 {
			return fmt.Errorf("%s:%d: no alternate allele", e.Site.Contig, e.Site.Start+1)
		}
		sets, err := c.site(w, e)
		if err != nil {
			return err
		}
		if err := emit(i, sets); err != nil {
			return err
		}
	}
	return nil
}

func (c *Net) site(w *netWorker, e *Evidence) ([]variant.Likelihoods, error) {
	var err error
	if c.features {
		if w.features, err = w.f.append(w.features[:0], e); err != nil {
			return nil, err
		}
	}
	alts := variant.AltSets(len(e.Site.Alts))
	sets := make([]variant.Likelihoods, 0, len(alts))
	for from := 0; from < len(alts); from += together {
		to := min(from+together, len(alts))
		if c.image > 0 {
			if err := c.draw(w, e, alts[from:to]); err != nil {
				return nil, err
			}
		}
		var x []float32
		if c.features {
			x = w.features[from*Features : to*Features]
		}
		w.run(w.out, w.images, x, to-from)
		for k, set := range alts[from:to] {
			l := variant.Likelihoods{AltSet: set, Model: c.name}
			sum := 0.0
			for i := range l.P {
				l.P[i] = float64(w.out[k*Copies+i])
				sum += l.P[i]
			}
			for i := range l.P {
				l.P[i] /= sum
			}
			sets = append(sets, l)
		}
	}
	return sets, nil
}

func (c *Net) draw(w *netWorker, e *Evidence, sets [][]int) error {
	if e.Draw == nil {
		return fmt.Errorf("%s:%d: nobody draws pictures", e.Site.Contig, e.Site.Start+1)
	}
	w.images = w.images[:0]
	for k, set := range sets {
		var err error
		if w.images, err = e.Draw(w.images, set); err != nil {
			return err
		}
		if len(w.images) != (k+1)*c.image {
			return fmt.Errorf("%s:%d: a picture of %d bytes, the network wants %d", e.Site.Contig, e.Site.Start+1, len(w.images)-k*c.image, c.image)
		}
	}
	return nil
}

// byteRunner runs a network of bytes.
type byteRunner struct {
	p        *nn.BytePredictor
	features bool
}

func (r *byteRunner) run(dst []float32, images []byte, features []float32, n int) {
	inputs := make([]nn.Input, 1, 2)
	inputs[0].U8 = images
	if r.features {
		inputs = append(inputs, nn.Input{F32: features})
	}
	r.p.Predict(dst, inputs, n)
}

// floatRunner runs a network of floats.
type floatRunner struct {
	p        *nn.Predictor
	table    *[256]float32
	image    int
	features bool
	pixels   []float32
}

func (r *floatRunner) run(dst []float32, images []byte, features []float32, n int) {
	inputs := make([][]float32, 0, 2)
	if r.image > 0 {
		r.pixels = r.pixels[:0]
		for _, b := range images {
			r.pixels = append(r.pixels, r.table[b])
		}
		inputs = append(inputs, r.pixels)
	}
	if r.features {
		inputs = append(inputs, features)
	}
	r.p.Predict(dst, inputs, n)
}

// Looks says what the network wants: bytes of a picture, and whether features.
func (c *Net) Looks() (image int, features bool) { return c.image, c.features }

// Pictures asks a network of pictures alone about n of them, one after the
// other, and puts Copies probabilities of each into dst. It panics where the
// network wants features or slices are too short.
func (c *Net) Pictures(dst []float32, images []byte, n int) error {
	if c.features || len(images) < n*c.image {
		panic("classify: pictures do not fit the network")
	}
	w, err := c.worker()
	if err != nil {
		return err
	}
	defer c.idle.Put(w)
	w.run(dst, images[:n*c.image], nil, n)
	return nil
}
