// Package train makes the networks of package classify from labelled examples:
// a small one on features and one on features and pictures, side by side on the
// same draws.
//
// Examples are drawn set by set, each set by its weight, in an order that the
// seed decides; those of held-out loci are never drawn and tell after each
// epoch how well the networks do, by kind of variant, true genotype and depth.
// The best of the averaged weights are kept. At their end the image layers learn
// to live with bytes (Jacob et al., CVPR 2018), and temperatures are fitted on
// the held-out loci (Guo et al., ICML 2017).
//
// The same examples and options give the same weights for any number of
// threads, for all kernels, and for runs that were killed and resumed. So they do
// where a Team computes the gradients of the second network: workers that come
// and go, each with slices of a batch.
package train

import (
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant/classify"
)

// Kind is what an example is of.
type Kind uint8

// The kinds.
const (
	SNP Kind = iota
	Insertion
	Deletion
	kinds
)

func (k Kind) String() string { return [...]string{"SNP", "insertion", "deletion"}[k] }

// Meta is what is known of an example without reading it.
type Meta struct {
	Label uint8 // copies of its alleles in truth
	Kind  Kind
	Multi bool   // its site has more than one alternate allele
	Held  bool   // never trained on
	Set   uint16 // whose draws it belongs to
	Depth uint16
	AltAD uint16 // reads of its alleles

	// Weight is how many examples it stands for. Where variants are denser than in
	// life, what is none must count for more, or networks find too many.
	Weight float32
}

// A Source has labelled examples. It is read from one goroutine.
type Source interface {
	Len() int
	Meta(i int) Meta
	// Read fills in numbers of an example, the first ones of Numbers, and its
	// picture; either may be nil.
	Read(i int, numbers []float32, image []byte) error
}

// Numbers is how many an example has beside its picture: its features, and the
// probabilities that classify.Slips gives, zeros where that says nothing.
const Numbers = classify.Features + classify.Copies

// Shape is that of the pictures of all examples.
type Shape struct{ Height, Width, Channels int }

func (s Shape) size() int { return s.Height * s.Width * s.Channels }

// Options say how to train.
type Options struct {
	Seed     uint64
	Threads  int
	Steps    int // of the second network, before bytes are learnt
	Light    int // steps of the first network for each of these
	Bytes    int // steps that learn bytes
	Batch    int
	Rate     float64 // the highest; it falls to 0 by half a cosine
	Warm     int     // steps in which it rises
	Decay    float64
	Average  float64   // decay of the average of weights
	Dropout  float64   // share of examples of enough depth that lose up to half of their reads
	Epoch    int       // steps between looks at the held-out examples
	Patience int       // epochs without a better loss after which training ends; 0: never
	Held     int       // the most held-out examples that are looked at after an epoch
	Weights  []float64 // of the sets: shares of the draws
	// Indels is how often an example of an insertion or deletion is drawn for each
	// time that one of a SNP is. What kind an example is the features tell, so that
	// probabilities stay what they are.
	Indels int
	// Slices is into how many parts the gradient of a batch is cut, which are
	// summed in order: it decides the bits, whoever computes them. 0 is nn.Shards.
	Slices int `json:",omitempty"`
}

// Defaults are the options of the shipped recipe.
func Defaults() Options {
	return Options{Seed: 1, Threads: 1, Steps: 6000, Light: 4, Bytes: 600, Batch: 64, Rate: 2e-3, Warm: 100, Decay: 1e-4, Average: 0.998, Dropout: 0.3,
		Epoch: 1000, Patience: 8, Held: 6000, Indels: 1}
}

// Validate reports all faults at once.
func (o *Options) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(o.Threads >= 1, "threads %d: want 1 or more", o.Threads)
	check(o.Steps >= 1 && o.Steps <= 1<<28, "steps %d: want 1 to %d", o.Steps, 1<<28)
	check(o.Light >= 1 && o.Light <= 100, "steps of the first network per step %d: want 1 to 100", o.Light)
	check(o.Bytes >= 0 && o.Bytes <= 1<<28, "steps that learn bytes %d: want 0 to %d", o.Bytes, 1<<28)
	check(o.Batch >= 2 && o.Batch <= 4096, "batch %d: want 2 to 4096", o.Batch)
	check(o.Rate > 0 && o.Rate <= 1, "learning rate %v: want more than 0, at most 1", o.Rate)
	check(o.Warm >= 0, "warm-up %d: want 0 or more", o.Warm)
	check(o.Decay >= 0 && o.Decay <= 1, "decay %v: want 0 to 1", o.Decay)
	check(o.Average >= 0 && o.Average < 1, "average %v: want 0 to 1", o.Average)
	check(o.Dropout >= 0 && o.Dropout <= 1, "dropout %v: want 0 to 1", o.Dropout)
	check(o.Epoch >= 1, "epoch of %d steps: want 1 or more", o.Epoch)
	check(o.Patience >= 0, "patience %d: want 0 or more", o.Patience)
	check(o.Held >= 1, "held-out examples %d: want 1 or more", o.Held)
	check(o.Indels >= 1 && o.Indels <= 100, "indels %d: want 1 to 100", o.Indels)
	check(o.Slices >= 0 && o.Slices <= nn.MaxShards, "slices of a batch %d: want 1 to %d", o.Slices, nn.MaxShards)
	for i, w := range o.Weights {
		check(w >= 0 && w <= 1e6, "weight of set %d is %v: want 0 to 1e6", i+1, w)
	}
	return errors.Join(errs...)
}

// Networks are the two networks of a model. First is nil where Then looks at
// pictures alone: there are no features then.
type Networks struct{ First, Then *nn.Network }

// NewNetworks draws the weights of networks for pictures of a shape: plainS of
// five convolutions, to whose pooled channels a branch of the features comes,
// and a small one on the features alone.
func NewNetworks(s Shape, seed uint64) (Networks, error) {
	var n Networks
	var err error
	if n.Then, err = fused(s, seed); err != nil {
		return n, err
	}
	b := &nn.Builder{}
	x := b.Input(nn.Shape{H: 1, W: 1, C: classify.Features})
	x = b.ReLU(b.Norm(b.Dense(x, 96)))
	x = b.ReLU(b.Dense(x, 64))
	b.Softmax(b.Dense(x, classify.Copies))
	n.First, err = b.Network(seed + 1)
	return n, err
}

// NewPictureNetwork draws the weights of a network for pictures alone: plainS.
func NewPictureNetwork(s Shape, seed uint64) (Networks, error) {
	b := &nn.Builder{}
	x, err := plainS(b, b.Input(nn.Shape{H: s.Height, W: s.Width, C: s.Channels}))
	if err != nil {
		return Networks{}, err
	}
	b.Softmax(b.Dense(x, classify.Copies))
	n, err := b.Network(seed)
	return Networks{Then: n}, err
}

// plainS adds five convolutions and the mean of what they give.
func plainS(b *nn.Builder, img int) (int, error) {
	one := [4]int{1, 1, 1, 1}
	x := b.ConvNormReLU(img, 32, 4, 4, 4, 4, [4]int{})
	x = b.ConvNormReLU(x, 48, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 64, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 96, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 128, 3, 3, 1, 1, one)
	size, err := b.SizeOf(x)
	if err != nil {
		return 0, err
	}
	return b.GlobalPool(x, size.H, size.W), nil
}

func fused(s Shape, seed uint64) (*nn.Network, error) {
	b := &nn.Builder{}
	img := b.Input(nn.Shape{H: s.Height, W: s.Width, C: s.Channels})
	features := b.Input(nn.Shape{H: 1, W: 1, C: classify.Features})
	x, err := plainS(b, img)
	if err != nil {
		return nil, err
	}
	f := b.ReLU(b.Norm(b.Dense(features, 96)))
	f = b.ReLU(b.Dense(f, 48))
	x = b.ReLU(b.Dense(b.Concat(x, f), 64))
	b.Softmax(b.Dense(x, classify.Copies))
	return b.Network(seed)
}
